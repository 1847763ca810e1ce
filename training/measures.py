"""The figures an encoder is judged by; the benchmark uses the same ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Unit vectors, shape (texts, dim)."""

Encode = Callable[[Sequence[str]], Vectors]

LANGUAGES = ("en", "fr")


def accuracy_at_one(asked: Vectors, answers: Vectors) -> float:
    """Share of rows of ``asked`` whose nearest row of ``answers`` is the one at the same place."""
    nearest = (asked @ answers.T).argmax(1)
    return float((nearest == np.arange(len(asked))).mean())


def mean_cosine(left: Vectors, right: Vectors) -> float:
    """Mean cosine of the rows at the same place."""
    return float((left * right).sum(1).mean())


def spearman(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Rank correlation of two rows of numbers without many ties."""
    ranks = [np.argsort(np.argsort(values)) for values in (left, right)]
    return float(np.corrcoef(*ranks)[0, 1])


def similarity_agreement(
    left: Vectors, right: Vectors, seed: int = 0, count: int = 20_000
) -> float:
    """Spearman correlation of two encoders' similarities over the same random pairs of texts."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, len(left), (2, count))
    return spearman((left[a] * left[b]).sum(1), (right[a] * right[b]).sum(1))


def auroc(inside: NDArray[np.float32], outside: NDArray[np.float32]) -> float:
    """Chance that a question of the base scores higher than one from outside; ties count half."""
    values, inverse = np.unique(np.concatenate([inside, outside]), return_inverse=True)
    counts = np.bincount(inverse, minlength=len(values))
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    n, m = len(inside), len(outside)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


@dataclass(frozen=True)
class Asked:
    """A question that people asked, with what answers it."""

    text: str
    lang: str
    accept: frozenset[str]
    """Ids of the entries that answer it; empty when it is out of scope."""


def read_questions(path: Path) -> list[Asked]:
    """Read a JSON Lines file of questions: ``text``, ``lang``, ``accept``."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [Asked(row["text"], row["lang"], frozenset(row["accept"])) for row in rows]


def read_variants(knowledge: Path) -> dict[str, list[tuple[str, str]]]:
    """Return (entry id, phrasing) pairs by language, from a folder of ``<category>/<id>.yaml``."""
    variants: dict[str, list[tuple[str, str]]] = {lang: [] for lang in LANGUAGES}
    for path in sorted(knowledge.glob("*/*.yaml")):
        entry = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(entry, dict) or "category" not in entry:
            continue
        for lang in LANGUAGES:
            words = entry.get(lang) or {}
            asked = [words.get("question"), *(words.get("variants") or [])]
            variants[lang] += [(path.stem, str(text)) for text in asked if text]
    return variants


@dataclass(frozen=True)
class Matching:
    """How well the nearest phrasing answers the questions of one language."""

    accuracy: float
    """Share of in-scope questions whose nearest phrasing is of an accepted entry."""
    auroc: float
    """Separation of in-scope from out-of-scope questions by the highest cosine."""


def match(
    questions: Sequence[Asked], variants: Sequence[tuple[str, str]], encode: Encode
) -> Matching:
    """Match questions against phrasings by nearest vector alone."""
    similar = encode([q.text for q in questions]) @ encode([text for _, text in variants]).T
    best, top = similar.argmax(1), similar.max(1)
    inside = np.array([bool(q.accept) for q in questions])
    right = [variants[at][0] in q.accept for q, at in zip(questions, best, strict=True) if q.accept]
    return Matching(float(np.mean(right)), auroc(top[inside], top[~inside]))


def match_report(
    questions: Sequence[Asked], variants: dict[str, list[tuple[str, str]]], encode: Encode
) -> dict[str, Matching]:
    """Match each language against both languages' phrasings, and French against English alone."""
    both = variants["en"] + variants["fr"]
    asked = {lang: [q for q in questions if q.lang == lang] for lang in LANGUAGES}
    return {
        "en": match(asked["en"], both, encode),
        "fr": match(asked["fr"], both, encode),
        "fr, English-only base": match(asked["fr"], variants["en"], encode),
    }
