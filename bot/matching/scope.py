"""Is the question about this FAQ at all? Learned from the questions it must not answer.

A base without `out_of_scope` questions, or without an encoder, simply lacks these features.
"""

from __future__ import annotations

import numpy as np

from bot.matching.corpus import Floats

LEAST_QUESTIONS = 20
"""Fewer out-of-scope questions than this teach nothing reliable."""
RIDGE = 3.0


class Scope:
    """Inside or outside, by sentence vectors.

    Args:
        inside: vectors of the variants, shape (variants, dimensions).
        outside: vectors of the out-of-scope questions, shape (questions, dimensions).
    """

    def __init__(self, inside: Floats, outside: Floats) -> None:
        self._outside = outside
        # Both sides weigh the same, however many variants a base has.
        share = np.sqrt(np.float32(len(outside) / len(inside)))
        rows = np.vstack([inside * share, outside])
        bias = np.concatenate([np.full(len(inside), share), np.ones(len(outside))])
        targets = np.concatenate([np.full(len(inside), share), -np.ones(len(outside))])
        rows = np.column_stack([rows, bias]).astype(np.float32)
        self._weights = _fit(rows, targets.astype(np.float32))

    def features(self, vector: Floats) -> dict[str, float]:
        """`scope`: about 1 inside, -1 outside; `outside`: cosine to the nearest outside one."""
        side = float(vector @ self._weights[:-1] + self._weights[-1])
        return {"scope": side, "outside": float((self._outside @ vector).max())}


def _fit(rows: Floats, targets: Floats) -> Floats:
    gram = rows.T @ rows
    gram[np.diag_indices_from(gram)] += RIDGE
    solved: Floats = np.linalg.solve(gram, rows.T @ targets)
    return solved


def build_scope(inside: Floats | None, outside: Floats | None) -> Scope | None:
    """A Scope where there is enough to learn from."""
    if inside is None or outside is None or len(outside) < LEAST_QUESTIONS:
        return None
    return Scope(inside, outside)
