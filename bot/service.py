"""Faq: everything that is in service at one moment, behind one object.

A reload builds a new `_State` beside the old one and swaps one reference, so that a question
sees either the old base or the new one, never half of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import metrics
from bot.dialog.completion import Completion
from bot.dialog.conversation import Conversations
from bot.dialog.languages import LanguageDetector, resolve_locale
from bot.dialog.reading import Reader, Reading
from bot.dialog.responder import CUTOFFS, Cutoffs, Responder, decide
from bot.dialog.smalltalk import SmalltalkMatcher
from bot.kept import Shelf
from bot.knowledge import KnowledgeBase, load_knowledge
from bot.knowledge.messages import Messages, load_messages
from bot.matching import Matcher
from bot.matching.meaning import CachedEncoder, SentenceEncoder
from bot.models import Candidate, Decision, Link, Locale, Question, Reply, ReplyKind
from bot.settings import Settings
from bot.text import MAX_QUESTION, clean, has_words


@dataclass(frozen=True, slots=True)
class Topic:
    """A category with its entries, for browsing."""

    category: str
    label: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a question gets the reply that it gets."""

    question: str
    detected: Locale | None
    """Language of the text; None is undecided."""
    locale: Locale
    """Language of the reply."""
    corrections: dict[str, str]
    unknown: tuple[str, ...]
    cutoffs: Cutoffs
    candidates: tuple[Candidate, ...]
    reply: Reply


@dataclass(frozen=True)
class _State:
    """One knowledge base with all that is derived from it."""

    knowledge: KnowledgeBase
    messages: Messages
    languages: LanguageDetector
    matcher: Matcher
    reader: Reader
    responder: Responder
    smalltalk: SmalltalkMatcher
    completion: Completion

    @classmethod
    def build(
        cls, knowledge: KnowledgeBase, messages: Messages, encoder: SentenceEncoder | None
    ) -> _State:
        matcher = Matcher(knowledge, encoder)
        return cls(
            knowledge=knowledge,
            messages=messages,
            languages=LanguageDetector.build(knowledge, messages),
            matcher=matcher,
            reader=Reader(knowledge, matcher, messages),
            responder=Responder(knowledge, messages),
            smalltalk=SmalltalkMatcher(messages),
            completion=Completion(matcher),
        )


def load_sentence_encoder(settings: Settings) -> CachedEncoder | None:
    """The encoder that the settings choose, with a memory of what it has encoded.

    Raises:
        EncoderError: if it cannot be loaded.
    """
    from bot.encoder import load_encoder

    encoder = load_encoder(settings.encoder)
    return None if encoder is None else CachedEncoder(encoder, _cache_folder(settings))


def _cache_folder(settings: Settings) -> Path:
    import platformdirs

    return settings.cache_dir or Path(platformdirs.user_cache_dir("aifaq", appauthor=False))


