"""Who asks, what, and how fast: at a fixed pace, or as fast as answers come."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.knowledge import BUNDLED
from tests.faults.process import Bot, free_port
from tests.faults.traffic import DiscordTraffic, SlackTraffic, Traffic
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

WAYS = ("Discord", "Slack, Socket Mode", "Slack, HTTP")
READY_SECONDS = 300


@dataclass
class Stage:
    """A bot in its process and the people who can reach it."""

    bot: Bot
    streams: list[Traffic]

    @property
    def stream(self) -> Traffic:
        return self.streams[0]

    @property
    def answered(self) -> int:
        return sum(len(stream.account.answers) for stream in self.streams)

    def forget(self) -> None:
        """Begin a new account."""
        for stream in self.streams:
            stream.account.sent.clear()
            stream.account.answers.clear()


@asynccontextmanager
async def stage(
    *ways: str, rate: float, questions: Sequence[str] | None = None, **settings: str
) -> AsyncIterator[Stage]:
    """The bot on one way or several, ready; nobody asks yet.

    Args:
        ways: of `WAYS`.
        rate: questions a second in each stream, where a pace is kept.
        questions: asked in turn; the regression questions when None.
        settings: environment variables.
    """
    questions = questions or regression_questions()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        slack = await stack.enter_async_context(SlackServer())
        discord = await stack.enter_async_context(DiscordServer())
        if "Slack, HTTP" in ways:
            port = free_port()
            slack.events_url = f"http://127.0.0.1:{port}/slack/events"
            settings["AIFAQ_SLACK_HTTP"] = f"127.0.0.1:{port}"
        names = {"discord" if way == "Discord" else "slack" for way in ways}
        where = names.pop() if len(names) == 1 else "all"
        bot = Bot(where, data=folder, slack=slack, discord=discord, wait=False, **settings)
        await stack.enter_async_context(bot)
        began = time.monotonic()
        await bot.until_ready(seconds=READY_SECONDS)
        bot.started = time.monotonic() - began
        yield Stage(bot, [
            DiscordTraffic(discord, rate, questions=questions) if way == "Discord"
            else SlackTraffic(slack, rate, questions=questions)
            for way in ways
        ])


async def warm_up(here: Stage, count: int) -> None:
    """Let charts be drawn and caches fill before anything is measured."""
    for stream in here.streams:
        await crowd(stream, 4, count=count)
        await stream.settle(30)
    await _until_quiet(here.bot)
    here.forget()


async def _until_quiet(bot: Bot, seconds: float = 30.0) -> None:
    """Until it has nothing to do by itself: after a start it draws the charts of all entries."""
    began, used = time.monotonic(), bot.cpu
    while time.monotonic() - began < seconds:
        await asyncio.sleep(1.0)
        before, used = used, bot.cpu
        if used - before < 0.05:
            return


async def pace(stream: Traffic, seconds: float) -> None:
    """Ask at the stream's pace for so long, then wait for the answers."""
    stream.begin()
    await asyncio.sleep(seconds)
    await stream.settle(30)


async def crowd(
    stream: Traffic, people: int, *, seconds: float = 600.0, count: int = 10**9
) -> tuple[int, float]:
    """So many people at once, each asking again as soon as an answer comes.

    Returns:
        Questions answered, and the seconds that it took.
    """
    answers, asked, began = stream.account.answers, 0, time.monotonic()
    before = len(answers)
    with suppress(TimeoutError):
        while time.monotonic() - began < seconds and len(answers) - before < count:
            while asked - (len(answers) - before) < people:
                stream.ask()
                asked += 1
            await stream.answered(1, seconds=30)
    return len(answers) - before, time.monotonic() - began


def regression_questions() -> list[str]:
    """What people ask: in scope and out of it, in both languages."""
    found: list[str] = []
    for file in sorted((BUNDLED / "questions").glob("*.yaml")):
        data = yaml.safe_load(file.read_text())
        lists = [*data["entries"].values(), *(v for k, v in data.items() if k != "entries")]
        found += [one if isinstance(one, str) else one["text"] for one in _flat(lists)]
    return found


def _flat(data: object) -> list[str | dict[str, str]]:
    if isinstance(data, list):
        return [one for part in data for one in _flat(part)]
    return [data] if isinstance(data, str) or (isinstance(data, dict) and "text" in data) else []
