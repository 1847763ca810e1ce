"""A new entry's file, written as the people who keep the base write theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.curation.scalars import DATES, KEY_ORDER, inline, paragraphs, scalar
from bot.knowledge.schema import SCHEMA_LINE

_INDENT = "  "


def render_entry(data: Mapping[str, Any]) -> str:
    """A complete entry file.

    Args:
        data: the keys of the file with texts, lists of texts, figures and language blocks;
            what is empty is left out.
    """
    lines = [SCHEMA_LINE]
    ordered = [key for key in KEY_ORDER if data.get(key)]
    ordered += [key for key in data if key not in KEY_ORDER and data[key]]
    for key in ordered:
        value = data[key]
        if isinstance(value, Mapping):
            inner = block_lines(key, value)
            lines += [f"{key}:", *(_INDENT + line if line else "" for line in inner)]
        elif key in DATES:
            lines.append(f"{key}: {value}")
        else:
            lines.append(f"{key}: {inline(value)}")
    return "\n".join(lines) + "\n"


def block_lines(key: str, value: Mapping[str, Any]) -> list[str]:
    """The lines below `figures:` or below a language such as `fr:`, not indented."""
    return _figures(value) if key == "figures" else _language(value)


def _language(block: Mapping[str, Any]) -> list[str]:
    lines = [f"question: {scalar(block['question'])}"]
    for key in ("variants", "not"):
        items: Sequence[str] = block.get(key) or ()
        if items:
            lines += [f"{key}:", *(f"{_INDENT}- {scalar(item)}" for item in items)]
    answer = paragraphs(block["answer"])
    return [*lines, "answer: |", *(_INDENT + line if line else "" for line in answer)]


def _figures(figures: Mapping[str, Any]) -> list[str]:
    lines = [f"unit: {scalar(figures['unit'])}", f"scale: {figures.get('scale', 'linear')}",
             "values:"]
    for value in figures["values"]:
        facts = {key: value[key] for key in ("value", "standing", "source")
                 if value.get(key) not in (None, "")}
        labels = {key: value[key] for key in value
                  if key not in ("value", "standing", "source") and value[key]}
        lines.append(f"{_INDENT}- {{{_pairs(facts)},")
        lines.append(f"{_INDENT}   {_pairs(labels)}}}")
    return lines


def _pairs(pairs: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {_flow(value)}" for key, value in pairs.items())


_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?\Z")


def _flow(value: Any) -> str:
    text = str(value)
    return text if _NUMBER.match(text) else scalar(text, flow=True)
