"""The step ``narrow``: the same vectors from a student whose inner layers are narrower.

Most of a small encoder's time on a processor goes into the two matrices of each layer's inner part.
Of its neurons those are taken out that the rest can best stand in for, one after the other, and
what comes after them is fitted anew each time (Hassibi and Stork 1993, "Second order derivatives
for network pruning: optimal brain surgeon", on each layer's own output). Then the student learns
to give the vectors that it gave before.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.distil import distance, embed, forward, rate_share
from training.noise import noisy
from training.recipe import Recipe
from training.tune import Message

DAMPING = 1e-2
"""Share of the mean variance that is added to each neuron's, so that the rest can be solved for."""

TOLD = 100
"""Steps after which it tells where it is."""

Doubles = NDArray[np.float64]


def narrow(
    student: Any,
    tokenizer: Tokenizer,
    texts: Sequence[Message],
    recipe: Recipe,
    *,
    log: Callable[[str], None] = print,
) -> Any:
    """Narrow the student's inner layers to ``recipe.narrowing.inner``; the same object, changed.

    Args:
        student: to be narrowed.
        tokenizer: its tokenizer.
        texts: with their language, those that matter most several times; it learns on all of
            them, and its neurons are chosen by a draw of them.
        recipe: the numbers.
        log: takes a line about the progress now and then.
    """
    narrowing = recipe.narrowing
    plain = [text for text, _ in texts]
    rows = {text: row for row, text in enumerate(dict.fromkeys(plain))}
    goals = embed(student, tokenizer, list(rows))[[rows[text] for text in plain]]
    rng = random.Random(f"narrow-{recipe.seed}")
    sample = rng.sample(plain, min(narrowing.sampled, len(plain)))
    for number in range(student.config.num_hidden_layers):
        seen = activations(student, tokenizer, sample, number, recipe.max_tokens)
        kept = _narrow_layer(student.encoder.layer[number], seen, narrowing.inner)
        log(f"narrow: layer {number}, {kept:.1%} of its inner part's variance kept")
    student.config.intermediate_size = narrowing.inner
    return imitate(student, tokenizer, texts, goals, recipe, log=log)


def with_inner(student: Any, inner: int) -> Any:
    """Give the student so many inner neurons, with any weights; the same object, changed."""
    if student.config.intermediate_size != inner:
        dim = student.config.hidden_size
        for layer in student.encoder.layer:
            _resize(layer, torch.zeros(inner, dim), torch.zeros(inner), torch.zeros(dim, inner))
        student.config.intermediate_size = inner
    return student


def activations(
    student: Any, tokenizer: Tokenizer, texts: Sequence[str], layer: int, max_tokens: int
) -> NDArray[np.float32]:
    """Return what a layer's inner neurons give in some texts, shape (tokens, neurons)."""
    found: list[NDArray[np.float32]] = []

    def look(_: Any, given: tuple[torch.Tensor, ...]) -> None:
        found.append(given[0].detach().flatten(0, 1).float().cpu().numpy())

    hook = student.encoder.layer[layer].output.dense.register_forward_pre_hook(look)
    for text in texts:  # one at a time, so that there is no padding to leave out
        embed(student, tokenizer, [text], max_tokens)
    hook.remove()
    return np.concatenate(found)


def choose(seen: NDArray[np.float32], weight: Doubles, keep: int) -> tuple[NDArray[Any], Doubles]:
    """Return which neurons stay, and the weights behind them that best give what all gave.

    Args:
        seen: what the neurons give, shape (tokens, neurons).
        weight: what they are multiplied by, shape (neurons, out).
        keep: how many stay.
    """
    spread = np.cov(seen.T.astype(np.float64))
    spread += np.eye(len(spread)) * DAMPING * np.diag(spread).mean()
    inverse, weight = np.linalg.inv(spread), weight.copy()
    left = np.ones(len(weight), dtype=bool)
    for _ in range(len(weight) - keep):
        loss = (weight**2).sum(1) / np.maximum(np.diag(inverse), 1e-12)
        loss[~left] = np.inf
        gone = int(loss.argmin())
        share = inverse[:, gone] / inverse[gone, gone]
        weight -= np.outer(share, weight[gone])
        inverse -= np.outer(share, inverse[gone])
        left[gone] = False
        weight[~left] = 0
    rows = np.flatnonzero(left)
    return rows, weight[rows]


