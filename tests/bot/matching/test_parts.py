"""The matcher's parts: index, lexicon, speller, fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import Glossary
from bot.matching import spelling
from bot.matching.fitting import fit_conditional_logit, fit_logistic
from bot.matching.index import TermIndex
from bot.matching.lexicon import Lexicon
from bot.matching.matcher import spread
from bot.matching.spelling import Speller

terms = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12)


@given(documents=st.lists(terms, min_size=1, max_size=20), asked=terms)
def test_scores_are_cosines(documents: list[list[str]], asked: list[str]) -> None:
    """Every score lies within 0 and 1, and a document is nearest to itself."""
    index = TermIndex(documents)
    scores = index.scores(asked)
    assert scores.shape == (len(documents),)
    assert (scores >= 0).all()
    assert (scores <= 1 + 1e-5).all()
    itself = index.scores(documents[0])
    assert itself[0] == pytest.approx(1.0, abs=1e-5)
    assert itself[0] >= itself.max() - 1e-5


def test_an_unknown_term_lowers_every_score() -> None:
    """What the base does not know counts in the question's length."""
    index = TermIndex([["tall", "tower"], ["ticket", "price"]])
    assert index.scores(["tower", "zebra"])[0] < index.scores(["tower"])[0]


def test_a_budget_leaves_the_rare_terms() -> None:
    """When postings run out, the commonest terms are the ones skipped."""
    documents = [["the", f"w{number}"] for number in range(50)]
    index = TermIndex(documents, budget=10)
    assert int(index.scores(["the", "w7"]).argmax()) == 7


def test_names_win_over_words_the_longest_first() -> None:
    """`gpt 4` inside `gpt 4 turbo` is not a name of its own, and a name is no number."""
    lexicon = Lexicon(Glossary(names={"gpt-4": ("gpt4",), "gpt-4-turbo": ()}))
    assert lexicon.analyse("GPT 4 Turbo!").names == {"gpt-4-turbo"}
    assert lexicon.analyse("gpt4 in 2025").names == {"gpt-4"}
    assert lexicon.analyse("gpt4 in 2025").numbers == {"2025"}
    assert lexicon.without_names("what about gpt4 today") == "what about today"


def test_a_pronoun_stands_for_what_goes_without_saying() -> None:
    """Names in any spelling, once for several in a row; a text without them stays as it was."""
    lexicon = Lexicon(Glossary(names={"deepseek": ("deep seek",), "r1": (), "gpt-4": ("gpt 4",)}))
    put = lexicon.with_pronoun("Will Deep Seek R1 beat GPT 4?", {"deepseek", "r1"})
    assert put == "will it beat gpt 4"
    assert lexicon.with_pronoun("L'été, où ?", {"deepseek"}) == "L'été, où ?"


def test_concepts_join_languages() -> None:
    """Words of both languages give one concept, inflected or not."""
    lexicon = Lexicon(Glossary(synonyms={"cost": ("cost", "prix", "à la charge de")}))
    assert lexicon.analyse("costs").concepts == lexicon.analyse("le prix").concepts
    assert lexicon.analyse("c'est à la charge de qui").concepts == {"=cost"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("trainning", "training"),
        ("securty", "security"),
        ("escurity", "security"),
        ("cost", None),
        ("cat", None),
        ("zebra", None),
        ("openai4", None),
    ],
)
def test_speller(typed: str, meant: str | None) -> None:
    """One slip is mended, two in a long word; short and distant words are left alone."""
    assert Speller(["training", "security", "cost", "openai"]).correct(typed) == meant


@pytest.mark.parametrize(
    ("typed", "near"),
    [("stealing", "selling"), ("gold", "good"), ("traduction", "reduction"), ("voiture", "voilure"),
     ("garantir", "garante")],
)
def test_a_real_word_is_not_taken_for_a_slip(typed: str, near: str) -> None:
    """A word of either language that the base lacks is not in scope for being like one it has."""
    assert Speller([near]).correct(typed) is None


def test_without_the_list_of_words_any_near_word_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An installation that lacks the encoder's files still mends slips."""
    monkeypatch.setattr(spelling, "VOCABULARY", tmp_path / "none.json")
    spelling.real_words.cache_clear()
    try:
        assert Speller(["good"]).correct("gold") == "good"
    finally:
        spelling.real_words.cache_clear()


def test_logistic_recovers_the_odds() -> None:
    """On data drawn from a known model the fit finds its weights."""
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(4000, 2))
    chance = 1 / (1 + np.exp(-(1.5 * columns[:, 0] - 0.7 * columns[:, 1] + 0.4)))
    weights, intercept = fit_logistic(columns, rng.random(4000) < chance, penalty=0.0)
    assert weights == pytest.approx([1.5, -0.7], abs=0.15)
    assert intercept == pytest.approx(0.4, abs=0.15)


def test_conditional_logit_puts_the_right_candidate_first() -> None:
    """Questions whose right candidate leads in one signal teach that signal, not the noise."""
    rng = np.random.default_rng(4)
    questions, candidates = 300, 5
    columns = rng.normal(size=(questions * candidates, 2))
    owners = np.repeat(np.arange(questions), candidates)
    noisy = columns[:, 0].reshape(questions, -1) + rng.gumbel(scale=0.3, size=(questions, 5))
    right = np.zeros((questions, candidates), dtype=bool)
    right[np.arange(questions), noisy.argmax(axis=1)] = True
    weights = fit_conditional_logit(columns, owners, right.ravel())
    assert weights[0] > 5 * abs(weights[1])


@given(
    first=st.floats(0, 1),
    gaps=st.lists(st.floats(0, 30), min_size=0, max_size=9),
)
def test_confidences_never_exceed_the_first_or_what_it_leaves(
    first: float, gaps: list[float]
) -> None:
    """The runner-up gets at most the first's confidence and at most what the first leaves."""
    scores = -np.cumsum([0.0, *gaps]).astype(np.float32)
    found = spread(first, scores)
    assert found[0] == first
    assert all(value <= first + 1e-9 and value <= 1 - first + 1e-9 for value in found[1:])
