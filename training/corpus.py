"""Chooses the sentence pairs to learn from, and sets some aside.

Pairs that share an English side are kept or held out together: a target vector that was trained
on would make the held-out figures flatter.
"""

from __future__ import annotations

import gzip
import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.recipe import Recipe


@dataclass(frozen=True)
class Pair:
    """One sentence in both languages."""

    en: str
    fr: str
    source: str
    """Source key, see the README for what each stands for."""


def read_pairs(path: Path) -> Iterator[Pair]:
    """Yield the pairs of a tab-separated file, gzipped or plain."""
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            en, fr, source = line.rstrip("\n").split("\t")
            yield Pair(en, fr, source)


def write_pairs(path: Path, pairs: list[Pair]) -> None:
    """Write pairs as tab-separated lines; a broken write leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text("".join(f"{p.en}\t{p.fr}\t{p.source}\n" for p in pairs), encoding="utf-8")
    partial.replace(path)


def is_held_out(en: str, share: int) -> bool:
    """Whether an English side is held out: one in ``share``, by content and not by chance."""
    folded = "".join(c for c in en.casefold() if c.isalnum())
    return int.from_bytes(hashlib.sha256(folded.encode()).digest()[:4]) % share == 0


def _short_enough(pair: Pair, recipe: Recipe) -> bool:
    limit = recipe.max_question_words if pair.en.endswith("?") else recipe.max_words
    return len(pair.en.split()) <= limit and len(pair.fr.split()) <= limit * 1.7


def choose_pairs(pairs: Iterator[Pair], recipe: Recipe) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on and the held-out ones, short first choice, sources capped."""
    wanted = [pair for pair in pairs if _short_enough(pair, recipe)]
    random.Random(recipe.seed).shuffle(wanted)
    taken: Counter[str] = Counter()
    training: list[Pair] = []
    held_out: list[Pair] = []
    for pair in wanted:
        if taken[pair.source] >= recipe.source_limits.get(pair.source, len(wanted)):
            continue
        taken[pair.source] += 1
        (held_out if is_held_out(pair.en, recipe.held_out_share) else training).append(pair)
    return training[: recipe.pairs], held_out
