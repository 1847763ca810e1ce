"""Faults that a test can order: what goes wrong, with which method, how often."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field, replace

from aiohttp import web


@dataclass(frozen=True)
class Fault:
    """One way of failing. Built by the functions below."""

    status: int = 200
    """HTTP status to answer."""
    error: str = ""
    """Slack's error code in the body."""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    """Seconds to wait first; with nothing else, the answer is only late."""
    reset: bool = False
    """The connection is cut, no answer is given."""
    after: bool = False
    """The request takes effect, only its answer is lost."""

    def but_done(self) -> Fault:
        """The same fault, after the request took effect."""
        return replace(self, after=True)

    @property
    def only_late(self) -> bool:
        return self.status == 200 and not self.error and not self.reset

    def response(self) -> web.Response:
        if self.status >= 500 and not self.error:
            return web.Response(status=self.status, text="<html>upstream error</html>",
                                content_type="text/html")
        body = {"ok": False, "error": self.error}
        return web.json_response(body, status=self.status, headers=self.headers)


def rate_limited(seconds: int) -> Fault:
    return Fault(429, "ratelimited", {"Retry-After": str(seconds)})


def server_error(status: int = 503) -> Fault:
    return Fault(status)


def api_error(error: str) -> Fault:
    """`ok: false` with this code, as Slack tells everything that is not HTTP's business."""
    return Fault(error=error)


def late(seconds: float) -> Fault:
    return Fault(delay=seconds)


def reset() -> Fault:
    return Fault(reset=True)


class Faults:
    """The faults on order, first match first."""

    def __init__(self) -> None:
        self._orders: list[tuple[str, Fault]] = []
        self._left: list[int] = []

    def add(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """The next `times` calls of `method` (`*` matches) fail."""
        self._orders.append((method, fault))
        self._left.append(times)

    def clear(self) -> None:
        self._orders.clear()
        self._left.clear()

    def take(self, method: str) -> Fault | None:
        for index, (pattern, fault) in enumerate(self._orders):
            if self._left[index] > 0 and fnmatch.fnmatchcase(method, pattern):
                self._left[index] -= 1
                return fault
        return None
