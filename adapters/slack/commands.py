"""The slash command and the shortcuts."""

from __future__ import annotations

import html
import re
from time import monotonic
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.slack.delivery import Delivery
from adapters.slack.desk import Desk, Spot
from adapters.slack.handles import ANSWER_SHORTCUT, SEARCH_SHORTCUT
from adapters.slack.questions import to_text
from adapters.slack.search import Origin, Search
from adapters.slack.work import Tell

JSON = dict[str, Any]


class Commands:
    """Handles commands and shortcuts for one desk."""

    def __init__(self, desk: Desk, delivery: Delivery, search: Search) -> None:
        self.desk, self.delivery, self.search = desk, delivery, search

    def register(self, bolt: AsyncApp) -> None:
        """Whatever name the command has in the workspace; other commands register before."""
        held = self.desk.work.held
        bolt.command(re.compile(r"^/"))(held(self.command))
        bolt.shortcut(ANSWER_SHORTCUT)(held(self.answer_message))
        bolt.shortcut(SEARCH_SHORTCUT)(held(self.open_search))

    async def command(self, ack: AsyncAck, body: JSON) -> None:
        """`/faq question` answers privately; `/faq` alone opens help and search."""
        await ack()
        spot = Spot(str(body["channel_id"]), str(body["user_id"]))
        url = str(body.get("response_url") or "")
        text = html.unescape(str(body.get("text") or "")).strip()
        trigger = str(body.get("trigger_id") or "")
        if not await self.desk.first(trigger=trigger):
            return
        work = self._ask(text, url, spot) if text else self._open(trigger, url, spot)
        self.desk.work.start(work, self._teller(url, spot))

    async def open_search(self, ack: AsyncAck, body: JSON) -> None:
        """The global shortcut."""
        await ack()
        trigger = str(body.get("trigger_id") or "")
        if await self.desk.first(trigger=trigger):
            user = str(body["user"]["id"])
            self.desk.work.start(self._open(trigger, "", Spot("", user)))

    async def answer_message(self, ack: AsyncAck, body: JSON) -> None:
        """The message shortcut: a private preview that can be posted in the message's thread."""
        await ack()
        if not await self.desk.first(trigger=body.get("trigger_id")):
            return
        message = body.get("message") or {}
        root = str(message.get("thread_ts") or message.get("ts") or body.get("message_ts"))
        spot = Spot(str(body["channel"]["id"]), str(body["user"]["id"]), root)
        url = str(body.get("response_url") or "")
        text = to_text(str(message.get("text") or ""), self.desk.me.user)
        self.desk.work.start(self._ask(text, url, spot, thread=root), self._teller(url, spot))

    async def _ask(self, text: str, url: str, spot: Spot, *, thread: str = "") -> None:
        began = monotonic()
        reader = await self.desk.people.reader(spot.user)
        hint = self.desk.too_many(spot.user, reader.locale)
        if hint or not text:
            hint = hint or self.desk.messages.text("slack.note.empty_message", reader.locale)
            await self.delivery.tell(hint, url, spot)
            return
        reply = self.desk.ask(text, spot, reader)
        await self.delivery.reply_privately(reply, url, spot, thread=thread)
        self.desk.note(text, spot, reader, reply, began)

    async def _open(self, trigger: str, url: str, spot: Spot) -> None:
        locale = (await self.desk.people.reader(spot.user)).locale
        try:
            await self.search.open(trigger, locale, Origin(spot.channel))
        except SlackApiError as error:
            why = self.delivery.problem(error, locale)
            if why is None or not url:
                raise
            await self.delivery.tell(why, url, spot)

    def _teller(self, url: str, spot: Spot) -> Tell:
        async def tell(number: str) -> None:
            locale = (await self.desk.people.reader(spot.user)).locale
            words = self.desk.messages.text("error.text", locale, id=number)
            await self.delivery.tell(words, url or None, spot)

        return tell
