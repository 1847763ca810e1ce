"""The bot's own phrases, by language, from `knowledge/interface/<locale>.yaml`.

A knowledge folder may bring its own `interface/`; whatever a language lacks comes from the
bundled one, so that an old folder works with a newer bot.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bot.errors import KnowledgeError
from bot.knowledge.files import BUNDLED
from bot.knowledge.strict_yaml import Fault, read
from bot.models import Locale

MAX_BYTES = 512 * 1024
DEFAULT_LOCALE = "en"


class Messages:
    """Phrases by dotted key: `messages.text("fallback.text", "fr", name="…")`."""

    def __init__(self, phrases: Mapping[Locale, Mapping[str, str | list[str]]]) -> None:
        self._phrases = {locale: dict(known) for locale, known in phrases.items()}

    @property
    def locales(self) -> tuple[Locale, ...]:
        """The languages that have phrases."""
        return tuple(self._phrases)

    def keys(self, locale: Locale) -> frozenset[str]:
        """All keys of one language."""
        return frozenset(self._phrases.get(locale, ()))

    def text(self, key: str, locale: Locale, /, **values: object) -> str:
        """The phrase with `{placeholders}` filled.

        A language without the key answers in the default one.

        Raises:
            KeyError: if no language has the key, or a value is missing.
        """
        phrase = self._find(key, locale)
        if not isinstance(phrase, str):
            raise KeyError(f"{key} is a list, not a phrase")
        return string.Formatter().vformat(phrase, (), values) if values else phrase

    def items(self, key: str, locale: Locale) -> tuple[str, ...]:
        """A list of phrases, empty if the key is unknown."""
        try:
            found = self._find(key, locale)
        except KeyError:
            return ()
        return tuple(found) if isinstance(found, list) else (found,)

    def has(self, key: str, locale: Locale) -> bool:
        """Whether this language itself has the key."""
        return key in self._phrases.get(locale, {})

    def format_date(self, day: date, locale: Locale) -> str:
        """A day in words: `23 November 2026`, `1er janvier 2026`."""
        months = self.items("language.months", locale)
        number = str(day.day)
        if day.day == 1 and self.has("language.first_day", locale):
            number = self.text("language.first_day", locale)
        return self.text(
            "language.date", locale, day=number, month=months[day.month - 1], year=day.year
        )

    def _find(self, key: str, locale: Locale) -> str | list[str]:
        for choice in (locale, DEFAULT_LOCALE, *self._phrases):
            if key in self._phrases.get(choice, {}):
                return self._phrases[choice][key]
        raise KeyError(key)


def load_messages(root: Path | str = BUNDLED) -> Messages:
    """Phrases of the bundled interface, overlaid with those of `root/interface`.

    Raises:
        KnowledgeError: with every fault, when a file is broken.
    """
    phrases: dict[Locale, dict[str, str | list[str]]] = {}
    faults: list[Fault] = []
    for folder in dict.fromkeys((BUNDLED / "interface", Path(root) / "interface")):
        for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
            name = f"interface/{path.name}"
            document = read(path, name, max_bytes=MAX_BYTES)
            faults += document.faults
            if isinstance(document.data, dict):
                phrases.setdefault(path.stem, {}).update(_flatten(document.data))
            elif not document.faults:
                faults.append(Fault(name, 1, "must be a block of `key: phrase` lines"))
    if faults:
        raise KnowledgeError(faults)
    return Messages(phrases)


def _flatten(data: Mapping[str, Any], prefix: str = "") -> dict[str, str | list[str]]:
    flat: dict[str, str | list[str]] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            flat[prefix + key] = [str(item) for item in value]
        else:
            flat[prefix + key] = "" if value is None else str(value)
    return flat
