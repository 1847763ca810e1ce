"""An inverted index with TF-IDF weights: the cost of a question follows its words, not the base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]


class TermIndex:
    """Cosine similarity of a question to each document, over TF-IDF vectors.

    Sublinear term frequency (1 + ln tf) and smoothed inverse document frequency, as in Manning,
    Raghavan and Schütze, "Introduction to Information Retrieval", chapter 6. A term that no
    document has counts in the question's norm as if one document had it: what the base does not
    know makes every match weaker.

    Args:
        documents: terms of each document, with repetitions.
        budget: postings looked at for one question at the most; the commonest terms are
            skipped first.
    """

    def __init__(self, documents: Iterable[Sequence[str]], *, budget: int = 400_000) -> None:
        self._ids: dict[str, int] = {}
        self._budget = budget
        terms, owners, counts = self._count(documents)
        self.size = int(owners[-1]) + 1 if len(owners) else 0
        self.size = max(self.size, self._documents)
        frequency = np.bincount(terms, minlength=len(self._ids)).astype(np.float32)
        self.idf: Floats = np.log((1 + self.size) / (1 + frequency)).astype(np.float32) + 1
        self.unknown_idf = float(np.log((1 + self.size) / 2) + 1)
        weights = (1 + np.log(counts)) * self.idf[terms]
        norms = np.sqrt(np.bincount(owners, weights=weights**2, minlength=self.size))
        weights = weights / np.maximum(norms[owners], 1e-9)
        order = np.argsort(terms, kind="stable")
        self._owners: Ints = owners[order]
        self._weights: Floats = weights[order].astype(np.float32)
        self._starts = np.concatenate(([0], np.cumsum(frequency, dtype=np.int64)))

    def _count(self, documents: Iterable[Sequence[str]]) -> tuple[Ints, Ints, Floats]:
        terms: list[int] = []
        owners: list[int] = []
        counts: list[int] = []
        self._documents = 0
        for owner, document in enumerate(documents):
            for term, count in Counter(document).items():
                terms.append(self._ids.setdefault(term, len(self._ids)))
                owners.append(owner)
                counts.append(count)
            self._documents = owner + 1
        return (
            np.array(terms, dtype=np.int32),
            np.array(owners, dtype=np.int32),
            np.array(counts, dtype=np.float32),
        )

    def __contains__(self, term: str) -> bool:
        return term in self._ids

    @property
    def vocabulary(self) -> Sequence[str]:
        """All terms."""
        return list(self._ids)

    def weight(self, term: str) -> float:
        """Inverse document frequency of a term, known or not."""
        known = self._ids.get(term)
        return self.unknown_idf if known is None else float(self.idf[known])

    def scores(self, terms: Sequence[str] | Counter[str]) -> Floats:
        """Cosine to every document, shape (documents,), each 0 to 1."""
        counts = Counter(terms)
        norm = 0.0
        known: list[tuple[int, float]] = []
        for term, count in counts.items():
            number = self._ids.get(term)
            idf = self.unknown_idf if number is None else float(self.idf[number])
            weight = (1 + np.log(count)) * idf if count > 1 else idf
            norm += weight * weight
            if number is not None:
                known.append((number, weight))
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        return self._accumulate(known) / np.float32(np.sqrt(norm))

    def _accumulate(self, known: list[tuple[int, float]]) -> Floats:
        starts = self._starts
        known.sort(key=lambda item: starts[item[0] + 1] - starts[item[0]])
        owners: list[Ints] = []
        weights: list[Floats] = []
        left = self._budget
        for number, weight in known:
            begin, end = int(starts[number]), int(starts[number + 1])
            left -= end - begin
            if left < 0 and owners:
                break
            owners.append(self._owners[begin:end])
            weights.append(self._weights[begin:end] * np.float32(weight))
        found = np.bincount(
            np.concatenate(owners), weights=np.concatenate(weights), minlength=self.size
        )
        return found.astype(np.float32)
