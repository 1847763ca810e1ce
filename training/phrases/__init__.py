"""What people type in a chat, in both languages; all written for this project.

The parallel corpora hold few questions and next to none about AI, chips, prices or leaks. The lists
beside this file fill that gap: ``terms.tsv`` (a term in both languages, French with its article),
``frames.tsv`` (a question with ``{x}`` and perhaps ``{y}``) and ``chat.tsv`` (whole phrases).
Grammar gives way to breadth: "is chips banned?" is what such lists yield and what people type.
``questions.tsv`` holds whole messages with their translation, for the step ``adapt``.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from training.corpus import Pair

SOURCE = "phrases"
WRITTEN = "written"
CONTRACTIONS = {"de": {"le ": "du ", "les ": "des "}, "à": {"le ": "au ", "les ": "aux "}}
VOWELS = "aeiouyâàéèêëîïôöùûhAEIOUYÉÊÎÔ"


def read_columns(name: str) -> list[tuple[str, str]]:
    """Return the (English, French) lines of one of the lists."""
    text = (Path(__file__).parent / f"{name}.tsv").read_text(encoding="utf-8")
    return [(en, fr) for en, fr in (line.split("\t") for line in text.splitlines())]


def with_preposition(preposition: str, term: str) -> str:
    """Join ``de`` or ``à`` and a French term: "du code", "des puces", "d'une puce", "aux lois"."""
    for article, joined in CONTRACTIONS[preposition].items():
        if term.startswith(article):
            return joined + term.removeprefix(article)
    if preposition == "de" and term[0] in VOWELS:
        return f"d'{term}"
    return f"{preposition} {term}"


def fill(frame: tuple[str, str], x: tuple[str, str], y: tuple[str, str]) -> tuple[str, str]:
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
