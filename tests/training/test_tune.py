"""Tuning: questions come near their entry's phrasings, or near none, and nothing else moves far."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.students import untrained
from training.distil import embed, forward
from training.recipe import Recipe, Tuning
from training.steps import near_misses
from training.tune import OUTSIDE, Choice, Phrasing, Sampler, outsiders, tune
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
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "intermediate_size": 64}
    return untrained(tokenizer, **sizes), tokenizer


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


def test_a_base_with_too_few_phrasings_is_told_so(student):
    with pytest.raises(SystemExit, match="no entry has 4 phrasings"):
        tune(*student, [Phrasing("alone", "en", "lonely")], RECIPE, log=lambda _: None)


def test_texts_that_pass_by_length_come_back_in_their_order(student):
    texts = ["what is the cost of it", "risk", "why they leak", "how", "is the chip safe"]
    together = forward(*student, texts, max_tokens=64, batch_tokens=12)
    np.testing.assert_allclose(together.detach().numpy(), embed(*student, texts), atol=1e-6)


def test_a_heavy_stay_holds_the_vectors_where_they_were(student):
    phrasings = made_phrasings()
    texts = [one.text for one in phrasings]
    before = embed(*student, texts)
    recipe = replace(RECIPE, tuning=replace(RECIPE.tuning, stay=1000.0))
    tune(*student, phrasings, recipe, log=lambda _: None)
    assert (embed(*student, texts) * before).sum(1).mean() > 0.97


AXES = torch.eye(3)
NONE_MADE = torch.tensor([-1])


def loss(text: torch.Tensor, owner: int, itself: torch.Tensor = NONE_MADE) -> float:
    """Loss of one text beside two entries, of which the first has a phrasing on each of two axes."""
    choice = Choice([0, 0, 1], 0.1)
    return choice.loss(text[None], torch.tensor([owner]), AXES, itself).item()


def test_a_question_may_be_near_any_phrasing_of_its_entry():
    between = torch.nn.functional.normalize(AXES[0] + AXES[2], dim=0)
    assert loss(AXES[0], 0) == pytest.approx(loss(AXES[1], 0))
    assert loss(AXES[0], 0) < loss(between, 0) < loss(AXES[2], 0)


def test_what_no_entry_answers_belongs_near_none():
    assert loss(-AXES[0], OUTSIDE) < loss(AXES[0], OUTSIDE)
    assert loss(AXES[0], 0) < loss(-AXES[0], 0)


def test_a_phrasing_does_not_find_itself():
    assert loss(AXES[0], 0, torch.tensor([0])) > loss(AXES[0], 0)
    assert loss(AXES[0], 0, torch.tensor([1])) == pytest.approx(loss(AXES[0], 0), abs=1e-3)


def test_questions_are_compared_with_the_phrasings_of_the_base_alone():
    phrasings = [
        replace(one, own=number % 2 == 0, topic="it" if number % 3 == 0 else "")
        for number, one in enumerate(made_phrasings())
    ]
    sampler = Sampler(phrasings, MESSAGES[:2], (), replace(RECIPE.tuning, hasty=0.0), 1)
    assert sampler.anchors == [one.text for one in phrasings if one.own]
    drawn = sampler.draw()
    for row, owner, anchor in zip(drawn.rows, drawn.owners, drawn.itself, strict=True):
        text = sampler.texts[row][0]
        if anchor >= 0:
            assert sampler.anchor_owners[anchor] == owner
            assert text in (sampler.anchors[anchor], "it")
        else:
            assert owner == OUTSIDE or text == "it" or text not in sampler.anchors
    assert any(anchor >= 0 for anchor in drawn.itself)


MESSAGES = [("how tall is it", "en"), ("what is the weather", "en"), ("it is the price", "en")]


def test_a_batch_has_equally_many_phrasings_of_each_entry():
    sampler = Sampler(
        [*made_phrasings(), Phrasing("alone", "en", "lonely")],
        MESSAGES[:2],
        [("nearly", "en")] * 8,
        replace(RECIPE.tuning, others=5, misses=3),
        1,
    )
    drawn = sampler.draw()
    assert len(drawn.rows) == len(drawn.owners) == len(drawn.texts) == 12 + 2 + 3
    entries = set(drawn.owners) - {OUTSIDE}
    assert sorted(drawn.owners.count(owner) for owner in entries) == [4, 4, 4]
    assert drawn.owners[12:] == [OUTSIDE] * 5
    assert {sampler.texts[row] for row in drawn.rows[12:14]} == set(MESSAGES[:2])
    assert {sampler.texts[row] for row in drawn.rows[14:]} == {("nearly", "en")}


def test_a_phrasing_is_also_shown_with_its_subject_taken_out():
    phrasings = [replace(one, topic=f"it {number}") for number, one in enumerate(made_phrasings())]
    sampler = Sampler(phrasings, (), (), replace(RECIPE.tuning, topics=0.5, hasty=0.0), 1)
    drawn = sampler.draw()
    topics = [text for text in drawn.texts if text.startswith("it ") and text[3:].isdigit()]
    assert 0 < len(topics) < len(drawn.texts)
    assert drawn.texts == [sampler.texts[row][0] for row in drawn.rows]
    owners = {one.entry: set() for one in phrasings}
    for text, owner in zip(drawn.texts, drawn.owners, strict=True):
        if text in topics:
            owners[phrasings[int(text[3:])].entry].add(owner)
    assert all(len(found) <= 1 for found in owners.values())


def test_messages_that_a_phrasing_answers_are_not_kept_apart(student):
    phrasings = [Phrasing(text, "en", "cost") for text in ("it is the price", "what is the cost")]
    asked = embed(*student, [one.text for one in phrasings])
    far = outsiders(asked, embed(*student, [text for text, _ in MESSAGES]), nearest=0.999)
    kept = [message for message, one in zip(MESSAGES, far, strict=True) if one]
    assert MESSAGES[2] not in kept
    assert set(kept) == set(MESSAGES[:2])


def test_a_tuned_student_moves_its_phrasings_away_from_other_messages(student):
    phrasings = made_phrasings()
    messages = [(f"{first} {second}", "en") for first in FILLERS for second in FILLERS]

    def nearest() -> float:
        base = embed(*student, [one.text for one in phrasings])
        return float((embed(*student, [text for text, _ in messages]) @ base.T).max(1).mean())

    before = nearest()
    tuning = replace(RECIPE.tuning, others=12, outside=2.0, stay=0.1)
    tune(*student, phrasings, replace(RECIPE, tuning=tuning), messages=messages, log=lambda _: None)
    assert nearest() < before - 0.1


def test_near_misses_are_kept_from_the_base_that_they_were_written_for_alone():
    """Another base may well answer them."""
    assert near_misses([Phrasing("who made R1", "en", "what-is-r1")])
    assert not near_misses(made_phrasings())
