"""Calibration: deterministic, readable, honest about what it cannot do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import CalibrationError
from bot.matching import Matcher
from bot.matching.calibrate import calibrate, cases_of, fit, judge, write_calibration
from bot.matching.fusion import BUNDLED, load_calibration
from tests.bot.matching.bases import small_base

ASKED = {
    "tower-height": [
        "how high is that tower",
        "tower: how many metres",
        "la tour est haute de combien",
        "taille de la tour",
        "is it a tall tower",
        "height?",
        "tower tallness",
        "metres of granite",
        "hauteur",
        "how tall",
        "the tower's height",
    ],
    "tower-price": [
        "ticket price",
        "tower ticket",
        "prix du billet",
        "what is the fee",
        "cost to go up",
        "combien pour monter",
        "tarif",
        "is it expensive to go up",
        "a ticket, how much",
        "price",
        "billet pour la tour",
    ],
    "atlas-5": [
        "atlas 5 speed",
        "speed of atlas five",
        "how fast is an atlas 5",
        "atlas5 velocity",
        "atlas 5 km/h",
        "is the atlas 5 fast",
        "fast atlas 5",
        "top speed atlas 5",
        "atlas 5 quick?",
        "the fifth atlas: speed",
        "atlas five fast",
    ],
    "atlas-6": [
        "atlas 6 speed",
        "speed of atlas six",
        "how fast is an atlas 6",
        "atlas6 velocity",
        "atlas 6 km/h",
        "is the atlas 6 fast",
        "fast atlas 6",
        "top speed atlas 6",
        "atlas 6 quick?",
        "the sixth atlas: speed",
        "atlas six fast",
    ],
}
OUTSIDE = [
    "who baked this bread",
    "best soup",
    "when do birds sleep",
    "how to mend a bike",
    "il pleut demain",
    "recette de crêpes",
    "write me a poem",
    "what is seven times nine",
    "my cat is sad",
    "où acheter des bottes",
    "delete my account",
    "who won the match",
    "are you a robot",
    "the price of butter",
    "is the sea cold",
    "bonne nuit les petits",
    "SELECT * FROM users",
    "how old is the king",
    "ticket for the concert",
    "atlas of birds",
]


def questions_file() -> str:
    lines = ["entries:"]
    for entry_id, texts in ASKED.items():
        lines.append(f"  {entry_id}:")
        lines += [f'    - "{text}"' for text in texts]
    lines += ["out_of_scope:", "  far:", *(f'    - "{text}"' for text in OUTSIDE)]
    return "\n".join(lines) + "\n"


def test_the_same_questions_give_the_same_file(tmp_path: Path) -> None:
    """Twice fitted, byte for byte equal, and read back as what was fitted."""
    base = small_base(tmp_path / "base", {"questions/en.yaml": questions_file()})
    made, report = calibrate(base, None)
    write_calibration(made, tmp_path / "one.yaml")
    write_calibration(calibrate(base, None)[0], tmp_path / "two.yaml")
    assert (tmp_path / "one.yaml").read_text() == (tmp_path / "two.yaml").read_text()
    assert report.questions == 44 + len(OUTSIDE)
    assert report.accuracy > 0.8

    (tmp_path / "one.yaml").replace(base.root / "calibration.yaml")
    read = load_calibration(base.root)
    assert read.fingerprint == base.fingerprint
    for name, weight in made.profiles[0].rank.items():
        assert read.profiles[0].rank[name] == pytest.approx(weight, abs=1e-3)


def test_confidences_also_hold_for_questions_far_from_every_variant(tmp_path: Path) -> None:
    """Each question is looked at twice, the second time without a part of the variants."""
    base = small_base(tmp_path, {"questions/en.yaml": questions_file()})
    judged = judge(base, cases_of(base), None)
    whole = {one.matcher.corpus.variants for one in judged}
    thinned = {one.thinned.matcher.corpus.variants for one in judged if one.thinned}
    assert len(judged) == 44 + len(OUTSIDE)
    assert len(whole) == 1
    assert len(thinned) > 1
    for variants in thinned:
        assert set(variants) < set(*whole)
        assert {variant.entry_id for variant in variants} == set(base.entries)

    alone = [replace(one, thinned=None) for one in judged]
    assert fit(judged, frozenset()).rank == fit(alone, frozenset()).rank
    assert fit(judged, frozenset()).trust != fit(alone, frozenset()).trust


def test_a_stricter_cutoff_answers_less_and_errs_less(tmp_path: Path) -> None:
    """The printed rates fall as the cutoff rises."""
    base = small_base(tmp_path, {"questions/en.yaml": questions_file()})
    report = calibrate(base, None)[1]
    loose, strict = report.rates(0.2), report.rates(0.9)
    assert loose["answered"] >= strict["answered"]
    assert loose["wrong"] >= strict["wrong"]
    assert loose["false"] >= strict["false"]


def test_too_few_questions_are_said(tmp_path: Path) -> None:
    """A base without regression questions is told what it lacks."""
    with pytest.raises(CalibrationError, match="questions"):
        calibrate(small_base(tmp_path), None)


@pytest.mark.parametrize(
    "content",
    [
        "engine: '0'\nprofiles: []\n",
        "profiles: [",
        "engine: '1'\nprofiles:\n  - needs: []\n",
        "[]",
        "engine: '1'\nprofiles: 5\n",
        "engine: '1'\nprofiles: []\n",
    ],
)
def test_a_broken_file_is_named_and_costs_no_answer(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A file of another engine, no YAML or half a file: one sentence, with the way out."""
    base = small_base(tmp_path)
    (tmp_path / "calibration.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(CalibrationError, match="aifaq calibrate"):
        load_calibration(tmp_path)
    assert Matcher(base).rank("what did the training cost")
    assert "Going on with the bundled calibration" in caplog.text


def test_the_bundled_calibration_serves_every_base() -> None:
    """There is a profile for words alone, and for each richer set of signals."""
    bundled = load_calibration()
    assert BUNDLED.is_file()
    assert bundled.profile(frozenset()).needs == frozenset()
    everything = frozenset({"meaning", "classifier", "scope"})
    assert bundled.profile(everything).needs == everything
