"""The Discord adapter: two translations (`questions`, `messages`) and handlers around them.

discord.py is imported only when something here is used.
"""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bot.errors import MissingExtra

if TYPE_CHECKING:
    from bot.app import App
    from bot.checks import Check
    from bot.settings import Settings

__all__ = ["doctor", "invite_url", "run"]


async def run(app: App, *, stop: asyncio.Event, guild: int | None = None) -> None:
    """Answer on Discord until `stop` is set; what is in hand is finished first.

    Args:
        app: the started core.
        stop: asks for the end.
        guild: register the commands in this guild only, for a test server.

    Raises:
        AifaqError: if it cannot start, in plain words.
    """
    need_discord()
    from adapters.discord.supervisor import Supervisor

    await Supervisor(app, stop=stop, guild=guild).run()


async def invite_url(settings: Settings) -> str:
    """The link that adds the bot to a server, with least permissions.

    Raises:
        AifaqError: without a token, or with one that Discord does not know.
    """
    need_discord()
    from adapters.discord import invite

    return await invite.invite_url(settings)


async def doctor(settings: Settings, *, guild: int | None = None) -> list[Check]:
    """What works and what must be mended: token, gateway, intents, permissions, commands."""
    need_discord()
    from adapters.discord.doctor import examine

    return await examine(settings, guild=guild)


def need_discord() -> None:
    """Raise MissingExtra where discord.py is not installed."""
    if find_spec("discord") is None:
        raise MissingExtra("discord.py", "discord")
