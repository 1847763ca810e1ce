"""What all parts of the moderation share: the running bot, its store, and words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.curation.editor import Editor
from bot.curation.problems import Problem
from bot.errors import AifaqError, CurationError, StoreError
from bot.models import Locale
from bot.moderation.misses import Cluster, Misses, unhelpful_key
from bot.moderation.wording import Wording
from bot.permissions import Moderator, require

if TYPE_CHECKING:
    from bot.app import App
    from bot.store import MissStatus, Store

CLUSTER_DAYS = 90
"""How far back a group named by its key is looked for: buttons live long."""


class Desk:
    """Base of the moderation's parts.

    Args:
        app: the running bot; its store is looked up anew each time.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._editor = Editor(app.faq, app.settings)
        self._writing = asyncio.Lock()
        self._warming: asyncio.Task[None] | None = None

    @property
    def _store(self) -> Store:
        """The store.

        Raises:
            StoreError: if there is none.
        """
        store = self._app.store
        if store is None:
            raise StoreError("There is no store: misses, drafts and statistics need one.")
        return store

    def _wording(self, locale: Locale) -> Wording:
        return Wording(self._app.faq.messages, locale)

    def _make_ready(self) -> None:
        """Begin what a change will need while the moderator is still reading."""
        if self._warming is None or self._warming.done():
            self._warming = asyncio.create_task(asyncio.to_thread(self._editor.warm))

    def explain(self, error: Exception, locale: Locale) -> str:
        """What went wrong, in a person's language; raises what is not aifaq's own or the disk's."""
        return self._wording(locale).error(error)

    async def _clusters(self, by: Moderator, days: int, limit: int) -> list[Cluster]:
        require(by)
        store, since = self._store, datetime.now(UTC) - timedelta(days=days)
        misses = await store.misses(since)
        choices = await store.choices(since)
        thumbs = [thumb for thumb in await store.thumbs(since) if not thumb.helpful]
        keys = {unhelpful_key(thumb.entry_id, thumb.revision) for thumb in thumbs}
        closed = await store.miss_statuses(sorted(keys))
        thumbs = [
            thumb for thumb in thumbs
            if unhelpful_key(thumb.entry_id, thumb.revision) not in closed
        ]
        grouping = Misses(self._app.faq, by.locale)
        return await asyncio.to_thread(grouping.clusters, misses, choices, thumbs, limit=limit)

    async def _cluster(self, by: Moderator, key: str) -> Cluster:
        """The group that holds a key, with its nearest entries.

        Raises:
            CurationError: if it has been dealt with.
        """
        for cluster in await self._clusters(by, CLUSTER_DAYS, limit=100_000):
            if key in cluster.keys:
                grouping = Misses(self._app.faq, by.locale)
                return await asyncio.to_thread(grouping.with_near, cluster)
        raise CurationError(Problem("no_cluster"))

    async def _set_aside(self, keys: tuple[str, ...], status: MissStatus, by: Moderator) -> None:
        if keys:
            await self._store.set_miss_status(keys, status, by=by.author)

    async def _audit(self, by: Moderator, action: str, target: str, **detail: object) -> None:
        """Note who did what; a store that is away does not undo what was done."""
        try:
            await self._store.add_audit(
                action, target, platform=by.platform, by_id=by.id, by_name=by.name, detail=detail
            )
        except AifaqError:
            return
