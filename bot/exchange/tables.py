"""CSV: a row an entry, a column a field, a language in the column's name."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any

from bot.exchange.records import (
    LANGUAGE_LISTS,
    LANGUAGE_TEXTS,
    LISTS,
    TEXTS,
    ExchangeError,
    Record,
    languages_of,
)
from bot.models import Locale
from bot.text import fold

_ALIASES = {
    "reponse": "answer", "variantes": "variants", "categorie": "category", "langue": "language",
    "locale": "language", "lang": "language", "identifiant": "id",
}
_COLUMN = re.compile(
    r"(question|answer|reponse|variants|variantes|not)[\s._(\[-]*([a-z]{2})?[\])]?\Z"
)
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_LIST = re.compile(r"\s*[;,]\s*|\s+")
MAX_CELL = 1_000_000


def write_csv(records: Iterable[Record]) -> str:
    """All entries as CSV; a list stands one item a line, figures stand as JSON."""
    rows = list(records)
    languages = languages_of(rows)
    columns = [*TEXTS, *LISTS, "figures"]
    columns += [f"{field} {language}" for language in languages
                for field in ("question", "answer", "variants", "not")]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_guarded(_cell(row, column)) for column in columns])
    return out.getvalue()


def _cell(row: Record, column: str) -> str:
    field, _, language = column.partition(" ")
    value: Any = row.get(language, {}).get(field) if language else row.get(field)
    if value is None:
        return ""
    if field == "figures":
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ("; " if field in LISTS else "\n").join(map(str, value))
    return str(value)


def _guarded(cell: str) -> str:
    """A spreadsheet runs what begins like a formula; an apostrophe makes it text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def read_csv(text: str, locale: Locale) -> list[Record]:
    """Entries of a CSV file with a header: comma, semicolon or tab between the cells.

    Args:
        text: the file.
        locale: language of columns and rows that name none.

    Raises:
        ExchangeError: naming the line.
    """
    csv.field_size_limit(MAX_CELL)
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    reader = csv.reader(lines, delimiter=_delimiter(text), strict=True)
    try:
        header = [_column(name) for name in next(reader, [])]
        if not {"question", "id"} & {field for field, _ in header}:
            raise ExchangeError(
                "line 1: no column `question` or `id`; the first line names the columns, "
                "such as id,category,question en,answer en"
            )
        return [
            _record(header, cells, locale, reader.line_num)
            for cells in reader if any(map(str.strip, cells))
        ]
    except csv.Error as error:
        raise ExchangeError(f"line {reader.line_num}: not readable as CSV: {error}") from error


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _column(name: str) -> tuple[str, str | None]:
    """(field, language) of a column's name."""
    folded = fold(_unguarded(name)).strip().removesuffix("?").strip()
    if found := _COLUMN.match(folded):
        return _ALIASES.get(found[1], found[1]), found[2]
    return _ALIASES.get(folded, folded), None


def _record(
    header: list[tuple[str, str | None]], cells: list[str], locale: Locale, line: int
) -> Record:
    values = [_unguarded(cell).replace("\r\n", "\n").strip() for cell in cells]
    row_locale = next(
        (value.lower()[:2] for (field, _), value in zip(header, values, strict=False)
         if field == "language" and value), locale,
    )
    record: Record = {"line": line}
    for (field, language), value in zip(header, values, strict=False):
        if field in LANGUAGE_TEXTS or field in LANGUAGE_LISTS:
            block = record.setdefault(language or row_locale, {})
            items = [item.strip() for item in value.split("\n") if item.strip()]
            block[field] = items if field in LANGUAGE_LISTS else value
        elif field in LISTS:
            record[field] = [item for item in _LIST.split(value) if item]
        elif field == "figures":
            record[field] = _figures(value, line)
        elif field in TEXTS:
            record[field] = value
    # A language without any text is not in the entry.
    return {key: value for key, value in record.items()
            if not isinstance(value, dict) or key == "figures" or any(value.values())}


def _figures(value: str, line: int) -> object:
    try:
        return json.loads(value) if value else ""
    except ValueError as error:
        raise ExchangeError(f"line {line}: `figures` is not readable as JSON: {error}") from error
