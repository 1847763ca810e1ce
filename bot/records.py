"""What the bot remembers, behind a front that never makes an answer wait.

Adapters call `asked`, `rated`, `sent` and `chosen` synchronously: the record goes into a bounded
queue, and a task writes it to the store in batches. Without a store, or while it is away,
answers go on: preferences and claims live in memory, and what had to be dropped is counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from bot import metrics
from bot.errors import StoreError
from bot.models import Locale, Question, Reply
from bot.recent import Recent
from bot.store.rows import ChoiceRecord, FeedbackRecord, QuestionRecord, Record, SentRecord
from bot.store.upkeep import keep_up
from bot.store.writer import FORGOTTEN, Writer

if TYPE_CHECKING:
    from bot.store import Store

__all__ = [
    "ChoiceRecord", "FeedbackRecord", "QuestionRecord", "Record", "Records", "SentRecord",
]

log = logging.getLogger(__name__)

BOUND_SECONDS = 0.5
"""Longest wait for the store on the way of a question."""
PATIENCE_SECONDS = 1.5
"""The same where answering twice is worse than answering late: for an event that replicas share."""
FRESH_SECONDS = 60.0
"""How long a language preference is believed without asking the store again."""
CLAIM_SECONDS = 900.0
OPEN_SECONDS = 3.0
"""How long a start waits for the store; it goes on opening in the background."""
CLOSE_SECONDS = 1.5
"""For writing what waits at the end."""

_MONTH = 30 * 24 * 3_600.0

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Known:
    """A language preference, None for automatic, and when it was learnt."""

    locale: Locale | None
    at: float


class Records:
    """The front of the store for adapters; on its own it remembers in memory."""

    def __init__(self, *, queue_size: int = 10_000) -> None:
        self._writer = Writer(queue_size)
        self._store: Store | None = None
        self._popular: Counter[str] = Counter()
        self._locales: Recent[str, _Known] = _no_locales()
        self._stale_before = 0.0
        self._claims: Recent[str, bool] = Recent(CLAIM_SECONDS, 50_000)
        # Questions by who asked and what answered, for the thumb that may follow.
        self._answered: Recent[tuple[str, str], str] = _no_answers()
        self._asking: set[asyncio.Task[Any]] = set()
        self._slow = False
        """The store counts as away only because it was late; nothing has failed yet."""
        self._upkeep: asyncio.Task[None] | None = None

    # State, for metrics and the doctor

    @property
    def queue(self) -> deque[Record]:
        """What waits to be written, oldest first."""
        return self._writer.queue

    @property
    def waiting(self) -> int:
        """How many records wait, those being written included."""
        return self._writer.waiting

    @property
    def dropped(self) -> int:
        """How many records were lost so far."""
        return self._writer.dropped

    @property
    def store_up(self) -> bool | None:
        """Whether the store answers; None when there is none."""
        return None if self._store is None else self._writer.up.is_set()

    # Written without waiting

    def asked(
        self, *, platform: str, person: str, channel: str, question: Question, reply: Reply,
        seconds: float,
    ) -> None:
        """Note a question and its outcome."""
        who = f"{platform}:{person}"
        metrics.asked(platform, reply.locale, str(reply.kind), seconds)
        log.info("%s: %s, %s, confidence %.2f, %.0f ms", platform, reply.kind, reply.locale,
                 reply.confidence, seconds * 1000)
        log.debug("the question was %r", question.text)
        for answer in reply.answers:
            self._popular[answer.entry_id] += 1
            self._answered.set((who, answer.entry_id), question.text)
        self._writer.put(
            QuestionRecord(
                at=datetime.now(UTC), platform=platform, person=who,
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
        who = f"{platform}:{person}"
        self._writer.put(
            FeedbackRecord(
                datetime.now(UTC), platform, who, entry_id, revision, locale, helpful,
                self._answered.get((who, entry_id)),
            )
        )

    def sent(
        self, *, platform: str, channel: str, message: str, entry_id: str, revision: str,
        locale: Locale,
    ) -> None:
        """Note where an answer was posted."""
        self._writer.put(
            SentRecord(datetime.now(UTC), platform, channel, message, entry_id, revision, locale)
        )

    def chosen(
        self, *, platform: str, person: str, text: str, entry_id: str, locale: Locale
    ) -> None:
        """Note that somebody picked a suggestion for what they had asked."""
        who = f"{platform}:{person}"
        self._popular[entry_id] += 1
        self._writer.put(
            ChoiceRecord(datetime.now(UTC), platform, who, text, entry_id, locale)
        )

    # Read, with an answer in every case

    async def locale_of(self, platform: str, person: str) -> Locale | None:
        """The language that a person chose, or None for automatic."""
        who = f"{platform}:{person}"
        known = self._locales.get(who)
        last = known.locale if known else None
        if self._store is None or self._writer.owes(who):
            return last
        began = monotonic()
        if known and known.at > max(self._stale_before, began - FRESH_SECONDS):
            return last
        unanswered = _Known(last, -1.0)

        async def look(store: Store) -> _Known:
            return _Known(await store.locale_of(who), began)

        found = await self._ask(look, unanswered)
        if found is not unanswered and not self._writer.owes(who):
            self._locales.set(who, found)
        return found.locale

    async def set_locale(self, platform: str, person: str, locale: Locale | None) -> None:
        """Remember a person's language; None returns to automatic."""
        who = f"{platform}:{person}"
        self._locales.set(who, _Known(locale, monotonic()))
        if self._store is not None:
            await self._within_bound(self._writer.owe(who, locale=locale))

    async def forget(self, platform: str, person: str) -> int:
        """Erase what is known of a person; returns how many records went.

        While the store is away, its part is done as soon as it is back.
        """
        who = f"{platform}:{person}"
        known = self._locales.get(who)
        self._locales.discard(who)
        self._answered.discard_where(lambda key: key[0] == who)
        gone = self._writer.discard(who)
        if self._store is None:
            return gone + (known is not None and known.locale is not None)
        return gone + await self._within_bound(self._writer.owe(who, erase=datetime.now(UTC)))

    async def claim(self, key: str, *, patient: bool = False) -> bool:
        """True for the first caller with this key within 15 minutes: who answers an event.

        Args:
            key: of the event.
            patient: other replicas may have the same event, so that a slow store is waited for.
        """
        if self._claims.get(key):
            return False
        self._claims.set(key, True)

        async def take(store: Store) -> bool:
            return await store.claim(key, CLAIM_SECONDS)

        shared = self._store is not None and self._store.on_postgres
        seconds = PATIENCE_SECONDS if patient and shared else BOUND_SECONDS
        return await self._ask(take, fallback=True, seconds=seconds)

    def popular(self, limit: int) -> list[str]:
        """Ids of the entries most asked, best first; may be shorter than asked for."""
        return [entry_id for entry_id, _ in self._popular.most_common(limit)]

    async def _ask(
        self,
        ask: Callable[[Store], Coroutine[Any, Any, Result]],
        fallback: Result,
        seconds: float = BOUND_SECONDS,
    ) -> Result:
        """The store's answer, or the fallback when it has none in time."""
        up = self._writer.up.is_set() or (self._slow and seconds > BOUND_SECONDS)
        if self._store is None or not up:
            return fallback
        # Left to finish when it is late: a claim that arrives late still tells the others.
        task = asyncio.get_running_loop().create_task(ask(self._store))
        self._asking.add(task)
        task.add_done_callback(self._asked_store)
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            self._slow = True
            self._writer.lost(StoreError(f"The store did not answer in {seconds} s."))
            return fallback
        return fallback if task.cancelled() or task.exception() else task.result()

    def _asked_store(self, task: asyncio.Task[Any]) -> None:
        self._asking.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, StoreError):
            self._slow = False
            self._writer.lost(error)
        elif error is not None:
            log.error("The store failed in an unforeseen way.", exc_info=error)
        elif self._slow and not task.cancelled():
            self._slow = False
            self._writer.found()

    async def _within_bound(self, done: asyncio.Future[int]) -> int:
        if not self._writer.up.is_set():
            return 0
        await asyncio.wait({done}, timeout=BOUND_SECONDS)
        return done.result() if done.done() and not done.cancelled() else 0

    # Life

    async def start(self, store: Store | None = None, *, retention_days: int = 90) -> None:
        """Open what is behind; never raises for a store that is away.

        Args:
            store: not opened yet; None to remember in memory only.
            retention_days: what is older is erased.
        """
        if store is None:
            return
        self._store = store
        store.listen(self._heard)
        self._writer.start(store)
        self._upkeep = asyncio.get_running_loop().create_task(
            keep_up(store, self._writer.up, retention_days, self._learn_popular)
        )
        try:
            await asyncio.wait_for(self._writer.up.wait(), OPEN_SECONDS)
        except TimeoutError:
            log.debug("The store is not open yet.")

    async def close(self) -> None:
        """Write what waits, for a few seconds at most."""
        if self._store is None:
            return
        if self._upkeep is not None:
            self._upkeep.cancel()
        await self._writer.close(CLOSE_SECONDS)
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, *filter(None, [self._upkeep]), return_exceptions=True)
        await self._store.close()

    def _heard(self, topic: str, payload: str) -> None:
        """Another replica changed something: believe no preference without asking again."""
        self._stale_before = monotonic()
        if topic == FORGOTTEN:
            # Whom it was about is not told; these are memories of some minutes only.
            self._writer.discard_hash(payload)
            self._locales, self._answered = _no_locales(), _no_answers()

    def _learn_popular(self, counts: dict[str, int]) -> None:
        self._popular = Counter(counts)


def _no_locales() -> Recent[str, _Known]:
    return Recent(_MONTH, 50_000)


def _no_answers() -> Recent[tuple[str, str], str]:
    return Recent(CLAIM_SECONDS, 5_000)
