"""Forms: a wording of an entry, the texts of an entry, a review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from adapters.slack.admin.controls import Form, Ref
from adapters.slack.admin.fields import (
    TEXT,
    choice_input,
    date_input,
    entry_input,
    lines_of,
    text_input,
)
from adapters.slack.admin.page import Page, Say
from adapters.slack.mrkdwn import escape
from adapters.slack.parts import JSON, section
from bot.lint.limits import platform_length
from bot.models import Link, Locale
from bot.moderation import EntryForm
from bot.moderation.misses import Cluster

WORDINGS = 20


def variant_of(cluster: Cluster, say: Say) -> Page:
    """A form that adds a group's wordings to the nearest entry."""
    counts: Counter[Locale] = Counter()
    for text in cluster.texts:
        counts[text.locale] += text.count
    locale = counts.most_common(1)[0][0] if counts else say.locale
    kept = [text.text for text in cluster.texts if text.locale == locale and not text.trimmed]
    near = cluster.near[0] if cluster.near else None
    chosen = Link(near.entry_id, near.question) if near else None
    return variant(Ref(key=cluster.key), chosen, locale, "\n".join(kept[:WORDINGS]), say)


def variant(about: Ref, chosen: Link | None, locale: Locale, texts: str, say: Say) -> Page:
    """A form for wordings."""
    languages = [(name, say.language(name)) for name in say.desk.messages.locales]
    return Page([
        entry_input("entry", say("form.entry"), say("edit.placeholder"), chosen),
        choice_input("locale", say("form.language"), languages, locale),
        text_input("texts", say("form.texts"), texts, lines=True),
    ], Form.VARIANT, about)


def edit(form: EntryForm, about: Ref, say: Say) -> Page | None:
    """A form with question and answer in every language; None where they do not fit in."""
    texts = [*form.questions.values(), *form.answers.values()]
    if max(map(platform_length, texts), default=0) > TEXT:
        return None
    return Page([section(f"`{escape(form.id)}`"), *_texts(form, say, optional=False)],
                Form.EDIT, about)


def new(form: EntryForm, categories: Sequence[tuple[str, str]], about: Ref, say: Say) -> Page:
    """A form for a new entry; what is still missing makes it a draft."""
    blocks = [
        text_input("id", say("form.id"), form.id, hint=say("form.id_hint")),
        choice_input("category", say("form.category"), categories, form.category),
        *_texts(form, say, optional=True),
    ]
    for locale in form.questions:
        label = say("form.variants", language=say.language(locale))
        value = "\n".join(form.variants.get(locale, ()))
        blocks.append(text_input(f"variants:{locale}", label, value, lines=True, optional=True))
    return Page(blocks, Form.NEW, about)


def review(entry_id: str, question: str, chosen: str, say: Say) -> Page:
    """A form for the day of the next review."""
    return Page([section(f"*{escape(question)}*"),
                 date_input("review_by", say("form.review_by"), chosen)],
                Form.REVIEW, Ref(entry=entry_id))


def _texts(form: EntryForm, say: Say, *, optional: bool) -> list[JSON]:
    blocks = []
    for locale, question in form.questions.items():
        name = say.language(locale)
        blocks += [
            text_input(f"question:{locale}", say("form.question", language=name), question,
                       optional=optional),
            text_input(f"answer:{locale}", say("form.answer", language=name),
                       form.answers.get(locale, ""), lines=True, optional=optional),
        ]
    return blocks


def entry_form(values: Mapping[str, str], *, entry_id: str = "", base: str = "") -> EntryForm:
    """What was typed into a form of texts."""

    def by_locale(name: str) -> dict[Locale, str]:
        start = f"{name}:"
        return {key.removeprefix(start): value for key, value in values.items()
                if key.startswith(start)}

    return EntryForm(
        id=entry_id or values.get("id", "").strip(), category=values.get("category", ""),
        questions=by_locale("question"), answers=by_locale("answer"),
        variants={locale: lines_of(text) for locale, text in by_locale("variants").items()},
        base=base,
    )
