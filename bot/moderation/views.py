"""What moderators see and fill in, free of any platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.models import Locale


@dataclass(frozen=True, slots=True)
class Status:
    """What `/faq-admin status` shows; `lines` says it all in the moderator's language."""

    ok: bool
    """False while the files are broken or the store is away."""
    lines: tuple[str, ...]
    """Plain sentences: base in service, faults as `path:line: message`, store, drafts."""
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
    content: str = ""
    """What it would write, as typed: wordings, texts, or the whole file of a new entry."""
    diff: str = ""
    """Unified diff that `git apply` takes; filled by `draft()` only."""
    problems: tuple[str, ...] = ()
    """What stands against applying it now; filled by `draft()` only."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change."""

    applied: bool
    """True: done, and in service. False: the files are read-only, see `patch`."""
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
    """What the texts were when the form was made (at most 60 characters); empty for a new entry.
    Send it back unchanged."""


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
