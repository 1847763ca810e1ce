"""Store: the database behind the bot, put together from its parts.

Every method raises StoreError when the database is away or refuses. `Records` is what stands in
front of it for adapters, who must never wait for a database nor see it fail.
"""

from __future__ import annotations

from bot.settings import Settings
from bot.store.address import address_of, data_dir
from bot.store.drafts import Drafts
from bot.store.figures import Figures
from bot.store.keys import check_key, key_in
from bot.store.log import Log
from bot.store.notices import Notices
from bot.store.people import People
from bot.store.posted import Posted
from bot.store.retention import Retention


class Store(Log, Posted, People, Drafts, Figures, Retention, Notices):
    """Questions, thumbs, preferences, sent answers, drafts, audit; SQLite or PostgreSQL."""

    @classmethod
    def create(cls, settings: Settings) -> Store:
        """The store that the settings name, not opened yet.

        Raises:
            SettingsError: if the address or the key is of no use.
            StoreError: if the key's file cannot be read or made.
        """
        address = address_of(settings)
        if settings.secret_key is not None:
            key = check_key(settings.secret_key.get_secret_value())
        else:
            key = key_in(data_dir(settings))
        return cls(address, key, keep_texts=settings.keep_texts)
