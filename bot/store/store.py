"""Store: every question one can ask of the database, as async methods.

All of them raise StoreError when the database is away or refuses; nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from bot.models import Locale
from bot.settings import Settings
from bot.store.rows import (
    AuditRow,
    ChoiceRow,
    Draft,
    DraftStatus,
    MissRow,
    MissStatus,
    Record,
    SentRow,
    Stats,
    ThumbRow,
)


class Store(Protocol):
    """The database behind the bot."""

    @classmethod
    def create(cls, settings: Settings) -> Store: ...

    async def open(self) -> None:
        """Connect, create and migrate; safe with several replicas at once."""

    async def close(self) -> None: ...
    async def ping(self) -> str:
        """One line for `aifaq doctor`: kind, version, revision of the schema."""

    # Written by Records
    async def write(self, records: Sequence[Record]) -> None: ...

    # People: `person` is "platform:user id"; only its keyed hash is stored
    async def locale_of(self, person: str) -> Locale | None: ...
    async def set_locale(self, person: str, locale: Locale | None) -> None: ...
    async def forget(self, person: str, before: datetime | None = None) -> int: ...
    async def claim(self, key: str, seconds: float = 900) -> bool: ...
    async def popular(self, since: datetime, limit: int) -> dict[str, int]: ...

    # Drafts, audit
    async def add_draft(
        self, kind: str, content: Mapping[str, Any], *, by: str, entry_id: str | None = None,
        locale: Locale | None = None, note: str = "",
    ) -> Draft: ...
    async def drafts(
        self, status: DraftStatus | None = None, *, limit: int = 200
    ) -> list[Draft]: ...
    async def draft(self, draft_id: int) -> Draft | None: ...
    async def set_draft_status(
        self, draft_id: int, status: DraftStatus, *, by: str, note: str = "",
        expected: DraftStatus = DraftStatus.OPEN,
    ) -> bool:
        """Compare and set: False when the draft was not in `expected` any more.

        Apply as open -> applying -> applied, or back to open when the change was refused.
        """

    async def add_audit(
        self, action: str, target: str, *, platform: str, by_id: str, by_name: str,
        detail: Mapping[str, Any] | None = None,
    ) -> None: ...
    async def audit(self, limit: int = 50) -> list[AuditRow]: ...

    # What moderators read
    async def misses(
        self, since: datetime, *, closed: bool = False, limit: int = 5_000
    ) -> list[MissRow]:
        """Newest first; `closed=True` includes those that a status has set aside."""

    async def set_miss_status(
        self, keys: Sequence[str], status: MissStatus | None, *, by: str
    ) -> None:
        """For text keys; None opens them again."""

    async def thumbs(self, since: datetime, *, limit: int = 5_000) -> list[ThumbRow]: ...
    async def choices(
        self, since: datetime, *, closed: bool = False, limit: int = 5_000
    ) -> list[ChoiceRow]: ...
    async def stats(self, since: datetime) -> Stats: ...

    # Corrections: which posted answers carry an old revision
    async def sent_since(
        self, since: datetime, entry_id: str, not_revision: str, *, limit: int = 1_000
    ) -> list[SentRow]:
        """Oldest first. For a withdrawn entry pass not_revision="withdrawn"."""

    async def mark_corrected(self, sent_id: str, revision: str | None) -> None:
        """The message now shows `revision` (or "withdrawn"); None: it no longer exists."""

    # Among replicas
    async def notify(self, topic: str, payload: str = "") -> None:
        """Tell the other replicas; nothing on SQLite."""

    def listen(self, callback: Callable[[str, str], None]) -> None:
        """Have `callback(topic, payload)` called for what others notify; call it before open()."""

    def exclusive(self, name: str) -> AbstractAsyncContextManager[bool]:
        """`async with store.exclusive("x") as mine:` true on one replica at a time."""

    async def purge(self, before: datetime) -> int:
        """Erase what is older, in small steps; returns how many rows went."""
