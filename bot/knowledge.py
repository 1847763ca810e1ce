"""A folder of YAML files becomes a KnowledgeBase, or a complete list of what is wrong with it.

Loading is all or nothing: a caller that has a base in service keeps it when this raises.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from bot import schema
from bot.errors import KnowledgeError
from bot.models import Entry, EntryText, Figure, Figures, Locale, Source
from bot.strict_yaml import Document, Fault, KeyPath, read
from bot.text import reflow

__all__ = [
    "BUNDLED",
    "Fault",
    "KnowledgeBase",
    "OutOfScope",
    "RegressionQuestion",
    "content_hash",
    "load_knowledge",
]

Model = TypeVar("Model", bound=BaseModel)

BUNDLED = Path(__file__).resolve().parent.parent / "knowledge"
"""The knowledge base that ships with aifaq."""

MAX_ENTRY_BYTES = 512 * 1024
MAX_LIST_BYTES = 16 * 1024 * 1024
NOT_ENTRIES = {"interface", "questions"}
"""Folders at the top that hold something other than entries."""
SHARED_FILES = {"sources.yaml", "glossary.yaml", "calibration.yaml"}


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
    return _Loading(Path(root)).run()


def knowledge_files(root: Path) -> Iterator[Path]:
    """All YAML files of a knowledge folder, sorted; hidden ones and mount internals left out."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield Path(folder, name)


def content_hash(root: Path) -> str:
    """Hash of names and bytes of all YAML files; what decides whether to reload.

    Raises:
        OSError: if a file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in knowledge_files(root):
        digest.update(path.relative_to(root).as_posix().encode("utf-8", "surrogateescape"))
        digest.update(hashlib.blake2b(path.read_bytes(), digest_size=16).digest())
    return digest.hexdigest()


class _Loading:
    """One run of the loader; gathers faults instead of stopping at the first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: list[Fault] = []
        self.entries: dict[str, Entry] = {}
        self.digest = hashlib.blake2b(digest_size=16)

    def run(self) -> KnowledgeBase:
        self._check_folder()
        entries, shared = self._sort_files()
        for path in entries:
            self._load_entry(path)
        if not entries:
            self._fault(".", 1, "no entries found; add files such as budget/my-entry.yaml")
        base = KnowledgeBase(
            root=self.root,
            entries=self.entries,
            sources=self._load_sources(shared),
            glossary=self._load_glossary(shared),
            **self._load_questions(),
            renamed=self._renamed(),
            fingerprint=self.digest.hexdigest(),
        )
        if self.faults:
            raise KnowledgeError(sorted(self.faults))
        return base

    def _check_folder(self) -> None:
        if self.root.is_dir():
            return
        what = "this is a file, but a folder is expected" if self.root.exists() else "no such folder"
        raise KnowledgeError(
            [Fault(str(self.root), 1, f"{what}; name the knowledge folder with --knowledge or "
                   "AIFAQ_KNOWLEDGE")]
        )

    def _sort_files(self) -> tuple[list[Path], dict[str, Path]]:
        entries: list[Path] = []
        shared: dict[str, Path] = {}
        for path in knowledge_files(self.root):
            parts = path.relative_to(self.root).parts
            if len(parts) == 1 and parts[0] in SHARED_FILES:
                shared[parts[0]] = path
            elif parts[0] not in NOT_ENTRIES:
                entries.append(path)
        for name in SHARED_FILES:
            if (self.root / name).is_dir():
                shared[name] = self.root / name
        return entries, shared

    # One file

    def _read(self, path: Path, max_bytes: int) -> tuple[str, Document]:
        name = path.relative_to(self.root).as_posix()
        name = name.encode("utf-8", "replace").decode()
        document = read(path, name, max_bytes=max_bytes)
        self.faults += document.faults
        self.digest.update(f"{name}\0{document.data!r}\0".encode("utf-8", "replace"))
        return name, document

    def _validate(self, model: type[Model], name: str, document: Document) -> Model | None:
        if document.faults:
            return None
        try:
            return model.model_validate({} if document.data is None else document.data)
        except ValidationError as error:
            self.faults += explain(error, model, name, document)
            return None

    def _load_entry(self, path: Path) -> None:
        name, document = self._read(path, MAX_ENTRY_BYTES)
        parsed = self._validate(schema.EntryFile, name, document)
        if parsed is None:
            return
        if parsed.id in self.entries:
            other = self.entries[parsed.id].path
            self._fault(name, document.line(("id",)),
                        f"the id `{parsed.id}` is already used by {other}; choose another")
            return
        self.entries[parsed.id] = _entry(parsed, name)

    # Shared files

    def _load_sources(self, shared: Mapping[str, Path]) -> dict[str, Source]:
        if "sources.yaml" not in shared:
            return {}
        name, document = self._read(shared["sources.yaml"], MAX_LIST_BYTES)
        if document.faults or document.data is None:
            return {}
        try:
            blocks = TypeAdapter(dict[str, schema.SourceBlock]).validate_python(document.data)
        except ValidationError as error:
            self.faults += explain(error, schema.SourceBlock, name, document)
            return {}
        return {
            key: Source(key, block.publisher, block.title, block.url, block.date or "",
                        block.language)
            for key, block in blocks.items()
        }

    def _load_glossary(self, shared: Mapping[str, Path]) -> Glossary:
        if "glossary.yaml" not in shared:
            return Glossary()
        name, document = self._read(shared["glossary.yaml"], MAX_LIST_BYTES)
        parsed = self._validate(schema.GlossaryFile, name, document)
        if parsed is None:
            return Glossary()
        return Glossary(
            names={key: tuple(words) for key, words in parsed.names.items()},
            synonyms={
                key: tuple(word for words in by_locale.values() for word in words)
                for key, by_locale in parsed.synonyms.items()
            },
        )

    def _load_questions(self) -> dict[str, Any]:
        questions: list[RegressionQuestion] = []
        out_of_scope: list[OutOfScope] = []
        folder = self.root / "questions"
        for path in knowledge_files(folder) if folder.is_dir() else ():
            name, document = self._read(path, MAX_LIST_BYTES)
            parsed = self._validate(schema.QuestionsFile, name, document)
            if parsed is None:
                continue
            locale = path.stem
            for entry_id, blocks in parsed.entries.items():
                for index, block in enumerate(blocks):
                    line = document.line(("entries", entry_id, index))
                    accept = (entry_id, *(key for key in block.accept if key != entry_id))
                    questions.append(
                        RegressionQuestion(block.text, locale, entry_id, accept, line)
                    )
            for near, texts in ((True, parsed.out_of_scope.near), (False, parsed.out_of_scope.far)):
                out_of_scope += [OutOfScope(text, locale, near) for text in texts]
        return {"questions": tuple(questions), "out_of_scope": tuple(out_of_scope)}

    def _renamed(self) -> dict[str, str]:
        renamed: dict[str, str] = {}
        for entry in self.entries.values():
            for former in entry.formerly:
                if former in self.entries or former in renamed:
                    owner = former if former in self.entries else renamed[former]
                    self._fault(entry.path, 1,
                                f"`formerly: {former}` is the id of another entry ({owner}); "
                                "remove it from one of them")
                else:
                    renamed[former] = entry.id
        return renamed

    def _fault(self, name: str, line: int, message: str) -> None:
        self.faults.append(Fault(name, line, message))


