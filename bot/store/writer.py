"""The queue before the store: records wait in it, and one task writes them in batches.

While the store is away the task tries again with growing pauses; what has to be dropped is
counted, and each change of state is said once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from bot.errors import AifaqError, RecordRefused
from bot.models import Locale
from bot.store.rows import Record, SentRecord

if TYPE_CHECKING:
    from bot.store.store import Store

log = logging.getLogger(__name__)

BATCH = 100
"""Records per transaction: preparing them holds up the event loop for some milliseconds."""
LINGER_SECONDS = 0.2
"""How long a batch gathers."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
STEADY_SECONDS = 30.0
"""After this long without trouble, pauses begin short again."""

PREFERENCE, FORGOTTEN = "preference", "forgotten"
"""Topics that other replicas hear, with the person's hash."""


class _Unset:
    """No change of the language, as opposed to a return to automatic."""


UNSET = _Unset()


@dataclass(slots=True)
class _Owed:
    """What still has to be done in the store for one person, in this order."""

    erase: datetime | None
    locale: Locale | _Unset | None
    done: asyncio.Future[int]
    """Set to the number of erased rows."""


class Writer:
    """Takes records without waiting; writes them when the store is there."""

    def __init__(self, size: int) -> None:
        self.queue: deque[Record] = deque(maxlen=size)
        self.dropped = 0
        self.up = asyncio.Event()
        """Set while the store answers."""
        self._store: Store | None = None
        self._batch: list[Record] = []
        self._owed: dict[str, _Owed] = {}
        self._work = asyncio.Event()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._said: set[str] = set()
        self._dropped_said = 0
        self._pause = FIRST_PAUSE
        self._trouble_at = -STEADY_SECONDS

    @property
    def waiting(self) -> int:
        """Records that are not in the store yet."""
        return len(self.queue) + len(self._batch)

    # Taking

    def put(self, record: Record) -> None:
        """Queue a record; the oldest goes when there are too many."""
        if len(self.queue) == self.queue.maxlen:
            self._drop("the queue is full")
        self.queue.append(record)
        self._work.set()

    def discard(self, person: str) -> int:
        """Take a person's records out of the queue; returns how many."""
        before = self.waiting
        self.queue = deque(
            (one for one in self.queue if not _is_of(one, person)), maxlen=self.queue.maxlen
        )
        self._batch = [one for one in self._batch if not _is_of(one, person)]
        return before - self.waiting

    def discard_hash(self, person_hash: str) -> None:
        """The same for a person that another replica was asked to forget."""
        assert self._store is not None
        people = {one.person for one in self.queue if not isinstance(one, SentRecord)}
        for person in people:
            if self._store.person_hash(person) == person_hash:
                self.discard(person)

    def owe(
        self, person: str, *, erase: datetime | None = None,
        locale: Locale | _Unset | None = UNSET,
    ) -> asyncio.Future[int]:
        """Erase and set a person's language as soon as the store is there."""
        old = self._owed.pop(person, None)
        if old is not None and erase is None:
            erase = old.erase
            locale = old.locale if isinstance(locale, _Unset) else locale
        elif old is None and len(self._owed) == self.queue.maxlen:
            self._owed.pop(next(iter(self._owed)))
            self._drop("too many preferences wait")
        done = old.done if old else asyncio.get_running_loop().create_future()
        self._owed[person] = _Owed(erase, locale, done)
        self._work.set()
        return done

    def owes(self, person: str) -> bool:
        """Whether the store does not know yet what this person wanted."""
        return person in self._owed

    def _drop(self, why: str) -> None:
        self.dropped += 1
        if self._store is not None and self._dropped_said == 0:
            self._dropped_said = self.dropped
            log.warning("Records are being dropped, oldest first: %s.", why)

    # Life

    def start(self, store: Store) -> None:
        """Begin to write."""
        self._store = store
        self._task = asyncio.get_running_loop().create_task(self._run(store))

    async def close(self, seconds: float) -> None:
        """Write what waits, for at most so many seconds."""
        if self._task is None:
            return
        self._closing.set()
        self._work.set()
        await asyncio.wait({self._task}, timeout=seconds)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        left = self.waiting + len(self._owed)
        if left:
            self.dropped += left
            log.warning("%d records could not be written before the end and are lost.", left)

    def lost(self, error: BaseException) -> None:
        """The store did not answer: stop asking it until it is back."""
        if str(error) not in self._said:
            self._said.add(str(error))
            log.warning(
                "%s Answers go on; records wait in memory (%d now, at most %s).",
                error, self.waiting, self.queue.maxlen,
            )
        self.up.clear()
        self._work.set()

    def found(self) -> None:
        """The store answers (again)."""
        if self._said:
            dropped = self.dropped - self._dropped_said + 1 if self._dropped_said else 0
            log.warning("The store is back; %d records were dropped meanwhile.", dropped)
        self._said.clear()
        self._dropped_said = 0
        self.up.set()

    # Writing

    async def _run(self, store: Store) -> None:
        while True:
            written = False
            try:
                if not self.up.is_set():
                    await store.open()
                await self._write_waiting(store)
                written = True
                if not self.up.is_set():  # a full disk opens well and takes no record
                    self.found()
            except AifaqError as error:
                self.lost(error)
            except Exception as error:  # this task must outlive any fault
                log.exception("Writing records failed in an unforeseen way.")
                self.lost(error)
            if self._closing.is_set() and (written or not self._unfinished):
                return
            if self.up.is_set():
                await self._gather()
            if not self.up.is_set():
                await self._back_off()

    @property
    def _unfinished(self) -> bool:
        return bool(self._owed) or self.waiting > 0

    async def _gather(self) -> None:
        """Wait for work, and a little longer for more of it; nobody waits for records."""
        self._work.clear()
        await self._work.wait()
        if self.up.is_set() and not self._owed and not self._closing.is_set():
            await self._rest(LINGER_SECONDS)

    async def _back_off(self) -> None:
        """Longer each time, unless the last trouble was long ago."""
        now = monotonic()
        calm = now - self._trouble_at > STEADY_SECONDS
        short = calm or self._closing.is_set()
        self._pause = FIRST_PAUSE if short else min(self._pause * 2, LONGEST_PAUSE)
        self._trouble_at = now
        await self._rest(self._pause)

    async def _rest(self, seconds: float) -> None:
        """Sleep; the end cuts the first sleep short."""
        if self._closing.is_set():
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    async def _write_waiting(self, store: Store) -> None:
        while self._unfinished:
            await self._settle(store)
            if not self._batch:
                count = min(BATCH, len(self.queue))
                self._batch = [self.queue.popleft() for _ in range(count)]
            try:
                await store.write(list(self._batch))
            except RecordRefused:
                await self._write_singly(store)
            self._batch = []

    async def _write_singly(self, store: Store) -> None:
        """One bad record does not take its batch along."""
        for record in list(self._batch):
            try:
                await store.write([record])
            except RecordRefused as error:
                self.dropped += 1
                log.warning("A %s was dropped: %s", type(record).__name__, error)

    async def _settle(self, store: Store) -> None:
        for person, owed in list(self._owed.items()):
            gone = 0
            try:
                if owed.erase is not None:
                    gone = await store.forget(person, owed.erase)
                if not isinstance(owed.locale, _Unset):
                    await store.set_locale(person, owed.locale)
                topic = PREFERENCE if owed.erase is None else FORGOTTEN
                await store.notify(topic, store.person_hash(person))
            except RecordRefused as error:
                self._drop(str(error))
            if self._owed.get(person) is owed:
                del self._owed[person]
            if not owed.done.done():
                owed.done.set_result(gone)


def _is_of(record: Record, person: str) -> bool:
    return not isinstance(record, SentRecord) and record.person == person