class Faq:
    """Answers questions from the knowledge base in service."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        messages: Messages,
        *,
        settings: Settings,
        encoder: SentenceEncoder | None = None,
        state: _State | None = None,
    ) -> None:
        self._settings = settings
        self._encoder = encoder
        self._state = state or _State.build(knowledge, messages, encoder)
        self._conversations = Conversations()
        self.keeps_misses = False
        """Whether questions without an answer are kept for moderators, so that it may be said."""

    @classmethod
    def load(cls, settings: Settings) -> Faq:
        """Load the folder that the settings name; from what an earlier start kept, if it can.

        Raises:
            KnowledgeError: with every fault, when the folder is broken.
            EncoderError: if an encoder was asked for that cannot be loaded.
        """
        root, encoder = settings.knowledge, load_sentence_encoder(settings)
        about = f"{settings.encoder}, {encoder.name if encoder else 'no encoder'}"
        state = Shelf(_cache_folder(settings), _State, encoder, about).get(
            root, lambda: _State.build(load_knowledge(root), load_messages(root), encoder)
        )
        return cls(
            state.knowledge, state.messages, settings=settings, encoder=encoder, state=state
        )

    # What is in service

    @property
    def knowledge(self) -> KnowledgeBase:
        """The base in service."""
        return self._state.knowledge

    @property
    def messages(self) -> Messages:
        """The bot's own phrases."""
        return self._state.messages

    @property
    def matcher(self) -> Matcher:
        """The matcher in service."""
        return self._state.matcher

    @property
    def version(self) -> str:
        """Fingerprint of the base in service."""
        return self._state.knowledge.fingerprint

    @property
    def cutoffs(self) -> Cutoffs:
        """Where answering begins, by the settings."""
        return CUTOFFS[self._settings.answering]

    def swap(self, knowledge: KnowledgeBase, messages: Messages) -> None:
        """Put another base into service, whole; conversations go on."""
        self._state = _State.build(knowledge, messages, self._encoder)

    # Questions

    def respond(self, question: Question) -> Reply:
        """The reply to a question; remembers what was shown for follow-ups."""
        with metrics.matching():
            return self.explain(question).reply

    def explain(self, question: Question) -> Explanation:
        """The reply together with why."""
        state = self._state
        text = clean(question.text)
        detected = state.languages.detect(text)
        locale = self._locale(question, detected)
        reply = self._smalltalk(state, text, question, locale)
        ranking = None
        if reply is None:
            before = question.context or self._conversations.last(question.conversation)
            reading = state.reader.read(text[:MAX_QUESTION], detected, before, self.cutoffs)
            ranking = reading.ranking
            reply = self._reply(state, reading, locale, text)
        if reply.answer is not None:
            self._conversations.shown(question.conversation, reply.answer.entry_id)
        return Explanation(
            question=text,
            detected=detected,
            locale=reply.locale,
            corrections=ranking.query.corrections if ranking else {},
            unknown=tuple(sorted(ranking.query.unknown)) if ranking else (),
            cutoffs=self.cutoffs,
            candidates=ranking.candidates if ranking else (),
            reply=reply,
        )

    def would_answer(self, reply: Reply) -> bool:
        """Whether a reply is certain enough to be posted where nobody addressed the bot."""
        return reply.kind is ReplyKind.ANSWER and reply.confidence >= self.cutoffs.unasked

    def show(self, entry_id: str, locale: Locale, *, conversation: str | None = None) -> Reply:
        """One entry by its id (or a former id); a polite reply if it is gone."""
        entry = self.knowledge.find(entry_id)
        if entry is None:
            return self._state.responder.gone(locale)
        self._conversations.shown(conversation, entry.id)
        return self._state.responder.answers([entry], locale)

    def _locale(self, question: Question, detected: Locale | None) -> Locale:
        return resolve_locale(
            forced=question.forced_locale,
            detected=detected,
            hint=question.locale if question.locale in self.messages.locales else None,
            default=self._settings.locale,
        )

    def _smalltalk(
        self, state: _State, text: str, question: Question, locale: Locale
    ) -> Reply | None:
        starters = self.starters()
        if not has_words(text):
            example = state.responder.links(starters[:1], locale)
            return state.responder.empty(locale, example[0].question if example else "")
        found = state.smalltalk.match(text, question.forced_locale or question.locale)
        if found is None:
            return None
        reply_locale = question.forced_locale or found.locale
        phrase = state.messages.text(found.reply_key, reply_locale)
        return state.responder.smalltalk(phrase, reply_locale, starters)

    def _reply(self, state: _State, reading: Reading, locale: Locale, text: str) -> Reply:
        candidates = reading.ranking.candidates
        decision = decide(candidates, self.cutoffs)
        if decision is Decision.ANSWER:
            entries = [candidates[0].entry, *(one.entry for one in reading.second[:1])]
            return state.responder.answers(entries, locale, candidates, text)
        if decision is Decision.SUGGEST:
            return state.responder.suggestions(candidates, locale, text)
        return state.responder.fallback(candidates, locale, text, noted=self.keeps_misses)

    # Browsing

    def starters(self) -> list[str]:
        """Ids of the first entry of each category: somewhere to begin."""
        first: dict[str, str] = {}
        for entry in self.knowledge.entries.values():
            first.setdefault(entry.category, entry.id)
        return list(first.values())

    def complete(
        self, text: str, locale: Locale, *, limit: int = 25, popular: Sequence[str] = ()
    ) -> list[Link]:
        """Entries whose questions begin with, contain or resemble what was typed so far."""
        state = self._state
        ids = state.completion.complete(clean(text), locale, limit, popular)
        return list(state.responder.links(ids, locale))

    def topics(self, locale: Locale) -> list[Topic]:
        """All categories with their entries, in the reader's language."""
        state = self._state
        by_category: dict[str, list[str]] = {}
        for entry in state.knowledge.entries.values():
            by_category.setdefault(entry.category, []).append(entry.id)
        return [
            Topic(
                category, self.category_label(category, locale), state.responder.links(ids, locale)
            )
            for category, ids in by_category.items()
        ]

    def category_label(self, category: str, locale: Locale) -> str:
        """A category's name for people; its id in words where the interface has none."""
        key = f"categories.{category}"
        if self.messages.has(key, locale):
            return self.messages.text(key, locale)
        return category.replace("-", " ").capitalize()
