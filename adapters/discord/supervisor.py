"""Keeps the bot connected: starts it, starts it again when it dies, stops it without losing work.

discord.py resumes and reconnects by itself once it is connected; what ends it for good (a failed
login, a gateway that cannot be reached at first, an unforeseen error) ends one client here, and
the next takes over after a growing pause. Only what people must mend ends the run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random

import discord

from adapters.discord.admin.alarm import Alarm
from adapters.discord.client import FaqClient
from adapters.discord.desk import Desk
from adapters.discord.invite import REFUSED, token_of
from adapters.discord.sharding import parse_shards
from bot.app import App
from bot.errors import AifaqError, SettingsError

log = logging.getLogger("aifaq.discord")

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
BAD_TOKEN_CODE = 4004
FATAL = {
    4010: "Discord does not accept these shards: check AIFAQ_DISCORD_SHARDS.",
    4011: "The bot is in too many servers for one shard: leave AIFAQ_DISCORD_SHARDS empty.",
    4012: "Discord no longer speaks this version of its gateway: update discord.py.",
    4013: "Discord does not accept the intents: update discord.py.",
}


class Supervisor:
    """Runs clients one after the other until asked to stop."""

    def __init__(self, app: App, *, stop: asyncio.Event, guild: int | None = None) -> None:
        settings = app.settings
        self._token = token_of(settings)
        self._shards = parse_shards(settings.discord_shards)
        self._guild, self._stop = guild, stop
        self._listen_to_all = bool(settings.discord_auto_channels)
        self._desk = Desk(app)
        self.client: FaqClient | None = None

    async def run(self) -> None:
        """Return when asked to stop.

        Raises:
            AifaqError: for what a person must mend, in plain words.
        """
        failures = 0
        health = self._desk.app.health
        health.set("discord", False, "connecting")
        warming = asyncio.create_task(self._desk.charts.warm(self._desk.faq))
        alarm = asyncio.create_task(Alarm(self._desk, lambda: self.client).run())
        try:
            while not self._stop.is_set():
                client = self.client = FaqClient(
                    self._desk,
                    listen_to_all=self._listen_to_all,
                    shards=self._shards,
                    guild=self._guild,
                )
                error = await self._live(client)
                if self._stop.is_set():
                    return
                health.set("discord", False, str(error or "connection closed"))
                failures = 1 if client.connected.is_set() else failures + 1
                await self._pause(error, failures)
        finally:
            warming.cancel()
            alarm.cancel()
            health.forget("discord")
            self._desk.charts.close()

    async def _live(self, client: FaqClient) -> BaseException | None:
        """One client from start to end; what ended it, if anything went wrong."""
        life = asyncio.create_task(client.start(self._token))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({life, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        error = life.exception() if life.done() and not life.cancelled() else None
        with contextlib.suppress(Exception):
            await client.finish()
        life.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await life
        return error

    async def _pause(self, error: BaseException | None, failures: int) -> None:
        """Wait before the next start, or raise what a person must mend."""
        if isinstance(error, discord.PrivilegedIntentsRequired):
            log.error(
                "Discord refuses the Message Content intent that AIFAQ_DISCORD_AUTO_CHANNELS needs;"
                " going on without, so that only mentions, DMs and commands are answered"
            )
            self._listen_to_all = False
            return
        _raise_if_fatal(error)
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures - 1, 10))
        wait *= random.uniform(0.8, 1.2)  # noqa: S311
        log.error("connection to Discord lost (%s); again in %.1f s", error or "closed", wait)
        if error is not None:
            log.debug("what ended it", exc_info=error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), wait)


def _raise_if_fatal(error: BaseException | None) -> None:
    if isinstance(error, AifaqError):
        raise error
    if isinstance(error, discord.LoginFailure):
        raise SettingsError(REFUSED) from error
    if isinstance(error, discord.ConnectionClosed):
        if error.code == BAD_TOKEN_CODE:
            raise SettingsError(REFUSED) from error
        if error.code in FATAL:
            raise SettingsError(FATAL[error.code]) from error
