"""The step ``export``: the student as one ONNX file with 8-bit weights.

The graph is written out by hand: it holds the whole way from piece ids to unit vectors, needs no
exporter, and looks the pieces' rows up in their 8-bit form, so that the large table is never spread
out to 32 bits in memory.

Products are of 8-bit whole numbers, with a scale per column of the weights. The usual dynamic
quantisation takes one scale for the activations of a whole batch, so that a text's vector depends
on its company; here it does not. What comes out of a LayerNorm or of the attention has one scale
for good, by the largest values that `peaks` has seen in sample texts, which saves operators. What
comes out of a GELU ranges too widely for that and has a scale per token; it never falls below -0.17
and is lifted by that much, so that all eight bits go to what is above.

A few channels of the activations are ten times as large as the rest and would leave these but a few
steps of the scale. Part of their size is moved into the weights (SmoothQuant, Xiao et al. 2022).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

OPSET = 20
"""First with Gelu as one operator."""

PROJECTED = "attention.self.projected"
"""Query, key and value of a layer as one matrix."""

MEASURED = {
    PROJECTED: "attention.self.query",
    "attention.output.dense": "attention.output.dense",
    "intermediate.dense": "intermediate.dense",
}
"""The matrices whose activations have one scale for good, and a module that gets them."""

HEADROOM = np.float32(1.1)
"""How much larger than any seen value a later one may be before it is cut off."""

ZERO = np.uint8(128)
"""Where zero lies among unsigned numbers, whose products have fast kernels."""

GELU_LIFT = np.float32(0.17)
"""Minus the least value of a GELU, rounded up."""

Peaks = Mapping[str, NDArray[np.float32]]
"""Largest absolute value of every channel that goes into a matrix, by the matrix's name."""


def peaks(student: Any, tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> Peaks:
    """Return the largest values that the student's matrices are given in sample texts."""
    found: dict[str, torch.Tensor] = {}
    modules = dict(student.named_modules())

    def watch(name: str) -> Any:
        def look(_: Any, given: tuple[torch.Tensor, ...]) -> None:
            seen = given[0].detach().abs().flatten(0, 1).amax(0)
            found[name] = torch.maximum(found.get(name, seen), seen)

        return look

    layers = range(student.config.num_hidden_layers)
    hooks = [
        modules[f"encoder.layer.{number}.{module}"].register_forward_pre_hook(
            watch(f"encoder.layer.{number}.{part}")
        )
        for number in layers
        for part, module in MEASURED.items()
    ]
    device = next(student.parameters()).device
    with torch.inference_mode():
        for encoding in tokenizer.encode_batch_fast(list(texts)):
            ids = torch.tensor([encoding.ids[:max_tokens]], device=device)
            student(ids, attention_mask=torch.ones_like(ids))
    for hook in hooks:
        hook.remove()
    return {name: values.float().cpu().numpy() for name, values in found.items()}


def smoothing(peak: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what each channel is multiplied by, shape (in,), and its weights divided by.

    Half of a channel's size, as a power, moves into the weights.

    Args:
        peak: largest absolute value of each channel, shape (in,).
        weight: shape (in, out).
    """
    logs = np.log(np.abs(weight).max(1).clip(1e-5)) - np.log(peak.clip(1e-5))
    return np.exp((logs - logs.mean()) / 2).astype(np.float32)


class Graph:
    """Nodes and constants of an ONNX graph under construction."""

    def __init__(self, *, eight_bit: bool, peaks: Peaks) -> None:
        self.eight_bit = eight_bit
        self.peaks = peaks
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


def build_graph(
    student: Any, *, eight_bit: bool = True, peaks: Peaks | None = None
) -> onnx.ModelProto:
    """Return the student (a BertModel) with mean pooling and scaling to unit length.

    Args:
        student: what is written.
        eight_bit: whether products are of whole numbers.
        peaks: what the matrices are given; without it all activations have a scale per token.
    """
    weights: dict[str, NDArray[np.float32]] = {
        name: tensor.detach().float().cpu().numpy() for name, tensor in student.state_dict().items()
    }
    g, config = Graph(eight_bit=eight_bit, peaks=peaks or {}), student.config
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
    *,
    lift: bool = False,
) -> Any:
    """Multiply by one or more matrices, each (out, in) as torch keeps them, at one go."""
    weight, bias = np.concatenate(weights).T, np.concatenate(biases)
    if g.eight_bit:
        product, bias = _whole_product(g, values, name, weight, bias, lift=lift)
    else:
        product = g.op("MatMul", values, g.const(weight, f"{name}.weight"))
    result = g.op("Add", product, g.const(bias, f"{name}.bias"))
    if len(weights) == 1:
        return result
    return g.op("Split", result, outputs=len(weights), axis=-1, num_outputs=len(weights))


def _whole_product(
    g: Graph,
    values: str,
    name: str,
    weight: NDArray[np.float32],
    bias: NDArray[np.float32],
    *,
    lift: bool,
) -> tuple[str, NDArray[np.float32]]:
    """Multiply in whole numbers; return the product and the bias that then belongs to it."""
    if name in g.peaks:
        factors = smoothing(g.peaks[name], weight)
        step = HEADROOM * (g.peaks[name] * factors).max() / 127
        whole, scales = quantize_columns(weight / factors[:, None])
        values = g.op("Mul", values, g.const(factors / step, f"{name}.smoothing"))
        product = _shifted_product(g, values, name, whole, ZERO)
        return g.op("Mul", product, g.const(scales * step, f"{name}.scales")), bias
    whole, scales = quantize_columns(weight)
    if lift:
        values = g.op("Add", values, g.const(GELU_LIFT, f"{name}.lift"))
        bias = bias - GELU_LIFT * (whole * scales).sum(0)
        largest, levels, zero = values, 255, np.uint8(0)
    else:
        largest, levels, zero = g.op("Abs", values), 127, ZERO
    largest = g.op("ReduceMax", largest, g.ints(-1), keepdims=1)
    steps = g.op("Mul", largest, g.const(np.float32(1 / levels)))
    product = _shifted_product(g, g.op("Div", values, steps), name, whole, zero)
    return g.op("Mul", g.op("Mul", product, steps), g.const(scales, f"{name}.scales")), bias


def _shifted_product(
    g: Graph, values: str, name: str, whole: NDArray[np.int8], zero: np.uint8
) -> str:
    """Round values, shifted so that none is negative, and multiply; what the shift adds is gone."""
    at = g.const(zero)
    shifted = g.op("QuantizeLinear", values, g.const(np.float32(1)), at)
    product = g.op("MatMulInteger", shifted, g.const(whole, f"{name}.weight"), at)
    result: str = g.op("Cast", product, to=TensorProto.FLOAT)
    return result


def _layer(
    g: Graph,
    weights: dict[str, NDArray[np.float32]],
    name: str,
    hidden: str,
    away: str,
    config: Any,
) -> str:
    dim, heads, eps = config.hidden_size, config.num_attention_heads, config.layer_norm_eps

    def dense(values: str, part: str, *, lift: bool = False) -> Any:
        own = f"{name}{part}"
        parts = [weights[f"{own}.weight"]], [weights[f"{own}.bias"]]
        return _dense(g, values, own, *parts, lift=lift)

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
    outer = g.op("Add", dense(g.op("Gelu", inner), "output.dense", lift=True), hidden)
    return _norm(g, outer, weights, f"{name}output.LayerNorm", eps)
