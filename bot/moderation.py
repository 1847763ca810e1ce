"""Moderation: what a moderator can do, the same for Discord, Slack and the terminal.

Every method takes the `Moderator` who acts and checks the permission itself. Texts come back in
the moderator's language. Errors are children of `AifaqError`; `explain(error, locale)` puts each
into the person's language:

    PermissionDenied   the person may not
    StoreError         the store is away: misses, drafts and statistics need it
    ChangeRefused      the change would break what the base answers today; entries are named
    EditConflict       the text changed underneath; what was typed is kept as a draft
    CurationError      anything else that stands against a change
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.errors import AifaqError
from bot.misses import Cluster
from bot.models import Link, Locale
from bot.permissions import Moderator

if TYPE_CHECKING:
    from bot.app import App
    from bot.corrections import CorrectionReport, Edit, Outdated


@dataclass(frozen=True, slots=True)
class Status:
    """What `/faq-admin status` shows; `lines` says it all in the moderator's language."""

    ok: bool
    """False while the files are broken or the store is away."""
    lines: tuple[str, ...]
    """Plain sentences, one a line: base in service, faults as `path:line: message`, store, drafts."""
    faults: tuple[str, ...]
    """What is wrong with the files right now, empty when the newest files are in service."""
    version: str
    """Fingerprint of the base in service."""
    entries: int
    loaded_at: datetime
    drafts: int | None
    """Open drafts; None while the store is away."""
    writable: bool
    """Whether a change can be written to the files; else it is exported as a patch."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as shown to a moderator."""

    id: int
    kind: str
    """variant | answer | entry | out_of_scope | reviewed"""
    title: str
    """One line that says what it would change."""
    entry_id: str | None
    locale: Locale | None
    status: str
    """open | applying | applied | rejected"""
    at: datetime
    by: str
    note: str
    diff: str = ""
    """Unified diff that `git apply` takes; filled by `draft()` only."""
    problems: tuple[str, ...] = ()
    """What stands against applying it now; filled by `draft()` only."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change."""

    applied: bool
    """True: in the files and in service. False: the files are read-only, see `patch`."""
    text: str
    """One or two sentences for the moderator."""
    entry_id: str | None = None
    patch: str = ""
    """For read-only files: the change as a patch, to be sent as a file."""
    draft_id: int | None = None
    commit: str = ""
    """Short hash of the commit, if one was made."""


@dataclass(frozen=True, slots=True)
class EntryForm:
    """An entry as a form: what a modal or an editor shows and sends back."""

    id: str
    category: str
    questions: Mapping[Locale, str]
    answers: Mapping[Locale, str]
    """Markdown; empty where it is still to be written."""
    variants: Mapping[Locale, tuple[str, ...]]
    base: str = ""
    """Revision of the entry that the form was made from; empty for a new entry."""


@dataclass(frozen=True, slots=True)
class Due:
    """An answer whose review is due, the most urgent first."""

    entry_id: str
    question: str
    review_by: date
    days_late: int
    """Negative while it is still to come."""
    asked: int
    """Times it was shown in the last 30 days."""


class Moderation:
    """The moderators' side of a running bot."""

    def __init__(self, app: App) -> None:
        self._app = app

    # Looking

    async def status(self, by: Moderator) -> Status:
        """What is in service and what is wrong."""

    async def clusters(self, by: Moderator, *, days: int = 30, limit: int = 25) -> list[Cluster]:
        """Open groups of missed questions, most asked first."""

    async def cluster(self, by: Moderator, key: str) -> Cluster | None:
        """The group that holds this text key, with its nearest entries; None once dealt with."""

    async def drafts(self, by: Moderator, *, status: str | None = "open") -> list[DraftView]:
        """Drafts, oldest first; `None` for all."""

    async def draft(self, by: Moderator, draft_id: int) -> DraftView | None:
        """One draft with its diff and what stands against it."""

    async def form(self, by: Moderator, entry_id: str) -> EntryForm | None:
        """An entry as a form to edit."""

    async def new_form(self, by: Moderator, key: str) -> EntryForm:
        """A form for a new entry, made from a group of misses: questions and variants filled in."""

    async def search(self, by: Moderator, text: str, *, limit: int = 25) -> list[Link]:
        """Entries to choose from as one types."""

    async def due(self, by: Moderator, *, days: int = 30, limit: int = 25) -> list[Due]:
        """Answers due for review now or within `days`, by traffic and age."""

    async def stats(self, by: Moderator, *, days: int = 30) -> list[str]:
        """The figures in sentences, one a line."""

    async def stats_chart(self, by: Moderator, *, days: int = 30) -> bytes:
        """The figures as a PNG. Raises MissingExtra without matplotlib."""

    # Changing: each tries the change beside what is in service, then writes it and reloads

    async def add_variant(
        self, by: Moderator, *, entry_id: str, locale: Locale, texts: Sequence[str],
        cluster: str | None = None,
    ) -> Outcome:
        """Add wordings to an entry; `cluster` is the key of the group that this deals with."""

    async def edit(self, by: Moderator, form: EntryForm) -> Outcome:
        """Change the questions and answers of an entry as a form says."""

    async def add_entry(
        self, by: Moderator, form: EntryForm, *, cluster: str | None = None
    ) -> Outcome:
        """Make a new entry."""

    async def out_of_scope(self, by: Moderator, cluster: str) -> Outcome:
        """Add a group to the questions that must get no answer."""

    async def reviewed(self, by: Moderator, entry_id: str, review_by: date) -> Outcome:
        """The answer still holds: dated today, due again on `review_by`."""

    async def dismiss(self, by: Moderator, cluster: str) -> Outcome:
        """Never show a group again."""

    # Drafts

    async def propose_variant(
        self, by: Moderator, *, entry_id: str, locale: Locale, texts: Sequence[str],
        cluster: str | None = None,
    ) -> DraftView:
        """Like `add_variant`, but waits for somebody's approval."""

    async def propose_entry(
        self, by: Moderator, form: EntryForm, *, cluster: str | None = None
    ) -> DraftView:
        """Like `add_entry`, but waits; may still lack its answers."""

    async def apply(self, by: Moderator, draft_id: int) -> Outcome:
        """Apply a draft; two moderators cannot apply it twice."""

    async def reject(self, by: Moderator, draft_id: int, note: str = "") -> Outcome:
        """Close a draft without applying it."""

    async def export(self, by: Moderator, draft_ids: Sequence[int] = ()) -> str:
        """Open drafts (or those named) as one patch that `git apply` takes; "" when none is open."""

    # Corrections

    async def outdated(self, by: Moderator, *, days: int = 14) -> list[Outdated]:
        """Entries whose old text still stands in messages of the last days, with how many."""

    async def correct(
        self, by: Moderator, platform: str, edit: Edit, *, entry_ids: Sequence[str] = (),
        days: int = 14,
    ) -> CorrectionReport:
        """Edit those messages in place, one by one; picks up where an earlier run stopped.

        `edit` is the adapter's: see `bot.corrections.Edit`.
        """

    # Errors

    def explain(self, error: AifaqError, locale: Locale) -> str:
        """What went wrong, in a person's language."""
