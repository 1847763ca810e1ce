"""The step ``export``: the student as one ONNX file with 8-bit weights.

The graph is written out by hand: it holds the whole way from piece ids to unit vectors, needs no
exporter, and looks the pieces' rows up in their 8-bit form, so that the large table is never spread
out to 32 bits in memory.

Products are of 8-bit whole numbers: a scale per column of the weights, and one per token of the
activations. The usual dynamic quantisation takes one scale for the whole batch, so that a text's
vector depends on its company; here it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
"""First with Gelu as one operator."""

PROJECTED = "attention.self.projected"
"""Query, key and value of a layer as one matrix."""


class Graph:
    """Nodes and constants of an ONNX graph under construction."""

    def __init__(self, *, eight_bit: bool) -> None:
        self.eight_bit = eight_bit
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def const(self, value: NDArray[Any], name: str = "") -> str:
        """Add a constant and return its name; weights have one, by which they are read back."""
        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; return the name of its output, or the names when there are several."""
        names = [f"{kind.lower()}{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def ints(self, *values: int) -> str:
        """Add a constant row of whole numbers."""
        return self.const(np.array(values, dtype=np.int64))


def quantize_rows(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (8-bit rows, scales) with ``table`` about ``rows * scales``; scales are (rows, 1)."""
    scales = np.maximum(np.abs(table).max(1, keepdims=True), 1e-9) / 127
    return np.rint(table / scales).astype(np.int8), scales.astype(np.float32)


def build_graph(student: Any, *, eight_bit: bool = True) -> onnx.ModelProto:
    """Return the student (a BertModel) with mean pooling and scaling to unit length."""
    weights: dict[str, NDArray[np.float32]] = {
        name: tensor.detach().float().cpu().numpy() for name, tensor in student.state_dict().items()
    }
    g, config = Graph(eight_bit=eight_bit), student.config
    hidden = _embeddings(g, weights, config.layer_norm_eps)
    mask = g.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    away = g.op("Mul", g.op("Sub", g.const(np.float32(1)), mask), g.const(np.float32(-1e4)))
    away = g.op("Unsqueeze", away, g.ints(1, 2))
    for number in range(config.num_hidden_layers):
        hidden = _layer(g, weights, f"encoder.layer.{number}.", hidden, away, config)
    column = g.op("Unsqueeze", mask, g.ints(2))
    summed = g.op("ReduceSum", g.op("Mul", hidden, column), g.ints(1), keepdims=0)
    # The mean's division falls away in the scaling to unit length.
    length = g.op("Sqrt", g.op("ReduceSumSquare", summed, g.ints(1), keepdims=1))
    g.nodes.append(helper.make_node("Div", [summed, length], ["embedding"]))
    shape: Sequence[str] = ("texts", "tokens")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, shape)
        for name in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info(
        "embedding", TensorProto.FLOAT, ("texts", config.hidden_size)
    )
    graph = helper.make_graph(g.nodes, "aifaq-encoder", inputs, [output], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def _norm(
    g: Graph, values: str, weights: dict[str, NDArray[np.float32]], name: str, eps: float
) -> str:
    scale, shift = (
        g.const(weights[f"{name}.{part}"], f"{name}.{part}") for part in ("weight", "bias")
    )
    result: str = g.op("LayerNormalization", values, scale, shift, axis=-1, epsilon=eps)
    return result


def _embeddings(g: Graph, weights: dict[str, NDArray[np.float32]], eps: float) -> str:
    rows, scales = quantize_rows(weights["embeddings.word_embeddings.weight"])
    small = g.op("Cast", g.op("Gather", g.const(rows, "pieces"), "input_ids"), to=TensorProto.FLOAT)
    words = g.op("Mul", small, g.op("Gather", g.const(scales, "piece_scales"), "input_ids"))
    places = (
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0]
    )
    tokens = g.op("Shape", "input_ids", start=1, end=2)
    used = g.op("Slice", g.const(places, "positions"), g.ints(0), tokens, g.ints(0))
    return _norm(g, g.op("Add", words, used), weights, "embeddings.LayerNorm", eps)


def quantize_columns(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (whole numbers, scales) with ``weight`` about their product; scales are (columns,).

    Seven of the eight bits are used: processors without VNNI add two products in 16 bits, and would
    cut off what eight bits make.
    """
    scales = np.maximum(np.abs(weight).max(0), 1e-9) / 63
    return np.rint(weight / scales).astype(np.int8), scales.astype(np.float32)


def _dense(
    g: Graph,
    values: str,
    name: str,
    weights: Sequence[NDArray[np.float32]],
    biases: Sequence[NDArray[np.float32]],
) -> Any:
    """Multiply by one or more matrices, each (out, in) as torch keeps them, at one go."""
    weight, bias = np.concatenate(weights).T, g.const(np.concatenate(biases), f"{name}.bias")
    if g.eight_bit:
        whole, scales = quantize_columns(weight)
        largest = g.op("ReduceMax", g.op("Abs", values), g.ints(-1), keepdims=1)
        step = g.op("Mul", largest, g.const(np.float32(1 / 127)))
        # Unsigned with the zero at 128: the kind of product that has fast kernels.
        zero = g.const(np.uint8(128))
        shifted = g.op("QuantizeLinear", g.op("Div", values, step), g.const(np.float32(1)), zero)
        product = g.op("MatMulInteger", shifted, g.const(whole, f"{name}.weight"), zero)
        product = g.op("Cast", product, to=TensorProto.FLOAT)
        product = g.op("Mul", g.op("Mul", product, step), g.const(scales, f"{name}.scales"))
    else:
        product = g.op("MatMul", values, g.const(weight, f"{name}.weight"))
    result = g.op("Add", product, bias)
    if len(weights) == 1:
        return result
    return g.op("Split", result, outputs=len(weights), axis=-1, num_outputs=len(weights))


def _layer(
    g: Graph,
    weights: dict[str, NDArray[np.float32]],
    name: str,
    hidden: str,
    away: str,
    config: Any,
) -> str:
    dim, heads, eps = config.hidden_size, config.num_attention_heads, config.layer_norm_eps

    def dense(values: str, part: str) -> Any:
        own = f"{name}{part}"
        return _dense(g, values, own, [weights[f"{own}.weight"]], [weights[f"{own}.bias"]])

    # The attention's scale is folded into the query, which saves an operator.
    factors = {
        f"{name}attention.self.query": np.float32((dim // heads) ** -0.5),
        f"{name}attention.self.key": np.float32(1),
        f"{name}attention.self.value": np.float32(1),
    }
    projected = _dense(
        g,
        hidden,
        f"{name}{PROJECTED}",
        [weights[f"{part}.weight"] * factor for part, factor in factors.items()],
        [weights[f"{part}.bias"] * factor for part, factor in factors.items()],
    )
    orders = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
    query, key, value = (
        g.op("Transpose", g.op("Reshape", part, g.ints(0, 0, heads, dim // heads)), perm=order)
        for part, order in zip(projected, orders, strict=True)
    )
    share = g.op("Softmax", g.op("Add", g.op("MatMul", query, key), away), axis=-1)
    mixed = g.op("Transpose", g.op("MatMul", share, value), perm=[0, 2, 1, 3])
    mixed = g.op("Reshape", mixed, g.ints(0, 0, dim))
    attended = g.op("Add", dense(mixed, "attention.output.dense"), hidden)
    hidden = _norm(g, attended, weights, f"{name}attention.output.LayerNorm", eps)
    inner = dense(hidden, "intermediate.dense")
    outer = g.op("Add", dense(g.op("Gelu", inner), "output.dense"), hidden)
    return _norm(g, outer, weights, f"{name}output.LayerNorm", eps)
