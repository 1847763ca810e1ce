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

from training.batches import cut_batches, pad
from training.distil import embed
from training.hardware import fast_precision
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
    topic: str = ""
    """The same with a pronoun for what the whole base is about; empty where nothing changes."""


Message = tuple[str, str]
"""A text and its language."""

OUTSIDE = -1
"""Owner of a text that no entry answers."""


def contrast(vectors: torch.Tensor, owners: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the supervised contrastive loss of one batch.

    Args:
        vectors: unit vectors, shape (texts, dim).
        owners: entry number of each, shape (texts,); every entry has at least two texts. Texts of
            OUTSIDE are kept away from, and draw nothing near themselves.
        temperature: divides the similarities.
    """
    itself = torch.eye(len(owners), dtype=torch.bool, device=vectors.device)
    similar = (vectors @ vectors.T / temperature).masked_fill(itself, -1e4)
    inside = owners != OUTSIDE
    same = (owners[:, None] == owners[None]) & ~itself
    logs = torch.log_softmax(similar, -1)
    return (-(logs * same).sum(1) / same.sum(1))[inside].mean()


@dataclass(frozen=True)
class Drawn:
    """The texts of one batch."""

    rows: list[int]
    """Rows of the sampler's texts."""
    owners: list[int]
    """Entry number of each, OUTSIDE for those that no entry answers."""
    texts: list[str]
    """As typed."""


class Sampler:
    """Draws batches of some texts each of some entries, and of some that no entry answers.

    Args:
        phrasings: of the entries.
        others: texts that no entry answers, with their language.
        misses: such that sound close to one.
        tuning: the numbers.
        seed: of the draws.
    """

    def __init__(
        self,
        phrasings: Sequence[Phrasing],
        others: Sequence[Message],
        misses: Sequence[Message],
        tuning: Tuning,
        seed: int,
    ) -> None:
        self.texts = [*((one.text, one.lang) for one in phrasings), *others, *misses]
        """All that may be drawn, each with its language."""
        first_miss = len(phrasings) + len(others)
        self._outside = (
            (range(len(phrasings), first_miss), tuning.others),
            (range(first_miss, len(self.texts)), tuning.misses),
        )
        self._topics: dict[int, int] = {}
        """Row of the text with a pronoun, by row of the phrasing."""
        for row, phrasing in enumerate(phrasings):
            if phrasing.topic:
                self._topics[row] = len(self.texts)
                self.texts.append((phrasing.topic, phrasing.lang))
        self._tuning = tuning
        self._rng = random.Random(seed)
        rows: dict[str, list[int]] = {}
        for row, phrasing in enumerate(phrasings):
            rows.setdefault(phrasing.entry, []).append(row)
        self._rows = [own for own in rows.values() if len(own) >= tuning.texts]
        self._entries = min(tuning.entries, len(self._rows))
        self.steps = int(tuning.rounds * len(phrasings) / (tuning.entries * tuning.texts))

    def draw(self) -> Drawn:
        """Return the next batch."""
        chosen = self._rng.sample(range(len(self._rows)), self._entries)
        inside = [
            self._topic(row)
            for entry in chosen
            for row in self._rng.sample(self._rows[entry], self._tuning.texts)
        ]
        outside = [
            row
            for rows, count in self._outside
            for row in self._rng.sample(rows, min(count, len(rows)))
        ]
        owners = [entry for entry in chosen for _ in range(self._tuning.texts)]
        rows = inside + outside
        return Drawn(
            rows=rows,
            owners=owners + [OUTSIDE] * len(outside),
            texts=[self._typed(*self.texts[row]) for row in rows],
        )

    def _topic(self, row: int) -> int:
        if row in self._topics and self._rng.random() < self._tuning.topics:
            return self._topics[row]
        return row

    def _typed(self, text: str, lang: str) -> str:
        if self._rng.random() < self._tuning.hasty:
            return noisy(text, lang, self._rng)
        return text


def outsiders(
    student: Any,
    tokenizer: Tokenizer,
    phrasings: Sequence[Phrasing],
    messages: Sequence[Message],
    nearest: float,
) -> list[Message]:
    """Return the messages of which no phrasing is nearer than ``nearest``, a cosine."""
    if not messages:
        return []
    base = embed(student, tokenizer, [phrasing.text for phrasing in phrasings])
    similar = embed(student, tokenizer, [text for text, _ in messages]) @ base.T
    far = similar.max(1) < nearest
    return [message for message, one in zip(messages, far, strict=True) if one]


def tune(
    student: Any,
    tokenizer: Tokenizer,
    phrasings: Sequence[Phrasing],
    recipe: Recipe,
    *,
    messages: Sequence[Message] = (),
    misses: Sequence[Message] = (),
    log: Callable[[str], None] = print,
) -> Any:
    """Tune the student on a base's phrasings; the same object, changed.

    Args:
        student: to be tuned.
        tokenizer: its tokenizer.
        phrasings: of all entries.
        recipe: the numbers.
        messages: any texts with their language; those far from every phrasing are kept apart.
        misses: texts that sound close to an entry, and that none answers; all are kept apart.
        log: takes a line about the progress now and then.
    """
    tuning = recipe.tuning
    device = next(student.parameters()).device
    torch.manual_seed(recipe.seed)
    others = outsiders(student, tokenizer, phrasings, messages, tuning.outside)
    log(
        f"tune: {len(phrasings)} phrasings; kept apart: {len(misses)} near misses and"
        f" {len(others)} of {len(messages)} messages"
    )
    sampler = Sampler(phrasings, others, misses, tuning, recipe.seed)
    before = embed(student, tokenizer, [text for text, _ in sampler.texts])
    optimizer = torch.optim.AdamW(
        student.parameters(), lr=tuning.rate, weight_decay=recipe.weight_decay
    )
    started = time.monotonic()
    student.train()
    for step in range(sampler.steps):
        share = min(1.0, (step + 1) / WARMUP_STEPS) * (1 - step / sampler.steps)
        for group in optimizer.param_groups:
            group["lr"] = tuning.rate * share
        drawn = sampler.draw()
        vectors = forward(student, tokenizer, drawn.texts, recipe)
        owners = torch.tensor(drawn.owners, device=device)
        apart = contrast(vectors, owners, tuning.temperature)
        strayed = _strayed(vectors, before[drawn.rows])
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


def forward(
    student: Any, tokenizer: Tokenizer, texts: Sequence[str], recipe: Recipe
) -> torch.Tensor:
    """Return unit vectors, shape (texts, dim); texts of about one length pass together.

    Padded to the longest of all, a batch took twice as long.
    """
    device = next(student.parameters()).device
    encodings = tokenizer.encode_batch_fast(list(texts))
    ids = [encoding.ids[: recipe.max_tokens] for encoding in encodings]
    order: list[int] = []
    parts: list[torch.Tensor] = []
    for rows in cut_batches([len(pieces) for pieces in ids], recipe.batch_tokens):
        tokens, mask = (torch.from_numpy(array).to(device) for array in pad([ids[i] for i in rows]))
        with fast_precision(device.type):
            hidden = student(tokens, attention_mask=mask).last_hidden_state
        parts.append(pool(hidden.float(), mask))
        order += rows
    return torch.cat(parts)[torch.tensor(order, device=device).argsort()]
