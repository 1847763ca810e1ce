"""Signals from the sentence encoder: near in meaning, whatever the words or the language."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np

from bot.encoder import Encoder
from bot.matching.corpus import Corpus, Floats
from bot.matching.query import Query
from bot.matching.scorers import Retriever
from bot.vectors import VectorCache

MAX_QUESTIONS = 8_192
"""Questions whose vectors are remembered: about 16 MB. The same question comes again, and a
trial of a change asks all regression questions of one base after the other."""

MOST_FORMS = 2
"""Texts of one question: as it was typed, and with a pronoun for what all the base is about."""


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
        self._questions: OrderedDict[bytes, Floats] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Floats:
        """Vectors of a base's texts; so few as a question has are never kept on disk."""
        if len(texts) <= MOST_FORMS:
            return self._question(texts)
        return self._cache.vectors(texts)

    def _question(self, texts: Sequence[str]) -> Floats:
        key = blake2b(repr(list(texts)).encode(), digest_size=16).digest()
        known = self._questions.get(key)
        if known is None:
            known = self._questions[key] = self._encoder.encode(texts)
            if len(self._questions) > MAX_QUESTIONS:
                self._questions.popitem(last=False)
        return known


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
            query.cache[key] = self.scores_of(query.vector)
        return query.cache[key]

    def scores_of(self, vector: Floats) -> Floats:
        """Cosine of a vector to every variant, shape (variants,)."""
        scores: Floats = self._vectors @ vector
        return scores

    def all_scores(self, query: Query) -> Floats:
        return self._corpus.best_per_entry(self.variant_scores(query))


class TopicScorer(Retriever):
    """Cosine to the nearest variant where a pronoun stands for what all the base is about.

    A name that nearly every text has draws all vectors together; without it they tell apart what
    is asked about it.

    Args:
        meaning: the signal of the texts as they are.
        corpus: the variants.
        encoder: gives the vectors of those that change.
    """

    name = "topic"

    def __init__(self, meaning: MeaningScorer, corpus: Corpus, encoder: SentenceEncoder) -> None:
        self._meaning = meaning
        self._corpus = corpus
        texts = [variant.text for variant in corpus.variants]
        put = [corpus.without_subjects(text) for text in texts]
        changed = [row for row, text in enumerate(texts) if put[row] != text]
        self._rows = np.array(changed, dtype=np.intp)
        self._vectors = encoder.encode([put[row] for row in changed]) if changed else None

    def all_scores(self, query: Query) -> Floats:
        assert query.topic is not None
        scores = self._meaning.scores_of(query.topic)
        if self._vectors is not None:
            scores[self._rows] = self._vectors @ query.topic
        return self._corpus.best_per_entry(scores)


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
