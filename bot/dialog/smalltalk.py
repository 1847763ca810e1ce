"""Greetings, thanks and "what can you do": whole messages only, from `knowledge/interface/`."""

from __future__ import annotations

from dataclasses import dataclass

from bot.knowledge.messages import Messages
from bot.models import Locale
from bot.text import words

TOPICS = ("greeting", "thanks", "goodbye", "help")
FILLERS = frozenset(
    words(
        "bot robot aifaq all everyone there so much very friend guys team please to a you "
        "tout le monde tous tres vous toi svp stp"
    )
)
"""Words around a greeting that change nothing."""


@dataclass(frozen=True, slots=True)
class Smalltalk:
    """What was recognised."""

    topic: str
    locale: Locale
    """Of the phrase that matched."""
    reply_key: str


class SmalltalkMatcher:
    """Recognises a message that is nothing but small talk."""

    def __init__(self, messages: Messages) -> None:
        self._phrases: dict[tuple[str, ...], list[Smalltalk]] = {}
        for locale in messages.locales:
            for topic in TOPICS:
                found = Smalltalk(topic, locale, f"smalltalk.{topic}.reply")
                for phrase in messages.items(f"smalltalk.{topic}.phrases", locale):
                    for key in {_key(phrase), tuple(words(phrase))}:
                        self._phrases.setdefault(key, []).append(found)
        self._phrases.pop((), None)

    def match(self, text: str, locale: Locale | None) -> Smalltalk | None:
        """The small talk that the whole text is; the person's language wins a tie."""
        found = self._phrases.get(tuple(words(text))) or self._phrases.get(_key(text))
        if not found:
            return None
        return next((one for one in found if one.locale == locale), found[0])


def _key(text: str) -> tuple[str, ...]:
    return tuple(word for word in words(text) if word not in FILLERS)
