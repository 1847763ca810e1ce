"""The signals together: what is found, what is kept apart, what bites."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.matching import Matcher
from bot.matching.corpus import Floats
from bot.matching.fusion import Calibration, Profile
from bot.matching.matcher import TOPIC_WORDS
from tests.bot.matching.bases import FILES, small_base

LETTERS = "abcdefghijklmnopqrstuvwxyzéè"


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return Matcher(small_base(tmp_path_factory.mktemp("base")))


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("how tall is the tower", "tower-height"),
        ("Quelle hauteur fait la tour ?", "tower-height"),
        ("hauteur de la tour", "tower-height"),
        ("HOW TAAALL IS THE TOWER???", "tower-height"),
        ("tower heigth", "tower-height"),
        ("tiket prise for the tower", "tower-price"),
        ("combien coute un billet", "tower-price"),
    ],
)
def test_finds_the_entry(matcher: Matcher, question: str, entry: str) -> None:
    """Inflection, case, missing accents and slips do not matter."""
    assert matcher.rank(question)[0].entry.id == entry


@pytest.mark.parametrize("number", ["5", "6"])
def test_versions_are_kept_apart(matcher: Matcher, number: str) -> None:
    """The Atlas 5 is not the Atlas 6."""
    assert matcher.rank(f"how fast does an atlas {number} go")[0].entry.id == f"atlas-{number}"


def test_a_name_written_otherwise_counts_as_the_name(matcher: Matcher) -> None:
    """Other spellings in the glossary stand for the name."""
    assert matcher.rank("speed of the atlas six please")[0].entry.id == "atlas-6"


def test_the_glossary_bites(tmp_path: Path) -> None:
    """A synonym that no variant uses finds the entry, and does not without the glossary."""
    with_glossary = Matcher(small_base(tmp_path / "with"))
    without = Matcher(small_base(tmp_path / "without", {"glossary.yaml": "names: {}"}))
    signal = [one.rank("admission fee")[0].signals["words"] for one in (with_glossary, without)]
    assert with_glossary.rank("admission fee")[0].entry.id == "tower-price"
    assert signal[0] > signal[1]


def test_an_excluded_phrasing_bites(tmp_path: Path) -> None:
    """An entry is never offered for its `not:` phrasing, and less readily for a similar one."""
    text = FILES["places/tower-height.yaml"]
    plain = text.replace("not: [how tall is the lighthouse keeper]", "not: []")
    with_it = Matcher(small_base(tmp_path / "with"))
    without = Matcher(small_base(tmp_path / "without", {"places/tower-height.yaml": plain}))
    for asked in ("How tall is the lighthouse keeper?", "how tall is the lighthouse-keeper"):
        assert without.rank(asked)[0].entry.id == "tower-height"
        assert "tower-height" not in {one.entry.id for one in with_it.rank(asked)}
    near = "how tall was the lighthouse keeper really"
    signals = [
        next(one for one in matcher.rank(near) if one.entry.id == "tower-height").signals
        for matcher in (with_it, without)
    ]
    assert signals[0]["exclusion"] < signals[1]["exclusion"] == 0


def test_an_entrys_very_wording_wins_whatever_the_signals_say(tmp_path: Path) -> None:
    """A moderator who adds a wording sees it answered; `aifaq check` looks at the signals alone."""
    perverse = Calibration((Profile(frozenset(), {"words": -1.0, "characters": -1.0}, {}, -3.0),))
    matcher = Matcher(small_base(tmp_path), calibration=perverse)
    first = matcher.rank("Top speed of the ATLAS 5 ?!")[0]
    assert first.entry.id == "atlas-5"
    assert first.confidence > 0.9
    (alone,) = matcher.rank_all([("top speed of the atlas 5", None)], outright=False)
    assert alone[0].entry.id != "atlas-5"
    assert alone[0].confidence < 0.1


def test_a_wording_of_two_entries_is_no_ones_own(tmp_path: Path) -> None:
    """Then the signals decide, and a tie is shown as one."""
    shared = FILES["trains/atlas-6.yaml"].replace("speed of the sixth", "speed of the fifth")
    matcher = Matcher(small_base(tmp_path, {"trains/atlas-6.yaml": shared}))
    found = matcher.rank("speed of the fifth atlas")
    assert {found[0].entry.id, found[1].entry.id} == {"atlas-5", "atlas-6"}
    assert found[0].confidence < 0.98


def test_unknown_names_weaken_a_match(matcher: Matcher) -> None:
    """A name that the entry never mentions makes it less likely."""
    known, strange = (matcher.rank(text)[0] for text in ("atlas 5 speed", "borealis 7 speed"))
    assert strange.confidence < known.confidence


@pytest.mark.parametrize(
    ("asked", "names", "numbers"),
    [("top speed at 210", 0, 0), ("top speed at 300", 0, -1), ("is the atlas 6 as fast", -1, 0),
     ("atlas 5 or 6, who reached 210 in 1990", 0, -2 / 3)],
)
def test_a_strange_number_is_not_a_strange_name(
    matcher: Matcher, asked: str, names: float, numbers: float
) -> None:
    """People ask about their own numbers; another name asks about something else."""
    signals = next(one for one in matcher.rank(asked) if one.entry.id == "atlas-5").signals
    assert (signals["names"], signals["numbers"]) == (names, pytest.approx(numbers))


def test_a_real_word_near_one_of_the_base_is_not_taken_for_it(matcher: Matcher) -> None:
    """A towel is no tower."""
    assert matcher.query("how tall is the towel").corrections == {}
    assert matcher.query("how tall is the towerr").corrections == {"towerr": "tower"}


def test_words_that_nobody_knows_weaken_a_match(matcher: Matcher) -> None:
    """The same words among strangers say less."""
    short = matcher.rank("how tall is the tower")[0]
    long = matcher.rank("how tall is the zebra that quietly drinks lemonade near the tower")[0]
    assert long.confidence < short.confidence


def test_confidences_are_probabilities_in_order(matcher: Matcher) -> None:
    """Best first, each between 0 and 1, and none above the first."""
    for text in ("tower", "how fast is the atlas 6", "bread", "atlas", "la tour"):
        values = [one.confidence for one in matcher.rank(text)]
        assert all(0 <= value <= 1 for value in values)
        assert max(values) == values[0]


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "?!", "\u200b\u200d", "\udc80"])
def test_nothing_to_match_gives_no_candidate(matcher: Matcher, text: str) -> None:
    """A text without a letter or digit has no candidates."""
    assert matcher.rank(text) == []


def test_one_entry_is_enough(tmp_path: Path) -> None:
    """A base of a single entry in one language answers its question and doubts others."""
    (tmp_path / "a.yaml").write_text(
        "id: a\ncategory: c\nfr: {question: Où est la gare ?, answer: Au nord.}", encoding="utf-8"
    )
    from bot.knowledge import load_knowledge

    matcher = Matcher(load_knowledge(tmp_path))
    right = matcher.rank("où est la gare ?")[0]
    other = matcher.rank("my hovercraft is full of eels")
    assert right.confidence > 0.5
    assert not other or other[0].confidence < right.confidence / 2


class Letters:
    """An encoder that sees which letters a text has, and keeps how many texts it was asked for."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def encode(self, texts: Sequence[str]) -> Floats:
        self.calls.append(len(texts))
        counts = np.array([[text.lower().count(letter) for letter in LETTERS] for text in texts])
        return (counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1)).astype(
            np.float32
        )


