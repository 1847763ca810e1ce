"""The REST side: every request is recorded, may be made to fail, is checked, then handled."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.servers.discord import limits, openapi
from tests.servers.discord.faults import VIA, Fault, error, json_response, reset_connection
from tests.servers.discord.record import Request

if TYPE_CHECKING:
    from tests.servers.discord.server import DiscordServer

Handler = Callable[["DiscordServer", "Call"], Awaitable[web.Response]]
API = "/api/v10"
TOKEN_ROUTES = ("/interactions/", "/webhooks/")
"""Routes that carry their own token in the path."""


@dataclass(frozen=True)
class Call:
    """A request on its way to a handler."""

    seen: Request
    at: dict[str, str]
    """The path's variables."""

    @property
    def body(self) -> Any:
        return self.seen.body if self.seen.body is not None else {}

    @property
    def files(self) -> dict[str, bytes]:
        return self.seen.files


@dataclass
class Bucket:
    """A rate limit of `limit` requests in `seconds`, for each channel or interaction token."""

    limit: int
    seconds: float
    used: dict[str, list[float]] = field(default_factory=dict)

    def take(self, major: str) -> tuple[bool, dict[str, str]]:
        """Whether one more is allowed now, and the headers that say so."""
        now = time.monotonic()
        recent = [at for at in self.used.get(major, []) if now - at < self.seconds]
        allowed = len(recent) < self.limit
        if allowed:
            recent.append(now)
        self.used[major] = recent
        return allowed, {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - len(recent)),
            "X-RateLimit-Reset-After": f"{self.seconds - (now - recent[0]):.3f}",
            "X-RateLimit-Reset": f"{time.time() + self.seconds:.3f}",
        }


def reply(body: Any, status: int = 200) -> web.Response:
    return json_response(status, body)


def nothing() -> web.Response:
    return web.Response(status=204, headers=VIA)


def add_routes(app: web.Application, server: DiscordServer) -> None:
    """All routes of the API below `/api/v10`."""
    from tests.servers.discord import routes

    for method, route, handler in routes.TABLE:
        app.router.add_route(method, API + route, _serving(server, route, handler))
    app.router.add_route("*", "/{path:.*}", _serving(server, "", _unknown))


async def _unknown(server: DiscordServer, call: Call) -> web.Response:
    server.violations.append(f"{call.seen.method} {call.seen.path}: no such route")
    return error(404, 0, "404: Not Found")


def _serving(
    server: DiscordServer, route: str, handler: Handler
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        seen = await _read(request, route)
        fault = server.faults.take(request.method, route)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        failing = fault is not None and bool(fault.status or fault.reset)
        if fault and failing and not fault.after:
            return _fail(server, request, seen, fault)
        response = await _answer(server, Call(seen, dict(request.match_info)), handler, route)
        if fault and failing:
            return _fail(server, request, seen, fault)
        _finish(server, seen, response)
        return response

    return serve


async def _read(request: web.Request, route: str) -> Request:
    seen = Request(
        request.method,
        request.path.removeprefix(API),
        route,
        query=dict(request.query),
        headers={k.lower(): v for k, v in request.headers.items()},
    )
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            data = await part.read()  # type: ignore[union-attr]
            if part.name == "payload_json":
                seen.body = json.loads(data)
            else:
                seen.files[part.filename or part.name or ""] = bytes(data)  # type: ignore[union-attr]
    elif request.can_read_body:
        text = await request.text()
        seen.body = json.loads(text) if text else None
    return seen


def _fail(
    server: DiscordServer, request: web.Request, seen: Request, fault: Fault
) -> web.StreamResponse:
    if fault.reset:
        server.requests.append(seen)
        reset_connection(request)
        return web.Response()
    response = fault.response()
    _finish(server, seen, response)
    return response


def _finish(server: DiscordServer, seen: Request, response: web.Response) -> None:
    seen.status = response.status
    if response.content_type == "application/json" and response.text:
        seen.answer = json.loads(response.text)
    server.requests.append(seen)


async def _answer(server: DiscordServer, call: Call, handler: Handler, route: str) -> web.Response:
    own_token = not route or route.startswith(TOKEN_ROUTES)
    if not own_token and call.seen.headers.get("authorization") != f"Bot {server.token}":
        return error(401, 0, "401: Unauthorized")
    bucket = server.buckets.get(call.seen.name)
    headers: dict[str, str] = {}
    if bucket:
        allowed, headers = bucket.take(call.at.get("channel_id") or call.at.get("token") or "")
        headers["X-RateLimit-Bucket"] = str(abs(hash(call.seen.name)))
        if not allowed:
            wait = float(headers["X-RateLimit-Reset-After"])
            limited = Fault(status=429, retry_after=wait).response()
            limited.headers.update(headers)
            return limited
    response = await handler(server, call)
    response.headers.update(headers)
    return response


def check(server: DiscordServer, call: Call, breaches: Iterable[str]) -> web.Response | None:
    """A 400 with what is wrong in the body, noted in `violations`; None when all is well."""
    body = call.body
    found = list(breaches)
    found += openapi.breaches(call.seen.method, call.seen.route, body)
    if not found:
        return None
    server.violations += [f"{call.seen.name}: {breach}" for breach in found]
    errors = {"_errors": [{"code": "BASE_TYPE_BAD_LENGTH", "message": b} for b in found]}
    return error(400, 50035, "Invalid Form Body", errors)


def check_message(server: DiscordServer, call: Call, *, partial: bool = False) -> Any:
    return check(server, call, limits.message(call.body, call.files, partial=partial))
