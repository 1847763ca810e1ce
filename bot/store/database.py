"""The connection to SQLite or PostgreSQL: engine, transactions, migrations at start.

Everything that goes wrong below leaves here as StoreError.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from bot.errors import MissingExtra, RecordRefused, StoreError
from bot.store.address import Address
from bot.store.keys import fingerprint, hash_person
from bot.store.migrate import current_revision, migrate
from bot.store.tables import REVISION, meta

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
"""How long SQLite waits for another process's write."""
COMMAND_SECONDS = 10.0
MIGRATION_SECONDS = 600.0


class Database:
    """One engine, opened and closed; the parts of the store build on it."""

    def __init__(self, address: Address, key: bytes) -> None:
        self.address = address
        self._key = key
        self._engine: AsyncEngine | None = None
        # SQLite lets one write at a time and others try again at random; here they take turns, so
        # that none of this process's own waits in vain.
        self._turn: AbstractAsyncContextManager[None] = (
            nullcontext() if address.path is None else asyncio.Lock()
        )

    @property
    def on_postgres(self) -> bool:
        """Whether replicas share this store."""
        return self.address.path is None

    def person_hash(self, person: str) -> str:
        """What is stored for `platform:user id`."""
        return hash_person(self._key, person)

    # Life

    async def open(self) -> None:
        """Connect, create and migrate; safe with several replicas at once, and to call again.

        Raises:
            StoreError: with what is wrong, for people.
        """
        if self._engine is None:
            self._engine = self._create_engine()
        try:
            async with self.reading() as connection:
                found = await connection.run_sync(current_revision)
            if found != REVISION:
                await self._migrate()
            await self._compare_key()
        except StoreError:
            await self._dispose()  # the next attempt begins afresh
            raise

    async def close(self) -> None:
        """Give all connections back."""
        await self._dispose()

    async def _dispose(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def ping(self) -> str:
        """One line about the database, for the doctor.

        Raises:
            StoreError: if it does not answer.
        """
        query = "SELECT version()" if self.on_postgres else "SELECT 'SQLite ' || sqlite_version()"
        async with self.reading() as connection:
            version = await connection.scalar(sa.text(query))
            revision = await connection.run_sync(current_revision)
        return f"{self.address}: {' '.join(str(version).split()[:2])}, tables at {revision}"

    # Transactions

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads."""
        async with self._translated():
            engine = self._opened().execution_options(begin="BEGIN")
            async with engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: all of it or nothing."""
        async with self._turn, self._translated(), self._opened().begin() as connection:
            yield connection

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that can say ON CONFLICT."""
        return postgresql.insert(table) if self.on_postgres else sqlite.insert(table)

    def _opened(self) -> AsyncEngine:
        if self._engine is None:
            raise StoreError(f"The store ({self.address}) is not open.")
        return self._engine

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except (StoreError, MissingExtra):
            raise
        except Exception as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # Giving a connection back may fail while a task ends; the task still has to end.
                raise asyncio.CancelledError from error
            kind = RecordRefused if _refused(error) else StoreError
            raise kind(f"The store ({self.address}) failed: {_reason(error)}.") from error

    # Engines

    def _create_engine(self, command_seconds: float = COMMAND_SECONDS) -> AsyncEngine:
        if self.address.path is None:
            return self._postgres_engine(command_seconds)
        try:
            self.address.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder {self.address.path.parent} cannot be made: {error.strerror}. "
                "Name another with AIFAQ_DATA_DIR."
            ) from error
        engine = create_async_engine(
            sa.URL.create("sqlite+aiosqlite", database=str(self.address.path)),
            connect_args={"timeout": BUSY_SECONDS}, pool_size=4, max_overflow=4,
            pool_timeout=BUSY_SECONDS,
        )
        sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine

    def _postgres_engine(self, command_seconds: float) -> AsyncEngine:
        try:
            import asyncpg
        except ImportError as error:
            raise MissingExtra("The PostgreSQL driver", "postgres") from error

        async def connect() -> Any:
            return await asyncpg.connect(
                self.address.dsn, timeout=5, command_timeout=command_seconds,
                server_settings={"application_name": "aifaq"},
            )

        return create_async_engine(
            "postgresql+asyncpg://", async_creator=connect, pool_size=5, max_overflow=5,
            pool_timeout=5, pool_pre_ping=True,
        )

    # At start

    async def _migrate(self) -> None:
        # Its own engine: waiting for another replica's migration may take longer than a question.
        engine = self._create_engine(MIGRATION_SECONDS)
        try:
            async with self._translated(), engine.begin() as connection:
                await connection.run_sync(migrate)
        finally:
            await engine.dispose()

    async def _compare_key(self) -> None:
        """Say so when this process hashes people in another way than the database's rows."""
        mine = fingerprint(self._key)
        find = sa.select(meta.c.value).where(meta.c.name == "person_key")
        async with self.reading() as connection:
            theirs = await connection.scalar(find)
        if theirs is None:
            async with self.writing() as connection:
                await connection.execute(
                    self.insert(meta).values(name="person_key", value=mine)
                    .on_conflict_do_nothing()
                )
                theirs = await connection.scalar(find)
        if theirs != mine:
            log.warning(
                "The key that people's ids are hashed with is not the one this database began "
                "with: earlier language choices are not found, and 'forget me' misses earlier "
                "rows. Give all replicas the same AIFAQ_SECRET_KEY."
            )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    _switch_to_wal(cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA secure_delete = ON")  # what people had erased is not left in the file
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:
    """Of several that open a new file at once, SQLite turns some away without waiting."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            await_only(asyncio.sleep(0.02))


def _begin_sqlite(connection: sa.Connection) -> None:
    # Writers take the lock at once: a reader that turns writer could fail with "locked" for good.
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))


def _refused(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return isinstance(error, IntegrityError) or state.startswith(("22", "23"))
    return isinstance(error, (StatementError, ValueError, TypeError))


def _reason(error: Exception) -> str:
    """The driver's own words, without the statement and its values."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig else error
    text = str(origin).partition("\n")[0].strip().rstrip(".") or type(origin).__name__
    return text.rpartition(">: ")[2]
