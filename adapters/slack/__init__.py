"""Slack: `run` keeps the bot in a workspace until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from bot.errors import AifaqError, MissingExtra, SettingsError

if TYPE_CHECKING:
    from adapters.slack.desk import Desk
    from bot.app import App
    from bot.checks import Check
    from bot.settings import Settings

__all__ = ["doctor", "is_configured", "run"]

log = logging.getLogger("aifaq.slack")

PLATFORM = "slack"

FINISH_SECONDS = 5.0
"""For hanging up and for what is in hand when the bot is told to stop; all ends within ten."""


def is_configured(settings: Settings) -> bool:
    """Whether the settings name a Slack workspace at all."""
    return settings.slack_bot_token is not None


async def run(app: App, *, stop: asyncio.Event) -> None:
    """Answer in Slack until `stop` is set, then finish what is in hand.

    Raises:
        AifaqError: if it cannot start, or if Slack withdraws the token.
    """
    try:
        import aiohttp
        import slack_bolt  # noqa: F401
    except ImportError as error:
        raise MissingExtra("slack-bolt", "slack") from error
    from adapters.slack.bolt import identify
    from adapters.slack.client import make_client
    from adapters.slack.desk import Desk

    _check(app.settings)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
        client = make_client(app.settings, session)
        app.health.set(PLATFORM, ok=False, detail="connecting")
        try:
            me = await identify(client, stop)
            if me is not None:
                await _answer(Desk(app, client, me), stop)
        finally:
            app.health.forget(PLATFORM)


async def _answer(desk: Desk, stop: asyncio.Event) -> None:
    told = monotonic()
    try:
        async with _listening(desk):
            try:
                await _until_stopped(desk.broken, stop)
            finally:
                told = monotonic()
    finally:
        left = await desk.work.finish(told + FINISH_SECONDS - monotonic())
        if left:
            log.warning("%d answers on Slack were cut off at the end", left)
        desk.charts.close()


async def doctor(settings: Settings) -> list[Check]:
    """What works and what must be mended: tokens, scopes, clock, connection.

    Raises:
        MissingExtra: without slack-bolt.
    """
    try:
        from adapters.slack.doctor import examine
    except ImportError as error:
        raise MissingExtra("slack-bolt", "slack") from error
    return await examine(settings)


def _check(settings: Settings) -> None:
    if settings.slack_http:
        if settings.slack_signing_secret is None:
            raise SettingsError(
                "AIFAQ_SLACK_HTTP is set, but SLACK_SIGNING_SECRET is not; it stands under Basic "
                "Information of the app"
            )
    elif settings.slack_app_token is None:
        raise SettingsError(
            "SLACK_APP_TOKEN is not set; Socket Mode needs it (it begins with xapp-). For HTTP "
            "mode set AIFAQ_SLACK_HTTP and SLACK_SIGNING_SECRET"
        )


@asynccontextmanager
async def _listening(desk: Desk) -> AsyncIterator[None]:
    settings = desk.app.settings
    if settings.slack_http and settings.slack_signing_secret:
        secret = settings.slack_signing_secret.get_secret_value()
        async with _endpoint(desk, settings.slack_http, secret):
            yield
    elif settings.slack_app_token:
        async with _socket(desk, settings.slack_app_token.get_secret_value()):
            yield


@asynccontextmanager
async def _endpoint(desk: Desk, address: str, secret: str) -> AsyncIterator[None]:
    from adapters.slack.bolt import build
    from adapters.slack.http import Endpoint, parse_address

    endpoint = Endpoint(desk, build(desk), secret)
    host, port = parse_address(address)
    try:
        port = await endpoint.start(host, port)
        log.info("On Slack as @%s, listening on %s:%d", desk.me.name, host, port)
        desk.health(up=True, detail=f"listening on {host}:{port}")
        yield
    finally:
        await endpoint.stop()


@asynccontextmanager
async def _socket(desk: Desk, token: str) -> AsyncIterator[None]:
    from adapters.slack.bolt import build
    from adapters.slack.sockets import Socket, first_url, hand_over

    url = await first_url(desk.client, token)
    socket = Socket(token, desk.client, desk.check, desk.health)
    socket.wss_uri = url
    hand_over(socket, build(desk))
    connecting = asyncio.create_task(socket.connect())
    log.info("On Slack as @%s, through Socket Mode", desk.me.name)
    try:
        yield
    finally:
        connecting.cancel()
        await socket.close()


async def _until_stopped(broken: asyncio.Future[AifaqError], stop: asyncio.Event) -> None:
    stopped = asyncio.create_task(stop.wait())
    try:
        waiting: set[asyncio.Future[Any]] = {stopped, broken}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if broken.done():
        raise broken.result()
