"""Messages that still carry an answer's old text, and how they are mended.

The core says which messages and what they shall say; the adapter edits them at its platform's
pace. What is done is noted in the store message by message, so that a run that was cut short
goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.models import Locale, Reply, ReplyKind
from bot.service import Faq
from bot.store.rows import SentRow

if TYPE_CHECKING:
    from bot.store import Store

WITHDRAWN = "withdrawn"
"""The revision of a message whose entry is no longer in the base."""


class EditResult(StrEnum):
    """What became of one message."""

    EDITED = "edited"
    GONE = "gone"
    """Deleted, or no longer ours to edit: never tried again."""
    LATER = "later"
    """The platform refuses for now: the run stops here and can be resumed."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One message and what it shall say."""

    message: SentRow
    reply: Reply
    """ANSWER with the present text in the message's language, or GONE for a withdrawn entry."""
    note: str
    """"Updated on …" in the message's language, to be shown below."""


Edit = Callable[[Correction], Awaitable[EditResult]]
"""The adapter's part: edit one message, keeping to the platform's limits."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """An entry whose old text still stands in messages."""

    entry_id: str
    question: str
    """In the moderator's language; the id for a withdrawn entry."""
    withdrawn: bool
    messages: int
    by_platform: Mapping[str, int]
    oldest: datetime


@dataclass(frozen=True, slots=True)
class CorrectionReport:
    """What a run did."""

    edited: int
    gone: int
    left: int
    """Still to do on this platform; more than 0 when the run was cut short."""
    text: str
    """The same in a sentence, in the moderator's language."""


async def outdated(store: Store, faq: Faq, days: int, locale: Locale) -> list[Outdated]:
    """Entries whose old text stands in messages of the last days, most messages first."""
    rows: dict[str, list[SentRow]] = {}
    for row in await _stale(store, faq, days):
        rows.setdefault(_present_id(faq, row.entry_id), []).append(row)
    found = []
    for entry_id, messages in rows.items():
        entry = faq.knowledge.find(entry_id)
        found.append(
            Outdated(
                entry_id=entry_id,
                question=entry.text(locale).question if entry else entry_id,
                withdrawn=entry is None,
                messages=len(messages),
                by_platform=dict(Counter(row.platform for row in messages).most_common()),
                oldest=min(row.at for row in messages),
            )
        )
    return sorted(found, key=lambda one: (-one.messages, one.entry_id))


async def correct(
    store: Store, faq: Faq, platform: str, edit: Edit, *,
    entry_ids: Sequence[str] = (), days: int, locale: Locale,
) -> CorrectionReport:
    """Edit the messages of one platform, oldest first, until done or the platform says later.

    Raises:
        StoreError: if the store is away; what was edited so far has been noted.
    """
    wanted = {_present_id(faq, entry_id) for entry_id in entry_ids}
    todo = [
        row for row in await _stale(store, faq, days)
        if row.platform == platform and (not wanted or _present_id(faq, row.entry_id) in wanted)
    ]
    counts: Counter[EditResult] = Counter()
    for row in todo:
        result = await edit(correction_of(faq, row))
        if result is EditResult.LATER:
            break
        entry = faq.knowledge.find(row.entry_id)
        shown = entry.revision if entry else WITHDRAWN
        await store.mark_corrected(row.id, shown if result is EditResult.EDITED else None)
        counts[result] += 1
    edited, gone = counts[EditResult.EDITED], counts[EditResult.GONE]
    left = len(todo) - edited - gone
    key, values = "report", {"edited": edited, "gone": gone, "left": left}
    if not todo:
        key, values = "none", {"days": days}
    text = faq.messages.text(f"moderation.correction.{key}", locale, **values)
    return CorrectionReport(edited, gone, left, text)


def correction_of(faq: Faq, row: SentRow) -> Correction:
    """What a message shall say from now on."""
    reply = faq.show(row.entry_id, row.locale)
    key = "withdrawn" if reply.kind is ReplyKind.GONE else "note"
    today = faq.messages.format_date(datetime.now(UTC).date(), row.locale)
    note = faq.messages.text(f"moderation.correction.{key}", row.locale, date=today)
    return Correction(message=row, reply=replace(reply, locale=row.locale), note=note)


async def _stale(store: Store, faq: Faq, days: int) -> list[SentRow]:
    """Messages whose revision is not the present one, oldest first."""
    since = datetime.now(UTC) - timedelta(days=days)
    stale: list[SentRow] = []
    for entry_id in await store.sent_entries(since):
        entry = faq.knowledge.find(entry_id)
        revision = entry.revision if entry else WITHDRAWN
        stale += await store.sent_since(since, entry_id, revision, limit=10_000)
    return sorted(stale, key=lambda row: (row.at, row.id))


def _present_id(faq: Faq, entry_id: str) -> str:
    entry = faq.knowledge.find(entry_id)
    return entry.id if entry else entry_id
