"""The store: what is remembered beyond one process.

SQLite in the data folder by default, PostgreSQL with `AIFAQ_DATABASE_URL`. Importing this package
is cheap: SQLAlchemy comes in with `Store`, when it is first asked for.

    store = create_store(settings)        # None when the settings say `none`
    await store.open()                    # creates and migrates; raises StoreError
    await store.misses(since)
    await store.close()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bot.errors import MissingExtra
from bot.store.rows import (
    AuditRow,
    ChoiceRecord,
    ChoiceRow,
    DayCount,
    Draft,
    DraftStatus,
    EntryFeedback,
    FeedbackRecord,
    MissRow,
    MissStatus,
    QuestionRecord,
    Record,
    SentRecord,
    SentRow,
    Stats,
    ThumbRow,
    text_key,
)

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store.store import Store

__all__ = [
    "AuditRow",
    "ChoiceRecord",
    "ChoiceRow",
    "DayCount",
    "Draft",
    "DraftStatus",
    "EntryFeedback",
    "FeedbackRecord",
    "MissRow",
    "MissStatus",
    "QuestionRecord",
    "Record",
    "SentRecord",
    "SentRow",
    "Stats",
    "Store",
    "ThumbRow",
    "create_store",
    "text_key",
]


def create_store(settings: Settings) -> Store | None:
    """The store that the settings name, not opened yet; None for `AIFAQ_DATABASE_URL=none`.

    Raises:
        MissingExtra: if its libraries are not installed.
        SettingsError: if the address is of no known kind.
    """
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    if url == "none":
        return None
    try:
        module = import_module("bot.store.store")
    except ImportError as error:
        raise MissingExtra("The store", "store") from error
    store: Store = module.Store.create(settings)
    return store


def __getattr__(name: str) -> Any:
    if name == "Store":
        return import_module("bot.store.store").Store
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
