"""Imported records become edits of the files: what differs changes, everything else stays."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot.curation.entry_file import render_entry
from bot.curation.files import Files
from bot.curation.yaml_edit import Append, Drop, Operation, Put, edit
from bot.exchange.records import (
    LANGUAGE_LISTS,
    LANGUAGE_TEXTS,
    LISTS,
    TEXTS,
    ExchangeError,
    Record,
)
from bot.knowledge import KnowledgeBase
from bot.knowledge.strict_yaml import parse
from bot.models import Entry
from bot.text import reflow


def merge(
    records: Sequence[Record], files: Files, knowledge: KnowledgeBase, category: str | None
) -> list[str]:
    """Put the records on top of the files; returns the ids of the entries that change.

    Args:
        records: with at least an id or a question each; `line` says where each came from.
        files: the folder.
        knowledge: the same folder as loaded.
        category: for new entries that name none.

    Raises:
        ExchangeError: naming the line.
        CurationError: if a file cannot be changed.
    """
    from bot.moderation.forms import new_id

    changed: list[str] = []
    taken: dict[str, object] = dict(knowledge.entries)
    seen: dict[str, object] = {}
    for record in records:
        line = record.get("line", "?")
        data = {key: value for key, value in record.items() if key != "line"}
        if data.get("figures"):
            data["figures"] = _as_texts(data["figures"])
        if not data.get("id"):
            data["id"] = _same_question(data, knowledge) or new_id(_question(data, line), taken)
        entry_id = str(data["id"])
        if entry_id in seen:
            raise ExchangeError(f"line {line}: {entry_id} stands there twice; keep one")
        seen[entry_id] = taken[entry_id] = True
        entry = knowledge.find(entry_id)
        if entry is None:
            changed.append(_add(data, files, category, line))
        elif _update(entry, data, files):
            changed.append(entry.id)
    return changed


def _question(data: Record, line: object) -> str:
    for value in data.values():
        if isinstance(value, dict) and value.get("question"):
            return str(value["question"])
    raise ExchangeError(f"line {line}: neither an id nor a question; add one of them")


def _same_question(data: Record, knowledge: KnowledgeBase) -> str | None:
    """The entry that has this canonical question already, so that importing twice adds nothing."""
    wanted = {
        (key, value["question"]) for key, value in data.items()
        if isinstance(value, dict) and value.get("question")
    }
    for entry in knowledge.entries.values():
        if wanted & {(locale, text.question) for locale, text in entry.texts.items()}:
            return entry.id
    return None


def _add(data: Record, files: Files, category: str | None, line: object) -> str:
    data["category"] = data.get("category") or category
    if not data["category"]:
        raise ExchangeError(
            f"line {line}: {data['id']} is new and has no category; add a column, or --category"
        )
    for key, block in data.items():
        if isinstance(block, dict) and key != "figures" and not all(
            block.get(field) for field in LANGUAGE_TEXTS
        ):
            raise ExchangeError(f"line {line}: {data['id']} lacks a question or an answer ({key})")
    _question(data, line)
    files.put(f"{data['category']}/{data['id']}.yaml", render_entry(data))
    return str(data["id"])


def _update(entry: Entry, data: Record, files: Files) -> bool:
    text = files.read(entry.path)
    if text is None:
        raise ExchangeError(f"{entry.path} is gone; try again")
    now = parse(text.removeprefix("\ufeff"), entry.path).data or {}
    operations = list(_operations(now, data))
    if not operations:
        return False
    files.put(entry.path, edit(text, operations, entry.path))
    return True


def _operations(now: Record, data: Record) -> Iterable[Operation]:
    for key in TEXTS[1:]:
        if key in data and str(data[key] or "") != str(now.get(key) or ""):
            yield Put((key,), str(data[key])) if data[key] else Drop((key,))
    for key in LISTS:
        if key in data and list(data[key] or ()) != list(now.get(key) or ()):
            yield Put((key,), list(data[key])) if data[key] else Drop((key,))
    if "figures" in data and _plain(data["figures"]) != _plain(now.get("figures")):
        yield Put(("figures",), data["figures"]) if data["figures"] else Drop(("figures",))
    for locale, block in data.items():
        if isinstance(block, dict) and locale != "figures":
            yield from _language(locale, now.get(locale), block)


def _language(locale: str, now: Any, block: Record) -> Iterable[Operation]:
    if not isinstance(now, dict):
        if all(block.get(field) for field in LANGUAGE_TEXTS):
            yield Put((locale,), {key: value for key, value in block.items() if value})
        return
    for field in LANGUAGE_TEXTS:
        new = block.get(field)
        if new and reflow(str(new)).strip() != reflow(str(now.get(field) or "")).strip():
            yield Put((locale, field), str(new))
    for field in LANGUAGE_LISTS:
        if field not in block:
            continue
        before, after = list(now.get(field) or ()), list(block[field] or ())
        if before and after[: len(before)] == before:
            yield from (Append((locale, field), item) for item in after[len(before) :])
        elif after != before:
            yield Put((locale, field), after) if after else Drop((locale, field))


def _plain(figures: Any) -> str:
    """Figures for comparison; the order of keys says nothing."""
    return json.dumps(_as_texts(figures or None), sort_keys=True)


def _as_texts(value: Any) -> Any:
    """Figures as a file has them: numbers as they are written, nothing that is empty."""
    if isinstance(value, dict):
        return {key: _as_texts(item) for key, item in value.items() if item not in (None, "")}
    if isinstance(value, list):
        return [_as_texts(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if value is None else str(value)
