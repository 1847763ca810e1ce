"""Forms that moderators send in. What was typed comes back when it cannot be applied."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from adapters.slack.admin import forms, misses
from adapters.slack.admin.controls import Form, Ref
from adapters.slack.admin.desk import AdminDesk, Case
from adapters.slack.admin.fields import lines_of, typed
from adapters.slack.admin.page import Page, Say
from bot.errors import AifaqError, CurationError

JSON = dict[str, Any]


class Submits:
    """Handles forms for one desk."""

    def __init__(self, admin: AdminDesk) -> None:
        self.admin, self.desk = admin, admin.desk

    def register(self, bolt: AsyncApp) -> None:
        """All forms of moderators."""
        bolt.view(re.compile("^faq_admin_form_"))(self.desk.work.held(self.handle))

    async def handle(self, ack: AsyncAck, body: JSON) -> None:
        """The modal waits while the change is tried, which may take longer than Slack does."""
        view, user = body.get("view") or {}, str(body["user"]["id"])
        locale = (await self.desk.people.reader(user)).locale
        await ack(response_action="update", view=self.admin.window.waiting(locale))
        if await self.desk.first(trigger=body.get("trigger_id")):
            self.desk.work.start(self._run(view, user), self.admin.teller(user))

    async def _run(self, view: JSON, user: str) -> None:
        by = await self.admin.by(user)
        about, values = Ref.decode(view.get("private_metadata")), typed(view)
        case = Case(by, Say(self.desk, by.locale), str(view["id"]), about)
        form = str(view.get("callback_id"))

        async def work(case: Case) -> Page:
            try:
                return await self._apply(form, values, case)
            except (CurationError, OSError) as error:
                again = self._again(form, values, case)
                if again is None or _is_kept(error):
                    raise
                return again.noted(self.admin.moderation.explain(error, by.locale))

        await self.admin.run(work, case)

    async def _apply(self, form: str, values: dict[str, str], case: Case) -> Page:
        moderation, about = self.admin.moderation, case.about
        match form:
            case Form.VARIANT:
                outcome = await moderation.add_variant(
                    case.by, entry_id=values.get("entry", ""), locale=values.get("locale", ""),
                    texts=lines_of(values.get("texts", "")), cluster=about.key or None)
            case Form.EDIT:
                outcome = await moderation.edit(
                    case.by, forms.entry_form(values, entry_id=about.entry, base=about.base),
                    draft=about.draft_id)
            case Form.NEW:
                outcome = await moderation.add_entry(
                    case.by, forms.entry_form(values), cluster=about.key or None,
                    draft=about.draft_id)
            case Form.REVIEW:
                outcome = await moderation.reviewed(
                    case.by, about.entry, date.fromisoformat(values.get("review_by", "")))
            case _:
                raise AifaqError(f"There is no form {form}.")
        back = misses.back_to_queue(case.say) if about.key else []
        return await self.admin.outcome(case, outcome, *back)

    def _again(self, form: str, values: dict[str, str], case: Case) -> Page | None:
        """The form with what was typed."""
        about, say = case.about, case.say
        match form:
            case Form.VARIANT:
                chosen = self.admin.link(values.get("entry", ""), say.locale)
                return forms.variant(about, chosen, values.get("locale", ""),
                                     values.get("texts", ""), say)
            case Form.EDIT:
                typed_form = forms.entry_form(values, entry_id=about.entry, base=about.base)
                return forms.edit(typed_form, about, say)
            case Form.NEW:
                return forms.new(forms.entry_form(values), self.admin.categories(say.locale),
                                 about, say)
        return None


def _is_kept(error: Exception) -> bool:
    return any(problem.key == "kept" for problem in getattr(error, "problems", ()))