def test_what_all_the_base_is_about_tells_no_entry_from_another(tmp_path: Path) -> None:
    """With a pronoun for the tower of half the entries, the question is what is asked about it."""
    matcher = Matcher(small_base(tmp_path), Letters())
    assert matcher.corpus.subjects == {"granite tower"}
    found = matcher.rank("Price of the Granite Tower?")
    signals = {one.entry.id: one.signals["topic"] for one in found}
    [wanted, asked] = Letters().encode(["how much is a ticket for the it", "price of the it"])
    assert signals["tower-price"] >= float(wanted @ asked) - 1e-6
    assert signals["tower-price"] == max(signals.values())
    for one in matcher.rank("how fast is the atlas 5"):
        if one.entry.category == "trains":  # no tower in the question, none in these entries
            assert one.signals["topic"] == pytest.approx(one.signals["meaning"])


@pytest.mark.parametrize(("more", "forms"), [(0, 2), (TOPIC_WORDS, 1)])
def test_a_question_runs_through_the_encoder_once(tmp_path: Path, more: int, forms: int) -> None:
    """A short one in two forms at one go: there a name outweighs what is asked about it."""
    encoder = Letters()
    matcher = Matcher(small_base(tmp_path), encoder)
    encoder.calls.clear()
    matcher.rank("please " * more + "price of the granite tower")
    assert encoder.calls == [forms]


def test_many_questions_get_what_each_gets_alone(tmp_path: Path) -> None:
    """They are encoded together, and answered as if they had come one by one."""
    encoder = Letters()
    matcher = Matcher(small_base(tmp_path), encoder)
    questions = [("how tall is the tower", "en"), ("🙂", None), ("prix du billet", "fr")]
    alone = [matcher.rank(text, locale) for text, locale in questions]
    encoder.calls.clear()
    assert list(matcher.rank_all(questions)) == alone
    assert len(encoder.calls) == 1
