"""A knowledge base of any size, made up from words that belong to no entry of the shipped one."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from bot.knowledge import BUNDLED

CONSONANTS, VOWELS = "bcdfglmnprstvz", "aeiou"
PER_FOLDER = 500
TEMPLATES = {
    "en": (
        "How much does {0} {1} cost?",
        "what is the price of {0} {1}",
        "price for a {1} from {0}",
        "is {0} {1} expensive",
    ),
    "fr": (
        "Combien coûte {1} de {0} ?",
        "quel est le prix de {1} {0}",
        "c'est cher, {0} {1}",
        "le tarif de {1} chez {0}",
    ),
}


def make(folder: Path, entries: int, *, seed: int = 1) -> list[str]:
    """Write `entries` entries; one question for each, not among its variants."""
    chance = random.Random(seed)
    words = _words(chance, 2 * max(64, int(entries**0.5) * 8))
    pairs = _pairs(chance, words, entries)
    for part in ("interface",):
        shutil.copytree(BUNDLED / part, folder / part)
    for number, (maker, thing) in enumerate(pairs):
        category = f"range-{number // PER_FOLDER:03}"
        path = folder / category / f"{maker}-{thing}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_entry(category, maker, thing, number))
    return [f"can you tell me the price of the {maker} {thing}?" for maker, thing in pairs]


def _words(chance: random.Random, count: int) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < count:
        parts = (chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(3))
        words["".join(parts) + chance.choice(CONSONANTS)] = None
    return list(words)


def _pairs(chance: random.Random, words: list[str], count: int) -> list[tuple[str, str]]:
    makers, things = words[::2], words[1::2]
    pairs: dict[tuple[str, str], None] = {}
    while len(pairs) < count:
        pairs[chance.choice(makers), chance.choice(things)] = None
    return list(pairs)


def _entry(category: str, maker: str, thing: str, number: int) -> str:
    lines = [f"id: {maker}-{thing}", f"category: {category}"]
    for locale, (question, *variants) in TEMPLATES.items():
        lines += [
            f"{locale}:",
            f'  question: "{question.format(maker.title(), thing)}"',
            "  variants:",
            *(f'    - "{variant.format(maker, thing)}"' for variant in variants),
            "  answer: |",
            f"    {maker.title()} {thing}: {number + 1} €.",
        ]
    return "\n".join(lines) + "\n"
