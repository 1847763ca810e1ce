"""The server itself: the workspace, the record of what came in, the faults on order."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.servers.slack import limits, webapi
from tests.servers.slack.faults import Fault, Faults
from tests.servers.slack.people import People
from tests.servers.slack.record import Ack, Call, Log
from tests.servers.slack.sockets import Sockets
from tests.servers.slack.world import (
    APP,
    BOT_USER,
    JSON,
    SCOPES,
    TEAM,
    Channel,
    Message,
    User,
    new_id,
    new_ts,
    texts,
)

PINGS = re.compile(r"<!(?:channel|here|everyone|subteam)")
TRIGGER_SECONDS = 3.0
STRUCTURED = {"attachments", "blocks", "files", "prompts", "view"}
"""Arguments that come as JSON text within a form."""


class SlackServer(People):
    """A Slack on 127.0.0.1.

    What the bot sends is in `calls`; what broke a documented limit is in `violations` and was
    refused; texts that would notify a whole channel are in `pings`. Deliveries go over Socket
    Mode, or signed to `events_url` when that is set.
    """

    def __init__(self) -> None:
        self.bot_token, self.app_token = "xoxb-test-token", "xapp-1-test-token"
        self.signing_secret = "signing-secret-of-the-test"
        self.scopes = set(SCOPES)
        self.revoked: set[str] = set()
        self.calls: Log[Call] = Log()
        self.violations: list[str] = []
        self.pings: list[str] = []
        self.faults = Faults()
        self.sockets = Sockets(self)
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, list[str]] = {}
        """User groups: ids of their members."""
        self.messages: Log[Message] = Log()
        self.views: dict[str, JSON] = {}
        self.shown_views: Log[JSON] = Log()
        self.homes: dict[str, JSON] = {}
        self.files: dict[str, JSON] = {}
        self.file_refusals = 0
        """How often a new file is refused in a block before Slack is done with it."""
        self.prompts: dict[str, list[JSON]] = {}
        self.reactions: list[tuple[str, str, str]] = []
        self.events_url: str | None = None
        self.echo = True
        """Whether the bot is told of its own messages and edits, as in direct messages."""
        self.triggers: dict[str, tuple[User, float]] = {}
        self.response_urls: dict[str, JSON] = {}
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._port = 0

    # --- addresses --------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_base_url(self) -> str:
        return f"{self.url}/api/"

    # --- the workspace ----------------------------------------------------------------------

    def add_user(self, name: str, *, locale: str = "en-US", is_admin: bool = False) -> User:
        user = User(name, locale, is_admin)
        self.users[user.id] = user
        return user

    def add_channel(self, name: str, *, member: bool = True) -> Channel:
        channel = Channel(name, member)
        self.channels[channel.id] = channel
        return channel

    def dm(self, user: User) -> Channel:
        """The one direct message with `user`."""
        for channel in self.channels.values():
            if channel.user is user:
                return channel
        channel = Channel(f"dm-{user.name}", user=user)
        self.channels[channel.id] = channel
        return channel

    def post(self, channel: Channel, author: str, body: JSON, *, to: User | None = None) -> Message:
        message = Message(channel, new_ts(), body.get("text") or "", body.get("blocks") or [],
                          author, body.get("thread_ts"), to)
        message.body = body
        self.number_blocks(message.blocks)
        self._note_pings(author, body)
        self.messages.append(message)
        if author == BOT_USER and channel.user and to is None:
            self._echo(message.wire() | {"channel": channel.id, "channel_type": "im"})
        return message

    def change(self, message: Message, body: JSON) -> None:
        message.text, message.blocks = body.get("text") or "", body.get("blocks") or []
        message.body = body
        self.number_blocks(message.blocks)
        self._note_pings(message.author, body)
        self._echo({"type": "message", "subtype": "message_changed", "channel": message.channel.id,
                    "channel_type": "im" if message.channel.user else "channel",
                    "message": message.wire(), "ts": new_ts(), "hidden": True})

    def delete(self, message: Message) -> None:
        message.deleted = True
        self._echo({"type": "message", "subtype": "message_deleted", "ts": new_ts(),
                    "channel": message.channel.id, "deleted_ts": message.ts, "hidden": True})

    def _echo(self, event: JSON) -> None:
        if self.echo and (self.sockets.connections or self.events_url):
            task = asyncio.create_task(self.send_event(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @staticmethod
    def number_blocks(blocks: list[JSON]) -> None:
        for block in blocks:
            block.setdefault("block_id", new_id("b"))

    def _note_pings(self, author: str, body: JSON) -> None:
        if author == BOT_USER:
            told = [body.get("text") or "", *texts(body.get("blocks") or [])]
            self.pings += [text for text in told if PINGS.search(text)]

    # --- trigger ids and response URLs -------------------------------------------------------

    def trigger(self, user: User) -> str:
        """An id that opens one view within three seconds."""
        trigger = f"{time.time_ns()}.{new_id('t')}"
        self.triggers[trigger] = (user, time.monotonic())
        return trigger

    def spend_trigger(self, trigger: str) -> User:
        found = self.triggers.pop(trigger, None)
        if found is None:
            raise webapi.ApiError("invalid_trigger_id")
        if time.monotonic() - found[1] > TRIGGER_SECONDS:
            raise webapi.ApiError("expired_trigger_id")
        return found[0]

    def response_url(self, channel: Channel, user: User, message: Message | None = None) -> str:
        """A URL for up to five answers."""
        key = new_id("R")
        self.response_urls[key] = {"channel": channel, "user": user, "message": message, "uses": 5}
        return f"{self.url}/respond/{key}"

    # --- HTTP -------------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        body = await self._body(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        name = request.match_info["method"]
        answer = await self._answer(
            request, name, body, lambda: webapi.call(self, name, body, token or body.get("token"))
        )
        if isinstance(answer, web.Response) and name == "auth.test":
            answer.headers["x-oauth-scopes"] = ",".join(sorted(self.scopes))
        return answer

    @staticmethod
    async def _body(request: web.Request) -> JSON:
        body: JSON = dict(request.query)
        if request.content_type == "application/json":
            body |= await request.json()
        else:
            body |= dict(await request.post())
        for key in STRUCTURED & set(body):
            if isinstance(body[key], str):
                body[key] = json.loads(body[key])
        return body

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return await self._answer(request, "response_url", body,
                                  lambda: self._use(request.match_info["key"], body))

    def _use(self, key: str, body: JSON) -> JSON:
        url = self.response_urls.get(key)
        if url is None or url["uses"] <= 0:
            return {"ok": False, "error": "used_url", "status": 404}
        url["uses"] -= 1
        breaches = list(limits.message(body))
        self.violations += breaches
        try:
            webapi.check_files(self, body.get("blocks") or [])
        except webapi.ApiError:
            breaches.append("invalid slack file")
        if breaches:
            return {"ok": False, "error": "invalid_blocks", "status": 400}
        message: Message | None = url["message"]
        if body.get("delete_original") and message:
            self.delete(message)
        elif body.get("replace_original") and message:
            self.change(message, body)
        elif "text" in body or "blocks" in body:
            to = None if body.get("response_type") == "in_channel" else url["user"]
            made = self.post(url["channel"], BOT_USER, body, to=to)
            made.thread_ts = made.thread_ts or (message.thread_ts if message else None)
        return {"ok": True}

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        data = await request.read()
        file = self.files.get(request.match_info["file"])

        def keep() -> JSON:
            if file is None:
                return {"ok": False, "error": "not_found", "status": 404}
            file["data"] = data
            return {"ok": True}

        return await self._answer(request, "upload", {"bytes": len(data)}, keep)

    async def _answer(
        self, request: web.Request, name: str, body: JSON, act: Any
    ) -> web.StreamResponse:
        call = Call(name, body)
        fault = self.faults.take(name)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault is None or fault.only_late or fault.after:
            call.answer = act()
            call.status = call.answer.pop("status", 200)
        if fault and not fault.only_late:
            return self._fail(request, call, fault)
        self.calls.append(call)
        if name in ("response_url", "upload"):
            text = "OK" if call.answer["ok"] else call.answer["error"]
            return web.Response(status=call.status, text=text)
        return web.json_response(call.answer, status=call.status)

    def _fail(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
        call.status = 0 if fault.reset else fault.status
        call.answer = {"ok": False, "error": fault.error}
        self.calls.append(call)
        if fault.reset and request.transport is not None:
            request.transport.abort()
        return fault.response()

    # --- deliveries ---------------------------------------------------------------------------

    async def send_event(self, event: JSON, *, event_id: str | None = None, **headers: str) -> Ack:
        """An event, over whichever way the bot listens."""
        body = {"token": "unused", "team_id": TEAM, "api_app_id": APP, "event": event,
                "type": "event_callback", "event_id": event_id or new_id("Ev"),
                "event_time": int(time.time()), "is_ext_shared_channel": False,
                "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}]}
        return await self.deliver("events_api", body, **headers)

    async def deliver(self, kind: str, payload: JSON, *, timeout: float = 8, **headers: str) -> Ack:
        """Send to the bot and wait for its acknowledgement."""
        if self.events_url:
            return await self._deliver_http(kind, payload, headers)
        envelope = await self.sockets.deliver(kind, payload)
        return await asyncio.wait_for(envelope.ack, timeout)

    async def _deliver_http(self, kind: str, payload: JSON, headers: dict[str, str]) -> Ack:
        if kind == "events_api":
            data, form = json.dumps(payload).encode(), "application/json"
        else:
            fields = {k: str(v) for k, v in payload.items()}
            fields = fields if kind == "slash_commands" else {"payload": json.dumps(payload)}
            data, form = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        return await self.request(data, {"Content-Type": form} | headers)

    async def request(
        self, data: bytes, headers: dict[str, str], *, at: float | None = None,
        secret: str | None = None,
    ) -> Ack:
        """A signed request to the bot's own endpoint; `at` and `secret` make it a wrong one."""
        assert self._session
        assert self.events_url
        stamp = str(int(time.time() if at is None else at))
        signed = b"v0:" + stamp.encode() + b":" + data
        key = (secret or self.signing_secret).encode()
        signature = "v0=" + hmac.new(key, signed, hashlib.sha256).hexdigest()
        sent = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature} | headers
        begun = time.monotonic()
        async with self._session.post(self.events_url, data=data, headers=sent) as response:
            text = await response.text()
            told = json.loads(text) if text.startswith("{") else {"text": text} if text else {}
            return Ack(told, time.monotonic() - begun, response.status)

    # --- start and stop -----------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=32 * 2**20)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/respond/{key}", self._respond)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/link/", self.sockets.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._port = self._runner.addresses[0][1]
        self._session = aiohttp.ClientSession()

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await self.sockets.close()
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
