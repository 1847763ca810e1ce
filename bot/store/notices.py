"""What replicas tell each other at once, over PostgreSQL's LISTEN and NOTIFY.

A notice can be lost while a connection is away, so polling or an expiry stays beneath whatever
relies on it. On SQLite there is nobody to tell.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from bot.errors import StoreError
from bot.store.address import Address
from bot.store.database import Database
from bot.store.rows import new_id

log = logging.getLogger(__name__)

CHANNEL = "aifaq"
RESYNC = "resync"
"""Topic that listeners get after a lost connection: something may have been missed."""

_LIMIT = 7_900  # bytes; PostgreSQL takes less than 8,000
_CHECK_SECONDS = 30.0
_LONGEST_PAUSE = 30.0

Callback = Callable[[str, str], None]


class Notices(Database):
    """Topics are words such as `knowledge`; payloads are short texts."""

    def __init__(self, address: Address, key: bytes) -> None:
        super().__init__(address, key)
        self._origin = new_id()
        self._callbacks: list[Callback] = []
        self._listener: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Also begin to listen, if anybody wants to know."""
        await super().open()
        self._listen_if_wanted()

    async def close(self) -> None:
        """Also stop listening."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
        await super().close()

    async def notify(self, topic: str, payload: str = "") -> None:
        """Tell all other replicas; nothing on SQLite.

        Raises:
            StoreError: if the database is away, or the payload too long.
        """
        if not self.on_postgres:
            return
        message = json.dumps({"topic": topic, "payload": payload, "from": self._origin})
        if len(message.encode()) > _LIMIT:
            raise StoreError(f"The notice {topic!r} is too long: at most {_LIMIT} bytes.")
        statement = sa.text("SELECT pg_notify(:channel, :message)")
        async with self.writing() as connection:
            await connection.execute(statement, {"channel": CHANNEL, "message": message})

    def listen(self, callback: Callback) -> None:
        """Have `callback(topic, payload)` called for what other replicas tell.

        It gets the topic `resync` when notices may have been missed. It must not block.
        """
        self._callbacks.append(callback)
        self._listen_if_wanted()

    def _listen_if_wanted(self) -> None:
        if self._callbacks and self.on_postgres and self._engine and self._listener is None:
            self._listener = asyncio.get_running_loop().create_task(self._keep_listening())

    async def _keep_listening(self) -> None:
        import asyncpg

        pause = 0.5
        again = False
        while True:
            try:
                connection = await asyncpg.connect(self.address.dsn, timeout=5, command_timeout=5)
                await connection.add_listener(CHANNEL, self._heard)
                if again:
                    self._tell(RESYNC, "")
                pause, again = 0.5, True
                await _until_lost(connection)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.debug("The notices of other replicas are not heard: %s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _heard(self, _connection: object, _pid: int, _channel: str, message: str) -> None:
        try:
            notice = json.loads(message)
            topic, payload, origin = notice["topic"], notice["payload"], notice["from"]
        except (ValueError, TypeError, KeyError):
            log.warning("A notice on the channel %r is not one of aifaq's.", CHANNEL)
            return
        if origin != self._origin:
            self._tell(str(topic), str(payload))

    def _tell(self, topic: str, payload: str) -> None:
        for callback in self._callbacks:
            try:
                callback(topic, payload)
            except Exception:
                log.exception("A listener failed on the notice %r.", topic)


async def _until_lost(connection: Any) -> None:
    """Return when the connection is gone; a silent one is asked now and then."""
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _connection: lost.set())
    try:
        while not lost.is_set():
            try:
                await asyncio.wait_for(lost.wait(), _CHECK_SECONDS)
            except TimeoutError:
                await connection.execute("SELECT 1")
    finally:
        connection.terminate()
