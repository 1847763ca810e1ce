"""Completion as one types: prefix- and typo-tolerant, in the person's language first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from bot.matching import Matcher
from bot.models import Locale
from bot.text import fold, words

NEAREST = 200
"""Variants looked at closely for one keystroke."""
MIN_SCORE = 65.0
"""Least closeness, 0 to 100, for an entry to be offered."""
OTHER_LANGUAGE = 0.85
"""Factor for a match in a language that is not the person's."""
CANONICAL_BONUS = 3.0
"""For a canonical question, which is what the person will read in the list."""


class Completion:
    """Finds the entries whose questions begin with, contain or resemble what was typed."""

    def __init__(self, matcher: Matcher) -> None:
        corpus = matcher.corpus
        self._index = matcher.characters
        self._ids = [entry.id for entry in corpus.entries]
        self._variants = corpus.variants
        self._lines = [fold(variant.text) for variant in corpus.variants]
        canonical = {
            (entry.id, text.question) for entry in corpus.entries for text in entry.texts.values()
        }
        self._canonical = [
            (variant.entry_id, variant.text) in canonical for variant in corpus.variants
        ]

    def complete(
        self, typed: str, locale: Locale, limit: int, popular: Sequence[str] = ()
    ) -> list[str]:
        """Entry ids, best first; for nothing typed the popular ones, then all in file order."""
        wanted = fold(typed).strip()
        if not wanted:
            return list(dict.fromkeys((*popular, *self._ids)))[:limit]
        best: dict[str, float] = {}
        fits: dict[tuple[str, str], float] = {}
        for row in self._nearest(wanted):
            variant = self._variants[row]
            closeness = _closeness(wanted, self._lines[row], fits)
            if closeness < MIN_SCORE:
                continue
            closeness += CANONICAL_BONUS if self._canonical[row] else 0.0
            closeness *= 1.0 if variant.locale == locale else OTHER_LANGUAGE
            best[variant.entry_id] = max(best.get(variant.entry_id, 0.0), closeness)
        return sorted(best, key=lambda entry_id: -best[entry_id])[:limit]

    def _nearest(self, wanted: str) -> list[int]:
        """Rows of the variants that share most n-grams with what was typed."""
        grams = [gram for word in words(wanted) for gram in _prefix_grams(word)]
        scores = self._index.scores(grams)
        if len(scores) > NEAREST:
            rows = np.argpartition(-scores, NEAREST)[:NEAREST]
        else:
            rows = np.arange(len(scores))
        return [int(row) for row in rows if scores[row] > 0]


def _prefix_grams(word: str) -> list[str]:
    """N-grams of a word that may not be complete yet: no mark at its end."""
    padded = f" {word}"
    return [
        padded[at : at + size] for size in (3, 4, 5) for at in range(max(1, len(padded) - size + 1))
    ]


def _closeness(typed: str, line: str, fits: dict[tuple[str, str], float]) -> float:
    """How well a line continues what was typed, 0 to 100.

    The mean over the typed words of how well the best word of the line continues each.
    """
    if line.startswith(typed):
        return 100.0
    wanted = words(typed)
    offered = words(line)
    if not wanted or not offered:
        return 0.0
    total = weight = 0.0
    for word in wanted:
        best = 0.0
        for other in offered:
            key = (word, other)
            if key not in fits:
                fits[key] = _continues(word, other)
            best = max(best, fits[key])
        total += best * len(word)
        weight += len(word)
    return 0.98 * total / weight


def _continues(word: str, other: str) -> float:
    if other.startswith(word):
        return 100.0
    return 0.95 * fuzz.ratio(word, other[: len(word) + 1])
