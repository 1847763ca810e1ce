"""Which language a question is in; "undecided" is an answer.

General detectors read "AI Act" as French. Here the words and accented letters of the knowledge base
and the function words of each language (from `knowledge/interface/`) vote, and a close vote decides
nothing.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.knowledge import Glossary, KnowledgeBase
from bot.knowledge.messages import Messages
from bot.matching.lexicon import Lexicon
from bot.models import Locale
from bot.text import fold, words

FUNCTION_WORD_COUNT = 40.0
"""A function word counts like a word that the base uses this often in its language."""
LETTER_COUNT = 10.0
"""Most that an accented letter counts: more than a rare word, less than a sentence."""
DECISIVE = 1.6
"""Lead in log-odds (natural) that decides; below it the language stays undecided."""


class LanguageDetector:
    """Naive Bayes over the words and accented letters of the base; names have no vote.

    Each different word has one vote, as has each different letter. Words are compared without
    accents, so that those forgotten cost nothing; those typed still tell.
    """

    def __init__(
        self, counts: Mapping[Locale, Mapping[str, float]], lexicon: Lexicon | None = None
    ) -> None:
        self._lexicon = lexicon or Lexicon(Glossary())
        self._locales = tuple(counts)
        self._weights: dict[str, tuple[float, ...]] = {}
        totals = [sum(known.values()) or 1.0 for known in counts.values()]
        scale = max(totals, default=1.0)
        for word in {word for known in counts.values() for word in known}:
            # Scaled to the largest language, so that a half-translated base stays fair.
            seen = [
                known.get(word, 0.0) * scale / total
                for known, total in zip(counts.values(), totals, strict=True)
            ]
            all_seen = sum(seen) + len(seen)
            self._weights[word] = tuple(math.log((count + 1.0) / all_seen) for count in seen)

    def detect(self, text: str) -> Locale | None:
        """The language of a text, or None when it is undecided or has no known word."""
        scores = [0.0] * len(self._locales)
        for word in (*dict.fromkeys(self._lexicon.without_names(text).split()), *_accented(text)):
            for index, weight in enumerate(self._weights.get(word, ())):
                scores[index] += weight
        ranked = sorted(zip(scores, self._locales, strict=True), reverse=True)
        if not ranked:
            return None
        if len(ranked) == 1:
            return ranked[0][1]
        return ranked[0][1] if ranked[0][0] - ranked[1][0] >= DECISIVE else None

    @classmethod
    def build(cls, knowledge: KnowledgeBase, messages: Messages) -> LanguageDetector:
        """From the texts of the base and the function words of the interface."""
        texts: dict[Locale, list[str]] = {locale: [] for locale in messages.locales}
        for entry in knowledge.entries.values():
            for locale, text in entry.texts.items():
                texts.setdefault(locale, []).extend((text.question, *text.variants, text.answer))
        counts: dict[Locale, dict[str, float]] = {
            locale: _count(found) for locale, found in texts.items()
        }
        for locale, known in counts.items():
            for word in function_words(messages, locale):
                known[word] = max(known.get(word, 0.0), FUNCTION_WORD_COUNT)
        return cls(counts, Lexicon(knowledge.glossary))


def _count(texts: Sequence[str]) -> dict[str, float]:
    letters = Counter(letter for text in texts for letter in _accented(text))
    return {
        **Counter(word for text in texts for word in set(words(text))),
        **{letter: min(count, LETTER_COUNT) for letter, count in letters.items()},
    }


def _accented(text: str) -> tuple[str, ...]:
    """The different letters of a text that folding would change, in order."""
    letters = dict.fromkeys(unicodedata.normalize("NFC", text.lower()))
    return tuple(
        one for one in letters if not one.isascii() and one.isalpha() and fold(one) != one
    )


def function_words(messages: Messages, locale: Locale) -> tuple[str, ...]:
    """Folded words of a language that hold its sentences together and say nothing alone."""
    return tuple(
        word
        for line in messages.items("language.function_words", locale)
        for word in _words_of_line(line)
    )


@lru_cache(maxsize=1_000)
def _words_of_line(line: str) -> tuple[str, ...]:
    return tuple(words(line))


def resolve_locale(
    *,
    forced: Locale | None,
    detected: Locale | None,
    hint: Locale | None,
    default: Locale,
) -> Locale:
    """The person's choice, then the question's language, then the person's own, then ours."""
    return forced or detected or hint or default
