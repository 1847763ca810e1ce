"""Entries as forms, and forms as changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.curation.changes import EditTexts, NewEntry, make_change
from bot.curation.problems import Problem
from bot.curation.typed import text_hash, typed_markdown, typed_title
from bot.errors import ChangeRefused, CurationError
from bot.knowledge import KnowledgeBase
from bot.models import Entry, Locale
from bot.moderation.misses import Cluster
from bot.moderation.views import EntryForm
from bot.text import words

FIELDS = ("question", "answer")
_HASH = 6
_ID_WORDS = 6
_LITTLE = frozenset(
    word
    for line in (
        "a an the is are was of to in on for and or do does did how what why when who which it its",
        "le la les un une des du de d l est sont et ou en que qui quoi comment pourquoi quel",
        "quelle qu y t il ce c s",
    )
    for word in line.split()
)
"""Words that tell little about a question, in both languages."""


def form_of(entry: Entry) -> EntryForm:
    """The form that shows an entry as it is."""
    return EntryForm(
        id=entry.id,
        category=entry.category,
        questions={locale: text.question for locale, text in entry.texts.items()},
        answers={locale: text.answer for locale, text in entry.texts.items()},
        variants={locale: text.variants for locale, text in entry.texts.items()},
        base="".join(
            text_hash(getattr(entry.texts[locale], field))
            for locale in sorted(entry.texts) for field in FIELDS
        ),
    )


def edit_of(entry: Entry, form: EntryForm) -> EditTexts:
    """The change that a form asks for: fields that differ from what the moderator saw.

    A field that somebody else changed meanwhile, and this moderator did not, stays as it is now.

    Raises:
        ChangeRefused: if nothing differs.
        CurationError: if the form was not made from this entry's languages.
    """
    keys = [(locale, field) for locale in sorted(entry.texts) for field in FIELDS]
    if len(form.base) != _HASH * len(keys):
        raise CurationError(Problem("file_moved", {"path": entry.path, "entry": entry.id}))
    edits = []
    for at, (locale, field) in enumerate(keys):
        old = form.base[at * _HASH : (at + 1) * _HASH]
        texts = form.questions if field == "question" else form.answers
        typed = texts.get(locale, "")
        new = typed_title(typed, locale) if field == "question" else typed_markdown(typed, locale)
        if new and text_hash(new) != old:
            edits.append({"locale": locale, "field": field, "text": new, "old": old})
    if not edits:
        raise ChangeRefused(Problem("no_change", {"entry": entry.id}))
    change: EditTexts = make_change(EditTexts, entry_id=entry.id, edits=edits)
    return change


def form_of_edit(change: EditTexts, entry: Entry) -> EntryForm:
    """The entry as it is now, with a draft's texts in place of its own."""
    form = form_of(entry)
    texts = {"question": dict(form.questions), "answer": dict(form.answers)}
    for edit in change.edits:
        texts[edit.field][edit.locale] = edit.text
    return replace(form, questions=texts["question"], answers=texts["answer"])


def entry_of(form: EntryForm) -> NewEntry:
    """The new entry that a form describes; it may still lack texts.

    Raises:
        CurationError: if the id, the category or a text is not usable.
    """
    locales = sorted({*form.questions, *form.answers, *form.variants})
    texts = {
        locale: {
            "question": form.questions.get(locale, ""),
            "answer": form.answers.get(locale, ""),
            "variants": list(form.variants.get(locale, ())),
        }
        for locale in locales
    }
    # A language that nobody wrote anything in is not begun.
    begun = {locale: text for locale, text in texts.items() if text["question"] or text["answer"]}
    change: NewEntry = make_change(
        NewEntry, entry_id=form.id, category=form.category, as_of=datetime.now(UTC).date(),
        texts=begun or texts,
    )
    return change


def form_of_new(change: NewEntry) -> EntryForm:
    """The form that shows a drafted entry."""
    return EntryForm(
        id=change.entry_id,
        category=change.category,
        questions={locale: text.question for locale, text in change.texts.items()},
        answers={locale: text.answer for locale, text in change.texts.items()},
        variants={locale: text.variants for locale, text in change.texts.items()},
    )


def empty_form(knowledge: KnowledgeBase, locales: Iterable[Locale]) -> EntryForm:
    """A form with nothing in it yet."""
    empty = dict.fromkeys(locales, "")
    return EntryForm("", next(iter(knowledge.categories)), empty, dict(empty), {})


def form_from_cluster(
    cluster: Cluster, knowledge: KnowledgeBase, locales: Iterable[Locale]
) -> EntryForm:
    """A form for a new entry: the group's wordings by language, the answers still to be written."""
    wordings: dict[Locale, list[str]] = {locale: [] for locale in locales}
    for text in cluster.texts:
        if not text.trimmed:
            wordings.setdefault(text.locale, []).append(text.text)
    near = knowledge.find(cluster.near[0].entry_id) if cluster.near else None
    return EntryForm(
        id=new_id(cluster.title, knowledge.entries),
        category=near.category if near else next(iter(knowledge.categories)),
        questions={locale: _title(found[0]) if found else "" for locale, found in wordings.items()},
        answers=dict.fromkeys(wordings, ""),
        variants={locale: tuple(found[1:]) for locale, found in wordings.items()},
    )


def new_id(title: str, taken: Mapping[str, object]) -> str:
    """An id of the words that matter in a question, not used yet."""
    found = [word for word in words(re.sub(r"[\[\]]", " ", title)) if word.isascii()]
    telling = [word for word in found if word not in _LITTLE] or found or ["entry"]
    stem = "-".join(re.sub(r"[^a-z0-9]", "", word) for word in telling[:_ID_WORDS])
    stem = re.sub(r"-{2,}", "-", stem).strip("-")[:60].strip("-") or "entry"
    choice, number = stem, 2
    while choice in taken:
        choice, number = f"{stem}-{number}", number + 1
    return choice


def _title(text: str) -> str:
    return text[:1].upper() + text[1:]
