"""Texts as people type them in chat, made fit for the files."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from bot.models import Locale
from bot.text import clean, reflow

_BREAKS = re.compile("\r\n|[\r\n\u0085\u2028\u2029\u000b\u000c]")
_KEPT = {"\n", "\u200d"}
"""Marks of format or control that carry meaning: line breaks, and the joiner within emoji."""
_FRENCH_BEFORE = re.compile(r"(?<=\S) (?=[;:?!»%](?:\s|$|[)\]»*.,]))")
_FRENCH_AFTER = re.compile(r"(?<=«) (?=\S)")
_NO_BREAK = "\u00a0"


def typed_phrase(text: str) -> str:
    """A wording of one line."""
    return clean(text)


def typed_title(text: str, locale: Locale) -> str:
    """A canonical question of one line, no-break spaces kept."""
    return _french(" ".join(filter(None, typed_markdown(text, locale).split("\n"))), locale)


def typed_markdown(text: str, locale: Locale) -> str:
    """An answer: each line that was typed stays one, invisible marks go."""
    text = _BREAKS.sub("\n", text).replace("\t", "    ")
    text = "".join(
        char for char in text
        if char in _KEPT or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )
    lines = [line.rstrip() for line in text.strip().split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    if reflow(text) != text:
        text = _lines_to_paragraphs(text)
    return _french(text, locale)


def _lines_to_paragraphs(text: str) -> str:
    """The files join neighbouring lines; whoever typed them in chat wanted them apart."""
    kept: list[str] = []
    for line in text.split("\n"):
        if kept and kept[-1] and line and reflow(f"{kept[-1]}\n{line}") != f"{kept[-1]}\n{line}":
            kept.append("")
        kept.append(line)
    return "\n".join(kept)


def _french(text: str, locale: Locale) -> str:
    if locale != "fr":
        return text
    return _FRENCH_AFTER.sub(_NO_BREAK, _FRENCH_BEFORE.sub(_NO_BREAK, text))


def text_hash(text: str) -> str:
    """Six hex digits that change with the words; kinds of space and line breaks don't count."""
    words = " ".join(text.split())
    return hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=3).hexdigest()
