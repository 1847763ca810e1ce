"""App: what an adapter is given; puts the core, the records and the settings together."""

from __future__ import annotations

from bot.records import Records
from bot.service import Faq
from bot.settings import Settings


class App:
    """One running bot, whatever the platforms."""

    def __init__(self, settings: Settings, faq: Faq, records: Records) -> None:
        self.settings = settings
        self.faq = faq
        self.records = records

    @classmethod
    def create(cls, settings: Settings) -> App:
        """Load the knowledge base.

        Raises:
            KnowledgeError: if it is broken; there is no last good one at start.
        """
        return cls(settings, Faq.load(settings), Records())

    async def start(self) -> None:
        """Open the store and begin background work; never raises for a store that is away."""
        await self.records.start()

    async def close(self) -> None:
        """Stop background work and write what waits."""
        await self.records.close()
