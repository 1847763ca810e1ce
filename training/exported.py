"""The way back: a student from an exported file, to train it further.

Checkpoints are large and stay on the machine that made them; the file is in the repository. What
its whole numbers have rounded off, the training mends.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer

from training.export import PROJECTED

DENSE = ("attention.output.dense", "intermediate.dense", "output.dense")
NORMS = ("attention.output.LayerNorm", "output.LayerNorm")


def is_exported(folder: Path) -> bool:
    """Whether a folder holds an encoder in this project's layout."""
    return (folder / "encoder.json").is_file()


def read_student(folder: Path) -> tuple[Any, Tokenizer]:
    """Return the student (a BertModel) and the tokenizer of an exported encoder.

    Raises:
        SystemExit: the file was written before its weights had names.
    """
    from transformers import BertConfig, BertModel

    heads = int(json.loads((folder / "encoder.json").read_text(encoding="utf-8"))["heads"])
    initializers = onnx.load(folder / "model.onnx").graph.initializer
    file = {one.name: numpy_helper.to_array(one) for one in initializers}
    if "encoder.layer.0.output.dense.weight" not in file:
        raise SystemExit(f"{folder / 'model.onnx'} has no names for its weights; export it anew.")
    weights = _embeddings(file)
    layers = sum(name.endswith(f"{PROJECTED}.weight") for name in file)
    for number in range(layers):
        weights |= _layer(file, f"encoder.layer.{number}.", heads)
    pieces, dim = weights["embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=dim,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=len(weights["encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(weights["embeddings.position_embeddings.weight"]),
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    student = BertModel(config, add_pooling_layer=False)
    student.set_attn_implementation("eager")
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in weights.items()}
    student.load_state_dict({**student.state_dict(), **tensors})
    return student.eval(), Tokenizer.from_file(str(folder / "tokenizer.json"))


def _embeddings(file: dict[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    places = file["positions"]
    norm = "embeddings.LayerNorm"
    return {
        "embeddings.word_embeddings.weight": file["pieces"] * file["piece_scales"],
        "embeddings.position_embeddings.weight": places,
        # The file's places hold the one token type that is used.
        "embeddings.token_type_embeddings.weight": np.zeros((2, places.shape[1]), np.float32),
        f"{norm}.weight": file[f"{norm}.weight"],
        f"{norm}.bias": file[f"{norm}.bias"],
    }


def _layer(file: dict[str, NDArray[Any]], name: str, heads: int) -> dict[str, NDArray[np.float32]]:
    weight, bias = _dense(file, f"{name}{PROJECTED}")
    dim = len(bias) // 3
    factors = {"query": np.float32((dim // heads) ** 0.5), "key": 1, "value": 1}
    found: dict[str, NDArray[np.float32]] = {}
    for at, (part, factor) in enumerate(factors.items()):
        rows = slice(at * dim, (at + 1) * dim)
        found[f"{name}attention.self.{part}.weight"] = weight[rows] * factor
        found[f"{name}attention.self.{part}.bias"] = bias[rows] * factor
    for part in DENSE:
        own = f"{name}{part}"
        found[f"{own}.weight"], found[f"{own}.bias"] = _dense(file, own)
    for part in NORMS:
        for value in ("weight", "bias"):
            found[f"{name}{part}.{value}"] = file[f"{name}{part}.{value}"]
    return found


def _dense(
    file: dict[str, NDArray[Any]], name: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a matrix as torch keeps it, (out, in), and its bias."""
    weight, bias = file[f"{name}.weight"] * file[f"{name}.scales"], file[f"{name}.bias"]
    if f"{name}.lift" in file:
        bias = bias + file[f"{name}.lift"] * weight.sum(0)
    if f"{name}.smoothing" in file:
        weight = weight * file[f"{name}.smoothing"][:, None]
    return np.ascontiguousarray(weight.T), bias
