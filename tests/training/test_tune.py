"""Tuning: phrasings of one entry move together, and nothing else moves far."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers

from training.distil import embed
from training.recipe import Recipe, Tuning
from training.tune import Phrasing, Sampler, contrast, tune
from training.vocabulary import build_tokenizer

ENTRIES = {
    "cost": ["price", "cost", "bill", "money"],
    "safety": ["risk", "leak", "safe", "ban"],
    "chips": ["chip", "gpu", "card", "silicon"],
}
FILLERS = ["what", "is", "the", "of", "it", "how", "why", "they"]
RECIPE = Recipe(tuning=Tuning(rounds=30, entries=3, texts=4, rate=1e-3, stay=1.0, hasty=0.2))


def made_phrasings() -> list[Phrasing]:
    rng = random.Random(0)
    return [
        Phrasing(" ".join([*rng.sample(FILLERS, 4), rng.choice(words)]), "en", entry)
        for entry, words in ENTRIES.items()
        for _ in range(24)
    ]


@pytest.fixture
def student():
    words = [word for own in ENTRIES.values() for word in own]
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{c}" for c in letters)]
    tokenizer = build_tokenizer([*pieces, *words, *FILLERS])
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return transformers.BertModel(config, add_pooling_layer=False), tokenizer


def nearest_share(student, tokenizer, phrasings) -> float:
    """Share of phrasings whose nearest other phrasing is of the same entry."""
    vectors = embed(student, tokenizer, [one.text for one in phrasings])
    similar = vectors @ vectors.T
    np.fill_diagonal(similar, -2)
    owners = np.array([one.entry for one in phrasings])
    return float((owners[similar.argmax(1)] == owners).mean())


def test_phrasings_of_one_entry_move_together(student):
    phrasings = made_phrasings()
    before = nearest_share(*student, phrasings)
    tune(*student, phrasings, RECIPE, log=lambda _: None)
    assert nearest_share(*student, phrasings) > before + 0.2


def test_a_heavy_stay_holds_the_vectors_where_they_were(student):
    phrasings = made_phrasings()
    texts = [one.text for one in phrasings]
    before = embed(*student, texts)
    recipe = replace(RECIPE, tuning=replace(RECIPE.tuning, stay=1000.0))
    tune(*student, phrasings, recipe, log=lambda _: None)
    assert (embed(*student, texts) * before).sum(1).mean() > 0.97


def test_the_loss_is_least_when_entries_stand_apart():
    owners = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    mixed = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert contrast(apart, owners, 0.1) < contrast(mixed, owners, 0.1)


def test_a_batch_has_equally_many_phrasings_of_each_entry():
    sampler = Sampler([*made_phrasings(), Phrasing("alone", "en", "lonely")], RECIPE.tuning, 1)
    rows, owners, texts = sampler.draw()
    assert len(rows) == len(owners) == len(texts) == 12
    assert sorted(owners.count(owner) for owner in set(owners)) == [4, 4, 4]
