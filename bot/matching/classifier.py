"""Linear classifiers in closed form: what all variants of an entry say together.

Ridge regression onto class indicators ("regularised least-squares classification", Rifkin, Yeo
and Poggio 2003) needs no training library and fits in a fraction of a second, so that a reload
learns a new variant at once. Words and character n-grams are hashed into a fixed number of
dimensions (Weinberger et al. 2009), the sentence vector is appended as it is.
"""

from __future__ import annotations

import zlib

import numpy as np

from bot.matching.corpus import Corpus, Floats, Ints
from bot.matching.index import TermIndex, Vector

WORD_DIMENSIONS = 768
CHARACTER_DIMENSIONS = 768
MEANING_WEIGHT = 2.0
"""Weight of the sentence vector's inner product against those of words and of characters."""
RIDGE = 2.0
"""Strength of the regularisation, in units of one variant's squared norm."""
MAX_CELLS = 120_000_000
"""Rows times dimensions, beyond which the classifier is left out (about 500 MB)."""
MAX_CLASSES = 2_000


class Hasher:
    """Documents of a TermIndex as dense vectors whose inner products stay about the same.

    Args:
        index: gives the weights.
        dimensions: of the vectors.
    """

    def __init__(self, index: TermIndex, dimensions: int) -> None:
        self._index = index
        self.dimensions = dimensions
        codes = np.array([zlib.crc32(term.encode()) for term in index.vocabulary], dtype=np.int64)
        self._cells = (codes >> 1) % dimensions
        self._signs = np.where(codes & 1, 1.0, -1.0).astype(np.float32)

    def documents(self) -> Floats:
        """All documents, shape (documents, dimensions)."""
        terms, owners, weights = self._index.postings()
        cells = owners.astype(np.int64) * self.dimensions + self._cells[terms]
        flat = np.bincount(
            cells,
            weights=weights * self._signs[terms],
            minlength=self._index.size * self.dimensions,
        )
        return flat.astype(np.float32).reshape(self._index.size, self.dimensions)

    def cells(self, vector: Vector) -> tuple[Ints, Floats]:
        """Where the terms of a text go, and with what weight; a cell may occur twice."""
        numbers, weights = vector
        return self._cells[numbers], weights * self._signs[numbers]


def ridge(rows: Floats, targets: Floats, strength: float) -> Floats:
    """Weights of the least-squares fit with an intercept: (n, d), (n, k) -> (d + 1, k)."""
    mean, center = rows.mean(axis=0), targets.mean(axis=0)
    centered = rows - mean
    gram = centered.T @ centered
    gram[np.diag_indices_from(gram)] += strength
    weights = np.linalg.solve(gram, centered.T @ (targets - center))
    return np.vstack([weights, center - mean @ weights]).astype(np.float32)


def fits(corpus: Corpus) -> bool:
    """Whether a classifier over this base stays within bounds of memory and time."""
    dimensions = WORD_DIMENSIONS + CHARACTER_DIMENSIONS
    return len(corpus.variants) * dimensions <= MAX_CELLS and 1 < len(corpus.entries) <= MAX_CLASSES


def indicators(owners: Ints, classes: int) -> Floats:
    """One-hot rows: (n,) -> (n, classes)."""
    targets = np.zeros((len(owners), classes), dtype=np.float32)
    targets[np.arange(len(owners)), owners] = 1.0
    return targets


class EntryClassifier:
    """Which entry a question belongs to, from all variants at once."""

    def __init__(
        self, corpus: Corpus, words: TermIndex, characters: TermIndex, vectors: Floats | None
    ) -> None:
        self._words = Hasher(words, WORD_DIMENSIONS)
        self._characters = Hasher(characters, CHARACTER_DIMENSIONS)
        parts = [self._words.documents(), self._characters.documents()]
        if vectors is not None:
            parts.append(np.sqrt(np.float32(MEANING_WEIGHT)) * vectors)
        targets = indicators(corpus.owners, len(corpus.entries))
        weights = ridge(np.hstack(parts), targets, RIDGE)
        self._by_word = weights[:WORD_DIMENSIONS]
        self._by_character = weights[WORD_DIMENSIONS:][:CHARACTER_DIMENSIONS]
        self._by_meaning = weights[WORD_DIMENSIONS + CHARACTER_DIMENSIONS : -1]
        self._intercept = weights[-1]

    def scores(self, words: Vector, characters: Vector, meaning: Floats | None) -> Floats:
        """About 1 for the entry a question belongs to, 0 for the others.

        Args:
            words: the question's vector in the index of words.
            characters: in the index of character n-grams.
            meaning: its sentence vector, shape (dimensions,).

        Returns:
            Shape (entries,).
        """
        total: Floats = self._intercept.copy()
        for hasher, weights, vector in (
            (self._words, self._by_word, words),
            (self._characters, self._by_character, characters),
        ):
            cells, values = hasher.cells(vector)
            total += values @ weights[cells]
        if meaning is not None and len(self._by_meaning):
            total += np.sqrt(np.float32(MEANING_WEIGHT)) * (meaning @ self._by_meaning)
        return total