def _narrow_layer(layer: Any, seen: NDArray[np.float32], inner: int) -> float:
    """Narrow one layer; return the share of the variance of its inner part's output that stays."""
    into, out = layer.intermediate.dense, layer.output.dense
    weight = out.weight.detach().cpu().numpy().T.astype(np.float64)
    rows, fitted = choose(seen, weight, inner)
    mean = seen.mean(0, dtype=np.float64)
    missing = mean @ weight - mean[rows] @ fitted
    wanted = (seen - mean) @ weight
    strayed = wanted - (seen[:, rows] - mean[rows]) @ fitted
    place = out.weight.device
    behind = torch.tensor(fitted.T.copy(), dtype=torch.float32, device=place)
    _resize(layer, into.weight.data[rows].clone(), into.bias.data[rows].clone(), behind)
    out.bias.data += torch.tensor(missing, dtype=torch.float32, device=place)
    return float(1 - (strayed**2).sum() / (wanted**2).sum())


def _resize(layer: Any, weight: torch.Tensor, bias: torch.Tensor, behind: torch.Tensor) -> None:
    """Give a layer other inner neurons: the weights and bias before them, the weights behind."""
    into, out = layer.intermediate.dense, layer.output.dense
    into.weight.data, into.bias.data, out.weight.data = weight, bias, behind
    into.out_features = out.in_features = len(bias)


def imitate(
    student: Any,
    tokenizer: Tokenizer,
    texts: Sequence[Message],
    goals: NDArray[np.float32],
    recipe: Recipe,
    *,
    log: Callable[[str], None] = print,
) -> Any:
    """Teach the student given vectors, also of texts typed in haste; the same object, changed.

    The pieces' rows stay as they are: what is lost by narrowing lies in the layers.

    Args:
        student: to learn.
        tokenizer: its tokenizer.
        texts: with their language.
        goals: their unit vectors, shape (texts, dim).
        recipe: the numbers.
        log: takes a line about the progress now and then.
    """
    narrowing = recipe.narrowing
    rng = random.Random(f"imitate-{recipe.seed}")
    student.embeddings.word_embeddings.requires_grad_(False)
    learned = [one for one in student.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(
        learned, lr=narrowing.rate, weight_decay=recipe.weight_decay, betas=(0.9, 0.98)
    )
    place, order = learned[0].device, list[int]()
    paced = replace(recipe, texts=narrowing.texts)
    started = time.monotonic()
    student.train()
    for step, shown in enumerate(range(0, narrowing.texts, narrowing.batch), start=1):
        if len(order) < narrowing.batch:
            order += rng.sample(range(len(texts)), len(texts))
        rows, order = order[: narrowing.batch], order[narrowing.batch :]
        typed = [
            noisy(*texts[row], rng) if rng.random() < narrowing.hasty else texts[row][0]
            for row in rows
        ]
        for group in optimizer.param_groups:
            group["lr"] = narrowing.rate * rate_share(shown, paced)
        vectors = forward(student, tokenizer, typed, recipe.max_tokens, recipe.batch_tokens)
        loss = distance(vectors, torch.from_numpy(goals[rows]).to(place), recipe.contrast)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if step % TOLD == 0 or shown + narrowing.batch >= narrowing.texts:
            left = (time.monotonic() - started) * (narrowing.texts / (shown + len(rows)) - 1)
            near = (vectors.detach().cpu().numpy() * goals[rows]).sum(1).mean()
            log(
                f"narrow: {shown + len(rows)}/{narrowing.texts} texts, loss {loss.item():.4f},"
                f" cosine to before {near:.4f}, {left / 60:.0f} min left"
            )
    student.embeddings.word_embeddings.requires_grad_(True)
    return student.eval()
