"""Word of broken knowledge files, in the moderators' channel: once per state of the files."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import aiohttp
import discord

from adapters.discord.delivery import NOBODY, persist
from adapters.discord.desk import Desk
from adapters.discord.messages import CONTENT
from adapters.discord.questions import PLATFORM
from bot.reload import ReloadReport

if TYPE_CHECKING:
    from adapters.discord.client import FaqClient

FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, RuntimeError, ValueError)

log = logging.getLogger("aifaq.discord")


class Alarm:
    """Passes reports of the reload on.

    Args:
        desk: of the running bot.
        client: gives the client of the moment.
    """

    def __init__(self, desk: Desk, client: Callable[[], FaqClient | None]) -> None:
        self._desk, self._client = desk, client
        self._channel = (desk.app.settings.discord_moderator_channel or "").strip()
        self._reports: asyncio.Queue[ReloadReport] = asyncio.Queue()
        self._told: Counter[str] = Counter()

    async def run(self) -> None:
        """Tell what comes, in its order, until cancelled."""
        if not self._channel:
            return
        self._desk.app.reloader.subscribe(self._reports.put_nowait)
        while True:
            report = await self._reports.get()
            try:
                await self._tell(report)
            except FAILURES as error:
                log.warning(
                    "the moderators could not be told in channel %s of"
                    " AIFAQ_DISCORD_MODERATOR_CHANNEL: %s", self._channel, error,
                )

    async def _tell(self, report: ReloadReport) -> None:
        text = report.text(self._desk.messages, self._desk.app.settings.locale)[:CONTENT]
        digest = hashlib.sha256(f"{report.at:%H%M}{text}".encode()).hexdigest()[:16]
        self._told[digest] += 1
        # Of several processes that see the same at once, one tells; the same later is told again.
        number = f"{digest}{self._told[digest]}"
        client = await self._connected()
        if not await self._desk.app.records.claim(f"{PLATFORM}:reload:{number}"):
            return
        channel = client.get_partial_messageable(int(self._channel))
        await persist(lambda: channel.send(text, nonce=number, allowed_mentions=NOBODY))

    async def _connected(self) -> FaqClient:
        while (client := self._client()) is None or client.is_closed():  # noqa: ASYNC110
            await asyncio.sleep(1)
        await client.connected.wait()
        return client
