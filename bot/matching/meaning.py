"""Signals from the sentence encoder: near in meaning, whatever the words or the language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from bot.encoder import Encoder
from bot.matching.corpus import Corpus, Floats
from bot.matching.query import Query
from bot.matching.scorers import Retriever
from bot.vectors import VectorCache


class SentenceEncoder(Protocol):
    """What the engine needs of an encoder; `bot.encoder` has the real ones."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """L2-normalised vectors, shape (texts, dimensions)."""
        ...


class CachedEncoder:
    """An encoder that computes the vectors of a base's texts once, also across reloads.

    Args:
        encoder: what computes.
        folder: where vectors are kept on disk; in memory only when None.
    """

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self._encoder = encoder
        self._cache = VectorCache(encoder, folder)
        self.name = encoder.name

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors of a base's texts; a single text is a question and is not kept."""
        if len(texts) == 1:
            return self._encoder.encode(texts)
        return self._cache.vectors(texts)


class MeaningScorer(Retriever):
    """Cosine of the sentence vectors of question and nearest variant."""

    name = "meaning"

    def __init__(self, corpus: Corpus, vectors: Floats) -> None:
        self._corpus = corpus
        self._vectors = vectors

    def variant_scores(self, query: Query) -> Floats:
        """Cosine to every variant, shape (variants,)."""
        key = "meaning of variants"
        if key not in query.cache:
            assert query.vector is not None
            query.cache[key] = self._vectors @ query.vector
        return query.cache[key]

    def all_scores(self, query: Query) -> Floats:
        return self._corpus.best_per_entry(self.variant_scores(query))


class ThirdMeaningScorer:
    """Cosine to the entry's third nearest variant: one lucky variant is not enough."""

    name = "meaning_third"

    def __init__(self, meaning: MeaningScorer, corpus: Corpus) -> None:
        self._meaning = meaning
        self._corpus = corpus

    def score(self, query: Query, entries: np.typing.NDArray[np.intp]) -> Floats:
        scores = self._meaning.variant_scores(query)
        result = np.empty(len(entries), dtype=np.float32)
        for at, number in enumerate(entries):
            own = scores[self._corpus.rows(int(number))]
            third = min(3, len(own))
            result[at] = np.partition(own, -third)[-third]
        return result
