"""The file with 8-bit weights: as near to the student as eight bits allow, and the way back."""

from __future__ import annotations

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from tests.training.students import untrained
from training.distil import embed
from training.export import build_graph, peaks, smoothing
from training.exported import read_student
from training.finish import check, write_model
from training.vocabulary import build_tokenizer

WORDS = ["price", "cost", "bill", "money", "risk", "leak", "ban", "chip", "gpu", "card"]
TEXTS = [f"{a} {b} {c}" for a in WORDS for b in WORDS for c in WORDS[:3]]


@pytest.fixture
def student():
    """A student with two channels that are much larger than the rest, as grown ones have."""
    tokenizer = build_tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])
    sizes = {"hidden_size": 64, "num_hidden_layers": 3, "intermediate_size": 256}
    model = untrained(tokenizer, **sizes, initializer_range=0.2).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("LayerNorm.weight"):
                weight[:2] = 15.0
    return model, tokenizer


def run(model: onnx.ModelProto, tokenizer) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    ids = np.array([encoding.ids for encoding in tokenizer.encode_batch(TEXTS)])
    return session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]


def test_moving_large_channels_into_the_weights_brings_the_file_nearer_to_the_student(student):
    model, tokenizer = student
    exact = embed(model, tokenizer, TEXTS)
    plain, smoothed = (
        float((run(build_graph(model, peaks=seen), tokenizer) * exact).sum(1).mean())
        for seen in (None, peaks(model, tokenizer, TEXTS[::7], 64))
    )
    assert 1 - smoothed < (1 - plain) * 0.7


def test_whole_numbers_apart_the_graph_is_the_student(student):
    model, tokenizer = student
    vectors = run(build_graph(model, eight_bit=False), tokenizer)
    assert (vectors * embed(model, tokenizer, TEXTS)).sum(1).min() > 0.999


def test_what_a_channel_gains_its_weights_lose():
    rng = np.random.default_rng(0)
    values, weight = rng.normal(size=(5, 8)), rng.normal(size=(8, 3)).astype(np.float32)
    values[:, 2] *= 40
    factors = smoothing(np.abs(values).max(0).astype(np.float32), weight)
    assert np.allclose((values * factors) @ (weight / factors[:, None]), values @ weight)
    before, after = (np.abs(each).max(0) for each in (values, values * factors))
    assert after.max() / np.median(after) < before.max() / np.median(before) / 2


def test_products_fit_into_sixteen_bits_two_at_a_time(student):
    """Processors without VNNI add two products of bytes in 16 bits."""
    model, tokenizer = student
    graph = build_graph(model, peaks=peaks(model, tokenizer, TEXTS[:9], 64)).graph
    whole = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMulInteger"]
    assert len(products) == 3 * 4
    for node in products:
        assert np.abs(whole[node.input[1]].astype(int)).max() * 255 * 2 < 2**15


def test_the_file_is_read_back_as_the_student(student, tmp_path):
    model, tokenizer = student
    write_model(model, tokenizer, tmp_path, 64)
    assert check(model, tokenizer, tmp_path, TEXTS) > 0.99
    again, _ = read_student(tmp_path)
    for name, weight in model.state_dict().items():
        if ".layer." in name:
            loss = (again.state_dict()[name] - weight).norm()
            assert loss <= 0.05 * weight.norm() + 1e-5, name
    assert json.loads((tmp_path / "encoder.json").read_text())["heads"] == 4
