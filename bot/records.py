"""What the bot remembers, behind a front that never makes an answer wait.

Adapters call `asked`, `rated`, `sent` and `chosen` synchronously: the record goes into a bounded
queue, and a task writes it to the store in batches. Without a store, or while it is away,
answers go on: preferences and claims live in memory, and what had to be dropped is counted.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.models import Locale, Question, Reply
from bot.recent import Recent


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
    confidence: float
    entry_ids: tuple[str, ...]
    """Best candidates, the first is what was answered or suggested first."""
    text: str
    seconds: float
    """From event to sent reply."""


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


@dataclass(frozen=True, slots=True)
class ChoiceRecord:
    """A "did you mean" that somebody picked: a candidate variant for moderators."""

    at: datetime
    platform: str
    person: str
    text: str
    entry_id: str
    locale: Locale


Record = QuestionRecord | FeedbackRecord | SentRecord | ChoiceRecord


class Records:
    """The front of the store for adapters; on its own it remembers in memory."""

    def __init__(self, *, queue_size: int = 10_000) -> None:
        self.queue: deque[Record] = deque(maxlen=queue_size)
        self.dropped = 0
        self._popular: Counter[str] = Counter()
        self._locales: dict[str, Locale] = {}
        self._claims: Recent[str, bool] = Recent(seconds=900)

    # Written without waiting

    def asked(
        self, *, platform: str, person: str, channel: str, question: Question, reply: Reply,
        seconds: float,
    ) -> None:
        """Note a question and its outcome."""
        for answer in reply.answers:
            self._popular[answer.entry_id] += 1
        self._put(
            QuestionRecord(
                at=datetime.now(UTC), platform=platform, person=f"{platform}:{person}",
                channel=channel, locale=reply.locale, decision=str(reply.kind),
                confidence=reply.confidence,
                entry_ids=tuple(candidate.entry.id for candidate in reply.candidates[:5])
                or tuple(answer.entry_id for answer in reply.answers),
                text=question.text, seconds=seconds,
            )
        )

    def rated(
        self, *, platform: str, person: str, entry_id: str, revision: str, locale: Locale,
        helpful: bool,
    ) -> None:
        """Note a thumb up or down; a person's last one on an entry counts."""
        self._put(FeedbackRecord(datetime.now(UTC), platform, f"{platform}:{person}", entry_id,
                                 revision, locale, helpful))

    def sent(
        self, *, platform: str, channel: str, message: str, entry_id: str, revision: str,
        locale: Locale,
    ) -> None:
        """Note where an answer was posted."""
        self._put(SentRecord(datetime.now(UTC), platform, channel, message, entry_id, revision,
                             locale))

    def chosen(
        self, *, platform: str, person: str, text: str, entry_id: str, locale: Locale
    ) -> None:
        """Note that somebody picked a suggestion for what they had asked."""
        self._popular[entry_id] += 1
        self._put(ChoiceRecord(datetime.now(UTC), platform, f"{platform}:{person}", text,
                               entry_id, locale))

    def _put(self, record: Record) -> None:
        if len(self.queue) == self.queue.maxlen:
            self.dropped += 1
        self.queue.append(record)

    # Read, with an answer in every case

    async def locale_of(self, platform: str, person: str) -> Locale | None:
        """The language that a person chose, or None for automatic."""
        return self._locales.get(f"{platform}:{person}")

    async def set_locale(self, platform: str, person: str, locale: Locale | None) -> None:
        """Remember a person's language; None returns to automatic."""
        if locale is None:
            self._locales.pop(f"{platform}:{person}", None)
        else:
            self._locales[f"{platform}:{person}"] = locale

    async def forget(self, platform: str, person: str) -> int:
        """Erase what is known of a person; returns how many records went."""
        key = f"{platform}:{person}"
        kept = [record for record in self.queue if getattr(record, "person", None) != key]
        gone = len(self.queue) - len(kept) + (self._locales.pop(key, None) is not None)
        self.queue = deque(kept, maxlen=self.queue.maxlen)
        return gone

    async def claim(self, key: str) -> bool:
        """True for the first caller with this key within 15 minutes: who answers an event."""
        if self._claims.get(key):
            return False
        self._claims.set(key, True)
        return True

    def popular(self, limit: int) -> list[str]:
        """Ids of the entries most asked, best first; may be shorter than asked for."""
        return [entry_id for entry_id, _ in self._popular.most_common(limit)]

    # Life

    async def start(self) -> None:
        """Open what is behind; never raises for a store that is away."""

    async def close(self) -> None:
        """Write what waits, for at most five seconds."""
