"""The measures, on cases small enough to work out by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.evaluation import quality_png
from bot.errors import AifaqError
from bot.evaluation import (
    Labelled,
    Outcome,
    auroc,
    calibration_error,
    chance_error,
    evaluate,
    measure,
    read_questions,
    regression_questions,
    right_at,
    risk_coverage,
)
from bot.models import Decision
from bot.service import Faq
from bot.settings import Settings
from tests.dialogs import KNOWLEDGE

ANSWER, SUGGEST, NONE = Decision.ANSWER, Decision.SUGGEST, Decision.NONE


def inside(confidence: float, *ranked: str, decision: Decision = ANSWER, right: str = "a"):
    question = Labelled("?", "en", right, frozenset({right}))
    return Outcome(question, decision, ranked, confidence)


def outside(confidence: float, *ranked: str, decision: Decision = NONE):
    return Outcome(Labelled("?", "en", None), decision, ranked, confidence)


def test_shares_by_hand():
    """Each measure of six outcomes, worked out with pencil and paper."""
    found = measure(
        [
            inside(0.9, "a", "b"),
            inside(0.8, "b", "a"),
            inside(0.5, "b", "c", "d", "a", decision=SUGGEST),
            inside(0.1, decision=NONE),
            outside(0.6, "a", decision=ANSWER),
            outside(0.2, "b", decision=SUGGEST),
        ]
    )
    assert (found.in_scope, found.out_of_scope) == (4, 2)
    assert found.accuracy_at_1 == 0.25
    assert found.accuracy_at_3 == 0.5
    assert found.mrr == pytest.approx((1 + 1 / 2 + 1 / 4) / 4)
    assert (found.answered, found.suggested, found.silent) == (0.5, 0.25, 0.25)
    assert found.wrong_answers == 0.25
    assert (found.false_answers, found.false_suggestions) == (0.5, 0.5)
    assert found.auroc == pytest.approx((2 + 2 + 1 + 0) / 8)
    assert found.right_at_5 == 0.25


def test_accepted_ids_all_count():
    """A question with two right entries is answered by either."""
    question = Labelled("?", "en", "a", frozenset({"a", "b"}))
    assert Outcome(question, ANSWER, ("b",), 0.9).right


def test_measures_that_cannot_be_taken_are_nan():
    """Without out-of-scope questions there are no false answers to count."""
    found = measure([inside(0.9, "a")])
    assert math.isnan(found.false_answers)
    assert math.isnan(found.auroc)
    assert math.isnan(found.right_at_5)
    assert found.accuracy_at_1 == 1.0


def test_right_at_five_percent():
    """Of 20 out-of-scope questions one may be answered: the cutoff lies at the second highest."""
    outs = [0.9, 0.7] + [0.1] * 18
    confidences = np.array([0.95, 0.8, 0.7, 0.6, *outs])
    right = np.array([True, True, True, True, *[False] * 20])
    in_scope = np.array([True] * 4 + [False] * 20)
    assert right_at(confidences, right, in_scope, 0.05) == 0.5
    assert right_at(confidences, right, in_scope, 0.0) == 0.25


def test_a_tie_at_the_cutoff_is_not_answered():
    """At one confidence for all, nothing can be answered without all false answers."""
    confidences = np.full(4, 0.5)
    in_scope = np.array([True, True, False, False])
    assert right_at(confidences, in_scope, in_scope, 0.05) == 0.0


@given(
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=12),
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=12),
)
def test_auroc_is_the_share_of_pairs_in_order(above, below):
    """The rank formula agrees with comparing every pair."""
    pairs = [(one > two) + 0.5 * (one == two) for one in above for two in below]
    expected = sum(pairs) / len(pairs)
    assert auroc(np.array(above), np.array(below)) == pytest.approx(expected)


def test_calibration_error_by_hand():
    """Four answers at 0.9 of which three are right are 0.15 off; one silent at 0 is exact."""
    confidences = np.array([0.9, 0.9, 0.9, 0.9, 0.0])
    right = np.array([True, True, True, False, False])
    assert calibration_error(confidences, right) == pytest.approx(0.15 * 4 / 5)


@pytest.mark.parametrize("questions", [40, 400, 4_000])
def test_true_confidences_are_as_far_off_as_chance_says(questions):
    """Outcomes drawn from the very confidences: their error is the one that is expected."""
    rng = np.random.default_rng(questions)
    confidences = rng.random(questions)
    drawn = [calibration_error(confidences, rng.random(questions) < confidences) for _ in range(400)]
    assert np.mean(drawn) == pytest.approx(chance_error(confidences), rel=0.1)


def test_chance_leaves_certain_confidences_alone():
    """Who says 0 and 1 and is right has no error by chance; nor has nobody."""
    assert chance_error(np.array([0.0, 1.0, 1.0])) == 0.0
    assert math.isnan(chance_error(np.array([])))


def test_risk_grows_with_coverage():
    """The most confident first; the last point is everything answered."""
    coverage, risk = risk_coverage(np.array([0.2, 0.9, 0.5]), np.array([False, True, True]))
    assert list(coverage) == pytest.approx([1 / 3, 2 / 3, 1])
    assert list(risk) == pytest.approx([0, 0, 1 / 3])


@pytest.fixture(scope="module")
def faq():
    return Faq.load(Settings(knowledge=KNOWLEDGE["small"], encoder="none"))


def test_a_run_reports_by_language_and_names_confusions(faq):
    """Two languages, one wrong label: it is named with both entries and the question."""
    questions = [
        Labelled(
            "When does the library open?", "en", "library-hours", frozenset({"library-hours"})
        ),
        Labelled("Quand la bibliothèque ouvre-t-elle ?", "fr", "other", frozenset({"other"})),
    ]
    report = evaluate(faq, questions)
    assert report.by_locale["en"].accuracy_at_1 == 1.0
    assert report.by_locale["fr"].accuracy_at_1 == 0.0
    (confusion,) = report.confusions
    assert (confusion.expected, confusion.got, confusion.count) == ("other", "library-hours", 1)
    assert confusion.example.startswith("Quand")
    assert quality_png(report).startswith(b"\x89PNG")


def test_questions_do_not_form_a_conversation(faq):
    """The order of questions changes nothing."""
    texts = ["When does the library open?", "and on Sunday?", "how much?"]
    questions = [Labelled(text, "en", None) for text in texts]
    forth = {one.question: one.ranked for one in evaluate(faq, questions).outcomes}
    back = {one.question: one.ranked for one in evaluate(faq, questions[::-1]).outcomes}
    assert forth == back


def test_reading_a_file(tmp_path: Path):
    """A BOM, empty lines and unknown keys are fine; `accept` always holds the id itself."""
    path = tmp_path / "questions.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"text": "x", "lang": "fr", "id": "a", "accept": ["b"], "kind": "in"}\n\n'
        b'{"text": "y", "lang": "en", "id": null, "accept": []}\n'
    )
    assert read_questions(path) == [
        Labelled("x", "fr", "a", frozenset({"a", "b"})),
        Labelled("y", "en", None),
    ]


@pytest.mark.parametrize(
    "line",
    ["[]", "{", '{"id": null}', '{"text": "x", "id": 5}', '{"text": "x", "accept": "a"}'],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str):
    """File and line stand in the message."""
    path = tmp_path / "questions.jsonl"
    path.write_text('{"text": "x", "id": null}\n' + line)
    with pytest.raises(AifaqError, match=r"questions\.jsonl:2"):
        read_questions(path)


def test_a_folder_or_nothing_for_a_file(tmp_path: Path):
    """Neither ends in a traceback."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(AifaqError, match="Cannot read"):
            read_questions(path)


def test_a_base_brings_its_own_questions():
    """The shipped base has regression questions in both languages, in scope and out of it."""
    from bot.knowledge import load_knowledge

    found = regression_questions(load_knowledge())
    assert {(one.locale, one.entry_id is None) for one in found} == {
        ("en", True),
        ("en", False),
        ("fr", True),
        ("fr", False),
    }
