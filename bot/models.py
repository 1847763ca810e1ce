"""The values that travel through aifaq: frozen, and free of any chat platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Locale = str
"""A language code such as `en` or `fr`; a third language needs only new data."""


class Standing(StrEnum):
    """How firm an answer or a figure is."""

    CONFIRMED = "confirmed"
    CLAIMED = "claimed"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Source:
    """One work of the bibliography."""

    key: str
    """Its key in sources.yaml."""
    publisher: str
    title: str
    url: str
    date: str
    """As precise as known: `2025`, `2025-01` or `2025-01-29`; may be empty."""
    language: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of an entry."""

    value: float
    """In the unit of its `Figures`."""
    standing: Standing | None
    source: str | None
    """Key of its source."""
    labels: Mapping[Locale, str]
    """What the number is, by language."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers of one unit that an entry compares."""

    unit: str
    scale: str
    """`linear` or `log`."""
    values: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class EntryText:
    """An entry in one language."""

    question: str
    variants: tuple[str, ...]
    """Other ways of asking it."""
    exclusions: tuple[str, ...]
    """The `not:` phrasings: they look alike and must not match this entry."""
    answer: str
    """Markdown, shown verbatim."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One curated answer."""

    id: str
    category: str
    texts: Mapping[Locale, EntryText]
    """At least one language."""
    standing: Standing | None = None
    as_of: date | None = None
    """The facts hold as of this day."""
    review_by: date | None = None
    """After this day the entry is due for review."""
    sources: tuple[str, ...] = ()
    """Keys of the bibliography, most important first."""
    related: tuple[str, ...] = ()
    """Ids of entries that a reader asks for next."""
    figures: Figures | None = None
    formerly: tuple[str, ...] = ()
    """Ids that this entry had before; old buttons keep working."""
    path: str = ""
    """The file it came from, relative to the knowledge folder."""
    revision: str = ""
    """Short hash of what a reader sees; changes when an answer changes."""

    def locale_for(self, wanted: Locale) -> Locale:
        """The wanted language if the entry has it, else its first one."""
        return wanted if wanted in self.texts else next(iter(self.texts))

    def text(self, wanted: Locale) -> EntryText:
        """The entry's text in the wanted language, else in its first one."""
        return self.texts[self.locale_for(wanted)]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of asking one entry, in one language."""

    entry_id: str
    locale: Locale
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asked, with no trace of the platform's objects."""

    text: str
    """Without the mention of the bot."""
    locale: Locale | None = None
    """The person's own language, if known; decides when the text does not."""
    conversation: str | None = None
    """Key of person and channel or thread; follow-ups are understood within it."""
    context: str | None = None
    """Id of the entry that the question replies to, when the platform knows it."""
    forced_locale: Locale | None = None
    """The language that the person chose for all answers; beats the text's own."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer, with why."""

    entry: Entry
    variant: Variant
    """Its variant nearest to the question."""
    confidence: float
    """0 to 1, calibrated: of those at 0.9, nine in ten are right."""
    score: float = 0.0
    """The fused score that orders candidates; comparable within one question only."""
    signals: Mapping[str, float] = field(default_factory=dict)
    """Value of each signal by name."""


class Decision(StrEnum):
    """What the engine does with a question."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as something to click on."""

    entry_id: str
    question: str
    """Its canonical question in the reader's language."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An entry as shown to a reader, in one language; the text is verbatim."""

    entry_id: str
    revision: str
    category: str
    locale: Locale
    question: str
    text: str
    standing: Standing | None
    as_of: date | None
    review_due: bool
    sources: tuple[Source, ...]
    figures: Figures | None
    related: tuple[Link, ...]
    other_locales: tuple[Locale, ...]
    """The languages to switch to."""


class ReplyKind(StrEnum):
    """What a reply is."""

    ANSWER = "answer"
    SUGGESTIONS = "suggestions"
    FALLBACK = "fallback"
    SMALLTALK = "smalltalk"
    GONE = "gone"
    """The entry behind an old button is no longer in the base."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What to show, for any platform to translate."""

    kind: ReplyKind
    locale: Locale
    """The reader's language; all texts of the reply are in it where the base has them."""
    confidence: float = 0.0
    """Calibrated confidence that the first answer or suggestion is right."""
    answers: tuple[Answer, ...] = ()
    """One, or two when the message held two questions; empty unless kind is ANSWER."""
    suggestions: tuple[Link, ...] = ()
    """Up to three; for FALLBACK and SMALLTALK, topics to start from."""
    text: str = ""
    """The bot's own phrase: empty for a plain answer."""
    candidates: tuple[Candidate, ...] = ()
    """What the engine considered, best first; for the log and for `explain`."""
    question: str = ""
    """The question as it was understood, for the log."""

    @property
    def answer(self) -> Answer | None:
        """The first answer, if there is one."""
        return self.answers[0] if self.answers else None

    @property
    def decision(self) -> Decision:
        """The outcome in the engine's terms."""
        return {
            ReplyKind.ANSWER: Decision.ANSWER,
            ReplyKind.SUGGESTIONS: Decision.SUGGEST,
        }.get(self.kind, Decision.NONE)
