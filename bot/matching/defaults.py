"""How the bundled calibration is made: `python -m bot.matching.defaults`.

A base without a calibration of its own may be small or large, in one language or both, with few
variants or many, with or without glossary and out-of-scope questions. So the bundled weights are
fitted on many bases cut out of the shipped one, each asked questions that it can answer and the
questions of the entries that were left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.knowledge import Glossary, KnowledgeBase, load_knowledge
from bot.matching.calibrate import (
    NEUTRAL,
    Case,
    Judged,
    cases_of,
    fit_profile,
    judge,
    write_calibration,
)
from bot.matching.fusion import BUNDLED, Calibration
from bot.matching.matcher import Matcher
from bot.matching.meaning import SentenceEncoder
from bot.models import Entry, Locale

MOST_CASES = 420
"""Questions asked of one cut-out base."""
PROFILES = (
    frozenset({"meaning", "classifier", "scope"}),
    frozenset({"meaning", "classifier"}),
    frozenset({"meaning"}),
    frozenset({"classifier"}),
    frozenset[str](),
)


@dataclass(frozen=True)
class Cut:
    """What is kept of the shipped base."""

    entries: int
    locales: tuple[Locale, ...]
    variants: int
    """Per entry and language."""
    glossary: bool
    answers: bool
    """Whether answers keep their text, or only repeat the question."""


CUTS = (
    Cut(56, ("en", "fr"), 12, glossary=False, answers=True),
    Cut(56, ("en",), 20, glossary=True, answers=True),
    Cut(56, ("fr",), 10, glossary=False, answers=False),
    Cut(40, ("en", "fr"), 30, glossary=True, answers=False),
    Cut(40, ("fr",), 30, glossary=True, answers=True),
    Cut(28, ("en", "fr"), 8, glossary=False, answers=True),
    Cut(28, ("en",), 30, glossary=False, answers=False),
    Cut(28, ("fr",), 4, glossary=True, answers=True),
    Cut(14, ("en", "fr"), 20, glossary=True, answers=True),
    Cut(14, ("en",), 6, glossary=False, answers=True),
    Cut(6, ("en", "fr"), 10, glossary=False, answers=True),
    Cut(3, ("en", "fr"), 20, glossary=True, answers=False),
)


def cut_out(knowledge: KnowledgeBase, cut: Cut, seed: int) -> KnowledgeBase:
    """A smaller base made of the given one."""
    rng = np.random.default_rng(seed)
    ids = sorted(rng.permutation(list(knowledge.entries))[: cut.entries].tolist())
    return replace(
        knowledge,
        entries={key: _thin(knowledge.entries[key], cut) for key in ids},
        glossary=knowledge.glossary if cut.glossary else Glossary(),
    )


def _thin(entry: Entry, cut: Cut) -> Entry:
    texts = {
        locale: replace(
            text,
            variants=text.variants[: cut.variants],
            answer=text.answer if cut.answers else text.question,
        )
        for locale, text in entry.texts.items()
        if locale in cut.locales
    }
    return replace(entry, texts=texts)


def judge_cuts(
    knowledge: KnowledgeBase, encoder: SentenceEncoder | None, progress: Callable[[str], None]
) -> Iterator[Judged]:
    """Ask every cut-out base questions that it can answer and questions that it cannot."""
    cases = cases_of(knowledge)
    for seed, cut in enumerate(CUTS):
        progress(f"base {seed + 1} of {len(CUTS)}")
        base = cut_out(knowledge, cut, seed)
        matcher = Matcher(base, encoder, NEUTRAL, outside=[])
        rng = np.random.default_rng(seed)
        for case in _mixed(base, cases, rng):
            query = matcher.query(case.text)
            if query.analysis.words:
                yield Judged(case, matcher, matcher.pool(query))


def _mixed(base: KnowledgeBase, cases: Sequence[Case], rng: np.random.Generator) -> list[Case]:
    """Half answerable, half not: of left-out entries, and out of scope."""
    known = [replace(case, accept=case.accept & base.entries.keys()) for case in cases]
    inside = [case for case in known if case.accept]
    outside = [case for case in known if not case.accept]
    half = MOST_CASES // 2
    return [
        group[at]
        for group in (inside, outside)
        for at in rng.permutation(len(group))[:half].tolist()
    ]


def make(
    encoder: SentenceEncoder | None,
    encoder_name: str,
    path: Path = BUNDLED,
    progress: Callable[[str], None] = lambda _: None,
) -> Calibration:
    """Fit and write the bundled calibration."""
    knowledge = load_knowledge()
    judged = list(judge_cuts(knowledge, encoder, progress))
    whole = judge(knowledge, cases_of(knowledge), encoder, progress)
    profiles = []
    for needs in PROFILES:
        parts = whole[0].matcher.available
        if not needs <= parts:
            continue
        # Out-of-scope examples belong to a base; without them only the cut-outs teach.
        taught = whole if "scope" in needs else [*judged, *whole]
        profile, report = fit_profile(taught, needs)
        progress(f"{sorted(needs)}: {report.accuracy:.3f} right first, {report.rates(0.6)}")
        profiles.append(profile)
    made = Calibration(tuple(profiles), "", encoder_name)
    write_calibration(made, path, "Made by `python -m bot.matching.defaults` for any base.")
    return made


if __name__ == "__main__":
    from bot.service import load_sentence_encoder
    from bot.settings import Settings

    chosen = load_sentence_encoder(Settings.load())
    make(chosen, getattr(chosen, "name", ""), progress=print)
