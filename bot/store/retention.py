"""Erasing what is older than the settings allow."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.rows import DraftStatus
from bot.store.tables import choices, claims, drafts, feedback, miss_status, questions, sent

STEP = 2_000
"""Rows erased at once: short transactions, so that questions in between don't wait."""

_CLOSED = (DraftStatus.APPLIED.value, DraftStatus.REJECTED.value)


class Retention(Database):
    """The purge; language choices, open drafts and the audit stay."""

    async def purge(self, before: datetime) -> int:
        """Erase what is older than `before`, and claims that ran out; returns how many rows."""
        doomed = [
            (table, table.c.at < before)
            for table in (questions, feedback, choices, sent, miss_status)
        ]
        # Drafts quote questions: once dealt with, they go like these.
        doomed.append(
            (drafts, sa.and_(drafts.c.status.in_(_CLOSED), drafts.c.status_at < before))
        )
        doomed.append((claims, claims.c.until < datetime.now(UTC)))
        return sum([await self._erase(table, condition) for table, condition in doomed])

    async def _erase(self, table: sa.Table, condition: sa.ColumnElement[bool]) -> int:
        key = sa.tuple_(*table.primary_key.columns)
        some = sa.select(*table.primary_key.columns).where(condition).limit(STEP)
        gone = 0
        while True:
            async with self.writing() as connection:
                erased = (await connection.execute(sa.delete(table).where(key.in_(some)))).rowcount
            gone += erased
            if erased < STEP:
                return gone
