"""Which English pieces a French piece stands for, learnt from the pairs alone.

IBM model 1 (Brown et al. 1993, "The mathematics of statistical machine translation"): expectation
maximisation over all the pieces that occur together, which settles on the ones that explain each
other. It gives every new French piece a start near its meaning, which is most of the way: the
student need not discover from scratch that "chiffrement" is "encryption".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


def translation_table(
    french: Sequence[Sequence[int]],
    english: Sequence[Sequence[int]],
    pieces: int,
    rounds: int = 5,
) -> csr_array:
    """Return P(English piece | French piece) as a sparse (pieces, pieces) array.

    Each round shares every English piece of a pair out over the French pieces of the same pair, by
    the table so far, and counts anew.
    """
    left: list[NDArray[np.int64]] = []
    right: list[NDArray[np.int64]] = []
    owner: list[NDArray[np.int64]] = []
    total = 0
    for fr, en in zip(french, english, strict=True):
        f, e = np.asarray(fr, dtype=np.int64), np.asarray(en, dtype=np.int64)
        left.append(np.repeat(f, len(e)))
        right.append(np.tile(e, len(f)))
        owner.append(np.tile(np.arange(total, total + len(e)), len(f)))
        total += len(e)
    keys, cell = np.unique(
        np.concatenate(left) * pieces + np.concatenate(right), return_inverse=True
    )
    del left, right
    position = np.concatenate(owner)
    rows, columns = keys // pieces, keys % pieces
    table = np.ones(len(keys))
    for _ in range(rounds):
        weight = table[cell]
        weight /= np.bincount(position, weights=weight, minlength=total)[position]
        table = np.bincount(cell, weights=weight, minlength=len(keys))
        table /= np.bincount(rows, weights=table, minlength=pieces)[rows]
    return csr_array((table, (rows, columns)), shape=(pieces, pieces))


def starting_rows(
    table: csr_array, rows: NDArray[np.float32], new: Sequence[int], floor: float = 0.03
) -> NDArray[np.float32]:
    """Return a start for each new piece: the mean of its translations' rows, weighted.

    ``rows`` is (pieces, dim) with the known rows filled in; new pieces never stand for one another.
    Means are shorter than their parts, so each is stretched to its parts' mean length. A piece
    without a translation gets zeros.
    """
    is_new = np.zeros(len(rows), dtype=bool)
    is_new[list(new)] = True
    starts = np.zeros((len(new), rows.shape[1]), dtype=np.float32)
    for place, piece in enumerate(new):
        begin, end = table.indptr[piece], table.indptr[piece + 1]
        english, weight = table.indices[begin:end], table.data[begin:end]
        keep = (weight >= floor) & ~is_new[english]
        if not keep.any():
            continue
        chosen, share = rows[english[keep]], weight[keep] / weight[keep].sum()
        mean = share @ chosen
        length = share @ np.linalg.norm(chosen, axis=1)
        starts[place] = mean * (length / max(float(np.linalg.norm(mean)), 1e-9))
    return starts
