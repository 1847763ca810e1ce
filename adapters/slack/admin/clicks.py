"""Clicks of moderators: in App Home they open the modal, in the modal they turn its pages."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from adapters.slack.admin import forms, misses
from adapters.slack.admin.controls import Control, Ref
from adapters.slack.admin.desk import AdminDesk, Case, Work
from adapters.slack.admin.drafts import Drafts
from adapters.slack.admin.entries import Entries
from adapters.slack.admin.figures import Figures
from adapters.slack.admin.page import Page, Say
from adapters.slack.search import option

JSON = dict[str, Any]
OPTIONS = 25


class Clicks:
    """Handles clicks for one desk."""

    def __init__(self, admin: AdminDesk) -> None:
        self.admin, self.desk = admin, admin.desk
        self.pages: dict[Control, Work] = {
            Control.MISSES: self._misses,
            Control.MISS: self._miss,
            Control.VARIANT: self._variant,
            Control.SCOPE: self._scope,
            Control.DISMISS: self._dismiss,
        } | Drafts(admin).pages | Entries(admin).pages | Figures(admin).pages

    def register(self, bolt: AsyncApp) -> None:
        """All controls of moderators, and the type-ahead of their forms."""
        bolt.action(re.compile("^faq_admin_"))(self.desk.work.held(self.handle))
        bolt.options(Control.ENTRY)(self.suggest)

    async def suggest(self, ack: AsyncAck, body: JSON) -> None:
        """Entries for what was typed so far."""
        user = str((body.get("user") or {}).get("id"))
        locale = (await self.desk.people.reader(user)).locale
        links = self.desk.faq.complete(str(body.get("value") or ""), locale, limit=OPTIONS)
        unique = {link.entry_id: link for link in links}
        await ack(options=[option(link) for link in unique.values()])

    async def handle(self, ack: AsyncAck, body: JSON, action: JSON) -> None:
        """Acknowledge, then do it once."""
        await ack()
        control = _control(action)
        work = self.pages.get(control) if control else None
        if work is not None and await self.desk.first(trigger=body.get("trigger_id")):
            tell = self.admin.teller(str(body["user"]["id"]))
            self.desk.work.start(self._run(work, body, action), tell)

    async def _run(self, work: Work, body: JSON, action: JSON) -> None:
        user, view = str(body["user"]["id"]), body.get("view") or {}
        by = await self.admin.by(user)
        if view.get("type") == "modal":
            view_id = str(view["id"])
        else:
            view_id = await self.admin.window.open(str(body["trigger_id"]), by.locale)
        picked = str((action.get("selected_option") or {}).get("value") or "")
        about = Ref.decode(action.get("value"))
        await self.admin.run(work, Case(by, Say(self.desk, by.locale), view_id, about, picked))

    # --- missed questions -------------------------------------------------------------------

    async def _misses(self, case: Case) -> Page:
        return misses.queue(await self.admin.moderation.clusters(case.by), case.say)

    async def _miss(self, case: Case) -> Page:
        return misses.group(await self.admin.moderation.cluster(case.by, case.about.key), case.say)

    async def _variant(self, case: Case) -> Page:
        cluster = await self.admin.moderation.cluster(case.by, case.about.key)
        if cluster is None:
            return misses.group(None, case.say)
        return forms.variant_of(cluster, case.say)

    async def _scope(self, case: Case) -> Page:
        outcome = await self.admin.moderation.out_of_scope(case.by, case.about.key)
        return await self.admin.outcome(case, outcome, *misses.back_to_queue(case.say))

    async def _dismiss(self, case: Case) -> Page:
        outcome = await self.admin.moderation.dismiss(case.by, case.about.key)
        return await self.admin.outcome(case, outcome, *misses.back_to_queue(case.say))


def _control(action: JSON) -> Control | None:
    name = str(action.get("action_id")).partition(":")[0]
    return Control(name) if name in {str(known) for known in Control} else None
