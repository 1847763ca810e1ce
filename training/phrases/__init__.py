"""What people type in a chat, in both languages; all written for this project.

The parallel corpora hold few questions and next to none about AI, chips, prices or leaks. The lists
beside this file fill that gap: ``terms.tsv`` (a term in both languages, French with its article),
``frames.tsv`` (a question with ``{x}`` and perhaps ``{y}``) and ``chat.tsv`` (whole phrases).
Grammar gives way to breadth: "is chips banned?" is what such lists yield and what people type.
``questions.tsv`` holds whole messages with their translation, for the step ``adapt``; and
``entries.tsv`` more ways to ask for the entries of the shipped knowledge base, and near misses that
none of them answers, for the step ``tune``.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from training.corpus import Pair

SOURCE = "phrases"
WRITTEN = "written"
NOBODY = "-"
"""Stands for the entry of a near miss."""
CONTRACTIONS = {"de": {"le ": "du ", "les ": "des "}, "à": {"le ": "au ", "les ": "aux "}}
VOWELS = "aeiouyâàéèêëîïôöùûhAEIOUYÉÊÎÔ"


def read_columns(name: str) -> list[tuple[str, ...]]:
    """Return the lines of one of the lists, column by column; English before French."""
    text = (Path(__file__).parent / f"{name}.tsv").read_text(encoding="utf-8")
    return [tuple(line.split("\t")) for line in text.splitlines()]


def with_preposition(preposition: str, term: str) -> str:
    """Join ``de`` or ``à`` and a French term: "du code", "des puces", "d'une puce", "aux lois"."""
    for article, joined in CONTRACTIONS[preposition].items():
        if term.startswith(article):
            return joined + term.removeprefix(article)
    if preposition == "de" and term[0] in VOWELS:
        return f"d'{term}"
    return f"{preposition} {term}"


def fill(frame: tuple[str, ...], x: tuple[str, ...], y: tuple[str, ...]) -> tuple[str, str]:
    """Return a frame with its terms put in, in both languages."""
    en = frame[0].format(x=x[0], y=y[0])
    terms = {"x": x[1], "y": y[1]}

    def put(place: re.Match[str]) -> str:
        preposition, _, name = place[1].rpartition(" ")
        return with_preposition(preposition, terms[name]) if preposition else terms[name]

    fr = re.sub(r"\{([^}]+)\}", put, frame[1])
    return en, re.sub(r"\bque (?=une? )", "qu'", fr)


def phrase_pairs(count: int, seed: int, repeat_chat: int = 8) -> list[Pair]:
    """Return about ``count`` pairs: frames by chance, each term and each phrase several times."""
    rng = random.Random(f"phrases-{seed}")
    terms, frames, chat = read_columns("terms"), read_columns("frames"), read_columns("chat")
    made = {fill(rng.choice(frames), *rng.sample(terms, 2)) for _ in range(count)}
    return [Pair(en, fr, SOURCE) for en, fr in [*sorted(made), *(chat + terms) * repeat_chat]]


def written_pairs() -> list[Pair]:
    """Return the whole messages that were written in both languages."""
    return [Pair(en, fr, WRITTEN) for en, fr in read_columns("questions")]


def entry_phrasings() -> list[tuple[str, str, str]]:
    """Return (entry id or NOBODY, language, text) of what was written beyond the base."""
    return [(entry, lang, text) for entry, lang, text in read_columns("entries")]
