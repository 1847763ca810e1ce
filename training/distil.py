"""The step ``train``: the student learns to give the teacher's vector for either language.

Reimers and Gurevych 2020, "Making monolingual sentence embeddings multilingual using knowledge
distillation". Two terms: the cosine distance to the teacher's vector, and the divergence between
whom the teacher and whom the student take for neighbours within a batch (of texts of one length, so
that length tells nothing).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.batches import Batch, chunk_batches, cut_batches, one_round, pad
from training.hardware import device, fast_precision
from training.prepare import Prepared
from training.recipe import Recipe
from training.teacher import pool

TEMPERATURE = 0.05
"""Divides the similarities of the in-batch term: near neighbours count most."""

EMBED_TOKENS = 1_024
"""Tokens that pass together where nothing is learned, as many as a processor's cache holds."""


@dataclass
class Progress:
    """Where a run stands; saved with the weights."""

    chunk: int = 0
    """Chunks finished."""
    shown: int = 0
    """Texts shown so far."""


def rate_share(shown: float, recipe: Recipe) -> float:
    """Return the share of the peak rate: a linear rise, then a cosine fall to a twentieth."""
    done = min(shown / recipe.texts, 1.0)
    if done < recipe.warmup_share:
        return done / recipe.warmup_share
    fall = (done - recipe.warmup_share) / (1 - recipe.warmup_share)
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * fall))


def distance(student: torch.Tensor, teacher: torch.Tensor, contrast: float) -> torch.Tensor:
    """Return the loss of one batch; both (texts, dim), unit length."""
    apart = (1 - (student * teacher).sum(-1)).mean()
    wanted = torch.softmax(teacher @ teacher.T / TEMPERATURE, -1)
    given = torch.log_softmax(student @ teacher.T / TEMPERATURE, -1)
    return apart + contrast * torch.nn.functional.kl_div(given, wanted, reduction="batchmean")


def optimizer_for(student: Any, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; the pieces' rows move faster than the layers, and are not decayed."""
    rows = [student.embeddings.word_embeddings.weight]
    layers = [p for n, p in student.named_parameters() if "word_embeddings" not in n]
    groups: list[dict[str, Any]] = [
        {"params": layers, "peak": recipe.learning_rate, "weight_decay": recipe.weight_decay},
        {"params": rows, "peak": recipe.embedding_rate, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.98), fused=True)


def embed(
    student: Any, tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int = 64
) -> NDArray[np.float32]:
    """Return the student's unit vectors, shape (texts, dim)."""
    student.eval()
    with torch.inference_mode():
        return forward(student, tokenizer, texts, max_tokens, EMBED_TOKENS).cpu().numpy()


def forward(
    student: Any, tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int, batch_tokens: int
) -> torch.Tensor:
    """Return unit vectors to learn from, shape (texts, dim).

    Texts of about one length pass together: padded to the longest of all, they took twice as long.
    """
    ids = [e.ids[:max_tokens] for e in tokenizer.encode_batch_fast(list(texts))]
    place = next(student.parameters()).device
    vectors = torch.zeros(len(ids), student.config.hidden_size, device=place)
    for rows in cut_batches([len(pieces) for pieces in ids], batch_tokens):
        vectors[rows] = _pooled(student, *pad([ids[i] for i in rows]))
    return vectors


def _pooled(student: Any, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> torch.Tensor:
    place = next(student.parameters()).device
    tokens, real = (torch.from_numpy(array).to(place) for array in (ids, mask))
    with fast_precision(place.type):
        hidden = student(tokens, attention_mask=real).last_hidden_state
    return pool(hidden.float(), real)


def save_checkpoint(path: Path, student: Any, optimizer: Any, progress: Progress) -> None:
    """Write a checkpoint; a run that is cut off while writing keeps the one before."""
    partial = path.with_suffix(".partial")
    state = {"student": student.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save({**state, "progress": vars(progress)}, partial)
    partial.replace(path)


def load_checkpoint(path: Path, student: Any, optimizer: Any = None) -> Progress:
    """Read a checkpoint into the student, and the optimizer where one is given."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    student.load_state_dict(state["student"])
    if optimizer is not None:
        optimizer.load_state_dict(state["optimizer"])
    return Progress(**state["progress"])


def _loss(
    student: Any, batch: Batch, vectors: NDArray[np.float16], contrast: float
) -> torch.Tensor:
    pooled = _pooled(student, batch.ids, batch.mask)
    goal = torch.from_numpy(vectors[batch.target].astype(np.float32)).to(pooled.device)
    return distance(pooled, goal, contrast)


def distil(
    student: Any,
    tokenizer: Tokenizer,
    prepared: Prepared,
    recipe: Recipe,
    *,
    checkpoint: Path,
    after_chunk: Callable[[Any, Progress], None] | None = None,
    log: Callable[[str], None] = print,
) -> Any:
    """Train until ``recipe.texts`` have been shown, going on from ``checkpoint`` if it exists."""
    torch.manual_seed(recipe.seed)
    student.to(device())
    optimizer = optimizer_for(student, recipe)
    progress = (
        load_checkpoint(checkpoint, student, optimizer) if checkpoint.exists() else Progress()
    )
    tokenizer.enable_truncation(recipe.max_tokens)
    shown = one_round(prepared.pairs)
    started, before = time.monotonic(), progress.shown
    while progress.shown < recipe.texts:
        chunk = chunk_batches(
            prepared.pairs,
            prepared.target,
            tokenizer,
            progress.chunk,
            shown=shown,
            seed=recipe.seed,
            batch_tokens=recipe.batch_tokens,
        )
        student.train()
        losses: list[float] = []
        for batch in chunk:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * rate_share(progress.shown, recipe)
            loss = _loss(student, batch, prepared.vectors, recipe.contrast)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(float(loss.detach()))
            progress.shown += len(batch.target)
        progress.chunk += 1
        speed = (progress.shown - before) / (time.monotonic() - started)
        left = max(recipe.texts - progress.shown, 0) / speed
        log(
            f"train: {progress.shown}/{recipe.texts} texts, loss {np.mean(losses):.4f}, "
            f"{speed:.0f} texts/s, {left / 60:.0f} min left"
        )
        save_checkpoint(checkpoint, student, optimizer, progress)
        if after_chunk is not None:
            after_chunk(student, progress)
    tokenizer.no_truncation()
    return student
