"""What the student is to give: the teacher's vectors, brought to the student's width.

A teacher of 768 dimensions loses little when only its principal axes are kept. They are then turned
(orthogonal Procrustes, Schönemann 1966) to where the student's vectors of the same texts already
are, so that the training begins near its goal. A teacher of the student's own width is left as it
is: the student started from its layers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.teacher import Embed


def principal_axes(vectors: NDArray[np.float16], dim: int) -> NDArray[np.float32]:
    """Return the first principal axes of a sample of unit vectors, shape (vectors' dim, dim)."""
    sample = vectors[:: max(len(vectors) // 50_000, 1)].astype(np.float32)
    _, axes = np.linalg.eigh(sample.T @ sample)
    return np.ascontiguousarray(axes[:, ::-1][:, :dim]).astype(np.float32)


def fit_turn(
    teacher: NDArray[np.float16], student: NDArray[np.float32]
) -> NDArray[np.float32] | None:
    """Return the matrix that brings the teacher's vectors to the student, or None if none is due.

    Args:
        teacher: unit vectors of texts, shape (texts, teacher dim).
        student: the starting student's of the same texts, shape (texts, dim).
    """
    dim = student.shape[1]
    if teacher.shape[1] == dim:
        return None
    axes = principal_axes(teacher, dim)
    left, _, right = np.linalg.svd((teacher.astype(np.float32) @ axes).T @ student)
    return np.ascontiguousarray(axes @ (left @ right), dtype=np.float32)


def turned(vectors: NDArray[np.float16], turn: NDArray[np.float32] | None) -> NDArray[np.float16]:
    """Return the target vectors, of unit length, shape (texts, dim)."""
    if turn is None:
        return vectors
    brought = vectors.astype(np.float32) @ turn
    return (brought / np.linalg.norm(brought, axis=1, keepdims=True)).astype(np.float16)


def turned_teacher(teacher: Embed, turn: NDArray[np.float32] | None) -> Embed:
    """Return the teacher with its vectors brought to the student."""
    return lambda texts: turned(teacher(texts), turn)


def kept_turn(path: Path) -> NDArray[np.float32] | None:
    """Return the matrix that an earlier step has left, None if none was due."""
    matrix: NDArray[np.float32] = np.load(path)
    return matrix if matrix.size else None


def keep_turn(path: Path, turn: NDArray[np.float32] | None) -> None:
    """Leave the matrix for later steps."""
    np.save(path, np.zeros((0, 0), dtype=np.float32) if turn is None else turn)
