"""The step ``tune``: a question comes near its own entry's phrasings, or near none.

What the bot does is what is learned: a text is compared with every question and variant of the
base, each entry counts by its nearest ones, and "no entry" is one more choice, taken when none is
near enough. The loss is the cross entropy of that choice, which is neighbourhood components
analysis (Goldberger et al. 2004) over a fixed set of neighbours, with a place for the open set.
Only phrasings are learned from: the regression questions stay unseen, so that a calibration fitted
on them stays honest. A second term holds every text near its vector from before, so that the
encoder stays one for any text.
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

from training.distil import embed, forward
from training.noise import noisy
from training.recipe import Recipe, Tuning

WARMUP_STEPS = 20
SILENCE = 0.67
"""Cosine at which the learning of ``Choice.silence`` starts."""
SILENCE_RATE = 2e-3
"""Its learning rate: one number, which must follow the vectors."""


@dataclass(frozen=True)
class Phrasing:
    """One way to ask."""

    text: str
    lang: str
    entry: str
    """Id of the entry that answers it."""
    topic: str = ""
    """The same with a pronoun for what the whole base is about; empty where nothing changes."""
    own: bool = True
    """Whether it stands in the base, so that questions are compared with it."""


Message = tuple[str, str]
"""A text and its language."""

OUTSIDE = -1
"""Owner of a text that no entry answers."""


class Choice(torch.nn.Module):
    """What each text is taken for: one of the entries, by their nearest phrasings, or nothing.

    Args:
        owners: entry number of each anchor, a phrasing that texts are compared with, shape
            (anchors,).
        temperature: divides the similarities; the lower, the more the nearest anchor counts alone.
    """

    def __init__(self, owners: Sequence[int], temperature: float) -> None:
        super().__init__()
        self.owners: torch.Tensor
        self.register_buffer("owners", torch.tensor(owners))
        self.entries = max(owners) + 1
        self.temperature = temperature
        self.silence = torch.nn.Parameter(torch.tensor(SILENCE))
        """Cosine that an entry must beat; learned."""

    def forward(
        self, vectors: torch.Tensor, anchors: torch.Tensor, itself: torch.Tensor
    ) -> torch.Tensor:
        """Return logits of every entry and, last, of none, shape (texts, entries + 1).

        Args:
            vectors: unit vectors of the texts, shape (texts, dim).
            anchors: unit vectors of the anchors, shape (anchors, dim).
            itself: the anchor that a text was made of and must not find, shape (texts,); -1 if it
                was made of none.
        """
        similar = vectors @ anchors.T / self.temperature
        made = (itself >= 0).nonzero().squeeze(1)
        similar = similar.index_put((made, itself[made]), similar.new_tensor(-1e4))
        most = similar.detach().amax(1, keepdim=True)
        sums = similar.new_zeros(len(vectors), self.entries)
        sums = sums.index_add(1, self.owners, (similar - most).exp())
        none = (self.silence / self.temperature).expand(len(vectors), 1)
        return torch.cat([sums.clamp_min(1e-30).log() + most, none], 1)

    def loss(
        self,
        vectors: torch.Tensor,
        owners: torch.Tensor,
        anchors: torch.Tensor,
        itself: torch.Tensor,
    ) -> torch.Tensor:
        """Return the mean cross entropy; ``owners`` holds entry numbers, or OUTSIDE for none."""
        wanted = torch.where(owners == OUTSIDE, self.entries, owners)
        return torch.nn.functional.cross_entropy(self(vectors, anchors, itself), wanted)


@dataclass(frozen=True)
class Drawn:
    """The texts of one batch."""

    rows: list[int]
    """Rows of the sampler's texts."""
    owners: list[int]
    """Entry number of each, OUTSIDE for those that no entry answers."""
    texts: list[str]
    """As typed."""
    itself: list[int]
    """Number of the anchor that each was made of, -1 where it was made of none."""


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
        """All that may be drawn, each with its language: phrasings, others, misses, topics."""
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
        own = [(n, row) for n, rows in enumerate(self._rows) for row in rows if phrasings[row].own]
        self.anchors = [phrasings[row].text for _, row in own]
        """The phrasings that texts are compared with."""
        self.anchor_owners = [entry for entry, _ in own]
        """Entry number of each."""
        self._anchor_of = {row: number for number, (_, row) in enumerate(own)}
        for row, topic in self._topics.items():
            self._anchor_of[topic] = self._anchor_of.get(row, -1)
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
            itself=[self._anchor_of.get(row, -1) for row in rows],
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
    asked: NDArray[np.float32], said: NDArray[np.float32], nearest: float
) -> NDArray[np.bool_]:
    """Return which messages have no phrasing nearer than ``nearest``, a cosine.

    Args:
        asked: unit vectors of the phrasings, shape (phrasings, dim).
        said: unit vectors of the messages, shape (messages, dim).
        nearest: the cosine.
    """
    far: NDArray[np.bool_] = (said @ asked.T).max(1) < nearest
    return far


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

    Raises:
        SystemExit: if no entry has enough phrasings to learn from.
    """
    tuning = recipe.tuning
    device = next(student.parameters()).device
    torch.manual_seed(recipe.seed)
    asked = embed(student, tokenizer, [phrasing.text for phrasing in phrasings])
    said = embed(student, tokenizer, [text for text, _ in messages])
    far = outsiders(asked, said, tuning.outside)
    others = [message for message, one in zip(messages, far, strict=True) if one]
    log(
        f"tune: {len(phrasings)} phrasings; kept apart: {len(misses)} near misses and"
        f" {len(others)} of {len(messages)} messages"
    )
    sampler = Sampler(phrasings, others, misses, tuning, recipe.seed)
    if not sampler.anchors:
        raise SystemExit(
            f"tune: no entry has {tuning.texts} phrasings to learn from; add variants to the base"
        )
    rest = sampler.texts[len(phrasings) + len(others) :]
    before = np.vstack([asked, said[far], embed(student, tokenizer, [text for text, _ in rest])])
    choice = Choice(sampler.anchor_owners, tuning.temperature).to(device)
    optimizer = torch.optim.AdamW(
        [
            {"params": list(student.parameters()), "peak": tuning.rate},
            {"params": list(choice.parameters()), "peak": SILENCE_RATE, "weight_decay": 0.0},
        ],
        weight_decay=recipe.weight_decay,
    )
    started = time.monotonic()
    for step in range(sampler.steps):
        if step % tuning.refresh == 0:
            anchors = torch.from_numpy(embed(student, tokenizer, sampler.anchors)).to(device)
            student.train()
        share = min(1.0, (step + 1) / WARMUP_STEPS) * (1 - step / sampler.steps)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * share
        drawn = sampler.draw()
        vectors = forward(
            student, tokenizer, drawn.texts, recipe.max_tokens, recipe.batch_tokens
        )
        owners, itself = (torch.tensor(n, device=device) for n in (drawn.owners, drawn.itself))
        chosen = choice.loss(vectors, owners, anchors, itself)
        strayed = _strayed(vectors, before[drawn.rows])
        loss = chosen + tuning.stay * strayed
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % 50 == 0 or step + 1 == sampler.steps:
            left = (time.monotonic() - started) / (step + 1) * (sampler.steps - step - 1)
            log(
                f"tune: {step + 1}/{sampler.steps} steps, choice {chosen.item():.3f}, strayed "
                f"{strayed.item():.3f}, {left / 60:.0f} min left"
            )
    return student.eval()


def _strayed(vectors: torch.Tensor, before: NDArray[np.float32]) -> torch.Tensor:
    return 1 - (vectors * torch.from_numpy(before).to(vectors.device)).sum(-1).mean()
