"""Where the store is: the settings' address, understood once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import SettingsError
from bot.settings import Settings

FILE_NAME = "aifaq.sqlite3"


@dataclass(frozen=True, slots=True)
class Address:
    """Either a SQLite file or a PostgreSQL server."""

    path: Path | None = None
    """The SQLite file."""
    dsn: str = ""
    """postgresql://…, as asyncpg reads it; may hold a password."""

    def __repr__(self) -> str:
        """Without user and password, for logs."""
        return f"Address({self})"

    def __str__(self) -> str:
        """For people: the file, or host and database."""
        if self.path is not None:
            return f"SQLite {self.path}"
        parts = urlsplit(self.dsn)
        return f"PostgreSQL {parts.netloc.rpartition('@')[2]}{parts.path}"


def data_dir(settings: Settings) -> Path:
    """The folder of the SQLite file and of the key."""
    if settings.data_dir is not None:
        return settings.data_dir.expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("aifaq", appauthor=False))


def address_of(settings: Settings) -> Address:
    """The store's address.

    Raises:
        SettingsError: if `AIFAQ_DATABASE_URL` names another kind of database.
    """
    if settings.database_url is None or not settings.database_url.get_secret_value():
        return Address(path=data_dir(settings) / FILE_NAME)
    url = settings.database_url.get_secret_value()
    kind = url.partition(":")[0].partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return Address(dsn="postgresql:" + url.partition(":")[2])
    if kind == "sqlite":
        try:
            database = make_url(url).database
        except ArgumentError:
            database = None
        if database:
            return Address(path=Path(database).expanduser())
    raise SettingsError(
        "AIFAQ_DATABASE_URL is not understood. Use postgresql://user:password@host/database, "
        "sqlite:////path/to/file, none, or leave it empty for SQLite in the data folder."
    )
