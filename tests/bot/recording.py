"""Records and waiting, for the tests of the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from bot.store import ChoiceRecord, FeedbackRecord, QuestionRecord, SentRecord

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVER = datetime(2000, 1, 1, tzinfo=UTC)


def question(text: str = "who owns the moon", **changes: Any) -> QuestionRecord:
    values: dict[str, Any] = {
        "at": NOW, "platform": "slack", "person": "slack:U0ANA", "channel": "C1",
        "locale": "en", "decision": "fallback", "confidence": 0.1,
        "entry_ids": ("moon", "mars"), "text": text, "seconds": 0.02,
    }
    return QuestionRecord(**values | changes)


def thumb(*, helpful: bool, **changes: Any) -> FeedbackRecord:
    values: dict[str, Any] = {
        "at": NOW, "platform": "slack", "person": "slack:U0ANA", "entry_id": "moon",
        "revision": "r1", "locale": "en", "helpful": helpful, "text": "who owns the moon",
    }
    return FeedbackRecord(**values | changes)


def choice(text: str = "moon owner", **changes: Any) -> ChoiceRecord:
    values: dict[str, Any] = {
        "at": NOW, "platform": "slack", "person": "slack:U0ANA", "text": text,
        "entry_id": "moon", "locale": "en",
    }
    return ChoiceRecord(**values | changes)


def posted(message: str = "1.1", **changes: Any) -> SentRecord:
    values: dict[str, Any] = {
        "at": NOW, "platform": "slack", "channel": "C1", "message": message,
        "entry_id": "moon", "revision": "r1", "locale": "en",
    }
    return SentRecord(**values | changes)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


async def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    """Return once it is true; fail after so many seconds."""
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "it did not come true"
        await asyncio.sleep(0.005)
