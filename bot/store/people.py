"""What belongs to persons and to single events: preferences, erasure, claims."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.models import Locale
from bot.store.database import Database
from bot.store.rows import new_id
from bot.store.tables import choices, claims, feedback, preferences, questions, sent

_LEASE_SECONDS = 600.0
"""On SQLite, how long the work of a process that died stays taken."""


class People(Database):
    """`person` is `platform:user id` everywhere; its keyed hash is what is stored."""

    async def locale_of(self, person: str) -> Locale | None:
        """The language that a person chose."""
        query = sa.select(preferences.c.locale).where(
            preferences.c.person == self.person_hash(person)
        )
        async with self.reading() as connection:
            found: Locale | None = await connection.scalar(query)
        return found

    async def set_locale(self, person: str, locale: Locale | None) -> None:
        """Keep a person's language; None returns to automatic."""
        key = self.person_hash(person)
        async with self.writing() as connection:
            if locale is None:
                await connection.execute(
                    sa.delete(preferences).where(preferences.c.person == key)
                )
                return
            row = {"locale": locale, "at": datetime.now(UTC)}
            await connection.execute(
                self.insert(preferences).values(person=key, **row)
                .on_conflict_do_update(index_elements=["person"], set_=row)
            )

    async def forget(self, person: str, before: datetime | None = None) -> int:
        """Erase a person's rows up to a moment (now); returns how many.

        Sent answers name nobody; those in channels where only this person ever asked, such as
        direct messages, go as well.
        """
        key, before = self.person_hash(person), before or datetime.now(UTC)
        gone = 0
        async with self.writing() as connection:
            gone += await self._erase_own_channels(connection, key, before)
            for table in (questions, feedback, choices, preferences):
                result = await connection.execute(
                    sa.delete(table).where(table.c.person == key, table.c.at <= before)
                )
                gone += result.rowcount
        return gone

    async def _erase_own_channels(
        self, connection: AsyncConnection, key: str, before: datetime
    ) -> int:
        mine, others = questions.alias("mine"), questions.alias("others")
        shared = sa.exists().where(
            others.c.channel == mine.c.channel, others.c.platform == mine.c.platform,
            others.c.person != key,
        )
        own = sa.select(mine.c.platform, mine.c.channel).where(mine.c.person == key, ~shared)
        result = await connection.execute(
            sa.delete(sent).where(
                sa.tuple_(sent.c.platform, sent.c.channel).in_(own), sent.c.at <= before
            )
        )
        return result.rowcount

    async def claim(self, key: str, seconds: float = 900) -> bool:
        """True for exactly one caller among all processes until `seconds` have passed."""
        return await self._take(key, new_id(), seconds)

    async def _take(self, key: str, holder: str, seconds: float) -> bool:
        now = datetime.now(UTC)
        insert = self.insert(claims).values(
            key=_hashed(key), holder=holder, until=now + timedelta(seconds=seconds)
        )
        statement = insert.on_conflict_do_update(
            index_elements=["key"],
            set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
            where=claims.c.until <= now,
        )
        # No RETURNING: on SQLite, rows unread by a cancelled task keep the file locked.
        async with self.writing() as connection:
            return (await connection.execute(statement)).rowcount == 1

    @asynccontextmanager
    async def exclusive(self, name: str) -> AsyncIterator[bool]:
        """Periodic work on one replica at a time: yields whether it is this one's turn.

        PostgreSQL holds an advisory lock, which a dead replica loses at once; SQLite a row that
        is given back at the end or runs out.
        """
        if self.on_postgres:
            number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")
            lock = sa.text("SELECT pg_try_advisory_xact_lock(:number)")
            failure: Exception | None = None
            async with self.reading() as connection:
                mine = bool(await connection.scalar(lock, {"number": number}))
                try:
                    yield mine
                except Exception as error:  # noqa: BLE001 - raised again once the lock is back
                    failure = error
            if failure is not None:
                raise failure
            return
        holder = new_id()
        mine = await self._take(f"exclusive {name}", holder, _LEASE_SECONDS)
        try:
            yield mine
        finally:
            if mine:
                async with self.writing() as connection:
                    await connection.execute(sa.delete(claims).where(claims.c.holder == holder))


def _hashed(key: str) -> str:
    """Claims name events of platforms; a fixed size, and no ids in the clear."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
