"""HTTP mode: Slack sends signed requests to the bot, for replicas behind a balancer."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.errors import SettingsError

if TYPE_CHECKING:
    from adapters.slack.desk import Desk

log = logging.getLogger("aifaq.slack")

PATH = "/slack/events"
BODY = 1024 * 1024
WINDOW = 300
"""Seconds that a request's timestamp may be off, as Slack asks."""


def parse_address(text: str) -> tuple[str, int]:
    """`host:port`; a port alone listens on this machine only.

    Raises:
        SettingsError: if it is something else.
    """
    host, _, port = text.strip().rpartition(":")
    if not port.isdigit() or int(port) > 65535:  # noqa: PLR2004
        raise SettingsError(
            f"AIFAQ_SLACK_HTTP is {text!r}; it must be host:port, such as 127.0.0.1:3000"
        )
    return host.strip("[]") or "127.0.0.1", int(port)


class Endpoint:
    """Slack's way in."""

    def __init__(self, desk: Desk, bolt: AsyncApp, signing_secret: str) -> None:
        self._desk, self._bolt = desk, bolt
        self._verifier = SignatureVerifier(signing_secret)
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Begin to listen; returns the port.

        Raises:
            SettingsError: if the address cannot be listened on.
        """
        app = web.Application(client_max_size=BODY)
        app.router.add_post(PATH, self.receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            raise SettingsError(f"AIFAQ_SLACK_HTTP={host}:{port} cannot be listened on: {error}"
                                ) from error
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening; requests in hand are answered first."""
        if self._runner:
            await self._runner.cleanup()

    async def receive(self, request: web.Request) -> web.Response:
        """Refuse what is not from Slack, not fresh or not new; hand the rest on."""
        if (request.content_length or 0) > BODY:
            return refused(413, "the body is larger than 1 MB")
        body = await request.read()
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not stamp.isascii() or not stamp.isdigit() or abs(time.time() - int(stamp)) > WINDOW:
            return refused(401, "the timestamp is missing or too old")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return refused(400, "the body is not UTF-8")
        if not self._verifier.is_valid(text, stamp, signature):
            return refused(401, "the signature is wrong")
        if not await self._desk.first(f"signature:{signature}"):
            if "X-Slack-Retry-Num" in request.headers:
                return web.Response()  # Slack's own second delivery; the first one is in hand
            return refused(401, "this request was received before")
        return await self._dispatch(request, text)

    async def _dispatch(self, request: web.Request, text: str) -> web.Response:
        try:
            asked = AsyncBoltRequest(body=text, query=request.query_string,
                                     headers=dict(request.headers))
        except ValueError:
            return refused(400, "the body cannot be read")
        return await to_aiohttp_response(await self._bolt.async_dispatch(asked))


def refused(status: int, why: str) -> web.Response:
    """A refusal; why is told, since it says nothing that the sender does not know."""
    log.warning("A request to %s was refused with %d: %s", PATH, status, why)
    return web.json_response({"error": why}, status=status)
