"""App: what an adapter is given; puts core, records, store and settings together."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING

from bot.errors import MissingExtra, StoreError
from bot.health import Health
from bot.records import Records
from bot.reload import Reloader
from bot.service import Faq
from bot.settings import Settings
from bot.store import create_store

if TYPE_CHECKING:
    from bot.moderation import Moderation
    from bot.store import Store

log = logging.getLogger(__name__)


class App:
    """One running bot, whatever the platforms."""

    def __init__(self, settings: Settings, faq: Faq, records: Records) -> None:
        self.settings = settings
        self.faq = faq
        self.records = records
        self.health = Health()
        self.store: Store | None = None
        """From `start` on; None when everything is in memory only."""
        self.reloader = Reloader(faq, settings.knowledge, settings.reload_seconds)

    @classmethod
    def create(cls, settings: Settings) -> App:
        """Load the knowledge base.

        Raises:
            KnowledgeError: if it is broken; there is no last good one at start.
        """
        return cls(settings, Faq.load(settings), Records())

    async def start(self) -> None:
        """Open the store and begin background work; never raises for a store that is away.

        Raises:
            SettingsError: if the store's settings are of no use.
        """
        try:
            self.store = create_store(self.settings)
        except (MissingExtra, StoreError) as error:
            log.warning(
                "%s Answers go on; language choices, questions and feedback are kept in memory "
                "only, until the end of this process.", error,
            )
        await self.records.start(self.store, retention_days=self.settings.retention_days)
        if self.store is not None:
            self.faq.keeps_misses = True
            self.store.listen(self._heard)
        await self.reloader.start()

    async def close(self) -> None:
        """Stop background work and write what waits."""
        await self.reloader.close()
        await self.records.close()

    @cached_property
    def moderation(self) -> Moderation:
        """What moderators can do."""
        from bot.moderation import Moderation

        return Moderation(self)

    def _heard(self, topic: str, _payload: str) -> None:
        """Another replica changed the files."""
        if topic in ("knowledge", "resync"):
            self.reloader.poke()
