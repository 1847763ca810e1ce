"""What moderators look at."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.curation import git
from bot.errors import CurationError, StoreError
from bot.models import Link, Locale, Question
from bot.moderation.desk import Desk
from bot.moderation.forms import empty_form, form_from_cluster, form_of
from bot.moderation.misses import Cluster
from bot.moderation.stats import due_entries, stats_lines
from bot.moderation.views import Due, EntryForm, Status
from bot.moderation.wording import Wording
from bot.permissions import Moderator, require
from bot.reload import MAX_SHOWN
from bot.store.rows import DraftStatus

DUE_TRAFFIC_DAYS = 30


class Looking(Desk):
    """Status, misses, entries, reviews, figures."""

    async def status(self, by: Moderator) -> Status:
        """What is in service and what is wrong."""
        require(by)
        say, app = self._wording(by.locale), self._app
        store_line, drafts = await self._store_line(say)
        faults = app.reloader.faults
        lines = [
            say("status.in_service", entries=len(app.faq.knowledge.entries),
                version=app.faq.version[:8], time=f"{app.reloader.loaded_at:%Y-%m-%d %H:%M} UTC"),
        ]
        if faults:
            lines += [say("status.broken"), *faults[:MAX_SHOWN]]
        if len(faults) > MAX_SHOWN:
            lines.append(say("status.more_faults", count=len(faults) - MAX_SHOWN))
        writable = self._editor.writable
        lines += [await self._files_line(say, writable=writable), store_line]
        if app.records.dropped:
            lines.append(say("status.dropped", count=app.records.dropped))
        return Status(
            ok=not faults and (drafts is not None or app.store is None),
            lines=tuple(lines), faults=faults, version=app.faq.version,
            entries=len(app.faq.knowledge.entries), loaded_at=app.reloader.loaded_at,
            drafts=drafts, writable=writable,
        )

    async def _files_line(self, say: Wording, *, writable: bool) -> str:
        if not writable:
            return say("status.read_only")
        if self._app.settings.knowledge_git == "commit" and await asyncio.to_thread(
            git.is_work_tree, self._editor.root
        ):
            return say("status.committed")
        return say("status.writable")

    async def _store_line(self, say: Wording) -> tuple[str, int | None]:
        if self._app.store is None:
            return say("status.store_none"), None
        try:
            drafts = len(await self._store.drafts(DraftStatus.OPEN))
        except StoreError:
            return say("status.store_away"), None
        return say("status.store_ok", drafts=drafts), drafts

    # Misses

    async def clusters(self, by: Moderator, *, days: int = 30, limit: int = 25) -> list[Cluster]:
        """Open groups of missed questions, most asked first."""
        return await self._clusters(by, days, limit)

    async def cluster(self, by: Moderator, key: str) -> Cluster | None:
        """The group that holds this text key, with its nearest entries; None once dealt with."""
        self._make_ready()
        try:
            return await self._cluster(by, key)
        except CurationError:
            return None

    # Entries

    async def form(self, by: Moderator, entry_id: str) -> EntryForm | None:
        """An entry as a form to edit."""
        require(by)
        self._make_ready()
        entry = self._app.faq.knowledge.find(entry_id)
        return None if entry is None else form_of(entry)

    async def new_form(self, by: Moderator, key: str | None = None) -> EntryForm:
        """A form for a new entry; of a group of misses, its questions and variants filled in.

        Raises:
            CurationError: if the group has been dealt with.
        """
        require(by)
        faq = self._app.faq
        if key is None:
            return empty_form(faq.knowledge, faq.messages.locales)
        return form_from_cluster(
            await self._cluster(by, key), faq.knowledge, faq.messages.locales
        )

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories to choose from."""
        return self._app.faq.knowledge.categories

    def language_of(self, text: str) -> Locale | None:
        """The language of a text; None when it is undecided."""
        return self._app.faq.explain(Question(text)).detected

    async def search(self, by: Moderator, text: str, *, limit: int = 25) -> list[Link]:
        """Entries to choose from as one types."""
        require(by)
        return self._app.faq.complete(text, by.locale, limit=limit)

    # Figures

    async def due(self, by: Moderator, *, days: int = 30, limit: int = 25) -> list[Due]:
        """Answers due for review now or within `days`, by traffic and age."""
        require(by)
        asked: dict[str, int] = {}
        if self._app.store is not None:
            try:
                since = datetime.now(UTC) - timedelta(days=DUE_TRAFFIC_DAYS)
                asked = dict((await self._store.stats(since)).asked)
            except StoreError:
                asked = {}
        today = datetime.now(UTC).date()
        found = due_entries(self._app.faq.knowledge, asked, today=today, days=days)
        return [
            Due(entry.id, entry.text(by.locale).question, entry.review_by,
                (today - entry.review_by).days, count)
            for entry, count in found[:limit] if entry.review_by is not None
        ]

    async def stats(self, by: Moderator, *, days: int = 30) -> list[str]:
        """The figures in sentences, one a line."""
        require(by)
        stats = await self._store.stats(datetime.now(UTC) - timedelta(days=days))
        return stats_lines(stats, self._app.faq, by.locale, days)

    async def stats_chart(self, by: Moderator, *, days: int = 30) -> bytes:
        """The figures as a PNG.

        Raises:
            MissingExtra: without matplotlib.
        """
        from bot.charts.stats import stats_chart

        require(by)
        stats = await self._store.stats(datetime.now(UTC) - timedelta(days=days))
        clusters = await self._clusters(by, days, limit=8)
        return await asyncio.to_thread(
            stats_chart, stats, clusters, self._app.faq, by.locale, days
        )
