"""The slash commands and the message menu.

Each feature is a function from the desk to its commands; `GROUPS` lists them, so that another
feature adds its own by adding a line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import discord
from discord import app_commands
from discord.app_commands import Choice

from adapters.discord.admin.commands import admin_commands
from adapters.discord.asking import ask, brought_by_user, completions, preview
from adapters.discord.desk import Desk
from adapters.discord.interactions import Interaction, Where, guarded, present, whisper
from adapters.discord.messages import Outgoing
from adapters.discord.privacy import privacy_commands
from adapters.discord.questions import PLATFORM
from adapters.discord.registering import ANYBODY, ANYWHERE, Command, phrase, slash
from adapters.discord.topics import topics_message

AUTOMATIC = "auto"

# --- /faq -----------------------------------------------------------------------------------


def faq_commands(desk: Desk) -> Sequence[Command]:
    """`/faq question: private:` with completion."""

    async def complete(interaction: Interaction, typed: str) -> list[Choice[str]]:
        return await completions(desk, interaction, typed)

    @app_commands.describe(
        question=phrase(desk, "discord.command.faq_question"),
        private=phrase(desk, "discord.command.faq_private"),
    )
    @app_commands.autocomplete(question=complete)
    async def faq(
        interaction: Interaction,
        question: app_commands.Range[str, 1, 500],
        private: bool = False,
    ) -> None:
        private = private or brought_by_user(interaction)
        await guarded(interaction, ask(desk, interaction, question, private=private))

    description = phrase(desk, "discord.command.faq")
    return [slash("faq", description, faq)]


# --- /faq-topics and /faq-language ----------------------------------------------------------


def topics_commands(desk: Desk) -> Sequence[Command]:
    """`/faq-topics`: browse by category."""

    async def topics(interaction: Interaction) -> None:
        async def show() -> None:
            locale = await desk.reader_locale(interaction)

            async def work() -> Outgoing:
                return topics_message(desk, locale, interaction.user.id)

            await present(interaction, work, Where.PRIVATE)

        await guarded(interaction, show())

    description = phrase(desk, "discord.command.topics")
    return [slash("faq-topics", description, topics)]


def language_commands(desk: Desk) -> Sequence[Command]:
    """`/faq-language`: a language for all answers, or automatic."""
    languages = [
        Choice(name=phrase(desk, f"language.{code}"), value=code)
        for code in (*desk.messages.locales, AUTOMATIC)
    ]

    @app_commands.describe(language=phrase(desk, "discord.command.language_language"))
    @app_commands.choices(language=languages)
    async def language(interaction: Interaction, language: str) -> None:
        async def remember() -> None:
            chosen = None if language == AUTOMATIC else language
            person = str(interaction.user.id)
            await desk.app.records.set_locale(PLATFORM, person, chosen)
            key = "discord.note.language_set" if chosen else "discord.note.language_auto"
            spoken = chosen or desk.locale_of(interaction)
            await whisper(interaction, desk.messages.text(key, spoken))

        await guarded(interaction, remember())

    description = phrase(desk, "discord.command.language")
    return [slash("faq-language", description, language)]


# --- the message menu -----------------------------------------------------------------------


def menu_commands(desk: Desk) -> Sequence[Command]:
    """`Apps > Answer from the FAQ` on a message: a private preview that can be posted."""

    async def answer_menu(interaction: Interaction, message: discord.Message) -> None:
        await guarded(interaction, preview(desk, interaction, message))

    name = phrase(desk, "discord.command.answer_menu")
    return [
        app_commands.ContextMenu(
            name=name,
            callback=answer_menu,
            allowed_contexts=ANYWHERE,
            allowed_installs=ANYBODY,
        )
    ]


GROUPS: tuple[Callable[[Desk], Sequence[Command]], ...] = (
    faq_commands,
    topics_commands,
    language_commands,
    menu_commands,
    privacy_commands,
    admin_commands,
)


def all_commands(desk: Desk) -> list[Command]:
    """Every command of the bot."""
    return [command for group in GROUPS for command in group(desk)]
