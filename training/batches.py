"""The order of the training: which text, clean or noisy, in which batch; fixed by the seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.corpus import Pair
from training.noise import noisy
from training.phrases import SOURCE as PHRASES
from training.phrases import WRITTEN

CHUNK = 16_384
"""Texts drawn at a time: enough of every length to fill batches without padding."""

KINDS = (("fr", False), ("fr", True), ("en", False), ("en", True))
SHARES = (0.38, 0.22, 0.20, 0.20)
"""How often each kind is shown. English starts where the teacher is, but drifts when left out."""


SHORT_WORDS = 8
"""English sides up to this length count as short."""


def one_round(pairs: Sequence[Pair]) -> NDArray[np.int64]:
    """Return rows of ``pairs`` as a round shows them.

    Questions stand four times, short ones twice: what is asked in a chat is short and a question,
    the rest teaches the words. Written messages of a chat stand sixteen times.
    """
    times = [
        16
        if pair.source == WRITTEN
        else 4
        if pair.source == PHRASES or pair.en.endswith("?")
        else 2
        if len(pair.en.split()) <= SHORT_WORDS
        else 1
        for pair in pairs
    ]
    return np.repeat(np.arange(len(pairs)), times)


@dataclass(frozen=True)
class Batch:
    """Texts of about one length, with the rows of their target vectors."""

    ids: NDArray[np.int64]
    """Piece ids, shape (texts, tokens), 0 where a text has ended."""
    mask: NDArray[np.int64]
    """1 on real tokens, same shape."""
    target: NDArray[np.int64]
    """Row of the teacher's vector, shape (texts,)."""


def pad(ids: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (ids, mask) of one batch."""
    width = max(map(len, ids))
    padded = np.zeros((len(ids), width), dtype=np.int64)
    mask = np.zeros_like(padded)
    for row, pieces in enumerate(ids):
        padded[row, : len(pieces)] = pieces
        mask[row, : len(pieces)] = 1
    return padded, mask


def cut_batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Yield rows by rising length, as many at a time as fit ``batch_tokens`` with padding."""
    rows: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if rows and (len(rows) + 1) * lengths[row] > batch_tokens:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def chunk_batches(
    pairs: Sequence[Pair],
    target: NDArray[np.int64],
    tokenizer: Tokenizer,
    number: int,
    *,
    shown: NDArray[np.int64],
    seed: int,
    batch_tokens: int,
) -> list[Batch]:
    """Return the batches of chunk ``number``; chunks walk through shuffled rounds of ``shown``."""
    rng = random.Random(f"{seed}-{number}")
    first = number * CHUNK
    texts: list[str] = []
    rows: list[int] = []
    orders: dict[int, NDArray[np.int64]] = {}
    for place in range(first, first + CHUNK):
        turn, at = divmod(place, len(shown))
        if turn not in orders:
            orders[turn] = np.random.default_rng([seed, turn]).permutation(shown)
        row = int(orders[turn][at])
        lang, hasty = rng.choices(KINDS, SHARES)[0]
        text = pairs[row].fr if lang == "fr" else pairs[row].en
        texts.append(noisy(text, lang, rng) if hasty else text)
        rows.append(row)
    ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]
    cut = list(cut_batches([len(pieces) for pieces in ids], batch_tokens))
    rng.shuffle(cut)
    return [Batch(*pad([ids[i] for i in part]), target[[rows[i] for i in part]]) for part in cut]
