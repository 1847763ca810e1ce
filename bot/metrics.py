"""What is counted and timed, behind a front that costs nothing while nobody looks.

The core and the adapters call the functions here; `install` gives them somewhere to go (see
`adapters.http.prometheus`). Until then each call is one comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol

from bot.models import Locale


class Sink(Protocol):
    """Takes the figures; must neither block nor raise."""

    def asked(self, platform: str, locale: Locale, outcome: str, seconds: float) -> None:
        """A question was answered `seconds` after it arrived."""

    def matched(self, seconds: float) -> None:
        """The core took so long to find a reply."""

    def waited(self, platform: str, seconds: float) -> None:
        """A platform asked to wait so long before the next call."""


_sink: Sink | None = None


def install(sink: Sink | None) -> None:
    """Send all figures to `sink` from now on; None turns them off."""
    global _sink  # noqa: PLW0603 - figures are the process's, as logs are
    _sink = sink


def asked(platform: str, locale: Locale, outcome: str, seconds: float) -> None:
    """A question was answered; `outcome` is the reply's kind, `seconds` from event to sent."""
    if _sink is not None:
        _sink.asked(platform, locale, outcome, seconds)


def waited(platform: str, seconds: float) -> None:
    """A platform limited the rate: so many seconds until the next call."""
    if _sink is not None:
        _sink.waited(platform, seconds)


@contextmanager
def matching() -> Iterator[None]:
    """Around the search for a reply."""
    if _sink is None:
        yield
        return
    began = perf_counter()
    yield
    _sink.matched(perf_counter() - began)
