"""The step ``prepare``: pairs chosen and set aside, the teacher's vectors of their English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.corpus import Pair, choose_pairs, read_pairs, write_pairs
from training.phrases import phrase_pairs
from training.recipe import Folders, Recipe


@dataclass(frozen=True)
class Prepared:
    """What the training reads."""

    pairs: list[Pair]
    held_out: list[Pair]
    english: list[str]
    """Unique English sides of ``pairs``, in order of first appearance."""
    target: NDArray[np.int64]
    """For each pair, the row of its English side in ``english`` and ``vectors``."""
    vectors: NDArray[np.float16]
    """The teacher's vectors of ``english``, shape (len(english), dim), unit length."""


def chosen(folders: Folders, recipe: Recipe) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on and the held-out ones, as an earlier run has left them if any.

    Raises:
        SystemExit: if there is neither a cache nor a folder to choose from.
    """
    training_file, held_out_file = folders.cache / "train.tsv", folders.cache / "held-out.tsv"
    if not (training_file.exists() and held_out_file.exists()):
        if folders.data is None:
            raise SystemExit("This step learns from parallel sentences: name their folder, --data.")
        training, held_out = choose_pairs(read_pairs(folders.data / "pairs.tsv.gz"), recipe)
        write_pairs(held_out_file, held_out)
        training += phrase_pairs(recipe.phrases, recipe.seed)
        write_pairs(training_file, training)
    return list(read_pairs(training_file)), list(read_pairs(held_out_file))


def prepare(folders: Folders, recipe: Recipe) -> Prepared:
    """Choose the pairs and embed them, or read what an earlier run has left in the cache.

    Raises:
        SystemExit: if there is neither a cache nor a folder to choose from.
    """
    from training.teacher import Teacher, cached_vectors

    pairs, held_out = chosen(folders, recipe)
    rows: dict[str, int] = {}
    target = np.array([rows.setdefault(pair.en, len(rows)) for pair in pairs], dtype=np.int64)
    english = list(rows)
    kept = folders.cache / f"teacher-{Path(folders.teacher).name}"
    vectors = cached_vectors(english, Teacher(folders.teacher), kept)
    return Prepared(pairs, held_out, english, target, vectors)
