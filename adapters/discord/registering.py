"""What the modules that define commands share: phrases that Discord shows in each language."""

from __future__ import annotations

from typing import Any, TypeAlias

from discord import app_commands
from discord.app_commands import locale_str

from adapters.discord.desk import Desk

Command: TypeAlias = (
    app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group
)
ANYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
ANYBODY = app_commands.AppInstallationType(guild=True, user=True)


def phrase(desk: Desk, key: str) -> locale_str:
    """A phrase for commands; the translator finds the other languages by its key."""
    return locale_str(desk.messages.text(key, "en"), key=key)


def slash(name: str, description: locale_str, callback: Any) -> Command:
    """A command for guilds, DMs and everywhere that a person brings the app."""
    return app_commands.Command(
        name=name,
        description=description,
        callback=callback,
        allowed_contexts=ANYWHERE,
        allowed_installs=ANYBODY,
    )
