"""What the server has seen, in order, and a way to wait for what it has not seen yet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tests.servers.slack.world import texts

T = TypeVar("T")


@dataclass(eq=False)
class Call:
    """One request of the bot, and how it was answered."""

    method: str
    """A Web API method such as `chat.postMessage`; `response_url` or `upload` for the others."""
    body: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    """HTTP status; 0 when the connection was reset instead."""
    answer: dict[str, Any] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)

    @property
    def ok(self) -> bool:
        return self.status == 200 and self.answer.get("ok", True) is True

    @property
    def shown(self) -> str:
        """What a reader would read of it."""
        return "\n".join(texts([self.body]))

    def __str__(self) -> str:
        return f"{self.method} -> {self.status} {self.answer.get('error', '')} {self.body}"


@dataclass(eq=False)
class Ack:
    """The bot's acknowledgement of one delivery."""

    payload: dict[str, Any]
    """What came along with it: options, a response action, a challenge."""
    seconds: float
    status: int = 200
    """HTTP status; always 200 over a socket."""


class Log(Generic[T]):
    """A list that can be awaited."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._news = asyncio.Event()

    def append(self, item: T) -> None:
        self.items.append(item)
        self._news.set()
        self._news = asyncio.Event()

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> T:
        return self.items[index]

    def find(self, predicate: Callable[[T], bool], *, after: int = 0) -> list[T]:
        return [item for item in self.items[after:] if predicate(item)]

    async def wait(
        self, predicate: Callable[[T], bool], *, count: int = 1, after: int = 0, timeout: float = 8
    ) -> list[T]:
        """The first `count` items, from index `after`, that satisfy `predicate`.

        Raises AssertionError, naming what did arrive, when they do not come within `timeout` s.
        """
        deadline = time.monotonic() + timeout
        while True:
            news = self._news
            found = self.find(predicate, after=after)
            if len(found) >= count:
                return found[:count]
            try:
                await asyncio.wait_for(news.wait(), deadline - time.monotonic())
            except TimeoutError:
                seen = "\n  ".join(str(item)[:300] for item in self.items[after:])
                raise AssertionError(
                    f"{len(found)} of {count} arrived within {timeout} s; seen:\n  {seen}"
                ) from None
