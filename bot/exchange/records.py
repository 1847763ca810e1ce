"""An entry between a file and a table: the shape of its YAML file, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.errors import AifaqError
from bot.knowledge import MAX_ENTRY_BYTES, KnowledgeBase
from bot.knowledge.strict_yaml import read
from bot.text import reflow

Record = dict[str, Any]
"""Keys of an entry file: texts, lists of texts, `figures`, and a block for each language."""

LISTS = ("sources", "related", "formerly")
TEXTS = ("id", "category", "standing", "as_of", "review_by")
LANGUAGE_LISTS = ("variants", "not")
LANGUAGE_TEXTS = ("question", "answer")


class ExchangeError(AifaqError):
    """A file cannot be imported; the message says where and what to do."""


def records_of(knowledge: KnowledgeBase) -> Iterator[Record]:
    """All entries as their files have them, the answers' lines joined."""
    for entry in knowledge.entries.values():
        document = read(knowledge.root / entry.path, entry.path, max_bytes=MAX_ENTRY_BYTES)
        if document.faults or not isinstance(document.data, dict):
            raise ExchangeError(f"{entry.path} changed while it was read; try again")
        record: Record = {}
        for key, value in document.data.items():
            if key in entry.texts and isinstance(value, dict):
                record[key] = {**value, "answer": reflow(str(value.get("answer") or ""))}
            elif value is not None:
                record[key] = value
        yield record


def languages_of(records: list[Record]) -> list[str]:
    """Languages that occur, in order of first appearance."""
    return list(dict.fromkeys(
        key for record in records for key, value in record.items()
        if len(key) == 2 and isinstance(value, dict)  # noqa: PLR2004 -- a language code
    ))
