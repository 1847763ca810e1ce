"""Entries: to edit, to write anew, to review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.slack.admin import forms
from adapters.slack.admin.controls import Control, Ref
from adapters.slack.admin.desk import AdminDesk, Case, Work
from adapters.slack.admin.fields import entry_select
from adapters.slack.admin.page import Page, sentences
from adapters.slack.mrkdwn import escape
from adapters.slack.parts import actions, context, section

HOLDS_DAYS = 180
"""A review is proposed for so many days from today."""


class Entries:
    """Pages of entries for one desk."""

    def __init__(self, admin: AdminDesk) -> None:
        self.admin = admin
        self.pages: dict[Control, Work] = {
            Control.EDIT: self._edit,
            Control.ENTRY: self._edit,
            Control.NEW: self._new,
            Control.DUE: self._due,
            Control.REVIEW: self._review,
        }

    async def _edit(self, case: Case) -> Page:
        say, entry_id = case.say, case.picked or case.about.entry
        form = await self.admin.moderation.form(case.by, entry_id)
        if form is None:
            select = entry_select(say("edit.placeholder"))
            return Page([section(escape(say("edit.choose")), accessory=select)])
        page = forms.edit(form, Ref(entry=form.id, base=form.base), say)
        return page or sentences(say("form.too_long", entry=form.id))

    async def _new(self, case: Case) -> Page:
        form = await self.admin.moderation.new_form(case.by, case.about.key or None)
        categories = self.admin.categories(case.say.locale)
        return forms.new(form, categories, Ref(key=case.about.key), case.say)

    async def _due(self, case: Case) -> Page:
        say, found = case.say, await self.admin.moderation.due(case.by)
        if not found:
            return sentences(say("due.none"))
        blocks = [section(f"*{escape(say('due.title'))}*")]
        for due in found:
            day = self.admin.desk.messages.format_date(due.review_by, say.locale)
            key = "due.late" if due.days_late >= 0 else "due.soon"
            about = Ref(entry=due.entry_id)
            blocks += [
                section(f"*{escape(due.question)}*"),
                context(escape(say(key, date=day, asked=due.asked))),
                *actions([say.button("review", Control.REVIEW, about),
                          say.button("edit", Control.EDIT, about)]),
            ]
        return Page(blocks)

    async def _review(self, case: Case) -> Page:
        form = await self.admin.moderation.form(case.by, case.about.entry)
        if form is None:
            return await self._due(case)
        link = self.admin.link(form.id, case.say.locale)
        again = datetime.now(UTC).date() + timedelta(days=HOLDS_DAYS)
        return forms.review(form.id, link.question if link else form.id, again.isoformat(),
                            case.say)
