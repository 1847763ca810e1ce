"""The links that add the bot to a server or to a person's account, with least permissions."""

from __future__ import annotations

import base64
import binascii

import discord

from adapters.discord.client import point_at
from bot.errors import AifaqError, SettingsError
from bot.settings import Settings

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
SCOPES = ("bot", "applications.commands")
MISSING = (
    "DISCORD_TOKEN is not set. Open https://discord.com/developers/applications, choose (or create)"
    " your application, then Bot, Reset Token, and set DISCORD_TOKEN to what it shows."
    " docs/discord.md walks through it."
)
REFUSED = (
    "Discord does not accept DISCORD_TOKEN. Make a new one at"
    " https://discord.com/developers/applications, your application, Bot, Reset Token; the old one"
    " stops working then."
)


def token_of(settings: Settings) -> str:
    """The token.

    Raises:
        SettingsError: without one; says where to get it.
    """
    token = settings.discord_token.get_secret_value().strip() if settings.discord_token else ""
    if not token:
        raise SettingsError(MISSING)
    return token.removeprefix("Bot ").strip()


def guild_url(application_id: int) -> str:
    """The link for whoever manages a server."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=SCOPES)


def user_url(application_id: int) -> str:
    """The link for a person who wants to bring the bot along everywhere."""
    url = discord.utils.oauth_url(application_id, scopes=("applications.commands",))
    return f"{url}&integration_type=1"


async def invite_url(settings: Settings) -> str:
    """The link for a server; the application is read from the token, else asked for.

    Raises:
        SettingsError: without a token.
        AifaqError: if Discord does not know the token.
    """
    return guild_url(await application_id(settings))


async def application_id(settings: Settings) -> int:
    """The application behind the token.

    Raises:
        SettingsError: without a token.
        AifaqError: if Discord does not know the token, or cannot be reached.
    """
    token = token_of(settings)
    written = _written_in(token)
    if written:
        return written
    point_at(settings)
    async with discord.Client(intents=discord.Intents.none()) as client:
        try:
            await client.login(token)
        except discord.LoginFailure as error:
            raise AifaqError(REFUSED) from error
        except (discord.HTTPException, OSError) as error:
            raise AifaqError(f"Discord cannot be reached: {error}") from error
        assert client.application_id is not None
        return client.application_id


def _written_in(token: str) -> int:
    """The id that a token of Discord begins with; 0 for another kind of token."""
    head = token.split(".", 1)[0]
    try:
        decoded = base64.b64decode(head + "=" * (-len(head) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return 0
    return int(decoded) if decoded.isdigit() else 0
