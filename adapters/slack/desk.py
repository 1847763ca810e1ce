"""The desk: what every way of asking shares. Asks the core, keeps limits, knows who asks."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from time import monotonic

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.charts import Charts
from adapters.slack.client import REVOKED, explain
from adapters.slack.people import People, Reader
from adapters.slack.questions import PLATFORM, conversation_key, to_question
from adapters.slack.work import Work
from bot.app import App
from bot.errors import AifaqError
from bot.knowledge.messages import Messages
from bot.models import Link, Locale, Reply
from bot.recent import Limiter, Recent
from bot.service import Faq

log = logging.getLogger("aifaq.slack")

TIMES, SECONDS = 10, 20.0
"""Questions that a person may ask within so many seconds."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in its workspace."""

    user: str
    bot: str
    team: str
    name: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is asked or clicked."""

    channel: str
    user: str
    thread: str | None = None
    """Timestamp of the thread's first message, when it is in a thread."""

    @property
    def is_direct(self) -> bool:
        """Whether it is the person's own conversation with the bot."""
        return self.channel.startswith("D")

    @property
    def key(self) -> str:
        """Of the conversation; direct messages are one conversation, whatever the thread."""
        return conversation_key(self.channel, self.user, None if self.is_direct else self.thread)


class Desk:
    """One per running bot."""

    def __init__(self, app: App, client: AsyncWebClient, me: Identity) -> None:
        self.app, self.client, self.me = app, client, me
        self.people = People(app, client)
        self.charts = Charts(app, client)
        self.work = Work()
        self.broken: asyncio.Future[AifaqError] = asyncio.get_running_loop().create_future()
        """Set when Slack will never accept another call."""
        self.threads: Recent[tuple[str, str], str] = Recent(DAY)
        """Entry shown last, by channel and thread."""
        self._limits = Limiter(TIMES, SECONDS)

    @property
    def faq(self) -> Faq:
        """The core."""
        return self.app.faq

    @property
    def messages(self) -> Messages:
        """The bot's own phrases."""
        return self.app.faq.messages

    async def first(self, *, patient: bool = False, **ids: object) -> bool:
        """Whether this is the first to see all of these; else somebody has answered or will.

        An id that Slack did not tell says nothing. `patient` waits for a slow store, where neither
        an acknowledgement nor a trigger's three seconds wait.
        """
        for kind, told in ids.items():
            key = f"{PLATFORM}:{kind}:{told}"
            if told and not await self.app.records.claim(key, patient=patient):
                return False
        return True

    def too_many(self, user: str, locale: Locale) -> str:
        """A hint when a person asks faster than the limit, else an empty text."""
        if self._limits.allow(user):
            return ""
        return self.messages.text("limit.hint", locale, seconds=int(SECONDS))

    def ask(self, text: str, spot: Spot, reader: Reader) -> Reply:
        """The core's reply; the log gets it with `note`, once it is sent."""
        context = self.threads.get((spot.channel, spot.thread)) if spot.thread else None
        return self.faq.respond(to_question(
            text, key=spot.key, hint=reader.profile, forced=reader.chosen, context=context))

    def note(self, text: str, spot: Spot, reader: Reader, reply: Reply, began: float) -> None:
        """Log a question with its reply, now that it is sent."""
        question = to_question(text, key=spot.key, hint=reader.profile, forced=reader.chosen)
        self.app.records.asked(
            platform=PLATFORM, person=spot.user, channel=spot.channel, question=question,
            reply=reply, seconds=monotonic() - began,
        )

    def remember(self, channel: str, thread: str | None, reply: Reply) -> None:
        """What was shown in a thread, for follow-ups there."""
        if thread and reply.answer:
            self.threads.set((channel, thread), reply.answer.entry_id)

    def popular(self, locale: Locale, limit: int) -> list[Link]:
        """The entries most asked, filled up with one of each topic."""
        ids = [*self.app.records.popular(limit * 2), *self.faq.starters()]
        known = dict.fromkeys(
            entry.id for entry in map(self.faq.knowledge.find, ids) if entry is not None)
        entries = [self.faq.knowledge.entries[entry_id] for entry_id in list(known)[:limit]]
        return [Link(entry.id, entry.text(locale).question) for entry in entries]

    def health(self, *, up: bool, detail: str) -> None:
        """Say whether Slack can reach the bot."""
        self.app.health.set(PLATFORM, up, detail)

    def check(self, code: str) -> None:
        """Give up, with words for the operator, when Slack's error is one that stays."""
        if code in REVOKED and not self.broken.done():
            self.broken.set_result(AifaqError(explain(code)))
