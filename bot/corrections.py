"""Messages that still carry an answer's old text, and how they are mended.

The core says which messages and what they shall say; the adapter edits them at its platform's
pace. What is done is noted in the store message by message, so that a run that was cut short
goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models import Reply
from bot.store.rows import SentRow


class EditResult(StrEnum):
    """What became of one message."""

    EDITED = "edited"
    GONE = "gone"
    """Deleted, or no longer ours to edit: never tried again."""
    LATER = "later"
    """The platform refuses for now: the run stops here and can be resumed."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One message and what it shall say."""

    message: SentRow
    reply: Reply
    """ANSWER with the present text in the message's language, or GONE for a withdrawn entry."""
    note: str
    """"Updated on …" in the message's language, to be shown below."""


Edit = Callable[[Correction], Awaitable[EditResult]]
"""The adapter's part: edit one message, keeping to the platform's limits."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """An entry whose old text still stands in messages."""

    entry_id: str
    question: str
    """In the moderator's language; the id for a withdrawn entry."""
    withdrawn: bool
    messages: int
    by_platform: Mapping[str, int]
    oldest: datetime


@dataclass(frozen=True, slots=True)
class CorrectionReport:
    """What a run did."""

    edited: int
    gone: int
    left: int
    """Still to do on this platform; more than 0 when the run was cut short."""
    text: str
    """The same in a sentence, in the moderator's language."""
