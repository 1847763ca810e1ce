"""The variants of a base in rows, grouped by entry: what every scorer is built from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.knowledge import KnowledgeBase
from bot.matching.lexicon import Analysis, Lexicon
from bot.models import Entry, Variant

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Answers = tuple[tuple[Analysis, ...], ...]
"""Each entry's answers, taken apart."""


@dataclass(frozen=True)
class Corpus:
    """Entries and their variants; rows of one entry stand together."""

    entries: tuple[Entry, ...]
    variants: tuple[Variant, ...]
    analyses: tuple[Analysis, ...]
    """Of each variant."""
    starts: Ints
    """First row of each entry, shape (entries,)."""
    lexicon: Lexicon
    exclusions: tuple[tuple[int, str], ...]
    """(entry number, `not:` phrasing)."""

    @cached_property
    def owners(self) -> Ints:
        """Entry number of each variant, shape (variants,)."""
        return np.repeat(
            np.arange(len(self.entries)), np.diff(self.starts, append=len(self.variants))
        )

    @cached_property
    def wordings(self) -> dict[tuple[str, ...], int]:
        """Entry number by the folded words of a variant, where only one entry has it."""
        owners: dict[tuple[str, ...], set[int]] = {}
        for analysis, owner in zip(self.analyses, self.owners, strict=True):
            owners.setdefault(analysis.words, set()).add(int(owner))
        return {wording: own.pop() for wording, own in owners.items() if len(own) == 1}

    @cached_property
    def subjects(self) -> frozenset[str]:
        """Names in the phrasings of half of the entries or more: they tell none from another."""
        counts = Counter(
            name
            for number in range(len(self.entries))
            for name in frozenset().union(*(one.names for one in self.analyses[self.rows(number)]))
        )
        return frozenset(name for name, count in counts.items() if 2 * count >= len(self.entries))

    def without_subjects(self, text: str) -> str:
        """The text with a pronoun in the place of the subjects; itself where it names none."""
        return self.lexicon.with_pronoun(text, self.subjects)

    def answers(self) -> Answers:
        """Take the answers apart. Not kept: nothing needs them once the scorers are built."""
        return tuple(
            tuple(self.lexicon.analyse(text.answer) for text in entry.texts.values())
            for entry in self.entries
        )

    def best_per_entry(self, scores: Floats) -> Floats:
        """Highest score among each entry's variants: (variants,) -> (entries,)."""
        if not len(self.variants):
            return np.zeros(0, dtype=np.float32)
        return np.maximum.reduceat(scores, self.starts)

    def rows(self, entry: int) -> slice:
        """Rows of one entry."""
        end = self.starts[entry + 1] if entry + 1 < len(self.starts) else len(self.variants)
        return slice(int(self.starts[entry]), int(end))


def build_corpus(
    knowledge: KnowledgeBase, skip: frozenset[tuple[str, str]] = frozenset()
) -> Corpus:
    """Take all variants apart.

    Args:
        knowledge: the base.
        skip: (entry id, variant text) left out, for cross-validation; an entry always keeps its
            canonical questions.
    """
    lexicon = Lexicon(knowledge.glossary)
    entries = tuple(knowledge.entries.values())
    variants: list[Variant] = []
    starts: list[int] = []
    exclusions: list[tuple[int, str]] = []
    for number, entry in enumerate(entries):
        starts.append(len(variants))
        for locale, text in entry.texts.items():
            kept = [one for one in text.variants if (entry.id, one) not in skip]
            phrasings = dict.fromkeys((text.question, *kept))
            variants += [Variant(entry.id, locale, phrasing) for phrasing in phrasings]
            exclusions += [(number, phrasing) for phrasing in text.exclusions]
    return Corpus(
        entries=entries,
        variants=tuple(variants),
        analyses=tuple(lexicon.analyse(variant.text) for variant in variants),
        starts=np.array(starts, dtype=np.intp),
        lexicon=lexicon,
        exclusions=tuple(exclusions),
    )
