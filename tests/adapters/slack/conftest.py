"""The real adapter, with the real slack-bolt and slack-sdk, against the Slack of the test suite."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.slack import run
from bot.app import App
from bot.service import Faq
from bot.settings import Settings
from tests.servers.slack import SlackServer

SMALL = Path(__file__).parent.parent.parent / "dialogs" / "small"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No token, proxy or setting of the machine reaches a test."""
    for name in list(os.environ):
        if name.startswith(("AIFAQ_", "SLACK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


_loaded: dict[Path, Faq] = {}


@pytest.fixture(autouse=True)
def load_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each knowledge base is loaded once for all tests; no test changes it."""
    load = Faq.load

    def cached(settings: Settings) -> Faq:
        if settings.knowledge not in _loaded:
            _loaded[settings.knowledge] = load(settings)
        return _loaded[settings.knowledge]

    monkeypatch.setattr(Faq, "load", cached)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """An empty workspace; what breaks a limit or pings a channel fails the test."""
    async with SlackServer() as server:
        yield server
        assert server.violations == []
        assert server.pings == []


def settings_for(slack: SlackServer, **more: object) -> Settings:
    """Settings that lead to the test's Slack, without a store on disk."""
    told: dict[str, object] = {
        "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_BASE_URL": slack.api_base_url, "database_url": "none", "reload_seconds": 0,
        "encoder": "none",
    }
    return Settings(**told | more)  # type: ignore[arg-type]


Bots = Callable[..., AbstractAsyncContextManager[App]]


@pytest.fixture
def bot(slack: SlackServer) -> Bots:
    """Starts a bot: `async with bot() as app`; keywords are settings."""

    @asynccontextmanager
    async def start(**more: object) -> AsyncIterator[App]:
        app = App.create(settings_for(slack, **more))
        await app.start()
        stop = asyncio.Event()
        opened = len(slack.sockets.opened)
        running = asyncio.create_task(run(app, stop=stop))
        try:
            await _listening(slack, running, before=opened)
            yield app
        finally:
            stop.set()
            await asyncio.wait_for(running, 15)
            await app.close()

    return start


async def _listening(slack: SlackServer, running: asyncio.Task[None], *, before: int) -> None:
    opened = asyncio.create_task(slack.sockets.opened.wait(lambda _: True, after=before))
    await asyncio.wait({opened, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        opened.cancel()
        running.result()


async def records_of(app: App, count: int) -> list[Any]:
    """What was noted so far, once there are `count` records; notes follow the answer."""
    async with asyncio.timeout(8):
        while len(app.records.queue) < count:
            await asyncio.sleep(0.01)
    return list(app.records.queue)
