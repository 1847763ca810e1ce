"""Exchange by a file's name: which reader, which writer."""

from __future__ import annotations

import json
from pathlib import Path

from bot.exchange.html import write_html
from bot.exchange.markdown import read_markdown, write_markdown
from bot.exchange.records import ExchangeError, Record, records_of
from bot.exchange.tables import read_csv, write_csv
from bot.models import Locale
from bot.service import Faq

FORMATS = ("csv", "json", "md", "html")
MAX_BYTES = 64 * 1024 * 1024


def export(faq: Faq, form: str, locale: Locale) -> str:
    """All entries in one of `FORMATS`; the language matters to html only."""
    if form == "html":
        return write_html(faq, locale)
    records = list(records_of(faq.knowledge))
    if form == "csv":
        return write_csv(records)
    if form == "md":
        return write_markdown(records)
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"


def read_file(path: Path, locale: Locale) -> list[Record]:
    """The entries of a .csv, .json or .md file.

    Raises:
        ExchangeError: if it cannot be read; the message says where.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ExchangeError(f"{path} is too large, at most {MAX_BYTES:,} bytes; split it")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExchangeError(f"{path} is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise ExchangeError(f"{path} cannot be read: {error.strerror}") from error
    readers = {".csv": read_csv, ".tsv": read_csv, ".md": read_markdown, ".json": _read_json}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise ExchangeError(f"{path}: only .csv, .json and .md can be imported")
    try:
        return reader(text, locale)
    except ExchangeError as error:
        raise ExchangeError(f"{path}: {error}") from error


def _read_json(text: str, locale: Locale) -> list[Record]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExchangeError(f"not readable as JSON: {error}") from error
    items = data.get("entries") if isinstance(data, dict) else data
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ExchangeError("expected a list of entries, each an object")
    return [_record(item, locale, number) for number, item in enumerate(items, start=1)]


def _record(item: Record, locale: Locale, number: int) -> Record:
    """An object as exported, or a plain `question` and `answer` of one language."""
    record: Record = {"line": number}
    flat = {key: item[key] for key in ("question", "answer", "variants", "not") if key in item}
    if flat:
        record[str(item.get("language") or locale)] = flat
    for key, value in item.items():
        if key not in flat and key != "language":
            record[key] = value
    for key, value in record.items():
        if isinstance(value, dict) and key != "figures":
            _check_language(value, number)
    return record


def _check_language(block: Record, number: int) -> None:
    for field, value in block.items():
        texts = value if field in ("variants", "not") else [value]
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise ExchangeError(f"entry {number}: `{field}` must be text")
