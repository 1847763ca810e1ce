"""The gateway: sessions over a websocket, with everything that can happen to them.

A session outlives its connection, as Discord's do: what is dispatched meanwhile is kept and played
back on resume. An invalidated session loses it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import WSMsgType, web

from tests.servers.discord.faults import reset_connection
from tests.servers.discord.record import Log
from tests.servers.discord.world import CONTENT_INTENT_FLAGS, JSON, Guild, User

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = (1 << 1) | (1 << 8)
"""Members and presences, which this application is never granted."""


class Host(Protocol):
    """What the gateway needs to know of the world."""

    token: str
    app_flags: int
    bot: User
    shards: int

    @property
    def app_id(self) -> str: ...
    @property
    def gateway_url(self) -> str: ...
    @property
    def guilds(self) -> list[Guild]: ...


@dataclass(eq=False)
class Session:
    """One identified shard."""

    shard: tuple[int, int]
    intents: int
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sent: list[JSON] = field(default_factory=list)
    connection: Connection | None = None

    def wants(self, intent: int, guild_id: str | None) -> bool:
        number, total = self.shard
        mine = number == 0 if guild_id is None else (int(guild_id) >> 22) % total == number
        return mine and (not intent or bool(self.intents & intent))

    async def dispatch(self, event: str, data: JSON) -> None:
        frame = {"op": 0, "t": event, "s": len(self.sent) + 1, "d": data}
        self.sent.append(frame)
        if self.connection:
            await self.connection.send(frame)


class Connection:
    """One websocket, compressed as the client asked."""

    def __init__(self, ws: web.WebSocketResponse, request: web.Request, compress: str) -> None:
        self.ws, self.request = ws, request
        self._encode = _encoder(compress)
        self._lock = asyncio.Lock()

    async def send(self, frame: JSON) -> None:
        text = json.dumps(frame)
        async with self._lock:
            with contextlib.suppress(ConnectionError):
                if self._encode is None:
                    await self.ws.send_str(text)
                else:
                    await self.ws.send_bytes(self._encode(text.encode()))


def _encoder(compress: str) -> Callable[[bytes], bytes] | None:
    """How to compress frames; None: not at all. Raises LookupError for what is not offered."""
    if not compress:
        return None
    if compress == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compress == "zstd-stream":
        try:
            import zstandard
        except ImportError:
            raise LookupError(compress) from None
        stream = zstandard.ZstdCompressor().compressobj()
        block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return lambda data: stream.compress(data) + stream.flush(block)
    raise LookupError(compress)


class Gateway:
    """All sessions; what clients sent is in `received` as (session or None, frame)."""

    heartbeat_interval = 41.25
    """Seconds, told in hello."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.sessions: dict[str, Session] = {}
        self.received: Log[JSON] = Log()
        self.connections: set[Connection] = set()
        self.ready: Log[Session] = Log()
        """A session each time it became usable: identified or resumed."""
        self.silent = False
        """Heartbeats are not acknowledged."""
        self._refusals: list[int] = []
        self.content_refused = False
        """Identifying with Message Content is closed with 4014, whatever the flags say."""
        self.resume_url: str | None = None
        """Told in READY instead of the gateway's own address."""

    # --- faults -----------------------------------------------------------------------------

    def refuse(self, times: int = 1, *, status: int = 503) -> None:
        """The next `times` connections fail: HTTP `status`, or a reset when 0."""
        self._refusals += [status] * times

    async def drop(self) -> None:
        """Reset every connection, without a closing handshake."""
        for connection in list(self.connections):
            self._forget(connection)
            reset_connection(connection.request)

    async def close(self, code: int) -> None:
        """Close every connection with `code`."""
        for connection in list(self.connections):
            self._forget(connection)
            await connection.ws.close(code=code)

    async def ask_reconnect(self) -> None:
        """Opcode 7: come back, please, and resume."""
        await self._send_all({"op": 7, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Opcode 9: the session is over, or at least this connection of it."""
        if not resumable:
            self.sessions.clear()
        await self._send_all({"op": 9, "d": resumable})

    async def _send_all(self, frame: JSON) -> None:
        for connection in list(self.connections):
            self._forget(connection)
            await connection.send(frame)

    # --- events -----------------------------------------------------------------------------

    async def dispatch(
        self, event: str, data: JSON, *, guild_id: str | None = None, intent: int = 0
    ) -> None:
        """Send `data` to the shard of `guild_id` (None: shard 0), if it asked for such events."""
        for session in list(self.sessions.values()):
            if session.wants(intent, guild_id):
                await session.dispatch(event, _without_content(data, session, self._host, event))

    # --- connections ------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self._refusals:
            if status := self._refusals.pop(0):
                return web.Response(status=status, text="gateway unavailable")
            reset_connection(request)
            return web.Response()
        if request.query.get("encoding") != "json" or request.query.get("v") != "10":
            return web.Response(status=400, text="only v=10 and encoding=json are offered")
        ws = web.WebSocketResponse(max_msg_size=4096, autoping=True)
        try:
            connection = Connection(ws, request, request.query.get("compress", ""))
        except LookupError as unknown:
            return web.Response(status=400, text=f"compression not offered: {unknown}")
        await ws.prepare(request)
        self.connections.add(connection)
        interval = int(self.heartbeat_interval * 1000)
        await connection.send({"op": 10, "d": {"heartbeat_interval": interval, "_trace": []}})
        try:
            await self._serve(connection)
        finally:
            self._forget(connection)
        return ws

    def _forget(self, connection: Connection) -> None:
        self.connections.discard(connection)
        for session in self.sessions.values():
            if session.connection is connection:
                session.connection = None

    async def _serve(self, connection: Connection) -> None:
        async for incoming in connection.ws:
            if incoming.type is not WSMsgType.TEXT:
                break
            try:
                frame = json.loads(incoming.data)
            except ValueError:
                await connection.ws.close(code=4002)
                return
            self.received.append(frame)
            code = await self._act(connection, frame)
            if code:
                await connection.ws.close(code=code)
                return

    async def _act(self, connection: Connection, frame: JSON) -> int:
        """Handle one frame; a close code when it breaks the protocol, else 0."""
        if frame["op"] == 1:
            if not self.silent:
                await connection.send({"op": 11, "d": None})
            return 0
        if frame["op"] == 2:
            return await self._identify(connection, frame["d"])
        if frame["op"] == 6:
            return await self._resume(connection, frame["d"])
        return 0 if frame["op"] in (3, 4, 8) else 4001

    async def _identify(self, connection: Connection, data: JSON) -> int:
        host, intents = self._host, data.get("intents", 0)
        if data.get("token") != host.token:
            return 4004
        if not 0 <= intents < 1 << 26:
            return 4013
        granted = bool(host.app_flags & CONTENT_INTENT_FLAGS) and not self.content_refused
        if intents & PRIVILEGED or (intents & MESSAGE_CONTENT and not granted):
            return 4014
        shard = tuple(data.get("shard") or (0, 1))
        if not 0 <= shard[0] < shard[1]:
            return 4010
        session = Session((shard[0], shard[1]), intents, connection=connection)
        self.sessions[session.id] = session
        await self._welcome(session)
        return 0

    async def _welcome(self, session: Session) -> None:
        host = self._host
        mine = [g for g in host.guilds if g.installed and session.wants(0, g.id)]
        ready = {
            "v": 10,
            "user": host.bot.payload() | {"email": None, "mfa_enabled": True, "verified": True},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in mine],
            "session_id": session.id,
            "resume_gateway_url": self.resume_url or host.gateway_url,
            "shard": list(session.shard),
            "application": {"id": host.app_id, "flags": host.app_flags},
        }
        await session.dispatch("READY", ready)
        for guild in mine:
            if session.intents & GUILDS:
                await session.dispatch("GUILD_CREATE", guild.payload())
        self.ready.append(session)

    async def _resume(self, connection: Connection, data: JSON) -> int:
        session = self.sessions.get(data.get("session_id", ""))
        if data.get("token") != self._host.token:
            return 4004
        if session is None:
            await connection.send({"op": 9, "d": False})
            return 0
        seq = data.get("seq")
        if seq is None or seq > len(session.sent):
            return 4007
        while seq < len(session.sent):
            await connection.send(session.sent[seq])
            seq += 1
        session.connection = connection
        await session.dispatch("RESUMED", {"_trace": []})
        self.ready.append(session)
        return 0

    def live(self) -> Iterator[Session]:
        """Sessions with an open connection."""
        return (s for s in self.sessions.values() if s.connection is not None)


def _without_content(data: JSON, session: Session, host: Host, event: str) -> JSON:
    """The event as this session may see it: message content only where Discord gives it."""
    if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or "author" not in data:
        return data
    about_bot = host.bot.id in (data["author"]["id"], *(u["id"] for u in data.get("mentions", [])))
    if session.intents & MESSAGE_CONTENT or "guild_id" not in data or about_bot:
        return data
    return data | {"content": "", "embeds": [], "attachments": [], "components": []}
