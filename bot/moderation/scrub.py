"""Trims who wrote it from a question before other people read it.

Moderators need the question, not the person: addresses, numbers, mentions, links with secrets,
and names where people give them (greetings, introductions, signatures).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.knowledge.messages import Messages
from bot.models import Locale

_WORD = r"[A-ZÀ-ÖØ-Þ][a-zß-ÿ][\w'’-]*"
_NAME = rf"{_WORD}(?:[ \u00a0]{_WORD}){{0,2}}"
_CLOSINGS = "regards|cheers|thanks|merci|cordialement|bien à vous"
_GAP = "[ \u00a0]"
_TRIMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("mention", r"<[@#!][^<>\s]{1,80}>"),
        ("email", r"(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
        ("link", r"https?://[^\s<>|]*[?#=@][^\s<>|]*"),
        ("link", r"https?://(?:\d{1,3}(?:\.\d{1,3}){3}|discord\.gg|[\w.-]*slack\.com)[^\s<>|]*"),
        ("mention", r"(?<![\w@.])@[\w.-]{2,40}"),
        # An address on the network; versions such as 1.2.3 have fewer parts.
        ("phone", r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)"),
    )
)
_DIGITS = re.compile(
    r"(?<![\w$€£.,:-])(?:\+|00)?\(?\d{1,4}\)?(?:[ \u00a0.-]?\(?\d{1,5}\)?){2,7}(?!\w)"
)
_AMOUNT = re.compile(r"\d{1,3}(?:[ \u00a0.,]\d{3})+|(?:19|20)\d\d-\d\d-\d\d.*|\d{1,9}")
_PHONE_DIGITS = range(9, 16)
_SECRET = re.compile(r"(?<!\w)(?=[\w-]*\d)(?=[\w-]*[a-zA-Z])[\w-]{24,}(?!\w)")
_NAMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"((?i:\bmy name is|\bi am called|\bje m['’]appelle|\bmon nom est){_GAP})({_NAME})",
        rf"((?i:\bi['’]m|\bi am|\bje suis|\bthis is|\bmoi c['’]est){_GAP})({_WORD}{_GAP}{_WORD})",
        rf"(\b(?:Monsieur|Madame|Mme|M\.|Mrs?\.?|Ms\.?|Mlle|Dr\.?|Me){_GAP})({_NAME})",
        rf"((?i:^(?:hi|hello|hey|dear|bonjour|bonsoir|salut|cher|chère)){_GAP})({_NAME})",
        rf"((?i:\b(?:{_CLOSINGS})\s*[,.!]?\s*(?:[-–—]\s*)?))({_NAME})",
    )
)


class Scrubber:
    """Trims texts for readers of one language.

    Args:
        messages: for the words that stand where something was trimmed.
        locale: the readers' language.
        known: names of the field, which are never trimmed.
    """

    def __init__(self, messages: Messages, locale: Locale, known: Iterable[str] = ()) -> None:
        self._instead = {
            kind: messages.text(f"moderation.trimmed.{kind}", locale)
            for kind in ("name", "email", "phone", "mention", "link")
        }
        self._known = {word for name in known for word in re.split(r"[\W_]+", name.casefold())}

    def scrub(self, text: str) -> str:
        """The text without what tells who wrote it."""
        for kind, pattern in _TRIMS:
            text = pattern.sub(self._instead[kind], text)
        text = _DIGITS.sub(self._number, text)
        text = _SECRET.sub(self._secret, text)
        for pattern in _NAMES:
            text = pattern.sub(self._name, text)
        return text

    def is_clean(self, text: str) -> bool:
        """Whether nothing of the text would be trimmed."""
        return self.scrub(text) == text

    def _number(self, found: re.Match[str]) -> str:
        """A telephone number has 9 to 15 digits and is no amount and no date."""
        text = found[0]
        digits = sum(map(str.isdigit, text))
        if digits not in _PHONE_DIGITS or _AMOUNT.fullmatch(text):
            return text
        return self._instead["phone"]

    def _secret(self, found: re.Match[str]) -> str:
        return found[0] if self._is_known(found[0]) else self._instead["phone"]

    def _name(self, found: re.Match[str]) -> str:
        return found[0] if self._is_known(found[2]) else f"{found[1]}{self._instead['name']}"

    def _is_known(self, text: str) -> bool:
        return not self._known.isdisjoint(re.split(r"[\W_]+", text.casefold()))
