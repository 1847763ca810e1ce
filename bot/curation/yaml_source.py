"""The text of a YAML file with the place of every value in it.

Changes are cut into the text itself, so that every other byte stays: comments, quotes, order,
line width. PyYAML's own marks say where a value stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from bot.curation.entry_file import block_lines
from bot.curation.scalars import DATES, KEY_ORDER, inline, paragraphs, scalar
from bot.knowledge.strict_yaml import KeyPath

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Value = str | list[str] | dict[str, Any]
"""A text, a list of texts, figures, or a language's block."""

class Unplaceable(Exception):
    """The file's layout leaves no place to cut this change in."""


class YamlSource:
    """One file's text, parsed once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._root = yaml.compose(text, Loader=_Loader)

    # Finding

    def find(self, path: KeyPath) -> Any:
        """The node at a path of keys and indexes, or None."""
        node = self._root
        for part in path:
            if isinstance(node, yaml.MappingNode):
                node = next((value for key, value in node.value if key.value == part), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                node = node.value[part] if part < len(node.value) else None
            else:
                return None
        return node

    def end(self, node: Any) -> int:
        """Where a value's text ends; YAML's own end mark lies behind comments and blank lines."""
        if isinstance(node, yaml.ScalarNode):
            if node.style in ("|", ">"):
                return self._block_end(node)
            return int(node.end_mark.index)
        if node.flow_style or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self.end(last[1] if isinstance(last, tuple) else last)

    def _block_end(self, node: Any) -> int:
        begin = self.line_end(node.start_mark.index)
        body = self.text[begin : node.end_mark.index]
        return begin + len(body.rstrip())

    def line_end(self, at: int) -> int:
        """Index of the line break behind `at`, or of the text's end."""
        found = self.text.find("\n", at)
        if found < 0:
            return len(self.text)
        return found - 1 if self.text[found - 1 : found] == "\r" else found

    def line_start(self, at: int) -> int:
        """Index of the first character of the line that `at` is in."""
        return self.text.rfind("\n", 0, at) + 1

    # Cutting

    def splice(self, start: int, end: int, new: str) -> str:
        """The text with `new` instead of what stands between two indexes."""
        return self.text[:start] + new.replace("\n", self.newline) + self.text[end:]

    def append(self, path: KeyPath, value: str) -> str:
        """The text with one more item at the end of a list, which is made if it is missing."""
        node = self.find(path)
        if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
            return self.put(path, [value])
        if not isinstance(node, yaml.SequenceNode):
            raise Unplaceable
        if node.flow_style:
            if not node.value:
                return self.splice(node.start_mark.index, self.end(node), inline([value]))
            at = self.end(node.value[-1])
            return self.splice(at, at, f", {scalar(value, flow=True)}")
        column = node.start_mark.column
        at = self.line_end(self.end(node))
        gap = " " * max(1, node.value[-1].start_mark.column - column - 1)
        return self.splice(at, at, f"\n{' ' * column}-{gap}{scalar(value)}")

    def put(self, path: KeyPath, value: Value) -> str:
        """The text with another value at a key; a missing key gets a place among its siblings."""
        node = self.find(path)
        if isinstance(value, dict):
            return self._put_mapping(path, value)
        if node is None:
            return self._insert(path, value)
        if isinstance(node, yaml.ScalarNode):
            return self._put_scalar(path, node, value)
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            return self._put_items(node, value)
        return self.splice(node.start_mark.index, self.end(node), _shown(path, value))

    def _put_scalar(self, path: KeyPath, node: Any, value: str | list[str]) -> str:
        column = self._key_column(path)
        if node.style in ("|", ">"):
            return self._put_block(node, column, value)
        if isinstance(value, list):
            return self._replace_empty(path, node, value)
        shown = f"|\n{self._block(value, column + 2)}" if "\n" in value else _shown(path, value)
        start, end = node.start_mark.index, self.end(node)
        return self.splice(start, end, shown if end > start else f" {shown}")

    def drop(self, path: KeyPath) -> str:
        """The text without a key and its value."""
        key = self._key(path)
        start, end = self.line_start(key.start_mark.index), self.line_end(self.end(self.find(path)))
        if self.text[start : key.start_mark.index].strip():
            raise Unplaceable
        return self.text[:start] + self.text[end:].removeprefix("\r").removeprefix("\n")

    # Parts

    def _put_mapping(self, path: KeyPath, value: dict[str, Any]) -> str:
        parent, key = self.find(path[:-1]), str(path[-1])
        if not isinstance(parent, yaml.MappingNode) or parent.flow_style or not parent.value:
            raise Unplaceable
        column = parent.value[0][0].start_mark.column
        body = "\n".join(
            " " * (column + 2) + line if line else "" for line in block_lines(key, value)
        )
        shown = f"{' ' * column}{key}:\n{body}"
        node = self.find(path)
        if node is None:
            at = self.line_end(self.end(self._predecessor(parent, key)))
            return self.splice(at, at, f"\n{shown}")
        start = self.line_start(self._key(path).start_mark.index)
        return self.splice(start, self.line_end(self.end(node)), shown)

    def _put_block(self, node: Any, column: int, value: Value) -> str:
        if not isinstance(value, str):
            raise Unplaceable
        header_end = self.line_end(node.start_mark.index)
        header = self.text[node.start_mark.index : header_end] if node.style == "|" else "|"
        body = self.text[header_end : self.end(node)].lstrip("\r\n")
        indent = len(body) - len(body.lstrip(" ")) or column + 2
        lines = self._block(value, indent, node.value)
        return self.splice(node.start_mark.index, self.end(node), f"{header}\n{lines}")

    @staticmethod
    def _block(value: str, indent: int, before: str = "") -> str:
        width = max(40, 104 - indent)
        return "\n".join(
            " " * indent + line if line else "" for line in paragraphs(value, before, width)
        )

    def _put_items(self, node: Any, value: Value) -> str:
        """Items that stay keep their lines, with the comments above and behind them."""
        if not isinstance(value, list) or not value:
            raise Unplaceable
        column = node.start_mark.column
        known: dict[str, str] = {}
        begin = start = self.line_start(node.start_mark.index)
        for item in node.value:
            end = self.line_end(self.end(item))
            known.setdefault(item.value, self.text[start:end].lstrip("\r\n"))
            start = end
        lines = [known.pop(item, f"{' ' * column}- {scalar(item)}") for item in value]
        return self.splice(begin, start, "\n".join(line.replace("\r\n", "\n") for line in lines))

    def _replace_empty(self, path: KeyPath, node: Any, value: str | list[str]) -> str:
        if node.value:
            raise Unplaceable
        lines = self._items(value, self._key_column(path) + 2)
        at = self.line_end(node.start_mark.index)
        return self.splice(at, at, "\n" + lines)

    def _insert(self, path: KeyPath, value: str | list[str]) -> str:
        parent = self.find(path[:-1])
        if not isinstance(parent, yaml.MappingNode) or parent.flow_style or not parent.value:
            raise Unplaceable
        key = str(path[-1])
        column = parent.value[0][0].start_mark.column
        at = self.line_end(self.end(self._predecessor(parent, key)))
        if isinstance(value, str):
            shown = _shown(path, value)
            if key == "answer" or "\n" in value:
                shown = "|\n" + self._block(value, column + 2)
            return self.splice(at, at, f"\n{' ' * column}{key}: {shown}")
        if key in ("sources", "related", "formerly"):
            return self.splice(at, at, f"\n{' ' * column}{key}: {inline(value)}")
        return self.splice(at, at, f"\n{' ' * column}{key}:\n{self._items(value, column + 2)}")

    @staticmethod
    def _predecessor(parent: Any, key: str) -> Any:
        if key not in KEY_ORDER:
            return parent.value[-1][1]
        before = set(KEY_ORDER[: KEY_ORDER.index(key)])
        places = [value for name, value in parent.value if name.value in before]
        if not places:
            raise Unplaceable
        return places[-1]

    @staticmethod
    def _items(value: str | list[str], column: int) -> str:
        items = [value] if isinstance(value, str) else value
        return "\n".join(f"{' ' * column}- {scalar(item)}" for item in items)

    def _key(self, path: KeyPath) -> Any:
        for key, _ in self._pairs(path[:-1]):
            if key.value == path[-1]:
                return key
        raise Unplaceable

    def _pairs(self, path: KeyPath) -> Iterator[tuple[Any, Any]]:
        parent = self.find(path)
        if not isinstance(parent, yaml.MappingNode) or parent.flow_style:
            raise Unplaceable
        yield from parent.value

    def _key_column(self, path: KeyPath) -> int:
        return int(self._key(path).start_mark.column)


def _shown(path: KeyPath, value: str | list[str]) -> str:
    return value if path[-1] in DATES and isinstance(value, str) else inline(value)
