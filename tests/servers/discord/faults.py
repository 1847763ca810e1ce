"""Faults that a test can order: what goes wrong, on which route, how often."""

from __future__ import annotations

import fnmatch
import json
import socket
import struct
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

JSON = dict[str, Any]
VIA = {"Via": "1.1 google"}
"""Discord's own answers pass its proxy; a 429 without this header comes from Cloudflare."""


@dataclass(frozen=True)
class Fault:
    """One way of failing. Built by the functions below."""

    status: int = 0
    """HTTP status to answer; 0 resets the connection."""
    code: int = 0
    """Discord's error code in the body."""
    message: str = ""
    retry_after: float | None = None
    whole_app: bool = False
    """A 429 of the whole application, not of one route."""
    cloudflare: bool = False
    delay: float = 0
    """Seconds to wait first; with neither status nor reset, the answer is only late."""
    reset: bool = False
    after: bool = False
    """The request takes effect, only its answer is lost."""

    def but_done(self) -> Fault:
        """The same fault, after the request took effect (an answer lost on the way back)."""
        return replace(self, after=True)

    def response(self) -> web.Response:
        if self.cloudflare:
            return web.Response(status=self.status, text="error code: 1015")
        if self.status == 429:
            return self._rate_limited()
        if self.status >= 500:
            return web.Response(status=self.status, text="upstream connect error", headers=VIA)
        return error(self.status, self.code, self.message)

    def _rate_limited(self) -> web.Response:
        seconds = self.retry_after or 0.0
        headers = VIA | {
            "Retry-After": str(max(1, round(seconds))),
            "X-RateLimit-Limit": "5",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset-After": f"{seconds:.3f}",
            "X-RateLimit-Scope": "global" if self.whole_app else "user",
        }
        if self.whole_app:
            headers["X-RateLimit-Global"] = "true"
        body = {
            "message": "You are being rate limited.",
            "retry_after": seconds,
            "global": self.whole_app,
        }
        return json_response(429, body, headers)


def json_response(status: int, body: Any, headers: dict[str, str] = VIA) -> web.Response:
    """A JSON answer with Discord's bare content type (clients compare it literally)."""
    told = headers | {"Content-Type": "application/json"}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=told)


def error(status: int, code: int, message: str, errors: JSON | None = None) -> web.Response:
    """An error answer in Discord's shape."""
    body: JSON = {"message": message, "code": code}
    if errors:
        body["errors"] = errors
    return json_response(status, body)


def rate_limited(retry_after: float, *, whole_app: bool = False) -> Fault:
    return Fault(status=429, retry_after=retry_after, whole_app=whole_app)


def cloudflare_ban() -> Fault:
    return Fault(status=429, cloudflare=True)


def server_error(status: int = 503) -> Fault:
    return Fault(status=status)


def reset() -> Fault:
    """The connection is reset (a TCP RST), no answer is given."""
    return Fault(reset=True)


def late(seconds: float) -> Fault:
    return Fault(delay=seconds)


def forbidden(code: int = 50013, message: str = "Missing Permissions") -> Fault:
    return Fault(status=403, code=code, message=message)


def unknown_message() -> Fault:
    return Fault(status=404, code=10008, message="Unknown Message")


def invalid_form() -> Fault:
    return Fault(status=400, code=50035, message="Invalid Form Body")


class Faults:
    """The faults on order, first match first."""

    def __init__(self) -> None:
        self._orders: list[list[Any]] = []

    def add(self, method: str, route: str, fault: Fault, *, times: int = 1) -> None:
        """The next `times` requests of `method` on `route` (a template; `*` matches) fail."""
        self._orders.append([method, route, fault, times])

    def clear(self) -> None:
        self._orders.clear()

    def take(self, method: str, route: str) -> Fault | None:
        for order in self._orders:
            pattern = order[1].replace("[", "[[]")
            if order[0] in (method, "*") and fnmatch.fnmatchcase(route, pattern) and order[3] > 0:
                order[3] -= 1
                return order[2]  # type: ignore[no-any-return]
        return None


def reset_connection(request: web.Request) -> None:
    """Close the request's TCP connection with RST instead of FIN."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
