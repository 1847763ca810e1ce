"""Words that nobody taught the base, brought back to the nearest one that it knows."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.encoder import BUNDLED

log = logging.getLogger(__name__)

MIN_LENGTH = 4
VOCABULARY = BUNDLED / "tokenizer.json"
PART = "##"
"""Begins a piece that only continues a word."""


@cache
def real_words() -> frozenset[str]:
    """Folded French and English words that the bundled encoder's vocabulary holds whole.

    They are frequent ones, so whoever types one means it. Empty where the file cannot be read.
    """
    try:
        pieces = json.loads(VOCABULARY.read_text(encoding="utf-8"))["model"]["vocab"]
    except (OSError, ValueError, KeyError) as error:
        log.warning("Real words may be taken for slips: %s cannot be read (%s).", VOCABULARY, error)
        return frozenset()
    return frozenset(piece for piece in pieces if not piece.startswith(PART))


class Speller:
    """Corrects one slip in a word, two in a long one (optimal string alignment distance).

    Words of the language are left alone: "gold" is no slip for "good", nor in scope like it.

    Args:
        vocabulary: folded words that are right.
    """

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._known = frozenset(vocabulary)
        self._buckets: dict[tuple[str, int], list[str]] = {}
        """Words by first letter and length."""
        for word in sorted(self._known):
            if len(word) >= MIN_LENGTH and word.isalpha():
                self._buckets.setdefault((word[0], len(word)), []).append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def correct(self, word: str) -> str | None:
        """The known word that was probably meant; None if known, too short or nothing is near."""
        if word in self._known or len(word) < MIN_LENGTH or not word.isalpha():
            return None
        if word in real_words():
            return None
        slips = 1 if len(word) < 8 else 2  # noqa: PLR2004
        # The first letter is rarely wrong, but may have changed places with the second.
        first = word[:2] if len(word) > MIN_LENGTH else word[:1]
        near = [
            candidate
            for letter in dict.fromkeys(first)
            for length in range(len(word) - slips, len(word) + slips + 1)
            for candidate in self._buckets.get((letter, length), ())
        ]
        found = process.extractOne(word, near, scorer=OSA.distance, score_cutoff=slips)
        return found[0] if found else None

    def correct_text(self, words: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Words with corrections applied, and what was corrected into what."""
        corrections: dict[str, str] = {}
        result: list[str] = []
        for word in words:
            better = corrections.get(word) or self.correct(word)
            if better is not None:
                corrections[word] = better
            result.append(better or word)
        return result, corrections
