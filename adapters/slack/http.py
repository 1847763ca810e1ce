"""HTTP mode: Slack sends signed requests to the bot, for replicas behind a balancer."""

from __future__ import annotations

import logging
import re
import time
from typing import TYPE_CHECKING

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier

from adapters.slack.handles import HTTP_PATH
from bot.errors import SettingsError

if TYPE_CHECKING:
    from adapters.slack.desk import Desk

log = logging.getLogger("aifaq.slack")

BODY = 1024 * 1024
WINDOW = 300
"""Seconds that a request's timestamp may be off, as Slack asks."""


_STAMP = re.compile(r"[0-9]{1,12}\Z")


class Refused(Exception):
    """A request that is not Slack's, or not fit to be read."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(why)


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
        app.router.add_post(HTTP_PATH, self.receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
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
        try:
            text = await self._verified(request)
        except Refused as refusal:
            log.warning("A request to %s was refused (%d): %s", HTTP_PATH, refusal.status, refusal)
            return web.json_response({"error": str(refusal)}, status=refusal.status)
        signature = request.headers["X-Slack-Signature"]
        if not await self._desk.first(signature=signature):
            log.warning("A request to %s was received twice", HTTP_PATH)
            # Slack's own second delivery is fine, since the first one is in hand.
            status = 200 if "X-Slack-Retry-Num" in request.headers else 401
            return web.json_response({"error": "this request was received before"}, status=status)
        return await self._dispatch(request, text)

    async def _verified(self, request: web.Request) -> str:
        if (request.content_length or 0) > BODY:
            raise Refused(413, "the body is larger than 1 MB")
        try:
            text = (await request.read()).decode()
        except web.HTTPRequestEntityTooLarge as error:
            raise Refused(413, "the body is larger than 1 MB") from error
        except UnicodeDecodeError as error:
            raise Refused(400, "the body is not UTF-8") from error
        stamp = request.headers.get("X-Slack-Request-Timestamp", "")
        if not _STAMP.match(stamp) or abs(time.time() - int(stamp)) > WINDOW:
            raise Refused(401, "the timestamp is missing or too old")
        signature = request.headers.get("X-Slack-Signature", "")
        if not signature.isascii() or not self._verifier.is_valid(text, stamp, signature):
            raise Refused(401, "the signature is wrong")
        return text

    async def _dispatch(self, request: web.Request, text: str) -> web.Response:
        try:
            asked = AsyncBoltRequest(body=text, query=request.query_string,
                                     headers=dict(request.headers))
            readable = isinstance(asked.body.get("event", {}), dict)
        except (ValueError, TypeError, AttributeError):  # not JSON, or no object
            readable = False
        if not readable:
            return web.json_response({"error": "the body cannot be read"}, status=400)
        return await to_aiohttp_response(await self._bolt.async_dispatch(asked))
