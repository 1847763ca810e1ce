"""What is kept about a person, and "forget me": from App Home, or after the command."""

from __future__ import annotations

import html
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from adapters.slack.blocks import Rendered
from adapters.slack.delivery import Delivery, sentence
from adapters.slack.desk import Desk, Spot
from adapters.slack.home import Home, Visit
from adapters.slack.mrkdwn import escape
from adapters.slack.parts import BUTTON, JSON, plain, section
from adapters.slack.people import Reader
from adapters.slack.questions import PLATFORM
from adapters.slack.search import spot_of
from adapters.slack.work import Tell
from bot.models import Locale

OPEN, FORGET = "faq_privacy", "faq_forget"
"""Action ids."""
TITLE = 24


class Privacy:
    """Tells what is kept, and erases it."""

    def __init__(self, desk: Desk, delivery: Delivery, home: Home) -> None:
        self.desk, self.delivery = desk, delivery
        home.add(self.section)

    def register(self, bolt: AsyncApp) -> None:
        """Before the command itself."""
        held = self.desk.work.held
        bolt.command(re.compile(r"^/"), matchers=[self._is_meant])(held(self.command))
        bolt.action(OPEN)(held(self.open))
        bolt.action(FORGET)(held(self.forget))

    async def _is_meant(self, body: dict[str, Any]) -> bool:
        text = " ".join(html.unescape(str(body.get("text") or "")).split()).casefold()
        messages = self.desk.messages
        return any(text == word.casefold() for locale in messages.locales
                   for word in messages.items("slack.privacy.words", locale))

    async def section(self, visit: Visit) -> list[JSON]:
        """A button at the end of App Home."""
        label = self._say("open", visit.reader.locale)
        return [{"type": "actions", "elements": [
            {"type": "button", "text": plain(label, BUTTON), "action_id": OPEN}]}]

    async def command(self, ack: AsyncAck, body: JSON) -> None:
        """`/faq privacy` tells it privately."""
        await ack()
        spot = Spot(str(body["channel_id"]), str(body["user_id"]))
        url = str(body.get("response_url") or "")
        if await self.desk.first(trigger=body.get("trigger_id")):
            self.desk.work.start(self._tell(spot, url), self._teller(spot, url))

    async def open(self, ack: AsyncAck, body: JSON) -> None:
        """The button in App Home opens it as a modal."""
        await ack()
        if await self.desk.first(trigger=body.get("trigger_id")):
            self.desk.work.start(self._open(str(body["user"]["id"]), str(body["trigger_id"])))

    async def forget(self, ack: AsyncAck, body: JSON) -> None:
        """Erase what is kept about whoever clicks, and nobody else."""
        await ack()
        if await self.desk.first(trigger=body.get("trigger_id")):
            spot, url = spot_of(body), str(body.get("response_url") or "")
            self.desk.work.start(self._forget(spot, url, body.get("view") or {}),
                                 self._teller(spot, url))

    async def _tell(self, spot: Spot, url: str) -> None:
        reader = await self.desk.people.reader(spot.user)
        blocks = self._blocks(reader.locale)
        await self.delivery.respond(url, Rendered(self._say("title", reader.locale), blocks), spot)

    async def _open(self, user: str, trigger: str) -> None:
        locale = (await self.desk.people.reader(user)).locale
        view = self._view(self._blocks(locale), locale)
        await self.desk.client.views_open(trigger_id=trigger, view=view)

    async def _forget(self, spot: Spot, url: str, view: JSON) -> None:
        reader: Reader = await self.desk.people.reader(spot.user)
        await self.desk.app.records.forget(PLATFORM, spot.user)
        done = self._say("done", reader.locale)
        if view:
            shown = self._view([section(escape(done))], reader.locale)
            await self.desk.client.views_update(view_id=view["id"], view=shown)
        else:
            await self.delivery.respond(url, sentence(done), spot, replace_original=True)

    def _view(self, blocks: list[JSON], locale: Locale) -> JSON:
        return {"type": "modal", "title": plain(self._say("title", locale), TITLE),
                "close": plain(self.desk.messages.text("slack.search.close", locale), TITLE),
                "blocks": blocks}

    def _blocks(self, locale: Locale) -> list[JSON]:
        app = self.desk.app
        kept = ["nobody", app.settings.keep_texts, "more", "days"]
        if app.store is None:
            kept = ["memory"]
        days = app.settings.retention_days
        lines = [f"• {escape(self._say(f'kept.{key}', locale, days=days))}" for key in kept]
        confirm = {
            "title": plain(self._say("button", locale), 100),
            "text": plain(self._say("confirm", locale), 300),
            "confirm": plain(self._say("button", locale), 30),
            "deny": plain(self._say("cancel", locale), 30),
        }
        return [
            section(f"*{escape(self._say('title', locale))}*\n" + "\n".join(lines)),
            {"type": "actions", "elements": [
                {"type": "button", "text": plain(self._say("button", locale), BUTTON),
                 "style": "danger", "action_id": FORGET, "confirm": confirm}]},
        ]

    def _say(self, key: str, locale: Locale, **values: object) -> str:
        return self.desk.messages.text(f"slack.privacy.{key}", locale, **values)

    def _teller(self, spot: Spot, url: str) -> Tell:
        async def tell(number: str) -> None:
            locale = (await self.desk.people.reader(spot.user)).locale
            words = self.desk.messages.text("error.text", locale, id=number)
            if url or spot.channel:
                await self.delivery.tell(words, url or None, spot)

        return tell
