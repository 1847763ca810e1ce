"""Shards that lose nothing they need not lose.

discord.py's sharded client identifies anew after a reconnection that failed, which gives up the
session and all that was said meanwhile (its unsharded client resumes). And where the very first
connection fails, it waits ten seconds each time and calls itself ever deeper. Both are mended
here, on discord.py's private parts, since it offers no other way; the tests hold it to them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.shard import EventItem, Shard

from adapters.discord.delivery import FIRST_WAIT

log = logging.getLogger("aifaq.discord")

CONNECT_SECONDS, LONGEST_WAIT = 60.0, 30.0
LOST = (OSError, TimeoutError, aiohttp.ClientError, discord.HTTPException, discord.ConnectionClosed)


class ResumingShard(Shard):
    """A shard that keeps its session while reconnecting."""

    async def reconnect(self) -> None:
        """Connect again and resume; Discord invalidates the session if it is too late for that."""
        await self.reidentify(ReconnectWebSocket(self.id, resume=self.ws.session_id is not None))


class ShardedClient(discord.AutoShardedClient):
    """A sharded client with such shards, patient at its first connection."""

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """Connect one shard, however long its gateway is away."""
        pause = FIRST_WAIT
        while not self.is_closed():
            try:
                opening = DiscordWebSocket.from_client(
                    self, initial=initial, gateway=gateway, shard_id=shard_id
                )
                socket = await asyncio.wait_for(opening, CONNECT_SECONDS)
            except LOST as error:
                pause = min(LONGEST_WAIT, pause * 2)
                log.warning("shard %d cannot connect (%s); again in %.1f s", shard_id, error, pause)
                await asyncio.sleep(pause)
            else:
                self._keep(ResumingShard(socket, self, self._queue_put))
                return

    def _keep(self, shard: Shard) -> None:
        shards: dict[int, Shard] = self._AutoShardedClient__shards  # type: ignore[attr-defined]
        shards[shard.id] = shard
        shard.launch()

    @property
    def _queue_put(self) -> Callable[[EventItem], None]:
        queue: asyncio.PriorityQueue[Any] = self._AutoShardedClient__queue  # type: ignore[attr-defined]
        return queue.put_nowait
