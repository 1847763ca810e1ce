"""Small bounded memories with an expiry, and the rate limiter built on them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """A bounded mapping whose items expire.

    Args:
        seconds: how long an item lives after it was last set.
        size: most items kept; the oldest goes first.
    """

    def __init__(self, seconds: float, size: int = 10_000) -> None:
        self._seconds, self._size = seconds, size
        self._items: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The value, or None if absent or expired."""
        found = self._items.get(key)
        if found is None or found[0] < monotonic():
            return None
        return found[1]

    def set(self, key: Key, value: Value) -> None:
        """Set a value and start its time anew."""
        now = monotonic()
        self._items[key] = (now + self._seconds, value)
        self._items.move_to_end(key)
        # The first are the oldest: what nobody can get any more takes no room either.
        while len(self._items) > self._size or next(iter(self._items.values()))[0] < now:
            self._items.popitem(last=False)

    def discard(self, key: Key) -> None:
        """Forget one key."""
        self._items.pop(key, None)

    def discard_where(self, predicate: Callable[[Key], bool]) -> int:
        """Forget every key for which `predicate(key)` is true; returns how many."""
        doomed = [key for key in self._items if predicate(key)]
        for key in doomed:
            del self._items[key]
        return len(doomed)


class Limiter:
    """At most `times` events per `seconds` for one key, by a sliding window in memory."""

    def __init__(self, times: int, seconds: float, size: int = 50_000) -> None:
        self._times, self._seconds = times, seconds
        self._events: Recent[str, list[float]] = Recent(seconds, size)

    def allow(self, key: str) -> bool:
        """Count an event; False when the key has used up its share."""
        now = monotonic()
        recent = [at for at in self._events.get(key) or [] if at > now - self._seconds]
        allowed = len(recent) < self._times
        if allowed:
            recent.append(now)
            self._events.set(key, recent)
        return allowed
