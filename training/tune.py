"""The step ``tune``: phrasings of one entry move together, those of different entries apart.

Supervised contrastive learning (Khosla et al. 2020) on the phrasings of a knowledge base, as SetFit
does before its classifier (Tunstall et al. 2022). Only phrasings are learned from: the regression
questions stay unseen, so that a calibration fitted on them stays honest. A second term holds every
text near its vector from before, so that the encoder stays one for any text.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.batches import pad
from training.distil import embed
from training.noise import noisy
from training.recipe import Recipe, Tuning
from training.teacher import pool

WARMUP_STEPS = 20


@dataclass(frozen=True)
class Phrasing:
    """One way to ask."""

    text: str
    lang: str
    entry: str
    """Id of the entry that answers it."""


def contrast(vectors: torch.Tensor, owners: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the supervised contrastive loss of one batch.

    Args:
        vectors: unit vectors, shape (texts, dim).
        owners: entry number of each, shape (texts,); every entry has at least two texts.
        temperature: divides the similarities.
    """
    itself = torch.eye(len(owners), dtype=torch.bool, device=vectors.device)
    similar = (vectors @ vectors.T / temperature).masked_fill(itself, -1e4)
    same = (owners[:, None] == owners[None]) & ~itself
    logs = torch.log_softmax(similar, -1)
    return (-(logs * same).sum(1) / same.sum(1)).mean()


class Sampler:
    """Draws batches of some texts each of some entries."""

    def __init__(self, phrasings: Sequence[Phrasing], tuning: Tuning, seed: int) -> None:
        self._phrasings = phrasings
        self._tuning = tuning
        self._rng = random.Random(seed)
        rows: dict[str, list[int]] = {}
        for row, phrasing in enumerate(phrasings):
            rows.setdefault(phrasing.entry, []).append(row)
        self._rows = [own for own in rows.values() if len(own) >= tuning.texts]
        self._entries = min(tuning.entries, len(self._rows))
        self.steps = int(tuning.rounds * len(phrasings) / (tuning.entries * tuning.texts))

    def draw(self) -> tuple[list[int], list[int], list[str]]:
        """Return rows of the phrasings, their entry numbers, and the texts as typed."""
        chosen = self._rng.sample(range(len(self._rows)), self._entries)
        rows = [
            row
            for entry in chosen
            for row in self._rng.sample(self._rows[entry], self._tuning.texts)
        ]
        owners = [entry for entry in chosen for _ in range(self._tuning.texts)]
        return rows, owners, [self._typed(self._phrasings[row]) for row in rows]

    def _typed(self, phrasing: Phrasing) -> str:
        if self._rng.random() < self._tuning.hasty:
            return noisy(phrasing.text, phrasing.lang, self._rng)
        return phrasing.text


def tune(
    student: Any,
    tokenizer: Tokenizer,
    phrasings: Sequence[Phrasing],
    recipe: Recipe,
    *,
    log: Callable[[str], None] = print,
) -> Any:
    """Tune the student on a base's phrasings; the same object, changed."""
    tuning = recipe.tuning
    device = next(student.parameters()).device
    torch.manual_seed(recipe.seed)
    before = embed(student, tokenizer, [phrasing.text for phrasing in phrasings])
    sampler = Sampler(phrasings, tuning, recipe.seed)
    optimizer = torch.optim.AdamW(
        student.parameters(), lr=tuning.rate, weight_decay=recipe.weight_decay
    )
    started = time.monotonic()
    student.train()
    for step in range(sampler.steps):
        share = min(1.0, (step + 1) / WARMUP_STEPS) * (1 - step / sampler.steps)
        for group in optimizer.param_groups:
            group["lr"] = tuning.rate * share
        rows, owners, texts = sampler.draw()
        vectors = _forward(student, tokenizer, texts, recipe.max_tokens)
        apart = contrast(vectors, torch.tensor(owners, device=device), tuning.temperature)
        strayed = _strayed(vectors, before[rows])
        loss = apart + tuning.stay * strayed
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % 50 == 0 or step + 1 == sampler.steps:
            left = (time.monotonic() - started) / (step + 1) * (sampler.steps - step - 1)
            log(
                f"tune: {step + 1}/{sampler.steps} steps, contrast {apart.item():.3f}, strayed "
                f"{strayed.item():.3f}, {left / 60:.0f} min left"
            )
    return student.eval()


def _strayed(vectors: torch.Tensor, before: NDArray[np.float32]) -> torch.Tensor:
    return 1 - (vectors * torch.from_numpy(before).to(vectors.device)).sum(-1).mean()


def _forward(
    student: Any, tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int
) -> torch.Tensor:
    device = next(student.parameters()).device
    ids = [encoding.ids[:max_tokens] for encoding in tokenizer.encode_batch_fast(list(texts))]
    tokens, mask = (torch.from_numpy(array).to(device) for array in pad(ids))
    with torch.autocast(device.type, torch.bfloat16):
        hidden = student(tokens, attention_mask=mask).last_hidden_state
    return pool(hidden.float(), mask)
