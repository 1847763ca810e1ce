"""Forms (Discord: modals), which can still be sent after a restart.

What a form is about lives in its custom_ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import discord
from discord import ui

from adapters.discord.admin.bench import Bench, one_line
from adapters.discord.handles import Action, Handle
from adapters.discord.interactions import Interaction
from adapters.discord.views import clip
from bot.models import Locale
from bot.moderation import EntryForm
from bot.moderation.misses import Cluster

LABEL, TITLE, LONGEST, QUESTION = 45, 45, 4000, 500
LANGUAGES, WORDINGS = 2, 5
"""A form holds five fields: question and answer in two languages, and one more."""
PLACE = "place"

Fields = dict[str, str]
"""What was typed, by the custom_id of its field."""


def entry_form(bench: Bench, locale: Locale, form: EntryForm, verb: str, about: str) -> ui.Modal:
    """Question and answer in both languages; for a new entry its category and id too."""
    modal = _modal(bench, locale, verb, about)
    codes = languages_of(form)
    for code in codes:
        for kind, texts in (("question", form.questions), ("answer", form.answers)):
            label = bench.say(f"form.{kind}", locale, language=bench.language(code, locale))
            long = kind == "answer"
            _add(modal, f"{kind}:{code}:{form.base}", label, texts.get(code, ""),
                 LONGEST if long else QUESTION, long=long)
    if not form.base:
        label = bench.say("form.place", locale)
        _add(modal, PLACE, label, f"{form.category}/{form.id}", 200, long=False)
    return modal


def fits(form: EntryForm) -> bool:
    """Whether Discord's fields can hold the entry whole."""
    codes = languages_of(form)
    return (all(len(form.answers.get(code, "")) <= LONGEST for code in codes)
            and all(len(form.questions.get(code, "")) <= QUESTION for code in codes))


def filled(form: EntryForm, fields: Fields) -> EntryForm:
    """The form with what was typed; texts in languages that it did not show stay."""
    questions, answers, base = dict(form.questions), dict(form.answers), form.base
    for custom_id, text in fields.items():
        kind, _, rest = custom_id.partition(":")
        code, _, seen = rest.partition(":")
        if kind in ("question", "answer"):
            (questions if kind == "question" else answers)[code] = text
            base = seen
    category, _, entry_id = fields.get(PLACE, "").strip().rpartition("/")
    return replace(
        form, questions=questions, answers=answers, base=base,
        id=entry_id.strip() or form.id, category=category.strip() or form.category,
    )


def shortened(form: EntryForm) -> EntryForm:
    """The form with what was asked at too great length cut, for a person to word anew."""
    questions = {code: one_line(text, QUESTION) for code, text in form.questions.items()}
    variants = {
        code: tuple(text for text in texts if len(text) <= QUESTION)
        for code, texts in form.variants.items()
    }
    return replace(form, questions=questions, variants=variants)


def languages_of(form: EntryForm) -> list[Locale]:
    """The languages that a form shows."""
    return sorted({*form.questions, *form.answers})[:LANGUAGES]


# --- wordings -------------------------------------------------------------------------------


def wordings_form(
    bench: Bench, locale: Locale, key: str, cluster: Cluster | None, entry_id: str
) -> ui.Modal:
    """Wordings to add to an entry: a field for each language, filled in with what was asked."""
    modal = _modal(bench, locale, "variant", entry_id)
    for code in bench.desk.messages.locales[:LANGUAGES]:
        asked = [
            text.text for text in (cluster.texts if cluster else ())
            if text.locale == code and not text.trimmed
        ][:WORDINGS]
        label = bench.say("form.wordings", locale, language=bench.language(code, locale))
        _add(modal, f"wordings:{code}:{key}", label, "\n".join(asked), LONGEST, long=True)
    return modal


def wordings(fields: Fields) -> tuple[str, dict[Locale, list[str]]]:
    """The group's key, and what was typed by language."""
    key, found = "", {}
    for custom_id, text in fields.items():
        kind, _, rest = custom_id.partition(":")
        code, _, key_here = rest.partition(":")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if kind == "wordings":
            key = key_here
            if lines:
                found[code] = lines
    return key, found


# --- how ------------------------------------------------------------------------------------


def _modal(bench: Bench, locale: Locale, verb: str, about: str) -> ui.Modal:
    handle = Handle(Action.ADMIN, locale, entries=(verb, about))
    modal = ui.Modal(
        title=clip(bench.say(f"form.title_{verb}", locale), TITLE), custom_id=handle.encode()
    )
    modal.stop()  # sent like any other, but nothing of it is kept
    return modal


def _add(
    modal: ui.Modal, custom_id: str, label: str, text: str, most: int, *, long: bool
) -> None:
    style = discord.TextStyle.paragraph if long else discord.TextStyle.short
    field: ui.TextInput[ui.Modal] = ui.TextInput(
        style=style, custom_id=custom_id, default=text[:most] or None, required=False,
        max_length=most,
    )
    modal.add_item(ui.Label(text=clip(label, LABEL), component=field))


def submitted(interaction: Interaction) -> tuple[str, Fields]:
    """The custom_id of a form that was sent, and its fields."""
    data: Mapping[str, object] = interaction.data or {}
    fields: Fields = {}
    components = data.get("components")
    for outer in components if isinstance(components, list) else ():
        inner = outer.get("component") or (outer.get("components") or [{}])[0]
        if inner.get("custom_id"):
            fields[str(inner["custom_id"])] = str(inner.get("value") or "")
    return str(data.get("custom_id") or ""), fields