def _entry(parsed: schema.EntryFile, name: str) -> Entry:
    texts = {
        locale: EntryText(block.question, tuple(block.variants), tuple(block.not_),
                          reflow(block.answer))
        for locale, block in parsed.texts.items()
    }
    figures = parsed.figures and Figures(
        unit=parsed.figures.unit,
        scale=parsed.figures.scale,
        values=tuple(
            Figure(value.value, value.standing, value.source, value.labels)
            for value in parsed.figures.values
        ),
    )
    return Entry(
        id=parsed.id,
        category=parsed.category,
        texts=texts,
        standing=parsed.standing,
        as_of=parsed.as_of,
        review_by=parsed.review_by,
        sources=tuple(parsed.sources),
        related=tuple(parsed.related),
        figures=figures,
        formerly=tuple(parsed.formerly),
        path=name,
        revision=_revision(parsed),
    )


def _revision(parsed: schema.EntryFile) -> str:
    shown = {
        "texts": {key: [text.question, text.answer] for key, text in parsed.texts.items()},
        "standing": parsed.standing,
        "as_of": str(parsed.as_of),
        "figures": parsed.figures.model_dump(mode="json") if parsed.figures else None,
    }
    content = json.dumps(shown, sort_keys=True).encode()
    return hashlib.blake2b(content, digest_size=5).hexdigest()


# Validation errors in words


def explain(
    error: ValidationError, model: type[BaseModel], name: str, document: Document
) -> list[Fault]:
    """Turn pydantic's errors into faults with a line, a reason and a remedy."""
    faults = []
    for details in error.errors(include_url=False):
        # `texts` exists in the model only; in the file the languages stand at the top.
        path = tuple(part for part in details["loc"] if part != "texts")
        faults.append(Fault(name, document.line(path), _sentence(details, path, model)))
    return faults


def _sentence(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in path)
    kind = details["type"]
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), details["loc"], model)
    if kind == "missing":
        return f"`{where}` is missing; add it"
    if kind == "value_error":
        reason = str(details.get("ctx", {}).get("error", details["msg"]))
        return f"`{where}`: {reason}" if where else reason
    got = details.get("input")
    shown = f" (found {_short(got)})" if isinstance(got, str | None | int) else ""
    return f"`{where}`: {_REMEDIES.get(kind, details['msg'])}{shown}"


_REMEDIES = {
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "has characters or a form that is not allowed here; use lower-case "
    "letters, digits and hyphens for ids, and a full https:// address for `url`",
    "list_type": "must be a list, one `- item` per line",
    "dict_type": "must be a block of `key: value` lines",
    "model_type": "must be a block of `key: value` lines",
    "date_from_datetime_parsing": "must be a date such as 2026-11-01",
    "date_parsing": "must be a date such as 2026-11-01",
    "float_parsing": "must be a plain number such as 5576000",
    "finite_number": "must be a finite number",
    "enum": "must be one of confirmed, claimed, disputed",
    "literal_error": "must be one of linear, log",
}


def _unknown_key(key: str, loc: KeyPath, model: type[BaseModel]) -> str:
    known = sorted(_known_keys(model, loc[:-1]))
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    if near:
        return f"unknown key `{key}`; did you mean `{near[0]}`?"
    return f"unknown key `{key}`; known here are {', '.join(f'`{name}`' for name in known)}"


def _known_keys(model: type[BaseModel], parents: KeyPath) -> set[str]:
    """The keys that the (possibly nested) model at `parents` knows."""
    current: Any = model
    for part in parents:
        if isinstance(current, type) and issubclass(current, BaseModel):
            field_info = current.model_fields.get(str(part))
            current = _inner_model(field_info.annotation) if field_info else current
    names = {
        info.alias or name
        for name, info in current.model_fields.items()
        if name != "texts"
    }
    return names | ({"en", "fr"} if "texts" in current.model_fields else set())


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _inner_model(argument)
        if found is not None:
            return found
    return None


def _short(value: Any) -> str:
    return f"`{str(value)[:60]}`" if value is not None else "nothing"
