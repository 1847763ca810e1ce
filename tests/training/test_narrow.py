"""Narrowing: fewer inner neurons, the same vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.students import untrained
from training.distil import embed
from training.narrow import choose, imitate, narrow
from training.recipe import Narrowing, Recipe
from training.vocabulary import build_tokenizer

WORDS = ["price", "cost", "bill", "risk", "leak", "safe", "what", "is", "the", "of", "how", "why"]
TEXTS = [(f"{a} {b} {c}", "en") for a in WORDS for b in WORDS for c in WORDS[::3]]
NARROWING = Narrowing(inner=16, sampled=200, texts=20_000, batch=64, rate=1e-3, hasty=0.2)
RECIPE = Recipe(narrowing=NARROWING)


def made(tokenizer):
    """An untrained student whose inner part has much to say."""
    model = untrained(tokenizer, hidden_size=32, num_hidden_layers=2, intermediate_size=64)
    with torch.no_grad():
        for layer in model.encoder.layer:
            layer.intermediate.dense.weight *= 15
            layer.output.dense.weight *= 15
    return model


@pytest.fixture
def student():
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    tokenizer = build_tokenizer([*pieces, *WORDS])
    return made(tokenizer), tokenizer


def cosine(student, tokenizer, before) -> float:
    """Mean cosine of the texts' vectors to those from before."""
    return float((embed(student, tokenizer, [text for text, _ in TEXTS]) * before).sum(1).mean())


def test_a_neuron_that_others_can_stand_in_for_is_missed_by_nobody() -> None:
    """Every neuron twice, the copy three times as strong: half of them give all there was."""
    draw = np.random.default_rng(0)
    single = draw.normal(size=(400, 8)).astype(np.float32)
    seen = np.concatenate([single, 3 * single], axis=1)
    weight = draw.normal(size=(16, 5))
    rows, fitted = choose(seen, weight, 8)
    assert sorted(row % 8 for row in rows) == list(range(8))
    wanted = seen @ weight
    assert np.abs(seen[:, rows] @ fitted - wanted).max() < 0.05 * np.abs(wanted).max()


def test_a_neuron_that_says_nothing_goes_first() -> None:
    draw = np.random.default_rng(0)
    seen = draw.normal(size=(400, 6)).astype(np.float32)
    seen[:, 2] *= 1e-3
    rows, _ = choose(seen, np.ones((6, 3)), 5)
    assert 2 not in rows


def test_what_stays_is_fitted_better_than_left_as_it_was(student) -> None:
    """The weights behind make up for what has gone, before anything is learned."""
    model, tokenizer = student
    before = embed(model, tokenizer, [text for text, _ in TEXTS])
    cut = made(tokenizer)
    with torch.no_grad():
        for layer in cut.encoder.layer:
            layer.output.dense.weight[:, 16:] = 0
    unlearned = replace(RECIPE, narrowing=replace(NARROWING, texts=0))
    narrow(model, tokenizer, TEXTS, unlearned, log=lambda _: None)
    assert cosine(model, tokenizer, before) > cosine(cut, tokenizer, before)


def test_a_narrowed_student_learns_its_vectors_again(student) -> None:
    model, tokenizer = student
    before = embed(model, tokenizer, [text for text, _ in TEXTS])
    pieces = model.embeddings.word_embeddings.weight.detach().clone()
    unlearned = replace(RECIPE, narrowing=replace(NARROWING, texts=0))
    narrow(model, tokenizer, TEXTS, unlearned, log=lambda _: None)
    fitted = cosine(model, tokenizer, before)
    said: list[str] = []
    imitate(model, tokenizer, TEXTS, before, RECIPE, log=said.append)
    learned = cosine(model, tokenizer, before)
    assert 1 - learned < (1 - fitted) / 2
    assert torch.equal(model.embeddings.word_embeddings.weight, pieces)
    assert "min left" in said[-1]
