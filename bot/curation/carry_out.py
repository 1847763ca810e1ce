"""A change becomes edits of files. Nothing is written here."""

from __future__ import annotations

from bot.curation.changes import (
    AddVariants,
    Change,
    EditTexts,
    NewEntry,
    OutOfScope,
    Reviewed,
)
from bot.curation.entry_file import render_entry
from bot.curation.files import Files
from bot.curation.problems import Problem
from bot.curation.typed import text_hash, typed_markdown, typed_phrase, typed_title
from bot.curation.yaml_edit import Append, Operation, Put, edit
from bot.errors import ChangeRefused, CurationError, EditConflict
from bot.knowledge import KnowledgeBase
from bot.knowledge.strict_yaml import parse
from bot.models import Entry
from bot.text import fold, reflow

EMPTY_QUESTIONS = "entries: {}\nout_of_scope:\n  near: []\n  far: []\n"


def carry_out(change: Change, files: Files, knowledge: KnowledgeBase) -> None:
    """Put the changed files on top of the folder.

    Args:
        change: what to do.
        files: the folder; it is read anew, so that nothing that changed meanwhile is lost.
        knowledge: the base in service, to find an entry's file.

    Raises:
        CurationError: if the change does not fit the files.
        EditConflict: if a text is no longer the one that the moderator saw.
    """
    match change:
        case AddVariants():
            _add_variants(change, files, knowledge)
        case EditTexts():
            _edit_texts(change, files, knowledge)
        case NewEntry():
            _new_entry(change, files, knowledge)
        case OutOfScope():
            _out_of_scope(change, files)
        case Reviewed():
            path, text = _entry_file(change.entry_id, files, knowledge)
            dates = [("as_of", change.as_of), ("review_by", change.review_by)]
            files.put(path, edit(text, [Put((key,), str(day)) for key, day in dates], path))


def find_entry(entry_id: str, knowledge: KnowledgeBase) -> Entry:
    """The entry of an id.

    Raises:
        CurationError: if there is none.
    """
    entry = knowledge.find(entry_id)
    if entry is None:
        raise CurationError(Problem("no_entry", {"entry": entry_id}))
    return entry


def _entry_file(entry_id: str, files: Files, knowledge: KnowledgeBase) -> tuple[str, str]:
    entry = find_entry(entry_id, knowledge)
    text = files.read(entry.path)
    if text is None or not _has_id(text, entry.id):
        raise EditConflict(Problem("file_moved", {"path": entry.path, "entry": entry.id}))
    return entry.path, text


def _has_id(text: str, entry_id: str) -> bool:
    document = parse(text.removeprefix("\ufeff"))
    if document.faults:
        return True  # the edit names the fault
    return isinstance(document.data, dict) and document.data.get("id") == entry_id


def _add_variants(change: AddVariants, files: Files, knowledge: KnowledgeBase) -> None:
    path, text = _entry_file(change.entry_id, files, knowledge)
    data = parse(text.removeprefix("\ufeff"), path).data or {}
    block = data.get(change.locale)
    if not isinstance(block, dict):
        raise CurationError(
            Problem("no_language", {"entry": change.entry_id, "language": change.locale})
        )
    known = {_key(phrase) for phrase in (block.get("question"), *(block.get("variants") or ()))}
    operations: list[Operation] = []
    for wording in map(typed_phrase, change.texts):
        if wording and _key(wording) not in known:
            known.add(_key(wording))
            operations.append(Append((change.locale, "variants"), wording))
    if not operations:
        raise ChangeRefused(
            Problem("known_variant", {"entry": change.entry_id, "text": change.texts[0]})
        )
    files.put(path, edit(text, operations, path))


def _key(phrase: object) -> str:
    return " ".join(fold(str(phrase)).split())


def _edit_texts(change: EditTexts, files: Files, knowledge: KnowledgeBase) -> None:
    path, text = _entry_file(change.entry_id, files, knowledge)
    data = parse(text.removeprefix("\ufeff"), path).data or {}
    operations: list[Operation] = []
    clashes = []
    for wanted in change.edits:
        make = typed_title if wanted.field == "question" else typed_markdown
        new = make(wanted.text, wanted.locale)
        block = data.get(wanted.locale)
        if not isinstance(block, dict):
            raise CurationError(
                Problem("no_language", {"entry": change.entry_id, "language": wanted.locale})
            )
        now = reflow(str(block.get(wanted.field) or ""))
        if text_hash(now) == text_hash(new):
            continue
        if text_hash(now) != wanted.old:
            clashes.append(
                Problem("conflict", {"entry": change.entry_id, "language": wanted.locale,
                                     "field": wanted.field})
            )
        operations.append(Put((wanted.locale, wanted.field), new))
    if clashes:
        raise EditConflict(*clashes)
    if not operations:
        raise ChangeRefused(Problem("no_change", {"entry": change.entry_id}))
    files.put(path, edit(text, operations, path))


def _new_entry(change: NewEntry, files: Files, knowledge: KnowledgeBase) -> None:
    missing = [
        Problem("missing_text", {"language": locale, "field": field})
        for locale, text in change.texts.items()
        for field in ("question", "answer")
        if not getattr(text, field).strip()
    ]
    if missing or not change.texts:
        raise ChangeRefused(*missing or [Problem("missing_text", {"language": "en",
                                                                  "field": "question"})])
    path = entry_path(change)
    if knowledge.find(change.entry_id) is not None or files.read(path) is not None:
        raise ChangeRefused(Problem("id_taken", {"entry": change.entry_id}))
    files.put(path, render_new(change))


def entry_path(change: NewEntry) -> str:
    """Where the entry's file goes."""
    return f"{change.category}/{change.entry_id}.yaml"


def render_new(change: NewEntry) -> str:
    """The entry's file; what is still to be written is empty."""
    return render_entry(_entry_data(change))


def _entry_data(change: NewEntry) -> dict[str, object]:
    data: dict[str, object] = {
        "id": change.entry_id, "category": change.category, "as_of": str(change.as_of),
    }
    for locale, text in change.texts.items():
        question = typed_title(text.question, locale)
        variants = dict.fromkeys(
            variant for variant in map(typed_phrase, text.variants)
            if variant and _key(variant) != _key(question)
        )
        block: dict[str, object] = {"question": question}
        if variants:
            block["variants"] = list(variants)
        data[locale] = {**block, "answer": typed_markdown(text.answer, locale)}
    return data


def _out_of_scope(change: OutOfScope, files: Files) -> None:
    changed = False
    for item in change.texts:
        path = f"questions/{item.locale}.yaml"
        text = files.read(path) or EMPTY_QUESTIONS
        data = parse(text.removeprefix("\ufeff"), path).data or {}
        scope = data.get("out_of_scope")
        wording = typed_phrase(item.text)
        if isinstance(scope, dict) and _key(wording) in {
            _key(known) for group in scope.values() for known in group or ()
        }:
            continue
        if not isinstance(scope, dict):
            text = text.rstrip("\n") + "\nout_of_scope:\n  near: []\n  far: []\n"
        group = "near" if item.near else "far"
        files.put(path, edit(text, [Append(("out_of_scope", group), wording)], path))
        changed = True
    if not changed:
        raise ChangeRefused(Problem("known_out_of_scope", {"text": change.texts[0].text}))
