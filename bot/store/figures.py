"""Counts over the log: what the stats chart and the completion show."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.rows import DayCount, EntryFeedback, Stats
from bot.store.tables import choices, feedback, questions


class Figures(Database):
    """Sums that the database makes."""

    async def popular(self, since: datetime, limit: int = 100) -> dict[str, int]:
        """How often each entry was answered or picked, most often first."""
        answered = sa.select(questions.c.entry_id.label("entry_id")).where(
            questions.c.at >= since, questions.c.decision == "answer",
            questions.c.entry_id.is_not(None),
        )
        picked = sa.select(choices.c.entry_id.label("entry_id")).where(choices.c.at >= since)
        both = sa.union_all(answered, picked).subquery()
        count = sa.func.count()
        query = (
            sa.select(both.c.entry_id, count).group_by(both.c.entry_id)
            .order_by(count.desc(), both.c.entry_id).limit(limit)
        )
        async with self.reading() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def stats(self, since: datetime) -> Stats:
        """What happened since a moment, in one consistent look."""
        count = sa.func.count()
        recent = questions.c.at >= since
        per_day = (
            sa.select(questions.c.day, questions.c.decision, count).where(recent)
            .group_by(questions.c.day, questions.c.decision)
            .order_by(questions.c.day, questions.c.decision)
        )
        people = sa.select(sa.func.count(sa.distinct(questions.c.person))).where(recent)
        asked = (
            sa.select(questions.c.entry_id, count)
            .where(recent, questions.c.decision == "answer", questions.c.entry_id.is_not(None))
            .group_by(questions.c.entry_id).order_by(count.desc(), questions.c.entry_id)
        )
        async with self.reading() as connection:
            days = tuple(DayCount(*row) for row in await connection.execute(per_day))
            outcomes: dict[str, int] = {}
            for day in days:
                outcomes[day.decision] = outcomes.get(day.decision, 0) + day.count
            return Stats(
                since=since,
                questions=sum(outcomes.values()),
                people=await connection.scalar(people) or 0,
                days=days,
                asked=tuple((row[0], row[1]) for row in await connection.execute(asked)),
                feedback=await _feedback(connection, since),
                outcomes=outcomes,
                locales=await _counts(connection, questions.c.locale, since),
                platforms=await _counts(connection, questions.c.platform, since),
            )


async def _counts(
    connection: AsyncConnection, column: sa.Column[str], since: datetime
) -> dict[str, int]:
    count = sa.func.count()
    query = (
        sa.select(column, count).where(questions.c.at >= since)
        .group_by(column).order_by(count.desc(), column)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}


async def _feedback(
    connection: AsyncConnection, since: datetime
) -> tuple[EntryFeedback, ...]:
    helpful = sa.func.sum(sa.case((feedback.c.helpful, 1), else_=0))
    unhelpful = sa.func.sum(sa.case((feedback.c.helpful, 0), else_=1))
    query = (
        sa.select(feedback.c.entry_id, helpful, unhelpful).where(feedback.c.at >= since)
        .group_by(feedback.c.entry_id)
        .order_by(unhelpful.desc(), helpful.desc(), feedback.c.entry_id)
    )
    return tuple(
        EntryFeedback(row[0], int(row[1]), int(row[2]))
        for row in await connection.execute(query)
    )
