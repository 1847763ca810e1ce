"""Command texts in the languages of Discord's clients, from the bot's own phrases."""

from __future__ import annotations

from collections.abc import Callable

from discord import Locale
from discord.app_commands import TranslationContextTypes, Translator, locale_str

from bot.knowledge.messages import Messages

OFFERED = {Locale.french: "fr", Locale.american_english: "en", Locale.british_english: "en"}


class PhraseTranslator(Translator):
    """Translates `locale_str(..., key=...)` by looking the key up."""

    def __init__(self, messages: Callable[[], Messages]) -> None:
        self._messages = messages

    async def translate(
        self, string: locale_str, locale: Locale, context: TranslationContextTypes
    ) -> str | None:
        """The phrase in one of Discord's locales, None where the bot does not speak it."""
        del context
        language, key = OFFERED.get(locale), string.extras.get("key")
        messages = self._messages()
        if language is None or key is None or not messages.has(key, language):
            return None
        return messages.text(key, language)
