"""`/faq-admin`: for who may manage messages, and for the roles of the settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import discord
from discord import app_commands
from discord.app_commands import Choice

from adapters.discord.admin.bench import Bench, Work, one_line
from adapters.discord.admin.controls import open_editor
from adapters.discord.admin.pages import Pages
from adapters.discord.desk import Desk
from adapters.discord.interactions import Interaction, Where, guarded
from adapters.discord.registering import Command, phrase
from adapters.discord.views import OPTION, OPTIONS
from bot.errors import AifaqError

Days: TypeAlias = app_commands.Range[int, 1, 365]
Callback: TypeAlias = Callable[..., Awaitable[None]]


def admin_commands(desk: Desk) -> Sequence[Command]:
    """`/faq-admin` and its subcommands, in servers only."""
    group = app_commands.Group(
        name="faq-admin",
        description=phrase(desk, "discord.admin.command.group"),
        default_permissions=discord.Permissions(manage_messages=True),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=False, private_channel=False
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )
    for command in (*_plain(desk), *_by_days(desk), _edit(desk)):
        group.add_command(command)
    return [group]


def _plain(desk: Desk) -> list[app_commands.Command[Any, ..., Any]]:
    """Those without options."""
    bench, pages = Bench(desk), Pages(desk)

    def make(name: str, work: Work) -> app_commands.Command[Any, ..., Any]:
        async def run(interaction: Interaction) -> None:
            await guarded(interaction, bench.show(interaction, work, Where.PRIVATE))

        return _subcommand(desk, name, run)

    async def channels(interaction: Interaction) -> None:
        listening = interaction.client.intents.message_content
        work = pages.channels_for(listening=listening)
        await guarded(interaction, bench.show(interaction, work, Where.PRIVATE))

    return [
        make("status", pages.status),
        make("drafts", pages.drafts),
        make("due", pages.due),
        _subcommand(desk, "auto-channels", channels),
    ]


def _by_days(desk: Desk) -> list[app_commands.Command[Any, ..., Any]]:
    """Those that look back."""
    bench, pages = Bench(desk), Pages(desk)

    def make(
        name: str, page: Callable[[int], Work], usual: int
    ) -> app_commands.Command[Any, ..., Any]:
        @app_commands.describe(days=phrase(desk, "discord.admin.command.days"))
        async def run(interaction: Interaction, days: Days = usual) -> None:
            await guarded(interaction, bench.show(interaction, page(days), Where.PRIVATE))

        return _subcommand(desk, name, run)

    return [
        make("misses", pages.misses_of, 30),
        make("stats", pages.stats_of, 30),
        make("corrections", pages.corrections_of, 14),
    ]


def _edit(desk: Desk) -> app_commands.Command[Any, ..., Any]:
    """`/faq-admin edit entry:` with completion."""
    bench = Bench(desk)

    async def complete(interaction: Interaction, typed: str) -> list[Choice[str]]:
        try:
            by = await bench.moderator(interaction)
            links = await bench.moderation.search(by, typed, limit=OPTIONS)
        except AifaqError:
            return []
        return [Choice(name=one_line(link.question, OPTION), value=link.entry_id) for link in links]

    @app_commands.describe(entry=phrase(desk, "discord.admin.command.edit_entry"))
    @app_commands.autocomplete(entry=complete)
    async def edit(interaction: Interaction, entry: app_commands.Range[str, 1, 100]) -> None:
        await guarded(interaction, open_editor(bench, interaction, entry))

    return _subcommand(desk, "edit", edit)


def _subcommand(
    desk: Desk, name: str, callback: Callback
) -> app_commands.Command[Any, ..., Any]:
    key = f"discord.admin.command.{name.replace('-', '_')}"
    return app_commands.Command(name=name, description=phrase(desk, key), callback=callback)  # type: ignore[arg-type]
