"""What the checks look at: the base, the day, the matcher, and where in a file something stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from bot.knowledge import MAX_LIST_BYTES, KnowledgeBase
from bot.knowledge.strict_yaml import Document, read
from bot.lint.finding import Finding, Severity
from bot.models import Entry, EntryText, Locale
from bot.text import words

if TYPE_CHECKING:
    from bot.matching import Matcher

Place = tuple[str | int, ...]
"""Keys and indexes from the top of a file, such as ("fr", "variants", 3)."""


class Base:
    """A loaded base under inspection. Files are read again only where a line is wanted."""

    def __init__(self, knowledge: KnowledgeBase, matcher: Matcher | None, today: date) -> None:
        self.knowledge = knowledge
        self.today = today
        self._matcher = matcher
        self._documents: dict[str, Document] = {}

    @cached_property
    def matcher(self) -> Matcher:
        """The engine, built on first use."""
        if self._matcher is not None:
            return self._matcher
        from bot.matching import Matcher

        return Matcher(self.knowledge)

    @property
    def entries(self) -> Iterator[Entry]:
        """All entries, in file order."""
        yield from self.knowledge.entries.values()

    @property
    def texts(self) -> Iterator[tuple[Entry, Locale, EntryText]]:
        """All entries in all their languages."""
        for entry in self.entries:
            for locale, text in entry.texts.items():
                yield entry, locale, text

    @property
    def phrasings(self) -> Iterator[tuple[Entry, Place, str]]:
        """All canonical questions and variants with their place."""
        for entry, locale, text in self.texts:
            yield entry, (locale, "question"), text.question
            for index, variant in enumerate(text.variants):
                yield entry, (locale, "variants", index), variant

    def document(self, path: str) -> Document:
        """A file with its line numbers; an empty one if it is not there."""
        if path not in self._documents:
            self._documents[path] = read(self.knowledge.root / path, path, max_bytes=MAX_LIST_BYTES)
        return self._documents[path]

    def source_lines(self, path: str) -> list[str]:
        """The raw lines of a file; none if it is not there."""
        try:
            text = (self.knowledge.root / path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return []
        return text.split("\n")

    def line_with(self, path: str, place: Place, *fragments: str) -> int:
        """Line of the first fragment that stands in one line of a value that may span lines."""
        start = self.document(path).line(place)
        lines = self.source_lines(path)[start - 1 :]
        for fragment in fragments:
            for number, line in enumerate(lines, start=start):
                if fragment in line:
                    return number
        return start

    def error(self, path: str, place: Place, code: str, message: str) -> Finding:
        """Something that people would meet as wrong."""
        return Finding(path, self.document(path).line(place), Severity.ERROR, code, message)

    def warning(self, path: str, place: Place, code: str, message: str) -> Finding:
        """Something that works but could be better."""
        return Finding(path, self.document(path).line(place), Severity.WARNING, code, message)


def likeness(text: str) -> tuple[str, ...]:
    """What two phrasings share when they are the same to the matcher: their folded words."""
    return tuple(words(text))
