"""Counts the times that Discord asks to wait, whoever makes the call."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import aiohttp

from adapters.discord.questions import PLATFORM
from bot import metrics

TOO_MANY = 429


def counting_waits() -> aiohttp.TraceConfig:
    """For discord.py's HTTP session, which waits and repeats by itself."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_note)
    return trace


async def _note(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
) -> None:
    if ended.response.status == TOO_MANY:
        seconds = 0.0
        with contextlib.suppress(ValueError):
            seconds = float(ended.response.headers.get("Retry-After", "0"))
        metrics.waited(PLATFORM, seconds)
