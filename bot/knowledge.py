"""A folder of YAML files becomes a KnowledgeBase, or a complete list of what is wrong with it.

Loading is all or nothing: a caller that has a base in service keeps it when this raises.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from bot.models import Entry, Locale, Source
from bot.strict_yaml import Fault

__all__ = [
    "BUNDLED",
    "Fault",
    "KnowledgeBase",
    "OutOfScope",
    "RegressionQuestion",
    "content_hash",
    "load_knowledge",
]

BUNDLED = Path(__file__).resolve().parent.parent / "knowledge"
"""The knowledge base that ships with aifaq."""

MAX_ENTRY_BYTES = 512 * 1024
MAX_LIST_BYTES = 16 * 1024 * 1024
SUFFIXES = (".yaml", ".yml")


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


def load_knowledge(root: Path | str = BUNDLED) -> KnowledgeBase:
    """Load a knowledge folder.

    Raises:
        KnowledgeError: with every fault of every file, when there is at least one.
    """
    # The loader brings pydantic along, which takes longer to import than a command takes to start.
    from bot.loading import Loading

    return Loading(Path(root)).run()


def knowledge_files(
    root: Path, on_error: Callable[[OSError], None] | None = None
) -> Iterator[Path]:
    """All YAML files of a knowledge folder, sorted; hidden ones and mount internals left out.

    A folder that is named like a file is among them, for its reader to complain.
    `on_error` is told of folders that cannot be listed.
    """
    for folder, folders, files in os.walk(root, onerror=on_error):
        odd = [name for name in folders if name.endswith(SUFFIXES)]
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in odd
        )
        for name in sorted([*files, *odd]):
            if name.endswith(SUFFIXES) and not name.startswith("."):
                yield Path(folder, name)


def content_hash(root: Path) -> str:
    """Hash of names and bytes of all YAML files; what decides whether to reload.

    Of what is no file, or larger than any file that can be loaded, the state counts instead.

    Raises:
        OSError: if a file or folder cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in knowledge_files(root, _raise):
        digest.update(path.relative_to(root).as_posix().encode("utf-8", "surrogateescape"))
        digest.update(hashlib.blake2b(_content(path), digest_size=16).digest())
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    status = path.stat()
    if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_LIST_BYTES:
        return path.read_bytes()
    return f"{status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()


def _raise(error: OSError) -> NoReturn:
    raise error
