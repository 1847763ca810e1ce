"""Edits of a YAML text that change what they say and nothing else.

Each operation is cut into the text (see `yaml_source`); where the layout leaves no place for it,
ruamel.yaml rewrites the file with its comments and order. Either way the result is read again by
the strict reader and must hold exactly what was wanted.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from bot.curation.problems import Problem
from bot.curation.yaml_source import Unplaceable, Value, YamlSource
from bot.errors import CurationError
from bot.knowledge.strict_yaml import KeyPath, parse
from bot.text import reflow

BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Append:
    """One more text at the end of a list; the list is made if it is missing."""

    path: KeyPath
    value: str


@dataclass(frozen=True, slots=True)
class Put:
    """A text or a list of texts at a key, instead of what was there. An empty list drops it."""

    path: KeyPath
    value: Value


@dataclass(frozen=True, slots=True)
class Drop:
    """No such key any more."""

    path: KeyPath


Operation = Append | Put | Drop


def edit(text: str, operations: Sequence[Operation], name: str) -> str:
    """The text with all operations done, in order.

    Args:
        text: content of the file.
        operations: what to change.
        name: the file's path, for messages.

    Raises:
        CurationError: if the text is not readable, or cannot be changed so that it says what
            is wanted.
    """
    bom, text = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    for operation in operations:
        before = parse(text, name)
        if before.faults:
            raise CurationError(Problem("fault", {"fault": before.faults[0]}))
        wanted = _expected(before.data, operation)
        text = _attempt(text, operation, wanted, name)
    return bom + text


def _attempt(text: str, operation: Operation, wanted: Any, name: str) -> str:
    for way in (_cut, _rewrite):
        try:
            after = way(text, operation)
        except (Unplaceable, yaml.YAMLError, ImportError, LookupError, TypeError):
            continue
        if _canonical(parse(after, name).data) == _canonical(wanted):
            return after
    path = ".".join(map(str, operation.path))
    raise CurationError(Problem("not_editable", {"path": name, "key": path}))


def _cut(text: str, operation: Operation) -> str:
    source = YamlSource(text)
    match operation:
        case Append(path, value):
            return source.append(path, value)
        case Put(path, value) if value:
            return source.put(path, value)
        case Put(path) | Drop(path):
            return source.drop(path)


def _rewrite(text: str, operation: Operation) -> str:
    """The round trip through ruamel.yaml: comments and order stay, line breaks may move."""
    from ruamel.yaml import YAML
    from ruamel.yaml.scalarstring import LiteralScalarString

    ruamel = YAML(typ="rt")
    ruamel.preserve_quotes = True
    ruamel.width = 100
    ruamel.indent(mapping=2, sequence=4, offset=2)
    data = ruamel.load(text)
    shown: Operation = operation
    if isinstance(operation, Put) and isinstance(operation.value, str) and "\n" in operation.value:
        shown = Put(operation.path, LiteralScalarString(operation.value + "\n"))
    _do(data, shown)
    out = io.StringIO()
    ruamel.dump(data, out)
    return out.getvalue()


def _expected(data: Any, operation: Operation) -> Any:
    wanted = copy.deepcopy(data)
    try:
        _do(wanted, operation)
    except (LookupError, TypeError) as error:
        path = ".".join(map(str, operation.path))
        raise CurationError(Problem("no_such_key", {"key": path})) from error
    return wanted


def _do(data: Any, operation: Operation) -> None:
    """The operation on data, whatever its text looks like."""
    *parents, last = operation.path
    for part in parents:
        data = data[part]
    match operation:
        case Append(_, value):
            if not data.get(last):
                data[last] = []
            data[last].append(value)
        case Put(_, value) if value:
            data[last] = value
        case _:
            data.pop(last, None)


def _canonical(data: Any) -> Any:
    """Data as the loader compares it: wrapped lines joined, no space around texts."""
    if isinstance(data, dict):
        return {key: _canonical(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_canonical(value) for value in data]
    return reflow(data).strip() if isinstance(data, str) else data
