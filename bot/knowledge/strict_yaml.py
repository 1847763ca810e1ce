"""YAML as people write it, read strictly: every scalar stays text, and every value knows its line.

PyYAML's own constructors turn `no` into False and `1.10` into 1.1, let duplicate keys vanish,
and its C composer recurses without bound. This reader works on the parser's events instead:
no implicit types, no anchors, bounded depth, one pass.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_DEPTH = 20
KeyPath = tuple[str | int, ...]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = {"", "~"}
"""Plain scalars that say "nothing"; the word `null` is a word like `no`."""
_REFUSED_CHARACTERS = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML does not allow, and the invisible line separators that editors do not count."""
_REFUSED_ESCAPES = re.compile(_REFUSED_CHARACTERS.pattern.replace("\r", ""))
"""The same, and a carriage return: a line's end in a file, but written as `\\r` it hides a line."""


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
    whole: bool = True
    """False when reading stopped at a fault, so that `data` is missing something."""

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
                        _line(event),
                        "a second document begins here (`---`); keep one entry per file",
                    )
                self.document.data = self._value(next(events), events, ())

    def _value(self, event: Any, events: Any, path: KeyPath) -> Any:
        _refuse_magic(event)
        line = _line(event)
        self.document.lines[path] = line
        if len(path) > MAX_DEPTH:
            raise _Refused(line, f"nested deeper than {MAX_DEPTH} levels; flatten it")
        if isinstance(event, yaml.ScalarEvent):
            if event.style == '"' and (found := _REFUSED_ESCAPES.search(event.value)):
                self._fault(
                    line, f"`\\` writes the invisible U+{ord(found[0]):04X} here; remove it"
                )
            # The C parser gives a plain scalar the style "", the Python one None.
            return None if not event.style and event.value in _NULLS else event.value
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
            _refuse_magic(event)
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(line, "a key must be a plain word")
            key = event.value
            value = self._value(next(events), events, (*path, key))
            if key in result:
                self._fault(
                    line,
                    f"the key `{key}` stands here a second time (first on line "
                    f"{first_lines[key]}); keep one of them",
                )
                continue
            first_lines[key] = line
            self.document.lines[(*path, key)] = line
            result[key] = value
        return result

    def _fault(self, line: int, message: str) -> None:
        self.document.faults.append(Fault(self.name, line, message))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refuse_magic(event: Any) -> None:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise _Refused(
            line,
            "anchors and aliases (`&name`, `*name`) are not allowed; write the value out, "
            "or put it in quotes if it begins with & or *",
        )
    tag = getattr(event, "tag", None)
    if tag and tag != "!":
        raise _Refused(
            line,
            f"the tag `{tag}` is not allowed; remove it, or put the text in quotes if it begins "
            "with !",
        )


def parse(text: str, name: str = "<text>") -> Document:
    """Read YAML text. Never raises: what is wrong is in the document's `faults`."""
    document = Document(faults=list(_character_faults(text, name)))
    if document.faults:
        document.whole = False
        return document
    try:
        _Builder(name, document).build(text)
    except _Refused as refused:
        document.faults.append(Fault(name, refused.line, refused.message))
    except yaml.MarkedYAMLError as error:
        document.faults.append(Fault(name, _line_of(error), _explain(error)))
    except (yaml.YAMLError, ValueError) as error:
        document.faults.append(Fault(name, 1, f"not readable as YAML: {_one_line(str(error))}"))
    else:
        return document
    document.whole = False
    return document


def _character_faults(text: str, name: str) -> Iterator[Fault]:
    if not _REFUSED_CHARACTERS.search(text):
        return
    for number, line in enumerate(re.split("\r\n|\r|\n", text), start=1):
        found = _REFUSED_CHARACTERS.search(line)
        if found:
            yield Fault(
                name,
                number,
                f"the invisible character U+{ord(found[0]):04X} stands in this line; delete it",
            )


def read(path: Path, name: str, *, max_bytes: int) -> Document:
    """Read one file of at most `max_bytes`. Never raises: see `parse`."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return _faulty(name, "this is a folder, but a file is expected here; rename it")
        if not stat.S_ISREG(status.st_mode):
            return _faulty(name, "this is a pipe or a device, not a file; remove it")
        if status.st_size > max_bytes:
            return _faulty(
                name,
                f"the file is too large ({status.st_size:,} bytes, at most {max_bytes:,}); "
                "split it",
            )
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _faulty(
            name,
            f"the file cannot be read: {reason}; check that it exists and that aifaq may read it",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return _faulty(name, "the file is not UTF-8 text; save it as UTF-8", line)
    return parse(text, name)


def _faulty(name: str, message: str, line: int = 1) -> Document:
    return Document(faults=[Fault(name, line, message)], whole=False)


def _line_of(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    if "end of stream" in (error.problem or "") and error.context_mark:
        mark = error.context_mark  # where the quote was opened says more than the last line
    return mark.line + 1 if mark else 1


def _explain(error: yaml.MarkedYAMLError) -> str:
    problem = _one_line(error.problem or error.context or "unknown problem")
    hint = ""
    if "mapping values are not allowed" in problem:
        hint = "; put a text that contains `: ` in quotes, or check the indentation"
    elif "cannot start any token" in problem or "tab" in problem:
        hint = "; indent with spaces, and put a text that begins with a special character in quotes"
    elif "end of stream" in problem:
        hint = "; the quote or bracket opened here is never closed"
    elif "expected <block end>" in problem or "did not find expected" in problem:
        hint = "; check the indentation and the quotes of this line and the one above"
    return f"not readable as YAML: {problem}{hint}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
