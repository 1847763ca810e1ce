"""Brings the tables up to date when the bot starts, on one replica at a time."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from bot.errors import StoreError
from bot.store.tables import REVISION

_LOCK = 0x61_69_66_61_71_00
"""PostgreSQL advisory lock of the migrations: "aifaq" in ASCII, then 0."""


def current_revision(connection: sa.Connection) -> str | None:
    """The revision of the tables; None for an empty database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def migrate(connection: sa.Connection, revision: str = "head") -> None:
    """Upgrade within the connection's transaction; replicas that start at once wait in turn.

    On SQLite the caller's transaction holds the write lock already.

    Raises:
        StoreError: if the database belongs to a newer aifaq.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    found = current_revision(connection)
    if found == REVISION:
        return
    if found is not None and found > REVISION:
        raise StoreError(
            f"The database has revision {found}, made by a newer aifaq; this one knows "
            f"{REVISION}. Update aifaq, or point AIFAQ_DATABASE_URL to another database."
        )
    _upgrade(connection, revision)


def _upgrade(connection: sa.Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
