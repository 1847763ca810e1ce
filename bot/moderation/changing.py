"""What moderators change. Each change is tried beside what is in service before it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime

from bot.curation.carry_out import find_entry
from bot.curation.changes import (
    AddVariants,
    Change,
    OutOfScope,
    Reviewed,
    make_change,
)
from bot.curation.editor import Applied
from bot.curation.problems import Problem
from bot.errors import ChangeRefused, EditConflict, StoreError
from bot.models import Locale
from bot.moderation.desk import Desk
from bot.moderation.forms import edit_of, entry_of
from bot.moderation.misses import Cluster
from bot.moderation.views import EntryForm, Outcome
from bot.permissions import Moderator, require
from bot.store.rows import Draft, DraftStatus, MissStatus

WRITTEN_BY_HAND = {"answer", "entry"}
"""Kinds whose texts somebody typed at length: kept as a draft when they cannot be applied."""


class Changing(Desk):
    """Variants, answers, entries, scope, reviews."""

    async def add_variant(
        self, by: Moderator, *, entry_id: str, locale: Locale, texts: Sequence[str],
        cluster: str | None = None,
    ) -> Outcome:
        """Add wordings to an entry; `cluster` is the key of the group that this deals with."""
        require(by)
        change = make_change(AddVariants, entry_id=entry_id, locale=locale, texts=tuple(texts))
        return await self._carry(by, change, await self._keys(by, cluster))

    async def edit(
        self, by: Moderator, form: EntryForm, *, draft: int | None = None
    ) -> Outcome:
        """Change the questions and answers of an entry as a form says; closes `draft`.

        Fields that somebody else changed meanwhile stay theirs unless this form changed them too.

        Raises:
            EditConflict: if both changed the same field; this form's texts are kept as a draft.
        """
        require(by)
        entry = find_entry(form.id, self._app.faq.knowledge)
        return await self._carry(by, edit_of(entry, form), (), completes=draft)

    async def add_entry(
        self, by: Moderator, form: EntryForm, *, cluster: str | None = None,
        draft: int | None = None,
    ) -> Outcome:
        """Make a new entry, of a group of misses or of a draft that it completes."""
        require(by)
        change = entry_of(form)
        return await self._carry(by, change, await self._keys(by, cluster), completes=draft)

    async def out_of_scope(self, by: Moderator, cluster: str) -> Outcome:
        """Add a group to the questions that must get no answer."""
        found = await self._cluster(by, cluster)
        change = await asyncio.to_thread(self._scope_of, found)
        return await self._carry(by, change, found.keys, status=MissStatus.OUT_OF_SCOPE)

    async def reviewed(self, by: Moderator, entry_id: str, review_by: date) -> Outcome:
        """The answer still holds: dated today, due again on `review_by`."""
        require(by)
        entry = find_entry(entry_id, self._app.faq.knowledge)
        today = datetime.now(UTC).date()
        change = make_change(Reviewed, entry_id=entry.id, as_of=today, review_by=review_by)
        return await self._carry(by, change, ())

    async def dismiss(self, by: Moderator, cluster: str) -> Outcome:
        """Never show a group again."""
        found = await self._cluster(by, cluster)
        await self._set_aside(found.keys, MissStatus.DISMISSED, by)
        await self._audit(by, "dismiss", found.key, title=found.title)
        return Outcome(applied=True, text=self._wording(by.locale)("outcome.dismissed"))

    # How

    async def _carry(
        self, by: Moderator, change: Change, keys: tuple[str, ...], *,
        status: MissStatus = MissStatus.DONE, completes: int | None = None,
    ) -> Outcome:
        """Apply a change that was just made; what was typed is never lost."""
        try:
            applied = await self._write(by, change)
        except (ChangeRefused, EditConflict) as error:
            if change.kind not in WRITTEN_BY_HAND or _says_nothing(error):
                raise
            draft = await self._keep(by, change, keys)
            if draft is None:
                raise
            kept = Problem("kept", {"draft": draft.id})
            raise type(error)(*error.problems, kept) from error
        draft_id = None
        if not applied.written:
            kept_draft = await self._keep(by, change, keys)
            draft_id = kept_draft.id if kept_draft else None
            status = MissStatus.DRAFTED
        await self._after(by, change, applied, keys, status)
        if completes is not None and applied.written:
            await self._close(completes, by)
        return await self._outcome(by, change, applied, draft_id)

    async def _write(self, by: Moderator, change: Change) -> Applied:
        async with self._writing:
            applied = await asyncio.to_thread(self._editor.apply, change, by)
            if applied.written and self._app.reloader.active:
                await self._app.reloader.check()
        return applied

    async def _after(
        self, by: Moderator, change: Change, applied: Applied, keys: tuple[str, ...],
        status: MissStatus,
    ) -> None:
        """Note it everywhere; the files have it already, so that nothing here may fail it."""
        target = getattr(change, "entry_id", "") or ", ".join(applied.paths)
        action = change.kind if applied.written else f"export {change.kind}"
        await self._audit(by, action, target, change=change.content(), commit=applied.commit)
        try:
            await self._set_aside(keys, status, by)
            await self._store.notify("knowledge", self._app.faq.version)
        except StoreError:
            return

    async def _outcome(
        self, by: Moderator, change: Change, applied: Applied, draft_id: int | None
    ) -> Outcome:
        say = self._wording(by.locale)
        text = say.done(change, applied)
        faults = self._app.reloader.faults
        if applied.written and faults:
            text += " " + say("outcome.not_in_service", reason=faults[0])
        return Outcome(
            applied=applied.written, text=text, entry_id=getattr(change, "entry_id", None),
            patch="" if applied.written else applied.patch, draft_id=draft_id,
            commit=applied.commit,
        )

    async def _keep(self, by: Moderator, change: Change, keys: tuple[str, ...]) -> Draft | None:
        """The change as a draft; None while the store is away."""
        try:
            return await self._store.add_draft(
                change.kind, {"change": change.content(), "keys": list(keys)}, by=by.author,
                entry_id=getattr(change, "entry_id", None),
                locale=getattr(change, "locale", None),
            )
        except StoreError:
            return None

    async def _close(self, draft_id: int, by: Moderator) -> None:
        """Close a draft that was completed by other means."""
        await self._store.set_draft_status(draft_id, DraftStatus.APPLIED, by=by.author)

    async def _keys(self, by: Moderator, cluster: str | None) -> tuple[str, ...]:
        """Keys of the group that a change deals with."""
        return (await self._cluster(by, cluster)).keys if cluster else ()

    def _scope_of(self, cluster: Cluster) -> OutOfScope:
        """The group's wordings as out-of-scope questions; trimmed ones if there are no others."""
        faq = self._app.faq
        texts = [text for text in cluster.texts if not text.trimmed] or list(cluster.texts)
        scoped = []
        for text in texts:
            candidates = faq.matcher.rank(text.text, text.locale, limit=1)
            near = bool(candidates) and candidates[0].confidence >= faq.cutoffs.suggest / 2
            scoped.append({"locale": text.locale, "text": text.text, "near": near})
        change: OutOfScope = make_change(OutOfScope, texts=scoped)
        return change


def _says_nothing(error: ChangeRefused | EditConflict) -> bool:
    return all(problem.key in ("no_change", "file_changed") for problem in error.problems)
