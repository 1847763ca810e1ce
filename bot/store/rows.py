"""What goes into the store and what comes out, free of SQLAlchemy.

`…Record` is what an adapter notes; the other classes are what moderators read.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.models import Locale
from bot.text import fold, words

MISSES = ("suggestions", "fallback")
"""Decisions of questions that got no answer."""

NEAR_MISS = 0.75
"""An answer given with less confidence than this may have been the wrong one."""


def new_id() -> str:
    """A unique id that sorts by time; makes writing a record twice harmless."""
    return f"{time.time_ns():016x}{secrets.token_hex(8)}"


def text_key(text: str) -> str:
    """One key for all spellings of a text that differ in case, accents and punctuation only."""
    folded = " ".join(words(text)) or fold(text)
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question and what became of it."""

    at: datetime
    platform: str
    person: str
    """`platform:user id` here; the store keeps a keyed hash only."""
    channel: str
    locale: Locale
    decision: str
    """A `ReplyKind`: answer, suggestions, fallback, smalltalk, gone."""
    confidence: float
    entry_ids: tuple[str, ...]
    """Best candidates, the first is what was answered or suggested first."""
    text: str
    seconds: float
    """From event to sent reply."""
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class FeedbackRecord:
    """A thumb up or down on an answer."""

    at: datetime
    platform: str
    person: str
    entry_id: str
    revision: str
    locale: Locale
    helpful: bool
    text: str | None = None
    """The question that was answered, when it is still known."""
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class SentRecord:
    """An answer as posted, so that a correction can find it."""

    at: datetime
    platform: str
    channel: str
    message: str
    entry_id: str
    revision: str
    locale: Locale
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class ChoiceRecord:
    """A "did you mean" that somebody picked: a candidate variant for moderators."""

    at: datetime
    platform: str
    person: str
    text: str
    entry_id: str
    locale: Locale
    id: str = field(default_factory=new_id)


Record = QuestionRecord | FeedbackRecord | SentRecord | ChoiceRecord


class MissStatus(StrEnum):
    """What moderators did about a missed question."""

    DRAFTED = "drafted"
    """A draft about it waits; asked again later, it shows again."""
    DONE = "done"
    """A change was applied; missed again later, it shows again."""
    OUT_OF_SCOPE = "out_of_scope"
    """Not for this FAQ: never shown again."""
    DISMISSED = "dismissed"
    """Never shown again."""


@dataclass(frozen=True, slots=True)
class MissRow:
    """A question that got suggestions or the fallback, with its text."""

    key: str
    """`text_key(text)`: what `set_miss_status` takes."""
    text: str
    locale: Locale
    platform: str
    at: datetime
    decision: str
    """`suggestions` or `fallback`; `answer` for a near miss."""
    confidence: float
    entry_ids: tuple[str, ...]
    """Nearest entries at that time, best first."""
    person: str
    """Keyed hash: tells people apart, names nobody."""


@dataclass(frozen=True, slots=True)
class ThumbRow:
    """A person's last thumb on an entry."""

    at: datetime
    platform: str
    person: str
    entry_id: str
    revision: str
    locale: Locale
    helpful: bool
    text: str | None
    """The question that was answered, if it was kept."""


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A suggestion that was picked for a question."""

    key: str
    """`text_key(text)`."""
    text: str
    entry_id: str
    locale: Locale
    platform: str
    at: datetime
    person: str


@dataclass(frozen=True, slots=True)
class SentRow:
    """A posted answer that a correction may have to edit."""

    id: str
    at: datetime
    platform: str
    channel: str
    message: str
    entry_id: str
    revision: str
    """The revision that its readers see, corrections included."""
    locale: Locale


class DraftStatus(StrEnum):
    """Where a draft stands. Open and applying are what still has to be done."""

    OPEN = "open"
    APPLYING = "applying"
    """One moderator's apply is under way; set back to open when it fails."""
    APPLIED = "applied"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed change of the knowledge base, waiting for a moderator."""

    id: int
    at: datetime
    by: str
    """Who proposed it, for people."""
    kind: str
    """What it changes, in the curation's terms: variant, entry, answer, out_of_scope ..."""
    entry_id: str | None
    locale: Locale | None
    content: Mapping[str, Any]
    """The change itself; JSON values only."""
    status: DraftStatus
    status_at: datetime
    status_by: str
    note: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who changed what, and when."""

    at: datetime
    platform: str
    """Where from: discord, slack, terminal."""
    by_id: str
    by_name: str
    action: str
    target: str
    """Id of the entry, draft or file."""
    detail: Mapping[str, Any]
    """JSON values only; no secrets."""


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many questions had one outcome on one day (UTC)."""

    day: date
    decision: str
    count: int


@dataclass(frozen=True, slots=True)
class EntryFeedback:
    """Thumbs on one entry."""

    entry_id: str
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What happened since a moment."""

    since: datetime
    questions: int
    people: int
    """Different people who asked."""
    days: tuple[DayCount, ...]
    """By day, then outcome; days without questions are left out."""
    asked: tuple[tuple[str, int], ...]
    """Entries answered, most asked first."""
    feedback: tuple[EntryFeedback, ...]
    """Entries with thumbs, most thumbs down first."""
    outcomes: Mapping[str, int]
    locales: Mapping[Locale, int]
    platforms: Mapping[str, int]
