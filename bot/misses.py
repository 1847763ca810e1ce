"""What people asked and did not get, in groups that mean the same, most asked first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models import Locale


class ClusterKind(StrEnum):
    """Why a group of questions is shown to moderators."""

    MISS = "miss"
    """They got suggestions or the fallback."""
    CHOICE = "choice"
    """They got suggestions, and somebody picked one: a candidate variant of that entry."""
    UNHELPFUL = "unhelpful"
    """They were answered, and readers said that it did not help."""


@dataclass(frozen=True, slots=True)
class AskedText:
    """One wording of a group."""

    key: str
    """Its `text_key`."""
    text: str
    """Names and addresses trimmed."""
    locale: Locale
    count: int


@dataclass(frozen=True, slots=True)
class Near:
    """An entry near to a group, and why it was not the answer."""

    entry_id: str
    question: str
    """Its canonical question, in the moderator's language."""
    confidence: float
    """0 to 1, by the base in service now."""
    why: str
    """Why it fell short, in the moderator's language."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that mean the same."""

    key: str
    """Names it in buttons: the `text_key` of its first text. Any text's key finds it."""
    kind: ClusterKind
    title: str
    """The wording that stands for the group, trimmed; for thumbs down the entry's question."""
    texts: tuple[AskedText, ...]
    """All wordings, most asked first; may be empty for thumbs down whose text was not kept."""
    asked: int
    """How many times, each person once a day."""
    people: int
    locales: Mapping[Locale, int]
    platforms: Mapping[str, int]
    last: datetime
    entry_id: str | None
    """CHOICE: the entry picked; UNHELPFUL: the entry that did not help."""
    near: tuple[Near, ...] = ()
    """Up to three, nearest first."""
