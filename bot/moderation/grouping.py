"""Texts that mean the same, found with the matcher's own eyes: words, characters, meaning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.matching import Matcher
from bot.matching.corpus import Floats
from bot.matching.index import TermIndex
from bot.matching.query import Query
from bot.matching.scorers import unit_terms

SAME_WORDS = 0.42
"""Least mean of word and character cosine for two texts to mean the same."""
SAME_MEANING = 0.72
"""Least cosine of the encoder's vectors, also across languages."""


def group(matcher: Matcher, texts: Sequence[str]) -> list[list[int]]:
    """Indexes of texts that mean the same, each group led by its first text.

    A text joins a group by its likeness to the leader, not to any member, so that a chain of
    small steps cannot put two different questions together.

    Args:
        matcher: analyses the texts.
        texts: the most important first; they lead the groups.
    """
    queries = [matcher.query(text) for text in texts]
    if not queries:
        return []
    word_index = TermIndex(unit_terms(query.analysis) for query in queries)
    character_index = TermIndex(query.analysis.ngrams for query in queries)
    vectors = _vectors(queries)
    free = np.ones(len(queries), dtype=bool)
    groups: list[list[int]] = []
    for leader, query in enumerate(queries):
        if not free[leader]:
            continue
        likeness = (
            word_index.scores(unit_terms(query.analysis))
            + character_index.scores(query.analysis.ngrams)
        ) / 2
        same = likeness >= SAME_WORDS
        if vectors is not None:
            same |= vectors @ vectors[leader] >= SAME_MEANING
        same[leader] = True
        members = [int(at) for at in np.flatnonzero(same & free) if _agree(query, queries[int(at)])]
        free[members] = False
        groups.append(members)
    return groups


def _vectors(queries: Sequence[Query]) -> Floats | None:
    """Shape (texts, dimensions); None without an encoder."""
    found = [query.vector for query in queries if query.vector is not None]
    if not found:
        return None
    nothing = np.zeros_like(found[0])
    return np.stack([nothing if query.vector is None else query.vector for query in queries])


def _agree(one: Query, other: Query) -> bool:
    """GPT-4 is not GPT-5: where both name something, they share a name."""
    for mine, theirs in (
        (one.analysis.names, other.analysis.names),
        (one.analysis.numbers, other.analysis.numbers),
    ):
        if mine and theirs and mine.isdisjoint(theirs):
            return False
    return True
