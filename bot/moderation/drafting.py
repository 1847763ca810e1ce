"""Changes that wait for somebody's approval."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.curation.carry_out import find_entry
from bot.curation.changes import (
    AddVariants,
    Change,
    EditTexts,
    NewEntry,
    make_change,
    read_change,
)
from bot.curation.problems import Problem
from bot.errors import CurationError, EditConflict
from bot.models import Locale
from bot.moderation.changing import Changing
from bot.moderation.forms import entry_of, form_of_edit, form_of_new
from bot.moderation.views import DraftView, EntryForm, Outcome
from bot.permissions import Moderator, require
from bot.store.rows import Draft, DraftStatus, MissStatus

STUCK = timedelta(minutes=10)
"""An apply that began this long ago was cut short; the draft can be applied again."""


class Drafting(Changing):
    """Drafts: proposed, shown, applied, rejected, exported."""

    async def drafts(self, by: Moderator, *, status: str | None = "open") -> list[DraftView]:
        """Drafts, oldest first; `None` for all."""
        require(by)
        wanted = DraftStatus(status) if status else None
        return [self._view(draft, by.locale) for draft in await self._store.drafts(wanted)]

    async def draft(self, by: Moderator, draft_id: int) -> DraftView | None:
        """One draft with its diff and what stands against it."""
        require(by)
        draft = await self._store.draft(draft_id)
        if draft is None:
            return None
        try:
            change = _change(draft)
        except CurationError as error:
            return self._view(draft, by.locale, problems=error.problems)
        diff, problems = await asyncio.to_thread(self._editor.preview, [change])
        return self._view(draft, by.locale, diff, problems)

    async def draft_form(self, by: Moderator, draft_id: int) -> EntryForm | None:
        """A drafted entry or answer as a form, to be completed or adapted to what changed since.

        Give the draft's number to `add_entry` or `edit` then, which close it. None for a draft
        without texts of this kind.
        """
        require(by)
        change = _change(await self._open(draft_id, by))
        if isinstance(change, NewEntry):
            return form_of_new(change)
        if isinstance(change, EditTexts):
            return form_of_edit(change, find_entry(change.entry_id, self._app.faq.knowledge))
        return None

    async def propose_variant(
        self, by: Moderator, *, entry_id: str, locale: Locale, texts: Sequence[str],
        cluster: str | None = None,
    ) -> DraftView:
        """Like `add_variant`, but waits for somebody's approval."""
        require(by)
        change = make_change(AddVariants, entry_id=entry_id, locale=locale, texts=tuple(texts))
        return await self._propose(by, change, cluster)

    async def propose_entry(
        self, by: Moderator, form: EntryForm, *, cluster: str | None = None
    ) -> DraftView:
        """Like `add_entry`, but waits; may still lack its answers."""
        require(by)
        return await self._propose(by, entry_of(form), cluster)

    async def apply(self, by: Moderator, draft_id: int) -> Outcome:
        """Apply a draft; two moderators cannot apply it twice.

        Raises:
            ChangeRefused: naming what it would break; the draft stays open.
            EditConflict: if the text changed since the draft was written; it stays open.
        """
        require(by)
        draft = await self._open(draft_id, by)
        change = _change(draft)
        if not await self._store.set_draft_status(
            draft_id, DraftStatus.APPLYING, by=by.author, expected=draft.status
        ):
            await self._open(draft_id, by)
            raise EditConflict(Problem("draft_closed", {"draft": draft_id, "status": "…"}))
        settled = DraftStatus.OPEN
        try:
            applied = await self._write(by, change)
            if applied.written:
                settled = DraftStatus.APPLIED
        finally:
            await self._store.set_draft_status(
                draft_id, settled, by=by.author, expected=DraftStatus.APPLYING
            )
        status = MissStatus.DRAFTED
        if applied.written:
            status = (MissStatus.OUT_OF_SCOPE if change.kind == "out_of_scope"
                      else MissStatus.DONE)
        await self._after(by, change, applied, _keys(draft), status)
        return await self._outcome(by, change, applied, draft_id)

    async def reject(self, by: Moderator, draft_id: int, note: str = "") -> Outcome:
        """Close a draft without applying it; its questions come back to the queue."""
        require(by)
        draft = await self._open(draft_id, by)
        if not await self._store.set_draft_status(
            draft_id, DraftStatus.REJECTED, by=by.author, note=note, expected=draft.status
        ):
            await self._open(draft_id, by)
        if _keys(draft):
            await self._store.set_miss_status(_keys(draft), None, by=by.author)
        await self._audit(by, "reject", f"draft {draft_id}", note=note)
        text = self._wording(by.locale)("outcome.rejected", draft=draft_id)
        return Outcome(applied=True, text=text, draft_id=draft_id)

    async def export(self, by: Moderator, draft_ids: Sequence[int] = ()) -> str:
        """Open drafts (or those named) as one patch that `git apply` takes; "" when none is open.

        Drafts that do not fit the files are named above the patch, where git ignores them.
        """
        require(by)
        drafts = await self._store.drafts(None if draft_ids else DraftStatus.OPEN)
        chosen = [draft for draft in drafts if not draft_ids or draft.id in draft_ids]
        for missing in set(draft_ids) - {draft.id for draft in chosen}:
            raise CurationError(Problem("no_draft", {"draft": missing}))
        fitting, notes = await asyncio.to_thread(self._fitting, chosen)
        if not fitting:
            return "".join(notes)
        return "".join(notes) + await asyncio.to_thread(self._editor.export, fitting)

    # How

    async def _propose(self, by: Moderator, change: Change, cluster: str | None) -> DraftView:
        keys = await self._keys(by, cluster)
        draft = await self._store.add_draft(
            change.kind, {"change": change.content(), "keys": list(keys)}, by=by.author,
            entry_id=getattr(change, "entry_id", None), locale=getattr(change, "locale", None),
        )
        await self._set_aside(keys, MissStatus.DRAFTED, by)
        return self._view(draft, by.locale)

    async def _open(self, draft_id: int, by: Moderator) -> Draft:
        """The draft, if it still waits.

        Raises:
            CurationError: if there is none.
            EditConflict: if somebody else was first.
        """
        draft = await self._store.draft(draft_id)
        if draft is None:
            raise CurationError(Problem("no_draft", {"draft": draft_id}))
        stuck = (draft.status is DraftStatus.APPLYING
                 and datetime.now(UTC) - draft.status_at > STUCK)
        if draft.status is not DraftStatus.OPEN and not stuck:
            status = self._wording(by.locale)(f"draft_status.{draft.status}")
            raise EditConflict(Problem("draft_closed", {"draft": draft_id, "status": status}))
        return draft

    def _fitting(self, drafts: Sequence[Draft]) -> tuple[list[Change], list[str]]:
        """The changes that can be put on top of each other, and a line for each that cannot."""
        fitting: list[Change] = []
        notes: list[str] = []
        for draft in drafts:
            try:
                change = _change(draft)
                self._editor.export([*fitting, change])
            except CurationError as error:
                reason = "; ".join(map(str, error.problems))
                notes.append(f"# draft {draft.id} is left out: {reason}\n")
            else:
                fitting.append(change)
        return fitting, notes

    def _view(
        self, draft: Draft, locale: Locale, diff: str = "", problems: Sequence[Problem] = ()
    ) -> DraftView:
        say = self._wording(locale)
        try:
            title, content = say.change(_change(draft)), say.content(_change(draft))
        except CurationError:
            title, content = say("draft.unknown"), ""
        return DraftView(
            id=draft.id, kind=draft.kind, title=title, entry_id=draft.entry_id,
            locale=draft.locale, status=str(draft.status), at=draft.at, by=draft.by,
            note=draft.note, content=content, diff=diff, problems=say.problems(problems),
        )


def _change(draft: Draft) -> Change:
    content = draft.content.get("change")
    return read_change(content if isinstance(content, dict) else {})


def _keys(draft: Draft) -> tuple[str, ...]:
    return tuple(map(str, draft.content.get("keys") or ()))
