"""The doctor: looks at everything that can be wrong with a Discord bot, and says it plainly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.http import Route

from adapters.discord.client import point_at
from adapters.discord.commands import all_commands
from adapters.discord.desk import Desk
from adapters.discord.invite import PERMISSIONS, REFUSED, guild_url, token_of
from adapters.discord.sharding import parse_shards
from adapters.discord.sync import in_step
from adapters.discord.translation import PhraseTranslator
from bot.app import App
from bot.checks import Check
from bot.errors import AifaqError, SettingsError
from bot.settings import Settings

MANY_GUILDS = 200


async def examine(settings: Settings, *, guild: int | None = None) -> list[Check]:
    """All checks; those after a failure that makes them pointless are left out."""
    try:
        token = token_of(settings)
        parse_shards(settings.discord_shards)
    except SettingsError as error:
        return [Check("settings", False, str(error))]
    point_at(settings)
    async with discord.Client(intents=discord.Intents.none()) as client:
        try:
            await client.login(token)
        except discord.LoginFailure:
            return [Check("token", False, REFUSED)]
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            return [Check("token", False, f"Discord cannot be reached: {error}")]
        return [check async for check in _checks(client, settings, guild)]


async def _checks(
    client: discord.Client, settings: Settings, guild: int | None
) -> AsyncIterator[Check]:
    yield Check("token", True, f"Discord knows the bot as {client.user} ({client.application_id}).")
    yield _endpoint(client)
    yield await _gateway(client)
    yield _content(client, settings)
    yield await _commands(client, settings, guild)
    guilds = await client.http.request(Route("GET", "/users/@me/guilds"))
    for check in _guilds(client, guilds):
        yield check
    for channel_id in settings.discord_auto_channels:
        yield await _auto_channel(client, channel_id)


def _endpoint(client: discord.Client) -> Check:
    url = client.application.interactions_endpoint_url if client.application else None
    if url:
        return Check(
            "interactions",
            False,
            f"Commands and buttons are sent to {url} instead of the bot. Empty the field"
            " Interactions Endpoint URL on the application's General Information page.",
        )
    return Check("interactions", True, "Commands and buttons reach the bot by the gateway.")


async def _gateway(client: discord.Client) -> Check:
    try:
        count, url, limit = await client.http.get_bot_gateway()
    except discord.GatewayNotFound:
        return Check("gateway", False, "Discord does not tell its gateway's address; try later.")
    left = limit["remaining"]
    words = f"{url}, {count} shard(s) recommended, {left} of {limit['total']} starts left today."
    return Check("gateway", True if left > count else None, words)


def _content(client: discord.Client, settings: Settings) -> Check:
    flags = client.application_flags
    granted = flags.gateway_message_content or flags.gateway_message_content_limited
    if not settings.discord_auto_channels:
        return Check("message content", True, "Not needed: no channel is answered unasked.")
    if granted:
        return Check("message content", True, "Granted, as AIFAQ_DISCORD_AUTO_CHANNELS needs it.")
    return Check(
        "message content",
        False,
        "AIFAQ_DISCORD_AUTO_CHANNELS needs the Message Content intent: turn it on under Bot,"
        " Privileged Gateway Intents, at https://discord.com/developers/applications.",
    )


async def _commands(client: discord.Client, settings: Settings, guild: int | None) -> Check:
    try:
        desk = Desk(App.create(settings))
    except AifaqError as error:
        return Check("commands", False, f"The knowledge base cannot be loaded: {error}")
    tree: app_commands.CommandTree[Any] = app_commands.CommandTree(client)
    for command in all_commands(desk):
        tree.add_command(command)
    await tree.set_translator(PhraseTranslator(lambda: desk.messages))
    try:
        same = await in_step(tree, guild=guild)
    except discord.Forbidden:
        return Check(
            "commands",
            False,
            f"The bot may not look at the commands of guild {guild}: invite it there first.",
        )
    finally:
        desk.charts.close()
    if same:
        return Check("commands", True, "Discord has the commands of this version.")
    return Check("commands", None, "Not up to date at Discord; they are written at the next start.")


def _guilds(client: discord.Client, guilds: list[dict[str, Any]]) -> list[Check]:
    if not guilds and client.application_id:
        link = guild_url(client.application_id)
        return [Check("servers", None, f"The bot is in no server yet. Invite it: {link}")]
    more = "+" if len(guilds) >= MANY_GUILDS else ""
    checks = [Check("servers", True, f"The bot is in {len(guilds)}{more} server(s).")]
    for guild in guilds:
        has = discord.Permissions(int(guild["permissions"]))
        lacking = [name for name, needed in PERMISSIONS if needed and not getattr(has, name)]
        if lacking and not has.administrator:
            names = ", ".join(name.replace("_", " ") for name in lacking)
            words = f"{guild['name']}: the bot lacks {names}; answers there are reduced."
            checks.append(Check("permissions", None, words))
    return checks


async def _auto_channel(client: discord.Client, channel_id: str) -> Check:
    name = f"channel {channel_id}"
    if not channel_id.isdigit():
        return Check(name, False, "AIFAQ_DISCORD_AUTO_CHANNELS holds channel ids, numbers only.")
    try:
        found = await client.http.get_channel(int(channel_id))
    except discord.NotFound:
        return Check(name, False, "There is no such channel; check AIFAQ_DISCORD_AUTO_CHANNELS.")
    except discord.Forbidden:
        return Check(name, False, "The bot may not see this channel.")
    return Check(name, True, f"#{found.get('name')} is answered without a mention.")
