"""The alternative that needs numpy alone: a bag of words and character n-grams, summed.

Every word, and every run of three to five characters within a word, has a row of its own or one
shared by hash; a text is their sum. Trained like the transformer, towards the teacher's vectors
brought down to 128 dimensions (principal axes). Fast and small, but blind to order; its figures are
in the model card.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from time import monotonic

import numpy as np
import torch
from numpy.typing import NDArray

from training.corpus import Pair
from training.measures import accuracy_at_one, match_report, read_questions, read_variants
from training.noise import noisy, without_accents
from training.prepare import prepare
from training.recipe import Folders, Recipe
from training.target import principal_axes
from training.vocabulary import count_words

DIM = 128
WORDS = 40_000
BUCKETS = 1 << 17
"""Rows shared by character n-grams and word pairs."""

BATCH = 1_024


class StaticStudent:
    """Rows by word and by hash; a text's vector is the sum of its rows, scaled to unit length."""

    def __init__(self, words: Sequence[str], axes: NDArray[np.float32], seed: int) -> None:
        torch.manual_seed(seed)
        self.word_row = {word: row for row, word in enumerate(words)}
        self.axes = axes
        """The teacher's principal axes, shape (teacher dim, DIM)."""
        self.table = torch.nn.EmbeddingBag(len(words) + BUCKETS, DIM, mode="sum", sparse=True)
        torch.nn.init.normal_(self.table.weight, std=0.05)

    def features(self, text: str) -> list[int]:
        """Return the rows of a text's words, n-grams and pairs of neighbouring words."""
        words = _words(text)
        keys = [f"{a} {b}" for a, b in pairwise(words)]
        for word in words:
            edged = f"<{word}>"
            keys += [edged[i : i + n] for n in (3, 4, 5) for i in range(len(edged) - n + 1)]
        rows = [self.word_row[word] for word in words if word in self.word_row]
        first = len(self.word_row)
        return rows + [first + zlib.crc32(key.encode()) % BUCKETS for key in keys]

    def forward(self, texts: Sequence[str]) -> torch.Tensor:
        """Return unit vectors, shape (texts, DIM)."""
        rows = [self.features(text) or [0] for text in texts]
        offsets = np.cumsum([0, *map(len, rows[:-1])])
        flat = torch.tensor([row for text in rows for row in text])
        # A sum grows with the length, but only its direction is used.
        return torch.nn.functional.normalize(self.table(flat, torch.from_numpy(offsets)), dim=-1)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (texts, DIM)."""
        parts = [texts[i : i + BATCH] for i in range(0, len(texts), BATCH)]
        with torch.inference_mode():
            return np.concatenate([self.forward(part).numpy() for part in parts])


def _words(text: str) -> list[str]:
    plain = without_accents(text.lower().replace("\u2019", "'").replace("œ", "oe"))
    return "".join(c if c.isalnum() else " " for c in plain).split()


def train_static(
    pairs: Sequence[Pair],
    target: NDArray[np.int64],
    vectors: NDArray[np.float16],
    *,
    seconds: float = 90,
    seed: int = 8,
) -> StaticStudent:
    """Train for about ``seconds``; sparse Adagrad, one text of either language per pair."""
    words: Counter[str] = Counter()
    for side in ("en", "fr"):
        words.update(count_words(getattr(pair, side) for pair in pairs[::3]))
    known = [word for word, _ in words.most_common(WORDS)]
    student = StaticStudent(known, principal_axes(vectors, DIM), seed)
    optimizer = torch.optim.Adagrad(student.table.parameters(), lr=0.05)
    rng, started = random.Random(seed), monotonic()
    while monotonic() - started < seconds:
        rows = rng.sample(range(len(pairs)), BATCH)
        langs = [rng.choice(("en", "fr", "fr")) for _ in rows]
        texts = [getattr(pairs[row], lang) for row, lang in zip(rows, langs, strict=True)]
        texts = [
            noisy(text, lang, rng) if rng.random() < 0.4 else text
            for text, lang in zip(texts, langs, strict=True)
        ]
        goal = torch.from_numpy(vectors[target[rows]].astype(np.float32) @ student.axes)
        goal = torch.nn.functional.normalize(goal, dim=-1)
        given = student.forward(texts)
        similar = given @ goal.T / 0.07
        loss = (1 - (given * goal).sum(-1)).mean()
        loss = loss + 0.2 * torch.nn.functional.cross_entropy(similar, torch.arange(len(rows)))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return student


def report(
    folders: Folders, recipe: Recipe, knowledge: Path | None = None, questions: Path | None = None
) -> None:
    """Train the static student and print its figures."""
    prepared = prepare(folders, recipe)
    student = train_static(prepared.pairs, prepared.target, prepared.vectors, seed=recipe.seed)
    held_out = prepared.held_out[:2_000]
    en, fr = student.encode([p.en for p in held_out]), student.encode([p.fr for p in held_out])
    print(
        f"static, {len(held_out)} held-out pairs: translation found"
        f" fr-en {accuracy_at_one(fr, en):.3f}, en-fr {accuracy_at_one(en, fr):.3f}"
    )
    if knowledge and questions:
        for where, figure in match_report(
            read_questions(questions), read_variants(knowledge), student.encode
        ).items():
            print(f"static, {where}: {figure.accuracy:.3f} acc@1, {figure.auroc:.3f} AUROC")
