"""The way from files to a KnowledgeBase; gathers all faults instead of stopping at the first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.errors import KnowledgeError
from bot.knowledge import schema
from bot.knowledge.base import Glossary, KnowledgeBase, OutOfScope, RegressionQuestion
from bot.knowledge.faults import explain
from bot.knowledge.files import MAX_ENTRY_BYTES, MAX_LIST_BYTES, knowledge_files
from bot.knowledge.strict_yaml import Document, Fault, read
from bot.models import Entry, EntryText, Figure, Figures, Source
from bot.text import reflow

Model = TypeVar("Model", bound=BaseModel)

NOT_ENTRIES = {"interface", "questions"}
"""Folders at the top that hold something other than entries."""
SHARED_FILES = {"sources.yaml", "glossary.yaml", "calibration.yaml"}


class Loading:
    """One run of the loader."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: list[Fault] = []
        self.entries: dict[str, Entry] = {}
        self.former_lines: dict[tuple[str, str], int] = {}
        """Line of each former id, by present id and former one."""
        self.digest = hashlib.blake2b(digest_size=16)

    def run(self) -> KnowledgeBase:
        """Read everything.

        Raises:
            KnowledgeError: with every fault of every file, when there is at least one.
        """
        self._check_folder()
        entries, shared = self._sort_files()
        for path in entries:
            self._load_entry(path)
        if not entries and not self.faults:
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
            raise KnowledgeError(sorted(set(self.faults)))
        return base

    def _check_folder(self) -> None:
        if self.root.is_dir():
            return
        what = (
            "this is a file, but a folder is expected" if self.root.exists() else "no such folder"
        )
        raise KnowledgeError(
            [
                Fault(
                    str(self.root),
                    1,
                    f"{what}; name the knowledge folder with --knowledge or AIFAQ_KNOWLEDGE",
                )
            ]
        )

    def _sort_files(self) -> tuple[list[Path], dict[str, Path]]:
        entries: list[Path] = []
        shared: dict[str, Path] = {}
        for path in knowledge_files(self.root, self._unlisted):
            parts = path.relative_to(self.root).parts
            if len(parts) == 1 and path.with_suffix(".yaml").name in SHARED_FILES:
                self._share(shared, path)
            elif parts[0] not in NOT_ENTRIES:
                entries.append(path)
        return entries, shared

    def _share(self, shared: dict[str, Path], path: Path) -> None:
        name = path.with_suffix(".yaml").name
        if name in shared:
            self._fault(path.name, 1, f"{shared[name].name} is there as well; keep one of them")
        shared.setdefault(name, path)

    def _unlisted(self, error: OSError) -> None:
        folder = Path(error.filename or self.root)
        name = folder.relative_to(self.root).as_posix() if folder != self.root else "."
        self._fault(
            name, 1, f"the folder cannot be read: {error.strerror}; check that aifaq may read it"
        )

    # One file

    def _read(self, path: Path, max_bytes: int) -> tuple[str, Document]:
        name = path.relative_to(self.root).as_posix()
        name = name.encode("utf-8", "replace").decode()
        document = read(path, name, max_bytes=max_bytes)
        self.faults += document.faults
        self.digest.update(f"{name}\0{document.data!r}\0".encode("utf-8", "replace"))
        return name, document

    def _validate(self, model: type[Model], name: str, document: Document) -> Model | None:
        if not document.whole:
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
            self._fault(
                name,
                document.line(("id",)),
                f"the id `{parsed.id}` is already used by {other}; choose another",
            )
            return
        self.entries[parsed.id] = _entry(parsed, name)
        for index, former in enumerate(parsed.formerly):
            self.former_lines[parsed.id, former] = document.line(("formerly", index))

    # Shared files

    def _load_sources(self, shared: Mapping[str, Path]) -> dict[str, Source]:
        if "sources.yaml" not in shared:
            return {}
        name, document = self._read(shared["sources.yaml"], MAX_LIST_BYTES)
        if not document.whole or document.data is None:
            return {}
        try:
            blocks = TypeAdapter(dict[str, schema.SourceBlock]).validate_python(document.data)
        except ValidationError as error:
            self.faults += explain(error, schema.SourceBlock, name, document)
            return {}
        return {
            key: Source(
                key, block.publisher, block.title, block.url, block.date or "", block.language
            )
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
        for path in knowledge_files(folder, self._unlisted) if folder.is_dir() else ():
            name, document = self._read(path, MAX_LIST_BYTES)
            parsed = self._validate(schema.QuestionsFile, name, document)
            locale = path.stem
            if not schema.is_language(locale) or path.parent != folder or path.suffix != ".yaml":
                self._fault(name, 1, "name the file after its language, such as questions/en.yaml")
            if parsed is None:
                continue
            for entry_id, blocks in parsed.entries.items():
                for index, block in enumerate(blocks):
                    line = document.line(("entries", entry_id, index))
                    accept = (entry_id, *(key for key in block.accept if key != entry_id))
                    questions.append(RegressionQuestion(block.text, locale, entry_id, accept, line))
            for kind in ("near", "far"):
                for index, text in enumerate(getattr(parsed.out_of_scope, kind)):
                    line = document.line(("out_of_scope", kind, index))
                    out_of_scope.append(OutOfScope(text, locale, kind == "near", line))
        return {"questions": tuple(questions), "out_of_scope": tuple(out_of_scope)}

    def _renamed(self) -> dict[str, str]:
        renamed: dict[str, str] = {}
        for entry in self.entries.values():
            for former in entry.formerly:
                if former in self.entries or former in renamed:
                    owner = former if former in self.entries else renamed[former]
                    self._fault(
                        entry.path,
                        self.former_lines[entry.id, former],
                        f"`formerly: {former}` is also an id of {owner}; remove it from one of "
                        "them",
                    )
                else:
                    renamed[former] = entry.id
        return renamed

    def _fault(self, name: str, line: int, message: str) -> None:
        self.faults.append(Fault(name, line, message))


def _entry(parsed: schema.EntryFile, name: str) -> Entry:
    texts = {
        locale: EntryText(
            block.question, tuple(block.variants), tuple(block.not_), reflow(block.answer)
        )
        for locale, block in parsed.texts.items()
    }
    figures = (
        None
        if parsed.figures is None
        else Figures(
            unit=parsed.figures.unit,
            scale=parsed.figures.scale,
            values=tuple(
                Figure(value.value, value.standing, value.source, value.labels)
                for value in parsed.figures.values
            ),
        )
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
        "texts": {key: [text.question, reflow(text.answer)] for key, text in parsed.texts.items()},
        "standing": parsed.standing,
        "as_of": str(parsed.as_of),
        "figures": parsed.figures.model_dump(mode="json") if parsed.figures else None,
    }
    content = json.dumps(shown, sort_keys=True).encode()
    return hashlib.blake2b(content, digest_size=5).hexdigest()
