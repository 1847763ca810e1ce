"""Socket Mode: tickets, envelopes and their acknowledgements, redelivery, and ways to hang up."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.servers.slack.record import Ack, Log
from tests.servers.slack.world import APP, JSON, new_id

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer


@dataclass(eq=False)
class Envelope:
    """Something sent to the bot that waits for its acknowledgement."""

    kind: str
    payload: JSON
    id: str = field(default_factory=lambda: new_id("E"))
    sent: float = 0
    attempt: int = 0
    ack: asyncio.Future[Ack] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Sockets:
    """The socket side of the server."""

    def __init__(self, server: SlackServer) -> None:
        self._server = server
        self._tickets: set[str] = set()
        self._waiting: dict[str, Envelope] = {}
        self._turn = 0
        self.connections: list[web.WebSocketResponse] = []
        self.opened: Log[float] = Log()
        """When each connection was made."""
        self.most = 10
        """More connections than this are told to go."""
        self.refuse = 0
        """So many of the next handshakes get a 503."""

    def ticket(self) -> str:
        """A URL that can be connected to once."""
        ticket = new_id("ticket")
        self._tickets.add(ticket)
        return f"{self._server.url.replace('http', 'ws')}/link/?ticket={ticket}&app_id={APP}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if self.refuse > 0:
            self.refuse -= 1
            return web.Response(status=503)
        if ticket not in self._tickets:
            return web.Response(status=404, text="no such ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self.connections) >= self.most:
            await self._hang_up(socket, "too_many_websockets")
            return socket
        await socket.send_json({"type": "hello", "num_connections": len(self.connections) + 1,
                                "connection_info": {"app_id": APP},
                                "debug_info": {"host": "applink-1"}})
        self.connections.append(socket)
        self.opened.append(time.monotonic())
        for envelope in list(self._waiting.values()):
            await self._send(envelope)
        try:
            await self._listen(socket)
        finally:
            if socket in self.connections:
                self.connections.remove(socket)
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            told = json.loads(message.data)
            envelope = self._waiting.pop(told.get("envelope_id"), None)
            if envelope and not envelope.ack.done():
                seconds = time.monotonic() - envelope.sent
                envelope.ack.set_result(Ack(told.get("payload") or {}, seconds))

    async def deliver(self, kind: str, payload: JSON) -> Envelope:
        """Send to one of the connections; without one, to the next that comes."""
        envelope = Envelope(kind, payload)
        self._waiting[envelope.id] = envelope
        await self._send(envelope)
        return envelope

    async def _send(self, envelope: Envelope) -> None:
        if not self.connections:
            return
        self._turn += 1
        socket = self.connections[self._turn % len(self.connections)]
        told = {"envelope_id": envelope.id, "type": envelope.kind, "payload": envelope.payload,
                "accepts_response_payload": envelope.kind != "events_api"}
        if envelope.kind == "events_api":
            told |= {"retry_attempt": envelope.attempt,
                     "retry_reason": "timeout" if envelope.attempt else ""}
        envelope.attempt += 1
        envelope.sent = time.monotonic()
        try:
            await socket.send_json(told)
        except ConnectionError:
            return

    async def warn(self, reason: str = "warning", *, close: bool = False) -> None:
        """Announce the end to all connections: `warning`, `refresh_requested`, `link_disabled`."""
        for socket in list(self.connections):
            if close:
                await self._hang_up(socket, reason)
            else:
                await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})

    async def _hang_up(self, socket: web.WebSocketResponse, reason: str) -> None:
        if socket in self.connections:
            self.connections.remove(socket)
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        await socket.close()

    async def drop(self) -> None:
        """Cut all connections without a word."""
        for socket in list(self.connections):
            self.connections.remove(socket)
            if socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """The connections stay, and nothing that the bot sends gets here, nor any reply back."""
        transports = [
            socket._req.transport for socket in self.connections
            if socket._req is not None and socket._req.transport is not None
        ]
        for transport in transports:
            transport.pause_reading()
        try:
            yield
        finally:
            for transport in transports:
                transport.resume_reading()

    async def close(self) -> None:
        for socket in list(self.connections):
            await socket.close()
