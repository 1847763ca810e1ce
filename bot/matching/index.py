"""An inverted index with TF-IDF weights: the cost of a question follows its words, not the base."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Vector = tuple[Ints, Floats]
"""Numbers of the known terms and their weights."""


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

    def __init__(self, documents: Iterable[Iterable[str]], *, budget: int = 400_000) -> None:
        self._ids: dict[str, int] = {}
        self._budget = budget
        terms, owners, counts = self._count(documents)
        self.size = int(owners[-1]) + 1 if len(owners) else 0
        self.size = max(self.size, self._documents)
        frequency = np.bincount(terms, minlength=len(self._ids))
        rarity = np.log((1 + self.size) / (1 + frequency)) + 1
        self.idf: Floats = np.asarray(rarity, dtype=np.float32)
        self.unknown_idf = float(np.log((1 + self.size) / 2) + 1)
        raw = (1 + np.log(counts)) * self.idf[terms]
        norms = np.sqrt(np.bincount(owners, weights=raw**2, minlength=self.size))
        weights: Floats = (raw / np.maximum(norms[owners], 1e-9)).astype(np.float32)
        order = np.argsort(terms, kind="stable")
        self._owners: Ints = owners[order]
        self._weights: Floats = weights[order]
        self._starts = np.concatenate(([0], np.cumsum(frequency, dtype=np.int64)))

    def _count(self, documents: Iterable[Iterable[str]]) -> tuple[Ints, Ints, Floats]:
        # Typed arrays: a large base has tens of millions of postings.
        terms, owners, counts = array("i"), array("i"), array("i")
        ids = self._ids
        self._documents = 0
        for owner, document in enumerate(documents):
            for term, count in Counter(document).items():
                terms.append(ids.setdefault(term, len(ids)))
                owners.append(owner)
                counts.append(count)
            self._documents = owner + 1
        return (
            np.frombuffer(terms, dtype=np.int32) if terms else np.zeros(0, dtype=np.int32),
            np.frombuffer(owners, dtype=np.int32) if owners else np.zeros(0, dtype=np.int32),
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
        return self.scores_of(self.vector(terms))

    def scores_of(self, vector: Vector) -> Floats:
        """The same for a vector of this index, so that one can serve twice."""
        numbers, weights = vector
        if not len(numbers):
            return np.zeros(self.size, dtype=np.float32)
        return self._accumulate(numbers, weights)

    def vector(self, terms: Sequence[str] | Counter[str]) -> Vector:
        """A text's known terms and their weights, in a vector of length at most 1.

        Unknown terms count in the length only.
        """
        counts = Counter(terms)
        ids = self._ids
        known = [term for term in counts if term in ids]
        norm = (len(counts) - len(known)) * self.unknown_idf**2
        numbers = np.array([ids[term] for term in known], dtype=np.int32)
        often = np.array([counts[term] for term in known], dtype=np.float32)
        weights = (1 + np.log(often)) * self.idf[numbers]
        norm += float(weights @ weights)
        return numbers, weights / np.float32(max(norm, 1e-12) ** 0.5)

    def postings(self) -> tuple[Ints, Ints, Floats]:
        """Term number, document and weight of every posting, ordered by term."""
        frequency = np.diff(self._starts)
        terms = np.repeat(np.arange(len(self._ids), dtype=np.int32), frequency)
        return terms, self._owners, self._weights

    def _accumulate(self, numbers: Ints, weights: Floats) -> Floats:
        begins, ends = self._starts[numbers], self._starts[numbers + 1]
        lengths = ends - begins
        if int(lengths.sum()) > self._budget:
            rarest = np.argsort(lengths, kind="stable")
            kept = rarest[: max(1, int(np.searchsorted(lengths[rarest].cumsum(), self._budget)))]
            begins, ends, lengths, weights = begins[kept], ends[kept], lengths[kept], weights[kept]
        slices = [slice(a, b) for a, b in zip(begins.tolist(), ends.tolist(), strict=True)]
        owners = np.concatenate([self._owners[one] for one in slices])
        found = np.bincount(
            owners,
            weights=np.concatenate([self._weights[one] for one in slices])
            * np.repeat(weights, lengths),
            minlength=self.size,
        )
        return found.astype(np.float32)
