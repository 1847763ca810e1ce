"""YAML as people write it, read strictly: every scalar stays text, and every value knows its line.

PyYAML's own constructors turn `no` into False and `1.10` into 1.1, let duplicate keys vanish,
and its C composer recurses without bound. This reader works on the parser's events instead:
no implicit types, no anchors, bounded depth, one pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_DEPTH = 20
KeyPath = tuple[str | int, ...]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong in a file: where, what, and what to do."""

    path: str
    """Relative to the knowledge folder."""
    line: int
    """Starting at 1."""
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(slots=True)
class Document:
    """The content of one file, with the line of every value."""

    data: Any = None
    """Dicts, lists, strings and None."""
    lines: dict[KeyPath, int] = field(default_factory=dict)
    """Line of each value by its path of keys and indexes."""
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: KeyPath) -> int:
        """The line of a value, or of its nearest parent."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Refused(Exception):
    def __init__(self, line: int, message: str) -> None:
        self.line, self.message = line, message
        super().__init__(message)


class _Builder:
    """Builds plain data from parser events."""

    def __init__(self, name: str, document: Document) -> None:
        self.name = name
        self.document = document

    def build(self, text: str) -> None:
        events = iter(yaml.parse(text, Loader=_Loader))
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refused(
                        event.start_mark.line + 1,
                        "a second document begins here (`---`); keep one entry per file",
                    )
                self.document.data = self._value(next(events), events, ())

    def _value(self, event: Any, events: Any, path: KeyPath) -> Any:
        line = event.start_mark.line + 1
        self.document.lines[path] = line
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(
                line,
                "anchors and aliases (`&name`, `*name`) are not allowed; write the value out, "
                "or put it in quotes if it begins with & or *",
            )
        if len(path) > MAX_DEPTH:
            raise _Refused(line, f"nested deeper than {MAX_DEPTH} levels; flatten it")
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            raise _Refused(line, f"the tag `{tag}` is not allowed; remove it")
        if isinstance(event, yaml.ScalarEvent):
            if event.style is None and event.value in _NULLS:
                return None
            return event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _sequence(self, events: Any, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Any, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        first_lines: dict[str, int] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(line, "a key must be a plain word")
            key = event.value
            value = self._value(next(events), events, (*path, key))
            if key in result:
                self.document.faults.append(
                    Fault(
                        self.name,
                        line,
                        f"the key `{key}` stands here a second time (first on line "
                        f"{first_lines[key]}); keep one of them",
                    )
                )
                continue
            first_lines[key] = line
            self.document.lines[(*path, key)] = line
            result[key] = value
        return result


def parse(text: str, name: str = "<text>") -> Document:
    """Read YAML text. Never raises: what is wrong is in the document's `faults`."""
    document = Document()
    try:
        _Builder(name, document).build(text)
    except _Refused as refused:
        document.faults.append(Fault(name, refused.line, refused.message))
    except yaml.MarkedYAMLError as error:
        document.faults.append(Fault(name, _line_of(error), _explain(error)))
    except (yaml.YAMLError, ValueError) as error:
        document.faults.append(Fault(name, 1, f"not readable as YAML: {_one_line(str(error))}"))
    return document


def read(path: Path, name: str, *, max_bytes: int) -> Document:
    """Read one file of at most `max_bytes`. Never raises: see `parse`."""
    try:
        if path.is_dir():
            return _faulty(name, "this is a folder, but a file is expected here; rename it")
        if path.stat().st_size > max_bytes:
            size = path.stat().st_size
            return _faulty(
                name, f"the file is too large ({size:,} bytes, at most {max_bytes:,}); split it"
            )
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _faulty(name, f"the file cannot be read: {reason}; check that it exists and "
                       "that aifaq may read it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return _faulty(name, "the file is not UTF-8 text; save it as UTF-8", line)
    return parse(text, name)


def _faulty(name: str, message: str, line: int = 1) -> Document:
    return Document(faults=[Fault(name, line, message)])


def _line_of(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = _one_line(error.problem or error.context or "unknown problem")
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "; put a text that contains `: ` in quotes"
    elif "cannot start any token" in problem or "tab" in problem:
        hint = "; indent with spaces, and put a text that begins with a special character in quotes"
    elif "expected <block end>" in problem or "did not find expected" in problem:
        hint = "; check the indentation and the quotes of this line and the one above"
    return f"not readable as YAML: {problem}{hint}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
