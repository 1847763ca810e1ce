"""Folding, tokenising and stemming: how a text becomes words that can be compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

MAX_QUESTION = 2_000
"""Characters of a question that are looked at; the rest is cut."""

MIN_STEMMED = 4
"""Characters of the shortest word that is stemmed."""

# A word may carry digits, inner dots and hyphens: gpt-4o, v3.1, open-source, l'ia is split.
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)+|[^\W_]+", re.UNICODE)
_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "‘": "'", "ʼ": "'", "＇": "'", "`": "'", "´": "'"}
)
_SPACES = re.compile(r"\s+")
_STRETCHED = re.compile(r"([^\W\d_])\1{3,}")


def clean(text: str) -> str:
    """The text as a person sees it: no control, zero-width or direction marks, single spaces.

    Lone surrogates are dropped too, so that the result can always be encoded.
    """
    kept = [
        character if unicodedata.category(character)[0] != "C" else " "
        for character in text[: 4 * MAX_QUESTION].replace("\u200d", "").replace("\u200b", "")
        if unicodedata.category(character) not in ("Cf", "Cs")
    ]
    return _SPACES.sub(" ", "".join(kept)).strip()


def fold(text: str) -> str:
    """Lower case without accents, compatibility forms unified: `Œuvre №1` -> `oeuvre no1`."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES)
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")


def words(text: str) -> list[str]:
    """Folded words in order: letters and digits, with decimal numbers kept whole."""
    return _TOKEN.findall(_STRETCHED.sub(r"\1\1", fold(text)))


@lru_cache(maxsize=1)
def _stemmers() -> tuple[Any, Any]:
    import snowballstemmer

    return snowballstemmer.stemmer("english"), snowballstemmer.stemmer("french")


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """One stem for both languages: the English stemmer, then the French one.

    The same for every text, so that a short or mixed question needs no language decision
    before it can be matched.
    """
    if len(word) < MIN_STEMMED or not word.isalpha():
        return word
    english, french = _stemmers()
    stemmed: str = french.stemWord(english.stemWord(word))
    return stemmed


def stems(text: str) -> list[str]:
    """Stemmed words in order."""
    return [stem(word) for word in words(text)]


def has_words(text: str) -> bool:
    """Whether there is anything to match: at least one letter or digit."""
    return any(char.isalnum() for char in text)


_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_OWN_LINE = re.compile(r"\s*(?:[-*+]\s|1[.)]\s|[>|]|#{1,6}\s)")
"""What begins a line within a paragraph. As in CommonMark, a number other than 1 does not: a
wrapped "... until February / 2026. Then ..." is no list."""
_CLOSED = re.compile(r"\s*(?:#{1,6}\s|[>|])|\s{4}(?!\s*[-*+]\s)|.*  $|\s*$")
"""Headings, quotes, tables, indented code, hard breaks: the next line does not continue them."""


def reflow(markdown: str) -> str:
    """Join the wrapped lines of each paragraph: chat platforms show every line break.

    Lists, quotes, tables, headings, code and hard breaks keep their lines.
    """
    lines: list[str] = []
    fenced = in_list = is_open = False
    for line in re.split(r"\r?\n|\r", markdown.strip()):
        fence = line.lstrip().startswith("```")
        begins = not is_open or fence or _OWN_LINE.match(line) or not line.strip()
        if begins or (in_list and _LIST_ITEM.match(line)):
            lines.append(line.rstrip(" \t"))
            in_list = _LIST_ITEM.match(line) is not None
        else:
            lines[-1] += " " + line.strip(" \t")
        fenced ^= fence
        is_open = not (fenced or fence or _CLOSED.match(line))
    return "\n".join(lines)
