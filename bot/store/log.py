"""The log: what adapters noted, written in batches and read by moderators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import RecordRefused
from bot.settings import Texts
from bot.store.address import Address
from bot.store.database import Database
from bot.store.rows import (
    MISSES,
    NEAR_MISS,
    ChoiceRecord,
    ChoiceRow,
    FeedbackRecord,
    MissRow,
    MissStatus,
    QuestionRecord,
    Record,
    SentRecord,
    ThumbRow,
    text_key,
)
from bot.store.tables import choices, feedback, miss_status, questions, sent
from bot.text import MAX_QUESTION, clean

Row = dict[str, Any]

_FOR_GOOD = (MissStatus.DISMISSED, MissStatus.OUT_OF_SCOPE)


class Log(Database):
    """Questions, thumbs, choices and sent answers."""

    def __init__(self, address: Address, key: bytes, *, keep_texts: Texts = "misses") -> None:
        super().__init__(address, key)
        self._keep_texts = keep_texts

    # Writing

    async def write(self, records: Sequence[Record]) -> None:
        """Write all or none; writing the same records again changes nothing.

        Raises:
            RecordRefused: if one of them can never be written.
            StoreError: if the database is away.
        """
        try:
            asked = [self._question(one) for one in records if isinstance(one, QuestionRecord)]
            rated = [self._feedback(one) for one in records if isinstance(one, FeedbackRecord)]
            chosen = [self._choice(one) for one in records if isinstance(one, ChoiceRecord)]
            posted = [_sent(one) for one in records if isinstance(one, SentRecord)]
        except (AttributeError, TypeError, ValueError) as error:
            raise RecordRefused(f"A record has a value of the wrong kind: {error}.") from error
        async with self.writing() as connection:
            if asked:
                await connection.execute(self.insert(questions).on_conflict_do_nothing(), asked)
            if chosen:
                await connection.execute(self.insert(choices).on_conflict_do_nothing(), chosen)
            if rated:
                await self._keep_last(connection, feedback, ["person", "entry_id"], rated)
            if posted:
                keys = ["platform", "channel", "message", "entry_id"]
                await self._keep_last(connection, sent, keys, posted)

    async def _keep_last(
        self, connection: AsyncConnection, table: sa.Table, keys: list[str], rows: list[Row]
    ) -> None:
        """Insert, or replace what is there and not newer."""
        insert = self.insert(table)
        rest = {name: insert.excluded[name] for name in rows[0] if name not in [*keys, "id"]}
        statement = insert.on_conflict_do_update(
            index_elements=keys, set_=rest, where=table.c.at <= insert.excluded.at
        )
        await connection.execute(statement, rows)

    def _kept(self, text: str | None, *, missed: bool) -> str | None:
        if text is None or self._keep_texts == "none":
            return None
        if self._keep_texts == "misses" and not missed:
            return None
        return clean(text)[:MAX_QUESTION]

    def _question(self, record: QuestionRecord) -> Row:
        near = record.decision == "answer" and record.confidence < NEAR_MISS
        missed = near or record.decision in MISSES
        text = self._kept(record.text, missed=missed)
        at = record.at.astimezone(UTC)
        return {
            "id": record.id, "at": at, "day": at.date(), "platform": _plain(record.platform),
            "person": self.person_hash(record.person), "channel": _plain(record.channel),
            "locale": _plain(record.locale, 20), "decision": _plain(record.decision, 20),
            "confidence": float(record.confidence), "seconds": float(record.seconds),
            "entry_id": _plain(record.entry_ids[0]) if record.entry_ids else None,
            "entry_ids": [_plain(entry_id) for entry_id in record.entry_ids],
            "text": text, "text_key": text_key(text) if text else None,
        }

    def _feedback(self, record: FeedbackRecord) -> Row:
        return {
            "person": self.person_hash(record.person), "entry_id": _plain(record.entry_id),
            "at": record.at, "platform": _plain(record.platform),
            "revision": _plain(record.revision), "locale": _plain(record.locale, 20),
            "helpful": record.helpful,
            "text": self._kept(record.text, missed=not record.helpful),
        }

    def _choice(self, record: ChoiceRecord) -> Row:
        text = self._kept(record.text, missed=True)
        return {
            "id": record.id, "at": record.at, "platform": _plain(record.platform),
            "person": self.person_hash(record.person), "entry_id": _plain(record.entry_id),
            "locale": _plain(record.locale, 20), "text": text,
            "text_key": text_key(text) if text else None,
        }

    # Misses

    async def misses(
        self, since: datetime, *, closed: bool = False, limit: int = 5_000
    ) -> list[MissRow]:
        """Questions without an answer, and near misses, whose text was kept; newest first.

        Args:
            since: how far back.
            closed: also those that a status has set aside.
            limit: most rows.
        """
        table = questions.c
        missed = sa.or_(
            table.decision.in_(MISSES),
            sa.and_(table.decision == "answer", table.confidence < NEAR_MISS),
        )
        query = (
            sa.select(questions)
            .where(table.at >= since, table.text.is_not(None), table.text != "", missed)
            .order_by(table.at.desc(), table.id.desc()).limit(limit)
        )
        if not closed:
            query = _without_closed(query, questions)
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            MissRow(
                key=row.text_key, text=row.text, locale=row.locale, platform=row.platform,
                at=row.at, decision=row.decision, confidence=row.confidence,
                entry_ids=tuple(row.entry_ids), person=row.person,
            )
            for row in rows
        ]

    async def set_miss_status(
        self, keys: Sequence[str], status: MissStatus | None, *, by: str
    ) -> None:
        """Set questions aside by their text keys; None opens them again."""
        now, who = datetime.now(UTC), _plain(by)
        unique = list(dict.fromkeys(keys))
        async with self.writing() as connection:
            if status is None:
                await connection.execute(
                    sa.delete(miss_status).where(miss_status.c.text_key.in_(unique))
                )
            elif unique:
                insert = self.insert(miss_status)
                replaced = {name: insert.excluded[name] for name in ("status", "at", "by")}
                await connection.execute(
                    insert.on_conflict_do_update(index_elements=["text_key"], set_=replaced),
                    [
                        {"text_key": key, "status": status.value, "at": now, "by": who}
                        for key in unique
                    ],
                )

    async def miss_statuses(self, keys: Sequence[str]) -> dict[str, MissStatus]:
        """What was done about each of these keys; those without a status are left out."""
        if not keys:
            return {}
        query = sa.select(miss_status.c.text_key, miss_status.c.status).where(
            miss_status.c.text_key.in_(keys)
        )
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
        return {row.text_key: MissStatus(row.status) for row in rows}

    async def thumbs(self, since: datetime, *, limit: int = 5_000) -> list[ThumbRow]:
        """Each person's last thumb on each entry, newest first."""
        query = (
            sa.select(feedback).where(feedback.c.at >= since)
            .order_by(feedback.c.at.desc(), feedback.c.person).limit(limit)
        )
        async with self.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [ThumbRow(**row) for row in rows]

    async def choices(
        self, since: datetime, *, closed: bool = False, limit: int = 5_000
    ) -> list[ChoiceRow]:
        """Suggestions that were picked, with the question's text; newest first."""
        table = choices.c
        query = (
            sa.select(choices)
            .where(table.at >= since, table.text.is_not(None), table.text != "")
            .order_by(table.at.desc(), table.id.desc()).limit(limit)
        )
        if not closed:
            query = _without_closed(query, choices)
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            ChoiceRow(
                key=row.text_key, text=row.text, entry_id=row.entry_id, locale=row.locale,
                platform=row.platform, at=row.at, person=row.person,
            )
            for row in rows
        ]


def _without_closed(query: sa.Select[Any], table: sa.Table) -> sa.Select[Any]:
    """Leave out what moderators set aside: for good, or until it is asked again."""
    status = miss_status.c
    closed = sa.exists().where(
        status.text_key == table.c.text_key,
        sa.or_(status.status.in_([one.value for one in _FOR_GOOD]), status.at >= table.c.at),
    )
    return query.where(~closed)


def _sent(record: SentRecord) -> Row:
    return {
        "id": record.id, "at": record.at, "platform": _plain(record.platform),
        "channel": _plain(record.channel, 300), "message": _plain(record.message, 300),
        "entry_id": _plain(record.entry_id), "revision": _plain(record.revision),
        "locale": _plain(record.locale, 20),
    }


def _plain(text: str, limit: int = 200) -> str:
    """A short text that both engines take: no NUL, no lone surrogates, cut to its column."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")[:limit]
