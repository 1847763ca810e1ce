"""Mentions, direct messages and visits to the app: what arrives as an event."""

from __future__ import annotations

import re
from time import monotonic
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.slack.delivery import Delivery, sentence
from adapters.slack.desk import SECONDS, Desk, Spot
from adapters.slack.home import Home
from adapters.slack.mrkdwn import cut
from adapters.slack.questions import is_addressed, is_noise, to_text
from bot.recent import Recent

JSON = dict[str, Any]
PROMPTS, PROMPT_TITLE = 4, 100


class Events:
    """Handles events for one desk."""

    def __init__(self, desk: Desk, delivery: Delivery, home: Home) -> None:
        self.desk, self.delivery, self.home = desk, delivery, home
        self._hinted: Recent[str, bool] = Recent(SECONDS)

    def register(self, bolt: AsyncApp) -> None:
        """One listener for all events, so that none is refused as unknown."""
        bolt.event(re.compile(""))(self.desk.work.held(self.handle))

    async def handle(self, ack: AsyncAck, body: JSON) -> None:
        """Acknowledge, decide whether it is meant for the bot, and only then who answers it."""
        await ack()
        event = body.get("event") or {}
        kind = event.get("type")
        if kind == "app_home_opened":
            if await self.desk.first(event=body.get("event_id")):
                self.desk.work.start(self._visit(event))
        elif kind in ("app_mention", "message") and self._is_question(event):
            message = f"{event.get('channel')}:{event.get('ts')}"
            event_id = body.get("event_id")
            if await self.desk.first(patient=True, event=event_id, message=message):
                self._start(event)

    def _is_question(self, event: JSON) -> bool:
        me = self.desk.me.user
        return is_addressed(event, me) and not is_noise(event, me)

    def _start(self, event: JSON) -> None:
        spot = Spot(str(event["channel"]), str(event["user"]), event.get("thread_ts"))
        root = spot.thread or str(event["ts"])

        async def tell(number: str) -> None:
            reader = await self.desk.people.reader(spot.user)
            words = self.desk.messages.text("error.text", reader.locale, id=number)
            await self.delivery.say(sentence(words), spot.channel, root)

        self.desk.work.start(self._answer(event, spot, root), tell)

    async def _answer(self, event: JSON, spot: Spot, root: str) -> None:
        began = monotonic()
        reader = await self.desk.people.reader(spot.user)
        hint = self.desk.too_many(spot.user, reader.locale)
        if hint:
            if not self._hinted.get(spot.user):
                self._hinted.set(spot.user, True)
                await self.delivery.tell(hint, None, Spot(spot.channel, spot.user, root))
            return
        text = to_text(str(event.get("text") or ""), self.desk.me.user)
        reply = self.desk.ask(text, spot, reader)
        try:
            await self.delivery.post(reply, spot.channel, spot.user, thread=root)
        except SlackApiError as error:
            why = self.delivery.problem(error, reply.locale)
            if why is None or spot.is_direct:
                raise
            await self.delivery.answer_elsewhere(reply, spot, why)
        self.desk.note(text, spot, reader, reply, began)

    # --- visits -----------------------------------------------------------------------------

    async def _visit(self, event: JSON) -> None:
        user = str(event.get("user"))
        if event.get("tab") == "messages":
            await self._suggest_prompts(user, str(event.get("channel")))
        else:
            await self.home.publish(user)

    async def _suggest_prompts(self, user: str, channel: str) -> None:
        """The questions asked most, in the person's language; no thread in the agent view."""
        locale = (await self.desk.people.reader(user)).locale
        links = self.desk.popular(locale, PROMPTS)
        if not links:
            return
        prompts = [{"title": cut(link.question, PROMPT_TITLE), "message": link.question}
                   for link in links]
        title = self.desk.messages.text("slack.prompts.title", locale)
        await self.desk.client.assistant_threads_setSuggestedPrompts(
            channel_id=channel, title=title, prompts=prompts)
