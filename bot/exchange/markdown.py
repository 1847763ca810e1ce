"""Markdown: one document to read and to correct; or any document with questions as headings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from bot.exchange.records import LISTS, TEXTS, ExchangeError, Record
from bot.models import Locale

MARK = "<!-- aifaq: entries -->"
_ENTRY = re.compile(r"## (\S+)\s*\Z")
_LANGUAGE = re.compile(r"### ([a-z]{2}): (.+)\Z")
_LIST_HEAD = re.compile(r"#### (variants|not)\s*\Z")
_FIELD = re.compile(r"- ([a-z_]+): (.*)\Z")
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\Z")
_ESCAPED = re.compile(r"\\*#")


def write_markdown(records: Iterable[Record]) -> str:
    """All entries as one document that `read_markdown` takes back."""
    return "\n".join([MARK, "", *(line for record in records for line in _entry(record))])


def _entry(record: Record) -> Iterator[str]:
    yield f"## {record['id']}"
    yield ""
    for field in TEXTS[1:]:
        if record.get(field):
            yield f"- {field}: {record[field]}"
    for field in LISTS:
        if record.get(field):
            yield f"- {field}: {', '.join(record[field])}"
    if record.get("figures"):
        yield f"- figures: {json.dumps(record['figures'], ensure_ascii=False)}"
    yield ""
    for language, block in record.items():
        if len(language) == 2 and isinstance(block, dict):  # noqa: PLR2004 -- a language code
            yield f"### {language}: {block['question']}"
            yield ""
            yield from (_guarded(line) for line in block["answer"].split("\n"))
            yield ""
            for field in ("variants", "not"):
                if block.get(field):
                    yield f"#### {field}"
                    yield ""
                    yield from (f"- {item}" for item in block[field])
                    yield ""


def _guarded(line: str) -> str:
    """A line of an answer that begins like a heading gets a backslash, as Markdown has it."""
    return f"\\{line}" if _ESCAPED.match(line) else line


def _unguarded(line: str) -> str:
    return line[1:] if line.startswith("\\") and _ESCAPED.match(line) else line


def read_markdown(text: str, locale: Locale) -> list[Record]:
    """Entries of a document.

    Args:
        text: one of `write_markdown`, or any with questions as headings and answers below.
        locale: language of a document that names none.

    Raises:
        ExchangeError: naming the line.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if MARK in lines:
        return _read_own(lines)
    return _read_plain(lines, locale)


def _read_own(lines: list[str]) -> list[Record]:
    """Entry by entry: fields, then a block for each language."""
    found: list[Record] = []
    begins = [at for at, line in enumerate(lines) if _ENTRY.match(line)]
    for begin, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        heading = _ENTRY.match(lines[begin])
        assert heading is not None
        record: Record = {"id": heading[1], "line": begin + 1}
        at = begin + 1
        while at < end and not _LANGUAGE.match(lines[at]):
            _read_field(record, lines[at], at + 1)
            at += 1
        while at < end:
            at = _read_language(record, lines, at, end)
        found.append(record)
    return found


def _read_language(record: Record, lines: list[str], at: int, end: int) -> int:
    """One language's block; returns the index of the line behind it."""
    heading = _LANGUAGE.match(lines[at])
    assert heading is not None
    answer: list[str] = []
    items: list[str] | None = None
    block: Record = {"question": heading[2].strip()}
    for number in range(at + 1, end + 1):
        if number == end or _LANGUAGE.match(lines[number]):
            break
        line = lines[number]
        if head := _LIST_HEAD.match(line):
            items = block[head[1]] = []
        elif items is None:
            answer.append(_unguarded(line))
        elif line.startswith("- "):
            items.append(line[2:].strip())
        elif line.strip():
            raise ExchangeError(f"line {number + 1}: expected `- a wording`, or a heading")
    record[heading[1]] = {**block, "answer": "\n".join(answer).strip()}
    return number


def _read_field(record: Record, line: str, number: int) -> None:
    if not line.strip():
        return
    field = _FIELD.match(line)
    if field is None or field[1] not in (*TEXTS, *LISTS, "figures"):
        raise ExchangeError(f"line {number}: expected `- field: value` or `### en: a question`")
    if field[1] in LISTS:
        record[field[1]] = [item.strip() for item in field[2].split(",") if item.strip()]
    elif field[1] == "figures":
        try:
            record["figures"] = json.loads(field[2])
        except ValueError as error:
            raise ExchangeError(f"line {number}: `figures` is not JSON: {error}") from error
    else:
        record[field[1]] = field[2].strip()


def _read_plain(lines: list[str], locale: Locale) -> list[Record]:
    """Headings with a text below are questions; those without are chapters."""
    found: list[Record] = []
    for number, line in enumerate(lines, start=1):
        if heading := _HEADING.match(line):
            found.append({"line": number, locale: {"question": heading[2], "answer": ""}})
        elif found:
            found[-1][locale]["answer"] += line + "\n"
    kept = []
    for record in found:
        record[locale]["answer"] = record[locale]["answer"].strip()
        if record[locale]["answer"]:
            kept.append(record)
    if not kept:
        raise ExchangeError("no question found: write each as a heading, its answer below")
    return kept
