"""Completion as one types: prefix- and typo-tolerant, in the person's language first."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from bot.knowledge import KnowledgeBase
from bot.models import Locale
from bot.text import fold

MIN_SCORE = 60.0
"""Least rapidfuzz score, 0 to 100, for a line to be offered."""
OTHER_LANGUAGE = 0.8
"""Factor for a match in a language that is not the person's."""


class Completion:
    """Lines of all entries (questions and variants), folded, ready for as-you-type search."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._ids = list(knowledge.entries)
        self._lines: dict[Locale, list[str]] = {}
        self._owners: dict[Locale, list[str]] = {}
        for entry in knowledge.entries.values():
            for locale, text in entry.texts.items():
                for phrase in (text.question, *text.variants):
                    self._lines.setdefault(locale, []).append(fold(phrase))
                    self._owners.setdefault(locale, []).append(entry.id)

    def complete(
        self, typed: str, locale: Locale, limit: int, popular: Sequence[str] = ()
    ) -> list[str]:
        """Entry ids, best first; for nothing typed the popular ones, then all in file order."""
        wanted = fold(typed).strip()
        if not wanted:
            return list(dict.fromkeys((*popular, *self._ids)))[:limit]
        best: dict[str, float] = {}
        for language, lines in self._lines.items():
            factor = 1.0 if language == locale else OTHER_LANGUAGE
            owners = self._owners[language]
            found = process.extract(
                wanted, lines, scorer=_closeness, limit=8 * limit, score_cutoff=MIN_SCORE
            )
            for _, score, at in found:
                best[owners[at]] = max(best.get(owners[at], 0.0), score * factor)
        return sorted(best, key=lambda entry_id: -best[entry_id])[:limit]


def _closeness(typed: str, line: str, *, score_cutoff: float = 0.0) -> float:
    """How well a line continues what was typed, 0 to 100."""
    if line.startswith(typed):
        return 100.0
    return min(99.0, fuzz.partial_ratio(typed, line, score_cutoff=score_cutoff))
