"""The step ``adapt``: the trained student meets chat questions as people type them.

The parallel corpora are of laws, manuals and messages of programs; French chat is where a student
of theirs is furthest from its teacher. A last stretch of the same training shows it the questions
written for this project, many times each, among others so that nothing is forgotten.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.batches import one_round
from training.corpus import Pair, is_held_out
from training.distil import distil, embed
from training.measures import mean_cosine
from training.phrases import written_pairs
from training.prepare import Prepared
from training.recipe import Recipe

HELD_OUT_SHARE = 20
"""One written question in this many is not learned from, to measure with."""

Embed = Callable[[Sequence[str]], NDArray[np.float16]]


def split(written: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Return the questions to learn from and the held-out ones."""
    learned = [pair for pair in written if not is_held_out(pair.en, HELD_OUT_SHARE)]
    return learned, [pair for pair in written if is_held_out(pair.en, HELD_OUT_SHARE)]


def mixture(
    written: Sequence[Pair], pairs: Sequence[Pair], teacher: Embed, recipe: Recipe
) -> Prepared:
    """Return what the step trains on: the written questions among a draw of the other pairs."""
    rng = random.Random(f"adapt-{recipe.seed}")
    others = rng.sample(list(pairs), min(recipe.adapting.others, len(pairs)))
    chosen = [*written, *others]
    rows: dict[str, int] = {}
    target = np.array([rows.setdefault(pair.en, len(rows)) for pair in chosen], dtype=np.int64)
    english = list(rows)
    return Prepared(chosen, [], english, target, teacher(english))


def adapt(
    student: Any,
    tokenizer: Tokenizer,
    pairs: Sequence[Pair],
    teacher: Embed,
    recipe: Recipe,
    checkpoint: Path,
) -> Any:
    """Train on, once through the mixture; the same object, changed.

    Args:
        student: as trained.
        tokenizer: its tokenizer.
        pairs: what it was trained on.
        teacher: gives the target vectors of English texts.
        recipe: the numbers.
        checkpoint: where the run is kept, and goes on from.
    """
    learned, held_out = split(written_pairs())
    mixed = mixture(learned, pairs, teacher, recipe)
    adapting = replace(
        recipe,
        texts=len(one_round(mixed.pairs)),
        learning_rate=recipe.adapting.rate,
        embedding_rate=recipe.adapting.embedding_rate,
    )
    goal = teacher([pair.en for pair in held_out]).astype(np.float32)

    def tell(when: str) -> None:
        en, fr = (embed(student, tokenizer, [getattr(p, lang) for p in held_out])
                  for lang in ("en", "fr"))
        print(
            f"held-out chat questions, {when}: cosine to the teacher"
            f" en {mean_cosine(en, goal):.4f} fr {mean_cosine(fr, goal):.4f}",
            flush=True,
        )

    tell("before")
    distil(student, tokenizer, mixed, adapting, checkpoint=checkpoint)
    tell("after")
    return student.eval()
