"""Fits a calibration on a base's own questions, so that a confidence of 0.9 means nine in ten.

Each regression question and each out-of-scope question is looked at by a matcher that did not
learn from it. The fit takes seconds, needs no training library and always gives the same file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.errors import CalibrationError
from bot.knowledge import KnowledgeBase
from bot.matching.fitting import fit_conditional_logit, fit_logistic
from bot.matching.fusion import ENGINE, Calibration, Profile, logistic
from bot.matching.matcher import Matcher, Pool, fuse
from bot.matching.meaning import SentenceEncoder

FOLDS = 6
THINNED = 0.5
"""Share of the variants that the second look at a question goes without."""
LEAST_IN_SCOPE = 40
"""Fewer regression questions than this cannot carry a calibration."""
NEUTRAL = Calibration((Profile(frozenset(), {"words": 1.0, "characters": 1.0}, {}, 0.0),))


@dataclass(frozen=True)
class Case:
    """A question with what is right for it."""

    text: str
    accept: frozenset[str]
    """Ids that answer it; empty for out of scope."""
    outside: bool = False
    """Whether matchers may learn it as an out-of-scope question."""


@dataclass(frozen=True)
class Judged:
    """A case with all that a matcher sees in it."""

    case: Case
    matcher: Matcher
    pool: Pool
    thinned: Judged | None = None
    """The same by a matcher that lacks a part of the variants. What people ask is further from any
    phrasing than the questions that moderators write; confidences must hold there too."""


@dataclass(frozen=True)
class Report:
    """How the calibrated engine does on questions it did not learn from."""

    questions: int
    accuracy: float
    """Share of in-scope questions whose first candidate is right."""
    confidences: NDArray[np.float64] = field(repr=False)
    """Of the first candidate, cross-validated, per question."""
    right: NDArray[np.bool_] = field(repr=False)
    in_scope: NDArray[np.bool_] = field(repr=False)

    def rates(self, cutoff: float) -> dict[str, float]:
        """Expected rates when everything at or above `cutoff` is answered."""
        answered = self.confidences >= cutoff
        inside, outside = self.in_scope, ~self.in_scope
        return {
            "answered": _share(answered[inside]),
            "wrong": _share((answered & ~self.right)[inside]),
            "false": _share(answered[outside]),
        }


def cases_of(knowledge: KnowledgeBase) -> list[Case]:
    """The regression questions of a base as cases."""
    asked = [Case(question.text, frozenset(question.accept)) for question in knowledge.questions]
    return asked + [
        Case(question.text, frozenset(), outside=True) for question in knowledge.out_of_scope
    ]


def judge(
    knowledge: KnowledgeBase,
    cases: Sequence[Case],
    encoder: SentenceEncoder | None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Judged]:
    """Look at every case with a matcher that learned neither it nor its fold."""
    folds = np.random.default_rng(0).permutation(len(cases)) % FOLDS
    judged: list[Judged] = []
    for fold in range(FOLDS):
        progress(f"fold {fold + 1} of {FOLDS}")
        learned = [
            case.text
            for case, other in zip(cases, folds, strict=True)
            if case.outside and other != fold
        ]
        whole = Matcher(knowledge, encoder, NEUTRAL, outside=learned)
        skip = _some_variants(knowledge, fold)
        thinned = Matcher(knowledge, encoder, NEUTRAL, skip=skip, outside=learned)
        for case, other in zip(cases, folds, strict=True):
            if other == fold:
                one, less = (_look(case, matcher) for matcher in (whole, thinned))
                if one is not None:
                    judged.append(replace(one, thinned=less))
    return judged


def _some_variants(knowledge: KnowledgeBase, seed: int) -> frozenset[tuple[str, str]]:
    """Entry and text of the variants that a thinned matcher lacks, another choice by seed."""
    variants = [
        (entry.id, variant)
        for entry in knowledge.entries.values()
        for text in entry.texts.values()
        for variant in text.variants
    ]
    left_out = np.random.default_rng(seed).random(len(variants)) < THINNED
    return frozenset(one for one, out in zip(variants, left_out, strict=True) if out)


def _look(case: Case, matcher: Matcher) -> Judged | None:
    query = matcher.query(case.text)
    if not query.analysis.words:
        return None
    pool = matcher.pool(query)
    return Judged(case, matcher, pool) if len(pool.entries) else None


def fit_profile(judged: Sequence[Judged], needs: frozenset[str]) -> tuple[Profile, Report]:
    """Fit one profile, and report it cross-validated over the questions.

    Raises:
        CalibrationError: if there are too few questions.
    """
    inside = [one for one in judged if one.case.accept]
    if len(inside) < LEAST_IN_SCOPE:
        raise CalibrationError(
            f"only {len(inside)} regression questions have an answer; a calibration needs at "
            f"least {LEAST_IN_SCOPE}. Add some to questions/<language>.yaml, or go on with the "
            "bundled calibration"
        )
    halves = np.random.default_rng(1).permutation(len(judged)) % FOLDS
    confidences = np.zeros(len(judged))
    right = np.zeros(len(judged), dtype=bool)
    for fold in range(FOLDS):
        train = [one for one, other in zip(judged, halves, strict=True) if other != fold]
        profile = fit(train, needs)
        for at, (one, other) in enumerate(zip(judged, halves, strict=True)):
            if other == fold:
                confidences[at], right[at] = apply(one, profile)
    in_scope = np.array([bool(one.case.accept) for one in judged])
    report = Report(
        questions=len(judged),
        accuracy=_share(right[in_scope]),
        confidences=confidences,
        right=right,
        in_scope=in_scope,
    )
    return fit(judged, needs), report


def fit(judged: Sequence[Judged], needs: frozenset[str]) -> Profile:
    """Fit one profile on all the questions given; confidences on their thinned looks as well."""
    signals = _usable(judged[0].pool.signals, needs)
    rank = _fit_rank(judged, signals)
    rows, right = [], []
    for one in judged:
        for look in (one, one.thinned):
            if look is not None:
                features, hit = _trust(look, rank)
                rows.append(features)
                right.append(hit)
    names = [name for name in rows[0] if _feeds(name, needs)]
    columns = np.array([[row[name] for name in names] for row in rows], dtype=np.float64)
    weights, intercept = fit_logistic(columns, np.array(right))
    trust = {name: float(weight) for name, weight in zip(names, weights, strict=True)}
    return Profile(needs, rank, trust, intercept)


def _fit_rank(judged: Sequence[Judged], signals: Sequence[str]) -> dict[str, float]:
    columns, owners, right = [], [], []
    questions = 0
    for one in judged:
        ids = [one.matcher.corpus.entries[int(number)].id for number in one.pool.entries]
        matches = [entry_id in one.case.accept for entry_id in ids]
        if not any(matches):
            continue
        columns.append(np.column_stack([one.pool.signals[name] for name in signals]))
        owners.append(np.full(len(ids), questions))
        right.append(matches)
        questions += 1
    rows, of, hits = (
        np.vstack(columns).astype(np.float64),
        np.concatenate(owners),
        np.concatenate(right),
    )
    # Every signal says "higher fits better": one that would count against a match is left out.
    kept = list(signals)
    while True:
        chosen = [signals.index(name) for name in kept]
        weights = fit_conditional_logit(rows[:, chosen], of, hits)
        if (weights >= 0).all():
            return {name: float(weight) for name, weight in zip(kept, weights, strict=True)}
        kept.pop(int(weights.argmin()))


def _trust(one: Judged, rank: Mapping[str, float]) -> tuple[dict[str, float], bool]:
    scores = fuse(one.pool.signals, rank)
    order = np.argsort(-scores, kind="stable")
    features = one.matcher.trust_features(one.pool, scores, order)
    first = one.matcher.corpus.entries[int(one.pool.entries[order[0]])]
    return features, first.id in one.case.accept


def apply(one: Judged, profile: Profile) -> tuple[float, bool]:
    """Confidence of the first candidate, and whether it is right."""
    features, right = _trust(one, profile.rank)
    odds = profile.intercept + sum(
        weight * features[name] for name, weight in profile.trust.items()
    )
    return logistic(odds), right


PART_OF = {
    "meaning": "meaning",
    "meaning_third": "meaning",
    "nearest": "meaning",
    "topic": "meaning",
    "classifier": "classifier",
    "scope": "scope",
    "outside": "scope",
}
"""The optional part that a signal or feature comes from."""


def _feeds(name: str, needs: frozenset[str]) -> bool:
    return PART_OF.get(name) is None or PART_OF[name] in needs


def _usable(signals: Iterable[str], needs: frozenset[str]) -> list[str]:
    return [name for name in signals if _feeds(name, needs)]


def calibrate(
    knowledge: KnowledgeBase,
    encoder: SentenceEncoder | None,
    encoder_name: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Calibration, Report]:
    """Fit a calibration with profiles for the base with and without its encoder.

    Raises:
        CalibrationError: if the base has too few regression questions.
    """
    profiles: list[Profile] = []
    report: Report | None = None
    for choice in [encoder, None] if encoder is not None else [None]:
        progress("with the encoder" if choice is not None else "with words alone")
        judged = judge(knowledge, cases_of(knowledge), choice, progress)
        if not judged:
            break
        profile, one = fit_profile(judged, judged[0].matcher.available)
        profiles.append(profile)
        report = report or one
    if report is None:
        raise CalibrationError(
            "the base has no regression questions; add questions/<language>.yaml"
        )
    made = Calibration(tuple(profiles), knowledge.fingerprint, encoder_name)
    return made, report


def write_calibration(calibration: Calibration, path: Path, note: str = "") -> None:
    """Write the file that `load_calibration` reads, atomically."""
    lines = ["# Weights of the matcher's signals, fitted by `aifaq calibrate`. Do not edit."]
    lines += [f"# {line}" for line in note.splitlines()]
    lines += [
        f'engine: "{ENGINE}"',
        f"content: {calibration.fingerprint or '~'}",
        f"encoder: {calibration.encoder or '~'}",
        "profiles:",
    ]
    for profile in calibration.profiles:
        lines.append(f"  - needs: [{', '.join(sorted(profile.needs))}]")
        lines.append(f"    intercept: {profile.intercept:.4f}")
        for title, weights in (("rank", profile.rank), ("trust", profile.trust)):
            lines.append(f"    {title}:")
            lines += [f"      {name}: {weight:.4f}" for name, weight in sorted(weights.items())]
    temporary = path.with_suffix(".tmp")
    temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    temporary.replace(path)


def _share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else 0.0
