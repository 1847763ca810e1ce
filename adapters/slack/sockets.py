"""Socket Mode: Slack talks to the bot over a connection that the bot opens."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from time import time
from typing import Any

from aiohttp import ClientError
from slack_bolt.adapter.socket_mode.async_internals import (
    run_async_bolt_app,
    send_async_response,
)
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.client import (
    REVOKED,
    error_code,
    explain,
    is_passing,
    proxy_for,
    quiet_logger,
)
from bot.errors import AifaqError

log = logging.getLogger("aifaq.slack")

PING_SECONDS = 5.0
LONGEST_PAUSE = 30.0
ACK_SECONDS, HANG_UP_SECONDS = 1.0, 1.0
"""At the end: for the acknowledgements still to be sent, and for Slack to say goodbye."""


class Socket(SocketModeClient):
    """slack-sdk's client with three differences.

    A URL is good for one handshake, so that a failed one asks for another; a token that Slack
    does not accept ends the bot with words instead of being tried for ever; and at the end it
    acknowledges what it has taken and takes nothing more, which Slack then sends again.

    Args:
        app_token: for Socket Mode.
        web_client: for asking for URLs.
        give_up: told of Slack's error when there is no URL.
        tell: told `up=…, detail=…` when the connection is there, and when and why it is not.
    """

    def __init__(
        self,
        app_token: str,
        web_client: AsyncWebClient,
        give_up: Callable[[str], None],
        tell: Callable[..., None],
    ) -> None:
        super().__init__(app_token=app_token, web_client=web_client, ping_interval=PING_SECONDS,
                         logger=quiet_logger("socket"))
        self._give_up, self._tell = give_up, tell
        self._failures = 0
        self._leaving = False
        self._in_hand: set[asyncio.Task[None]] = set()
        self.proxy = proxy_for(web_client.base_url)

    async def issue_new_wss_url(self) -> str:
        """A URL for one connection.

        Raises:
            SlackApiError: if Slack does not give one.
        """
        try:
            return await super().issue_new_wss_url()
        except SlackApiError as error:
            self._give_up(error_code(error))
            raise

    async def connect(self) -> None:
        """Connect, however long it takes; pauses grow from attempt to attempt."""
        self._tell(up=False, detail="connecting")
        while not self.closed:
            try:
                await self._connect_once()
            except Exception as error:  # noqa: BLE001 - any failure is followed by another attempt
                self._failures += 1
                self.wss_uri = None
                self._tell(up=False, detail=f"no connection: {error}")
                pause = min(LONGEST_PAUSE, 0.25 * 2**self._failures) * random.uniform(0.7, 1.0)  # noqa: S311
                log.warning("No connection to Slack (%s); again in %.1f s", error, pause)
                await asyncio.sleep(pause)
            else:
                self._failures = 0
                self._tell(up=True, detail="connected by Socket Mode")
                return

    async def _connect_once(self) -> None:
        self.auto_reconnect_enabled = False
        old = self.current_session
        if old is not None and not old.closed:
            await old.close()
        url = self.wss_uri or await self.issue_new_wss_url()
        self.wss_uri = None
        self.current_session = await self.aiohttp_client_session.ws_connect(
            url, autoping=False, heartbeat=self.ping_interval, proxy=self.proxy,
            ssl=self.web_client.ssl if self.web_client.ssl is not None else True,
        )
        self.auto_reconnect_enabled = self.default_auto_reconnect_enabled
        self.stale = False
        self.last_ping_pong_time = None
        await self.current_session.ping(f"sdk-ping-pong:{time()}".encode())
        self._restart_tasks()

    async def close(self) -> None:
        """Take nothing more, acknowledge what was taken, hang up."""
        self._leaving = True
        if self._in_hand:
            await asyncio.wait(set(self._in_hand), timeout=ACK_SECONDS)
        await super().close()  # type: ignore[no-untyped-call]

    async def disconnect(self) -> None:
        """Hang up; a Slack that does not say goodbye is not waited for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HANG_UP_SECONDS):
                await super().disconnect()  # type: ignore[no-untyped-call]

    async def take(self, bolt: AsyncApp, request: SocketModeRequest) -> None:
        """Have bolt handle what came, and acknowledge it; not on the way out."""
        if self._leaving:
            return
        task = asyncio.create_task(self._handle(bolt, request))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)
        await task

    async def _handle(self, bolt: AsyncApp, request: SocketModeRequest) -> None:
        began = time()
        response = await run_async_bolt_app(bolt, request)
        await send_async_response(self, request, response, began)

    def _restart_tasks(self) -> None:
        for task in (self.current_session_monitor, self.message_receiver):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())


async def first_url(client: AsyncWebClient, app_token: str) -> str | None:
    """A URL to begin with; None while Slack has troubles of its own.

    Raises:
        AifaqError: if Slack does not accept the app token.
    """
    try:
        return str((await client.apps_connections_open(app_token=app_token))["url"])
    except (SlackClientError, ClientError, OSError) as error:
        if not isinstance(error, SlackApiError) or is_passing(error):
            return None
        code = error_code(error)
        if code in REVOKED:
            raise AifaqError(
                f"Slack does not accept SLACK_APP_TOKEN ({code}). Create an app-level token with "
                "the scope connections:write under Basic Information"
            ) from error
        raise AifaqError(f"Socket Mode cannot begin. {explain(code)}") from error


def hand_over(socket: Socket, bolt: AsyncApp) -> None:
    """Give everything that comes through the socket to `bolt`."""

    async def handle(_client: Any, request: SocketModeRequest) -> None:
        await socket.take(bolt, request)

    socket.socket_mode_request_listeners.append(handle)
