"""The real adapter and the real discord.py client against the test server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.discord import run
from bot.app import App
from bot.records import Records
from bot.service import Faq
from bot.settings import Settings
from tests.dialogs import KNOWLEDGE
from tests.servers.discord import Channel, DiscordServer, Guild, Request, User


@dataclass
class Running:
    """A bot in service, and the guild it was put into."""

    server: DiscordServer
    app: App
    task: asyncio.Task[None]
    stop: asyncio.Event

    async def end(self) -> None:
        self.stop.set()
        await asyncio.wait_for(self.task, 15)


StartBot = Callable[..., Awaitable[Running]]


@pytest.fixture(scope="session")
def faqs() -> dict[str, Faq]:
    """The knowledge bases, loaded once: the core keeps no state that tests could share."""
    bare = Settings(encoder="none")
    return {
        name: Faq.load(bare.model_copy(update={"knowledge": root}))
        for name, root in KNOWLEDGE.items()
    }


@pytest.fixture(autouse=True)
def no_pause_between_identifies(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py waits five seconds before it identifies anew, which the test server need not."""

    async def at_once(*_: object, **__: object) -> None:
        return

    monkeypatch.setattr("adapters.discord.client.FaqClient.before_identify_hook", at_once)


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """A Discord; at the end nothing that it received may break a rule or ping anybody."""
    async with DiscordServer() as made:
        yield made
    assert not made.violations
    assert not made.pings


@pytest.fixture
def guild(server: DiscordServer) -> Guild:
    return server.add_guild("Lab")


@pytest.fixture
def channel(guild: Guild) -> Channel:
    return guild.add_channel("general")


@pytest.fixture
def ana(server: DiscordServer) -> User:
    return server.add_user("ana")


@pytest.fixture
def bob(server: DiscordServer) -> User:
    return server.add_user("bob")


@pytest.fixture
async def start_bot(server: DiscordServer, faqs: dict[str, Faq]) -> AsyncIterator[StartBot]:
    """Starts the bot: `await start_bot(knowledge="small", discord_auto_channels=(...))`."""
    started: list[Running] = []

    async def start(
        *, knowledge: str = "small", wait: bool = True, guild_id: int | None = None, **settings: Any
    ) -> Running:
        chosen = Settings.model_construct(
            **Settings(encoder="none").model_dump()
            | {
                "discord_token": Secret(server.token),
                "discord_api_base": server.api_base,
                "discord_gateway_url": server.gateway_url,
            }
            | settings
        )
        app, stop = App(chosen, faqs[knowledge], Records()), asyncio.Event()
        task = asyncio.create_task(run(app, stop=stop, guild=guild_id))
        running = Running(server, app, task, stop)
        started.append(running)
        if wait:
            await _until(server.gateway.ready.wait(lambda _: True), task)
        return running

    yield start
    for running in started:
        running.stop.set()
    for running in started:
        await asyncio.wait({running.task}, timeout=15)
        assert running.task.done(), "the bot does not stop"


async def _until(waiting: Awaitable[Any], task: asyncio.Task[None]) -> None:
    """Wait, but fail at once with the bot's own error if it dies first."""
    wait = asyncio.ensure_future(waiting)
    await asyncio.wait({wait, task}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        wait.cancel()
        task.result()
    await wait


class Secret(str):
    __slots__ = ()

    def get_secret_value(self) -> str:
        return str(self)


def sends(server: DiscordServer) -> list[Request]:
    """The messages that the bot sent into channels, as requested."""
    return server.requests.find(lambda r: r.name == "POST /channels/{channel_id}/messages")
