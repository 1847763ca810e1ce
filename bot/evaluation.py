"""How well questions with known answers are answered: the measures that the field uses.

A file has one JSON object per line: `{"text": "…", "lang": "fr", "id": "…" or null,
"accept": ["…"]}`; an id of null means that the FAQ has no answer to it.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.errors import AifaqError
from bot.knowledge import KnowledgeBase
from bot.models import Decision, Locale, Question
from bot.service import Faq

FALSE_SHARE = 0.05
"""Share of out-of-scope questions that may be answered, for `right_at_5`."""
BINS = 10

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with what is right for it."""

    text: str
    locale: Locale
    entry_id: str | None
    """None: out of scope."""
    accept: frozenset[str] = frozenset()
    """All ids that count as right, the first one included."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question."""

    question: Labelled
    decision: Decision
    ranked: tuple[str, ...]
    """Ids of the candidates, best first, whatever the decision."""
    confidence: float
    """Of the first candidate; 0 without one."""

    @property
    def in_scope(self) -> bool:
        """Whether the FAQ has an answer to it."""
        return self.question.entry_id is not None

    @property
    def right(self) -> bool:
        """Whether the first candidate is a right one."""
        return bool(self.ranked) and self.ranked[0] in self.question.accept

    @property
    def rank(self) -> int | None:
        """Place of the first right candidate, from 1."""
        places = (at for at, found in enumerate(self.ranked, 1) if found in self.question.accept)
        return next(places, None)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Shares are 0 to 1; a measure that the questions cannot give is NaN."""

    in_scope: int
    out_of_scope: int
    accuracy_at_1: float
    """Share of in-scope questions whose first candidate is right, whatever the decision."""
    accuracy_at_3: float
    mrr: float
    """Mean reciprocal rank of the first right candidate, in scope."""
    answered: float
    """Share of in-scope questions that got an answer; so for the next two."""
    suggested: float
    silent: float
    wrong_answers: float
    """Share of in-scope questions that got a wrong answer."""
    false_answers: float
    """Share of out-of-scope questions that got an answer."""
    false_suggestions: float
    """Share of out-of-scope questions that got suggestions."""
    right_at_5: float
    """Share of in-scope questions answered rightly, with the cutoff on the first candidate's
    confidence at which at most 5% of the out-of-scope ones are answered."""
    auroc: float
    """Chance that an in-scope question has a higher confidence than an out-of-scope one."""
    calibration_error: float
    """Expected calibration error of the first candidate's confidence, ten bins, all questions."""
    chance_error: float
    """The same error as it would be by chance alone if every confidence were true: with few
    questions in a bin, even those are some points off."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """An entry that came first where another was right."""

    expected: str | None
    """None: the question was out of scope, and answered."""
    got: str
    count: int
    example: str


@dataclass(frozen=True)
class Report:
    """What an evaluation found."""

    overall: Metrics
    by_locale: dict[Locale, Metrics]
    confusions: tuple[Confusion, ...]
    """The most frequent first."""
    outcomes: tuple[Outcome, ...]


# Questions


def read_questions(path: Path) -> list[Labelled]:
    """Questions of a JSON lines file.

    Raises:
        AifaqError: if the file cannot be read, or naming the line that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AifaqError(f"Cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise AifaqError(f"{path} is not UTF-8 text (byte {error.start}).") from error
    found = [
        _labelled(line, f"{path}:{number}")
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
    ]
    if not found:
        raise AifaqError(f"{path} has no questions.")
    return found


def _labelled(line: str, where: str) -> Labelled:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AifaqError(f"{where}: not a JSON object: {error}.") from error
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise AifaqError(f"{where}: an object with a `text` is needed.")
    entry_id, accept = data.get("id"), data.get("accept") or []
    if not isinstance(entry_id, str | None) or not isinstance(accept, list):
        raise AifaqError(f"{where}: `id` must be a text or null, `accept` a list of ids.")
    ids = frozenset((entry_id, *map(str, accept))) if entry_id else frozenset()
    return Labelled(data["text"], str(data.get("lang") or data.get("locale") or "?"), entry_id, ids)


def regression_questions(knowledge: KnowledgeBase) -> list[Labelled]:
    """The questions that a knowledge folder brings along.

    Raises:
        AifaqError: if it brings none.
    """
    inside = [
        Labelled(one.text, one.locale, one.entry_id, frozenset(one.accept))
        for one in knowledge.questions
    ]
    outside = [Labelled(one.text, one.locale, None) for one in knowledge.out_of_scope]
    if not inside and not outside:
        raise AifaqError(f"{knowledge.root}/questions has no questions; name a file of them.")
    return inside + outside


# Asking


def evaluate(
    faq: Faq,
    questions: Sequence[Labelled],
    progress: Callable[[Iterable[Labelled]], Iterable[Labelled]] = iter,
) -> Report:
    """Ask every question on its own, outside any conversation, and measure.

    Args:
        faq: what answers.
        questions: with what is right for them.
        progress: wraps the questions while they are asked, such as a progress bar.
    """
    outcomes = tuple(ask(faq, question) for question in progress(questions))
    locales = dict.fromkeys(outcome.question.locale for outcome in outcomes)
    return Report(
        overall=measure(outcomes),
        by_locale={
            locale: measure([one for one in outcomes if one.question.locale == locale])
            for locale in locales
        },
        confusions=_confusions(outcomes),
        outcomes=outcomes,
    )


def ask(faq: Faq, question: Labelled) -> Outcome:
    """What becomes of one question."""
    found = faq.explain(Question(question.text, locale=question.locale))
    first = found.candidates[0].confidence if found.candidates else 0.0
    ranked = tuple(candidate.entry.id for candidate in found.candidates)
    return Outcome(question, found.reply.decision, ranked, first)


# Measuring


def measure(outcomes: Sequence[Outcome]) -> Metrics:
    """All measures over some outcomes."""
    inside = [one for one in outcomes if one.in_scope]
    outside = [one for one in outcomes if not one.in_scope]
    confidences = np.array([one.confidence for one in outcomes])
    right = np.array([one.right for one in outcomes], dtype=bool)
    in_scope = np.array([one.in_scope for one in outcomes], dtype=bool)

    def decided(some: Sequence[Outcome], decision: Decision) -> float:
        return _mean(one.decision is decision for one in some)

    return Metrics(
        in_scope=len(inside),
        out_of_scope=len(outside),
        accuracy_at_1=_mean(one.right for one in inside),
        accuracy_at_3=_mean(one.rank is not None and one.rank <= 3 for one in inside),  # noqa: PLR2004
        mrr=_mean(1 / one.rank if one.rank else 0.0 for one in inside),
        answered=decided(inside, Decision.ANSWER),
        suggested=decided(inside, Decision.SUGGEST),
        silent=decided(inside, Decision.NONE),
        wrong_answers=_mean(one.decision is Decision.ANSWER and not one.right for one in inside),
        false_answers=decided(outside, Decision.ANSWER),
        false_suggestions=decided(outside, Decision.SUGGEST),
        right_at_5=right_at(confidences, right, in_scope, FALSE_SHARE),
        auroc=auroc(confidences[in_scope], confidences[~in_scope]),
        calibration_error=calibration_error(confidences, right),
        chance_error=chance_error(confidences),
    )


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else math.nan


def right_at(confidences: Floats, right: Bools, in_scope: Bools, share: float) -> float:
    """Share of in-scope questions answered rightly when at most `share` of the others are."""
    outside = np.sort(confidences[~in_scope])[::-1]
    if not len(outside) or not in_scope.any():
        return math.nan
    # Everything above the first out-of-scope confidence that is one too many is answered.
    allowed = int(share * len(outside))
    cutoff = outside[allowed] if allowed < len(outside) else -math.inf
    return float(np.mean((confidences > cutoff)[in_scope] & right[in_scope]))


def auroc(inside: Floats, outside: Floats) -> float:
    """Chance that one of `inside` is above one of `outside`; a tie counts half (Mann-Whitney)."""
    if not len(inside) or not len(outside):
        return math.nan
    outside = np.sort(outside)
    below = np.searchsorted(outside, inside, side="left")
    not_above = np.searchsorted(outside, inside, side="right")
    return float(np.mean((below + not_above) / (2 * len(outside))))


def reliability(confidences: Floats, right: Bools) -> list[tuple[float, float, int]]:
    """Mean confidence, share that is right, and count of each bin that is not empty."""
    bins = _bins(confidences)
    return [
        (
            float(confidences[bins == at].mean()),
            float(right[bins == at].mean()),
            int((bins == at).sum()),
        )
        for at in range(BINS)
        if (bins == at).any()
    ]


def _bins(confidences: Floats) -> NDArray[np.intp]:
    """Bin of each confidence, from 0."""
    return np.minimum((confidences * BINS).astype(np.intp), BINS - 1)


def calibration_error(confidences: Floats, right: Bools) -> float:
    """Mean distance between confidence and share that is right, weighted by bin."""
    if not len(confidences):
        return math.nan
    return sum(
        count * abs(confidence - share)
        for confidence, share, count in reliability(confidences, right)
    ) / len(confidences)


def chance_error(confidences: Floats) -> float:
    """The calibration error to be expected of confidences that are all true.

    Right answers in a bin then vary around their number by a sum of Bernoulli variances; the mean
    absolute deviation of a normal distribution is its standard deviation times sqrt(2/pi).
    """
    if not len(confidences):
        return math.nan
    variances = np.bincount(_bins(confidences), weights=confidences * (1 - confidences))
    return float(np.sqrt(variances * 2 / math.pi).sum() / len(confidences))


def risk_coverage(confidences: Floats, right: Bools) -> tuple[Floats, Floats]:
    """Share answered, and share of those that is wrong, as the cutoff goes down."""
    order = np.argsort(-confidences, kind="stable")
    answered = np.arange(1, len(order) + 1)
    return answered / len(order), np.cumsum(~right[order]) / answered


def _confusions(outcomes: Iterable[Outcome], most: int = 15) -> tuple[Confusion, ...]:
    counts: Counter[tuple[str | None, str]] = Counter()
    examples: dict[tuple[str | None, str], str] = {}
    for one in outcomes:
        false_answer = not one.in_scope and one.decision is Decision.ANSWER
        if one.ranked and not one.right and (one.in_scope or false_answer):
            pair = (one.question.entry_id, one.ranked[0])
            counts[pair] += 1
            examples.setdefault(pair, one.question.text)
    return tuple(
        Confusion(expected, got, count, examples[expected, got])
        for (expected, got), count in counts.most_common(most)
    )
