"""Candidates become a Reply. Both cutoffs live here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.knowledge import KnowledgeBase
from bot.knowledge.messages import Messages
from bot.models import (
    Answer,
    Candidate,
    Decision,
    Entry,
    Link,
    Locale,
    Reply,
    ReplyKind,
)

MAX_SUGGESTIONS = 3
TIED = 0.8
"""Odds of the second candidate against the first, by their scores, from which both fit alike."""


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Where answering, suggesting and silence begin, as calibrated confidence."""

    answer: float
    suggest: float
    margin: float
    """Least lead of the first candidate over the second, in confidence."""
    unasked: float
    """For a channel where nobody addressed the bot."""


CUTOFFS = {
    "cautious": Cutoffs(answer=0.70, suggest=0.30, margin=0.25, unasked=0.92),
    "balanced": Cutoffs(answer=0.60, suggest=0.22, margin=0.12, unasked=0.88),
    "eager": Cutoffs(answer=0.40, suggest=0.14, margin=0.05, unasked=0.85),
}
"""By `AIFAQ_ANSWERING`."""


def decide(candidates: Sequence[Candidate], cutoffs: Cutoffs) -> Decision:
    """Answer when sure enough and clearly ahead, suggest when likely, else stay silent."""
    if not candidates or candidates[0].confidence < cutoffs.suggest:
        return Decision.NONE
    runner_up = candidates[1].confidence if len(candidates) > 1 else 0.0
    first = candidates[0].confidence
    sure = first >= cutoffs.answer and first - runner_up >= cutoffs.margin
    return Decision.ANSWER if sure and not tied(candidates) else Decision.SUGGEST


def tied(candidates: Sequence[Candidate]) -> bool:
    """Whether the second fits nearly as well as the first: sure of both is sure of neither.

    Of the development questions with such a second, seven in ten had a wrong first.
    """
    if len(candidates) < 2:  # noqa: PLR2004
        return False
    return math.exp(min(candidates[1].score - candidates[0].score, 0.0)) > TIED


class Responder:
    """Builds replies from entries; adds nothing to their text."""

    def __init__(self, knowledge: KnowledgeBase, messages: Messages) -> None:
        self._knowledge = knowledge
        self._messages = messages

    def answer(self, entry: Entry, locale: Locale) -> Answer:
        """An entry as shown to a reader of `locale`."""
        shown = entry.locale_for(locale)
        text = entry.texts[shown]
        sources = self._knowledge.sources
        return Answer(
            entry_id=entry.id,
            revision=entry.revision,
            category=entry.category,
            locale=shown,
            question=text.question,
            text=text.answer,
            standing=entry.standing,
            as_of=entry.as_of,
            review_due=entry.review_by is not None and entry.review_by < datetime.now(UTC).date(),
            sources=tuple(sources[key] for key in entry.sources if key in sources),
            figures=entry.figures,
            related=self.links(entry.related, locale),
            other_locales=tuple(other for other in entry.texts if other != shown),
        )

    def links(self, entry_ids: Sequence[str], locale: Locale) -> tuple[Link, ...]:
        """The entries among the ids that exist, as links in the reader's language."""
        found = (self._knowledge.find(entry_id) for entry_id in entry_ids)
        return tuple(
            Link(entry.id, entry.text(locale).question) for entry in found if entry is not None
        )

    def answers(
        self,
        entries: Sequence[Entry],
        locale: Locale,
        candidates: Sequence[Candidate] = (),
        question: str = "",
    ) -> Reply:
        """A reply that shows one entry, or two for a double question."""
        return Reply(
            kind=ReplyKind.ANSWER,
            locale=locale,
            confidence=candidates[0].confidence if candidates else 1.0,
            answers=tuple(self.answer(entry, locale) for entry in entries),
            candidates=tuple(candidates),
            question=question,
        )

    def suggestions(self, candidates: Sequence[Candidate], locale: Locale, question: str) -> Reply:
        """Ask back: the first three candidates as "did you mean"."""
        ids = [candidate.entry.id for candidate in candidates[:MAX_SUGGESTIONS]]
        return Reply(
            kind=ReplyKind.SUGGESTIONS,
            locale=locale,
            confidence=candidates[0].confidence,
            suggestions=self.links(ids, locale),
            text=self._messages.text("suggestions.intro", locale),
            candidates=tuple(candidates),
            question=question,
        )

    def fallback(
        self, candidates: Sequence[Candidate], locale: Locale, question: str, *, noted: bool
    ) -> Reply:
        """An honest "not in this FAQ"; `noted`: and moderators will find the question."""
        text = self._messages.text("fallback.text", locale)
        if noted and self._messages.has("fallback.noted", locale):
            text = f"{text} {self._messages.text('fallback.noted', locale)}"
        return Reply(
            kind=ReplyKind.FALLBACK,
            locale=locale,
            confidence=candidates[0].confidence if candidates else 0.0,
            text=text,
            candidates=tuple(candidates),
            question=question,
        )

    def empty(self, locale: Locale, example: str) -> Reply:
        """For a message with nothing to read in it."""
        text = self._messages.text("fallback.empty", locale, example=example)
        return Reply(kind=ReplyKind.FALLBACK, locale=locale, text=text)

    def smalltalk(self, text: str, locale: Locale, starters: Sequence[str]) -> Reply:
        """A short friendly phrase, with topics to start from."""
        return Reply(
            kind=ReplyKind.SMALLTALK,
            locale=locale,
            text=text,
            suggestions=self.links(starters, locale)[:MAX_SUGGESTIONS],
        )

    def gone(self, locale: Locale) -> Reply:
        """For a button whose entry has been deleted."""
        return Reply(
            kind=ReplyKind.GONE, locale=locale, text=self._messages.text("gone.text", locale)
        )
