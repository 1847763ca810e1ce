"""People who ask, one question each, and the account of what came back.

Each question is a direct message of a person who asks nothing else, so that no limit and no memory
stands between it and its answer, and every message of the bot there belongs to it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from tests.servers.discord import DiscordServer
from tests.servers.discord.world import DM
from tests.servers.slack import SlackServer
from tests.servers.slack.world import BOT_USER, Channel, Message

QUESTIONS = (
    "How much did it cost to train DeepSeek R1?",
    "Why is inference billed per token?",
    "Quels sont les risques de l'injection de prompt ?",
    "what is a context window",
    "what is the weather in Paris tomorrow",
    "hello",
)


@dataclass
class Account:
    """What was asked on one platform, and what became of it."""

    platform: str
    sent: dict[str, float] = field(default_factory=dict)
    """By the place of the question: when it was asked."""
    answers: dict[str, list[float]] = field(default_factory=dict)
    """By the same: when each answer came."""
    undelivered: set[str] = field(default_factory=set)
    """Asked while the bot was leaving or away, on a platform that tells nobody later."""

    @property
    def twice(self) -> int:
        """Questions answered more than once."""
        return sum(len(times) > 1 for times in self.answers.values())

    @property
    def lost(self) -> int:
        """Questions that were told to the bot and not answered."""
        return len(self.sent.keys() - self.answers.keys() - self.undelivered)

    @property
    def latencies(self) -> list[float]:
        """Seconds from question to first answer, shortest first."""
        return sorted(times[0] - self.sent[where] for where, times in self.answers.items())

    def __str__(self) -> str:
        """One line for the report."""
        text = (f"{self.platform}: sent {len(self.sent)}, answered {len(self.answers)}, "
                f"twice {self.twice}, lost {self.lost}")
        if self.undelivered:
            text += f", {len(self.undelivered - self.answers.keys())} while the bot was away"
        if self.answers:
            text += ", p50 {:.0f} ms, p99 {:.0f} ms".format(*self.percentiles(50, 99))
        return text

    def percentiles(self, *which: float) -> list[float]:
        """Milliseconds."""
        times = self.latencies
        return [1000 * times[min(len(times) - 1, int(len(times) * p / 100))] for p in which]


class Traffic(ABC):
    """Asks at a steady pace on one platform while the block runs.

    Args:
        rate: questions a second; the pace does not wait for answers.
        questions: what is asked, in turn.
    """

    platform = ""

    def __init__(self, rate: float, questions: Sequence[str] = QUESTIONS) -> None:
        self.account = Account(self.platform)
        self._rate, self._questions = rate, itertools.cycle(questions)
        self._people = itertools.count(1)
        self._pace: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.begin()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    def begin(self) -> None:
        """Begin to ask."""
        self._pace = asyncio.create_task(self._keep_asking())

    async def stop(self) -> None:
        """Ask nothing more; answers may still come."""
        if self._pace is not None:
            self._pace.cancel()
            with suppress(asyncio.CancelledError):
                await self._pace

    async def settle(self, seconds: float = 20) -> Account:
        """Stop asking, wait until everything is answered or time is up; the account."""
        await self.stop()
        with suppress(TimeoutError):
            await self._until(lambda: not self.account.lost, seconds)
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await asyncio.sleep(0.3)  # a second answer would come about now
        return self.account

    async def answered(self, count: int, *, seconds: float = 40) -> None:
        """Wait until `count` more questions than now are answered."""
        wanted = len(self.account.answers) + count
        await self._until(lambda: len(self.account.answers) >= wanted, seconds)

    async def _until(self, holds: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                self._news.clear()
                await self._news.wait()

    def note(self, where: str) -> None:
        """A message of the bot has come."""
        self.account.answers.setdefault(where, []).append(time.monotonic())
        self._news.set()

    async def _keep_asking(self) -> None:
        began = time.monotonic()
        for number in itertools.count():
            await asyncio.sleep(max(0.0, began + number / self._rate - time.monotonic()))
            self.ask()

    def ask(self) -> None:
        """One more person asks one question."""
        task = asyncio.create_task(self._ask(f"p{next(self._people)}", next(self._questions)))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    @abstractmethod
    async def _ask(self, person: str, question: str) -> None:
        """Have a person ask; note it in the account before it is told to the bot."""


class DiscordTraffic(Traffic):
    """On the Discord of the tests.

    Args:
        resumed: a connection that is lost will be resumed, so that nothing is undelivered. A new
            process resumes nothing: Discord does not tell it what was said before.
    """

    platform = "discord"

    def __init__(
        self, server: DiscordServer, rate: float, *, resumed: bool = True, **more: Any
    ) -> None:
        super().__init__(rate, **more)
        self.server, self._resumed = server, resumed
        self.leaving = False
        """The bot was told to stop: what is said now may come too late for it."""
        keep = server.sent.append

        def append(message: dict[str, Any]) -> None:
            self.note(message["channel_id"])
            keep(message)

        server.sent.append = append  # type: ignore[method-assign]

    async def _ask(self, person: str, question: str) -> None:
        user = self.server.add_user(person)
        channel = self.server.add_private(DM, user)
        self.account.sent[channel.id] = time.monotonic()
        if not self._resumed and (self.leaving or not any(self.server.gateway.live())):
            self.account.undelivered.add(channel.id)
        with suppress(ConnectionError):
            await self.server.say(channel, user, question)


class SlackTraffic(Traffic):
    """On the Slack of the tests; `tell` changes how the event is delivered."""

    platform = "slack"

    def __init__(
        self,
        server: SlackServer,
        rate: float,
        tell: Callable[[dict[str, Any]], Awaitable[object]] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(rate, **more)
        self.server, self._tell = server, tell or server.send_event
        keep = server.messages.append

        def append(message: Message) -> None:
            if message.author == BOT_USER:
                self.note(message.channel.id)
            keep(message)

        server.messages.append = append  # type: ignore[method-assign]

    async def _ask(self, person: str, question: str) -> None:
        user = self.server.add_user(person)
        channel = Channel(f"dm-{person}", user=user)
        self.server.channels[channel.id] = channel
        message = self.server.say(channel, user, question)
        self.account.sent[channel.id] = time.monotonic()
        # An event that is not acknowledged in time is delivered again; that is the server's part.
        with suppress(TimeoutError, ConnectionError):
            await self._tell(self.server.event_of(message))
