"""What was loaded from a knowledge folder: frozen values, ready to be indexed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.models import Entry, Locale, Source


@dataclass(frozen=True, slots=True)
class RegressionQuestion:
    """A question with the entry that must answer it."""

    text: str
    locale: Locale
    entry_id: str
    accept: tuple[str, ...]
    """All ids that count as right, the first one included."""
    line: int
    """Where it stands in `questions/<locale>.yaml`."""


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A question that must get no answer."""

    text: str
    locale: Locale
    near: bool
    """About the same field, so that it looks alike."""
    line: int = 1
    """Where it stands in `questions/<locale>.yaml`."""


@dataclass(frozen=True, slots=True)
class Glossary:
    """Names, and words that mean the same."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Canonical name -> other spellings."""
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Concept -> its words in all languages."""


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """All that was loaded from one folder, at one moment."""

    root: Path
    entries: Mapping[str, Entry]
    """By id, in file order."""
    sources: Mapping[str, Source]
    glossary: Glossary
    questions: tuple[RegressionQuestion, ...]
    out_of_scope: tuple[OutOfScope, ...]
    fingerprint: str
    """Hash of the content that was read."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Former id -> present id."""

    def find(self, entry_id: str) -> Entry | None:
        """The entry of this id, or of the entry that had it before."""
        return self.entries.get(self.renamed.get(entry_id, entry_id))

    @property
    def locales(self) -> tuple[Locale, ...]:
        """Languages that have at least one entry, the most complete first."""
        counts: dict[Locale, int] = {}
        for entry in self.entries.values():
            for locale in entry.texts:
                counts[locale] = counts.get(locale, 0) + 1
        return tuple(sorted(counts, key=lambda locale: (-counts[locale], locale)))

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories in order of first appearance."""
        return tuple(dict.fromkeys(entry.category for entry in self.entries.values()))
