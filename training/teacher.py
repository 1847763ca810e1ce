"""The teacher's vectors: computed once, kept on disk, the targets of the training.

Teacher: all-MiniLM-L6-v2 (Apache-2.0), mean of the last layer's token vectors, scaled to unit
length.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.hardware import device, fast_precision

Embed = Callable[[Sequence[str]], NDArray[np.float16]]
"""Texts to unit vectors, shape (texts, dimensions)."""

BLOCK = 16_384
"""Texts per file of the cache: an interrupted run loses at most one block."""


def pool(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean over the real tokens, scaled to unit length: (batch, tokens, dim) -> (batch, dim)."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
    return torch.nn.functional.normalize(mean, dim=-1)


class Teacher:
    """A BERT-like sentence encoder in the sentence-transformers layout."""

    def __init__(self, folder: str, max_tokens: int = 128, batch_tokens: int = 8_192) -> None:
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder)
        self.model: Any = AutoModel.from_pretrained(folder).eval()
        self.device = device()
        self.model.to(self.device)
        self.max_tokens = max_tokens
        self.batch_tokens = batch_tokens

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float16]:
        """Embed texts, shortest first so that little of a batch is padding."""
        ids = self.tokenizer(list(texts), truncation=True, max_length=self.max_tokens)["input_ids"]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        vectors = np.zeros((len(ids), self.model.config.hidden_size), dtype=np.float16)
        start = 0
        while start < len(order):
            end = start + 1
            while (
                end < len(order) and (end - start + 1) * len(ids[order[end]]) <= self.batch_tokens
            ):
                end += 1
            rows = order[start:end]
            vectors[rows] = self._batch([ids[i] for i in rows])
            start = end
        return vectors

    def _batch(self, ids: list[list[int]]) -> NDArray[np.float16]:
        width = max(map(len, ids))
        tokens = torch.zeros((len(ids), width), dtype=torch.long)
        mask = torch.zeros((len(ids), width), dtype=torch.long)
        for row, pieces in enumerate(ids):
            tokens[row, : len(pieces)] = torch.tensor(pieces)
            mask[row, : len(pieces)] = 1
        tokens, mask = tokens.to(self.device), mask.to(self.device)
        with torch.inference_mode(), fast_precision(self.device):
            hidden = self.model(tokens, attention_mask=mask).last_hidden_state
        vectors: NDArray[np.float16] = pool(hidden.float(), mask).cpu().numpy().astype(np.float16)
        return vectors


def _fingerprint(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:24]


def cached_vectors(
    texts: Sequence[str], embed: Embed, folder: Path, log: Callable[[str], None] = print
) -> NDArray[np.float16]:
    """Embed ``texts`` block by block, reading the blocks that an earlier run has finished.

    A block's file is named by its texts, so that another choice of texts never reads old vectors.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blocks: list[NDArray[np.float16]] = []
    started, computed = time.monotonic(), 0
    for start in range(0, len(texts), BLOCK):
        block = texts[start : start + BLOCK]
        path = folder / f"{_fingerprint(block)}.npy"
        if path.exists():
            blocks.append(np.load(path))
            continue
        vectors = embed(block)
        partial = path.with_suffix(".partial.npy")
        np.save(partial, vectors)
        partial.replace(path)
        blocks.append(vectors)
        computed += len(block)
        rate = computed / (time.monotonic() - started)
        done = start + len(block)
        left = (len(texts) - done) / rate
        log(f"teacher: {done}/{len(texts)}, {rate:.0f} texts/s, {left:.0f} s left")
    return np.concatenate(blocks) if blocks else np.zeros((0, 0), dtype=np.float16)
