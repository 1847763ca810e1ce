"""How a message is to be read: a complete question, a follow-up, or two questions at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.dialog.languages import function_words
from bot.dialog.responder import Cutoffs, decide
from bot.knowledge import KnowledgeBase
from bot.knowledge.messages import Messages
from bot.matching import Matcher, Ranking
from bot.models import Candidate, Decision, Entry, Locale
from bot.text import words

MOST_WORDS_OF_A_FOLLOW_UP = 9
LEAST_WORDS_OF_A_PART = 3
SURE = 0.8
"""A question understood with this confidence on its own is not read as a follow-up."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as understood."""

    ranking: Ranking
    second: tuple[Candidate, ...] = ()
    """Candidates of the second question, when the message held two; only if both are answered."""
    follow_up: bool = False
    """Whether it was understood with the entry shown before."""


class Reader:
    """Reads messages against one base."""

    def __init__(self, knowledge: KnowledgeBase, matcher: Matcher, messages: Messages) -> None:
        self._knowledge = knowledge
        self._matcher = matcher
        self._openers = _phrases(messages, "language.follow_ups")
        self._function_words = frozenset(
            word for locale in messages.locales for word in function_words(messages, locale)
        )
        conjunctions = "|".join(
            re.escape(word)
            for locale in messages.locales
            for word in messages.items("language.conjunctions", locale)
        )
        self._split = re.compile(rf"(?<=[?!.;])\s+|\s*,?\s+(?:{conjunctions})\s+", re.IGNORECASE)

    def read(
        self, text: str, locale: Locale | None, before: str | None, cutoffs: Cutoffs
    ) -> Reading:
        """Understand a message.

        Args:
            text: cleaned.
            locale: its language, if decided.
            before: id of the entry shown before in this conversation, if any.
            cutoffs: what counts as an answer.
        """
        whole = self._matcher.ranking(text, locale)
        context = self._knowledge.find(before) if before else None
        if context is not None:
            follow_up = self._follow_up(text, locale, context, whole, cutoffs)
            if follow_up is not None:
                return Reading(follow_up, follow_up=True)
        return self._double(text, locale, whole, cutoffs) or Reading(whole)

    # Follow-ups

    def _follow_up(
        self,
        text: str,
        locale: Locale | None,
        context: Entry,
        whole: Ranking,
        cutoffs: Cutoffs,
    ) -> Ranking | None:
        """The ranking of the question completed by the entry before, if that is what was meant."""
        found = words(text)
        opener = self._opener(found)
        if not found or len(found) > MOST_WORDS_OF_A_FOLLOW_UP:
            return None
        best = whole.candidates[0].confidence if whole.candidates else 0.0
        if not opener and decide(whole.candidates, cutoffs) is Decision.ANSWER:
            return None
        if best >= SURE and len(found) - opener >= LEAST_WORDS_OF_A_PART:
            return None
        rest = found[opener:]
        if len(found) == 1 or self._function_words.issuperset(rest):
            return self._more(text, locale, context, cutoffs)
        rankings = [
            self._matcher.ranking(completed, locale)
            for completed in self._completions(rest, text, locale, context)
        ]
        # Words borrowed from the entry before point back to it; that alone proves nothing.
        likely = {context.id} - {
            one.entry.id for one in whole.candidates[:3] if one.confidence >= cutoffs.suggest / 2
        }
        rankings = [one for one in rankings if one.candidates[0].entry.id not in likely]
        if not rankings:
            return None
        chosen = max(rankings, key=lambda one: one.candidates[0].confidence)
        # Completing borrows words of the entry before: it must be surer than the text alone.
        better = chosen.candidates[0].confidence > best or opener > 0
        return (
            chosen if better and decide(chosen.candidates, cutoffs) is not Decision.NONE else None
        )

    def _more(self, text: str, locale: Locale | None, context: Entry, cutoffs: Cutoffs) -> Ranking:
        """Suggest what lies nearest to the entry before: a "why so much?" has nothing to match."""
        near = self._matcher.ranking(f"{text} {context.text(locale or '').question}", locale)
        # A hint at most: never sure enough to answer, always enough to suggest.
        doubt = (cutoffs.suggest + cutoffs.answer) / 2
        kept = tuple(
            replace(one, confidence=doubt) for one in near.candidates if one.entry.id != context.id
        )
        return replace(near, candidates=kept[:3])

    def _opener(self, found: list[str]) -> int:
        """Number of words of a phrase such as "and for" that the message begins with."""
        return max(
            (len(phrase) for phrase in self._openers if tuple(found[: len(phrase)]) == phrase),
            default=0,
        )

    def _completions(
        self, rest: list[str], text: str, locale: Locale | None, context: Entry
    ) -> Iterator[str]:
        """Ways in which the question before may complete this one."""
        lexicon = self._matcher.corpus.lexicon
        asked = context.text(locale or "").question
        said = lexicon.analyse(" ".join(rest))
        before = lexicon.analyse(asked)
        if said.names or said.numbers:
            # "et pour GPT-4 ?": the same question of another name.
            yield f"{lexicon.without_names(asked)} {' '.join(rest)}"
        else:
            # "is it legal?": another question of the same names.
            yield f"{text} {' '.join(sorted(before.names))}"

    # Two questions in one message

    def _double(
        self, text: str, locale: Locale | None, whole: Ranking, cutoffs: Cutoffs
    ) -> Reading | None:
        parts = [part for part in self._split.split(text) if part]
        parts = [part for part in parts if len(words(part)) >= LEAST_WORDS_OF_A_PART]
        if len(parts) != 2:  # noqa: PLR2004
            return None
        first, second = (self._matcher.ranking(part, locale) for part in parts)
        if any(decide(one.candidates, cutoffs) is not Decision.ANSWER for one in (first, second)):
            return None
        if first.candidates[0].entry.id == second.candidates[0].entry.id:
            return None
        # One question in two sentences is answered best as a whole.
        alone = whole.candidates[0].confidence if whole.candidates else 0.0
        if alone > min(first.candidates[0].confidence, second.candidates[0].confidence) + 0.15:
            return None
        return Reading(first, second=second.candidates)


def _phrases(messages: Messages, key: str) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(words(phrase))
        for locale in messages.locales
        for phrase in messages.items(key, locale)
    )
