"""The search: a modal with a type-ahead, in which the answer then appears."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.slack.blocks import Place, Setting, to_blocks
from adapters.slack.client import error_code
from adapters.slack.delivery import Delivery
from adapters.slack.desk import Desk, Spot
from adapters.slack.handles import Action
from adapters.slack.mrkdwn import escape
from adapters.slack.parts import JSON, PLACEHOLDER, context, plain, section
from adapters.slack.problems import REFUSED
from bot.models import Link, Locale, Reply

OPTION, VALUE, TITLE, OPTIONS = 75, 150, 24, 25
VIEW = "faq_search_view"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the modal was opened, so that an answer can be shared there."""

    channel: str = ""
    thread: str = ""

    def encode(self) -> str:
        """As a view's private metadata."""
        return json.dumps({"channel": self.channel, "thread": self.thread})

    @classmethod
    def of(cls, view: JSON) -> Origin:
        """From a view; an empty one if it is none of ours."""
        try:
            told = json.loads(view.get("private_metadata") or "{}")
        except ValueError:
            return cls()
        return cls(str(told.get("channel", "")), str(told.get("thread", "")))


def option(link: Link) -> JSON:
    """An entry in a select."""
    return {"text": plain(link.question, OPTION), "value": link.entry_id[:VALUE]}


class Search:
    """The search of one desk."""

    def __init__(self, desk: Desk, delivery: Delivery) -> None:
        self.desk, self.delivery = desk, delivery

    def register(self, bolt: AsyncApp) -> None:
        """The type-ahead; what is picked comes in with the actions."""
        bolt.options(re.compile(f"^{Action.FIND}"))(self.suggest)

    async def suggest(self, ack: AsyncAck, body: JSON) -> None:
        """Entries for what was typed so far; the answer is the acknowledgement."""
        typed = str(body.get("value") or "")
        user = str((body.get("user") or {}).get("id"))
        locale = (await self.desk.people.reader(user)).locale
        popular = self.desk.app.records.popular(OPTIONS)
        links = self.desk.faq.complete(typed, locale, limit=OPTIONS, popular=popular)
        unique = {link.entry_id: link for link in links}
        await ack(options=[option(link) for link in unique.values()])

    def field(self, locale: Locale, *, focus: bool = False) -> JSON:
        """The type-ahead as a section, for a modal or the home tab."""
        select: JSON = {
            "type": "external_select", "action_id": Action.FIND.id(), "min_query_length": 0,
            "placeholder": plain(self._say("search.placeholder", locale), PLACEHOLDER),
        }
        if focus:
            select["focus_on_load"] = True
        return section(f"*{escape(self._say('search.label', locale))}*", accessory=select)

    async def open(self, trigger: str, locale: Locale, origin: Origin, *blocks: JSON) -> None:
        """Open the modal; `blocks` stand below the search.

        Raises:
            SlackApiError: if the trigger is older than three seconds, for example.
        """
        view = self._view(locale, origin, list(blocks) or [self._help(locale)])
        await self.desk.client.views_open(trigger_id=trigger, view=view)

    async def show(
        self, reply: Reply, user: str, origin: Origin, *, view_id: str = "", trigger: str = "",
        note: str = "",
    ) -> None:
        """Show a reply in the modal that is open, or open one.

        Raises:
            SlackApiError: if Slack does not let it.
        """
        await self.desk.charts.prepare(reply.answers, 1.0)
        setting = Setting(Place.VIEW, user, thread=origin.thread, shareable=bool(origin.channel),
                          charts=self.desk.charts.ready(reply.answers))
        rendered = to_blocks(reply, self.desk.messages, setting)
        noted = [context(escape(note))] if note else []
        try:
            await self._put(reply.locale, origin, noted + rendered.blocks, view_id, trigger)
        except SlackApiError as error:
            if error_code(error) not in (*REFUSED, "invalid_arguments"):
                raise
            plainly = noted + to_blocks(
                reply, self.desk.messages, Setting(Place.VIEW, user, shareable=False)).blocks
            await self._put(reply.locale, origin, plainly, view_id, trigger)

    async def _put(
        self, locale: Locale, origin: Origin, blocks: list[JSON], view_id: str, trigger: str
    ) -> None:
        view = self._view(locale, origin, [{"type": "divider"}, *blocks])
        if view_id:
            await self.desk.client.views_update(view_id=view_id, view=view)
        else:
            await self.desk.client.views_open(trigger_id=trigger, view=view)

    def _view(self, locale: Locale, origin: Origin, blocks: list[JSON]) -> JSON:
        return {
            "type": "modal", "callback_id": VIEW, "private_metadata": origin.encode(),
            "title": plain(self._say("search.title", locale), TITLE),
            "close": plain(self._say("search.close", locale), TITLE),
            "blocks": [self.field(locale, focus=True), *blocks],
        }

    def _help(self, locale: Locale) -> JSON:
        return section(self._say("help", locale, name=escape(f"@{self.desk.me.name}")))

    def _say(self, key: str, locale: Locale, **values: object) -> str:
        return self.desk.messages.text(f"slack.{key}", locale, **values)


def spot_of(body: JSON) -> Spot:
    """Where an interaction came from."""
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    message = body.get("message") or {}
    thread = container.get("thread_ts") or message.get("thread_ts")
    return Spot(str(channel), str((body.get("user") or {}).get("id")), thread)
