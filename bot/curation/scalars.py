"""Texts as YAML: the plainest form that every reader takes back as the same text."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence

import yaml

from bot.knowledge.strict_yaml import parse
from bot.text import reflow

WIDTH = 100
"""Columns at which the text of a new answer is wrapped."""
LONGEST_WRAPPED = 160
"""An answer whose lines are longer than this was not wrapped on purpose."""
KEY_ORDER = (
    "id", "category", "standing", "as_of", "review_by", "sources", "related", "formerly", "figures",
    "question", "variants", "not", "answer", "entries", "out_of_scope", "near", "far",
)
"""Where a new key goes: behind those that stand before it here."""


DATES = frozenset({"as_of", "review_by"})
"""Keys whose values are no texts to other YAML tools, and need no quotes."""
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")


def scalar(value: str, *, flow: bool = False) -> str:
    """A text of one line: plain where that is safe everywhere, else in quotes.

    Args:
        value: the text.
        flow: whether it will stand inside `[ ]` or `{ }`.
    """
    quoted = json.dumps(value, ensure_ascii=False)
    if '"' in value and "'" not in value and "\n" not in value:
        quoted = f"'{value}'"
    for form in (value, quoted):
        line = f"[{form}, x]" if flow else f"- {form}"
        wanted = [value, "x"] if flow else [value]
        if "\n" not in form and parse(line).data == wanted and _plain_to_others(line, wanted):
            return form
    return json.dumps(value)


def _plain_to_others(line: str, wanted: list[str]) -> bool:
    """Whether editors and other YAML tools read it as text too: `no` and `2026` need quotes."""
    try:
        return bool(yaml.safe_load(line) == wanted)
    except (yaml.YAMLError, ValueError):
        return False


def inline(value: str | Sequence[str]) -> str:
    """A text, or a list as `[a, b]`."""
    if isinstance(value, str):
        return scalar(value)
    return "[" + ", ".join(scalar(item, flow=True) for item in value) + "]"


def paragraphs(text: str, before: str = "", width: int = WIDTH) -> list[str]:
    """The lines of an answer as they stand in a file.

    A paragraph that `before` already held keeps its lines, so that a diff shows what changed.

    Args:
        text: what a reader shall see.
        before: the answer's lines until now, without their indentation.
        width: columns to wrap new paragraphs at.
    """
    known = {reflow(part): part.rstrip() for part in _PARAGRAPHS.split(before.strip())}
    wrap_at = _width(before, width)
    parts = [known.get(part) or _wrap(part, wrap_at) for part in _PARAGRAPHS.split(text.strip())]
    return "\n\n".join(parts).split("\n")


def _width(before: str, width: int) -> int:
    longest = max((len(line) for line in before.splitlines()), default=0)
    return longest if longest > LONGEST_WRAPPED else width


def _wrap(part: str, width: int) -> str:
    lines = [
        wrapped
        for line in part.splitlines()
        for wrapped in (
            textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
        )
    ]
    wrapped = "\n".join(lines)
    # A line that would begin like a list item after wrapping stays whole.
    return wrapped if reflow(wrapped) == reflow(part) else part
