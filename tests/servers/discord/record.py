"""What the server has seen, in order, and a way to wait for what it has not seen yet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class Request:
    """One REST request as it came over the wire, and how it was answered."""

    method: str
    path: str
    """The path below the API base, as requested."""
    route: str
    """Its template, such as `/channels/{channel_id}/messages`."""
    body: Any = None
    """The JSON body (of a multipart request: its `payload_json`)."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Uploaded files by file name."""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0
    """The status answered; 0 when the connection was reset instead."""
    answer: Any = None
    at: float = field(default_factory=time.monotonic)

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status or 'reset'}"


class Log(Generic[T]):
    """A list that can be awaited."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._news = asyncio.Event()

    def append(self, item: T) -> None:
        self.items.append(item)
        self.notify()

    def notify(self) -> None:
        """Wake whoever waits: an item came, or one changed."""
        self._news.set()
        self._news = asyncio.Event()

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def find(self, predicate: Callable[[T], bool], *, after: int = 0) -> list[T]:
        return [item for item in self.items[after:] if predicate(item)]

    async def wait(
        self, predicate: Callable[[T], bool], *, count: int = 1, after: int = 0, seconds: float = 8
    ) -> list[T]:
        """The first `count` items, from index `after`, that satisfy `predicate`.

        Raises AssertionError, naming what did arrive, when they do not come within `seconds`.
        """
        deadline = time.monotonic() + seconds
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
                    f"{len(found)} of {count} arrived within {seconds} s; seen:\n  {seen}"
                ) from None
