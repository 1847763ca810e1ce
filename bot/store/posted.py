"""Answers as posted on the platforms, and which of them were corrected since."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.rows import SentRow
from bot.store.tables import sent


class Posted(Database):
    """Where a correction finds the messages that carry an old text."""

    async def sent_since(
        self, since: datetime, entry_id: str, not_revision: str, *, limit: int = 1_000
    ) -> list[SentRow]:
        """Messages that show the entry in another revision, oldest first.

        Args:
            since: how far back.
            entry_id: the entry that was changed.
            not_revision: its revision now; `withdrawn` when it is gone.
            limit: most rows; ask again after marking these.
        """
        query = (
            sa.select(sent)
            .where(
                sent.c.entry_id == entry_id, sent.c.at >= since, sent.c.revision != not_revision
            )
            .order_by(sent.c.at, sent.c.id).limit(limit)
        )
        async with self.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [SentRow(**row) for row in rows]

    async def sent_entries(self, since: datetime) -> list[str]:
        """Ids of the entries that were posted since a moment, also under former ids."""
        query = sa.select(sent.c.entry_id).where(sent.c.at >= since).distinct()
        async with self.reading() as connection:
            return sorted(await connection.scalars(query))

    async def sent_in(self, platform: str, channel: str, message: str) -> list[SentRow]:
        """The answers that one message shows."""
        query = (
            sa.select(sent)
            .where(sent.c.platform == platform, sent.c.channel == channel,
                   sent.c.message == message)
            .order_by(sent.c.at, sent.c.id)
        )
        async with self.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [SentRow(**row) for row in rows]

    async def mark_corrected(self, sent_id: str, revision: str | None) -> None:
        """Note that the message now shows `revision` (or `withdrawn`); None: it is gone."""
        here = sent.c.id == sent_id
        async with self.writing() as connection:
            if revision is None:
                await connection.execute(sa.delete(sent).where(here))
            else:
                await connection.execute(sa.update(sent).where(here).values(revision=revision))
