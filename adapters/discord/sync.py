"""Registering commands with Discord, only when they differ from what Discord has."""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import app_commands
from discord.http import Route

from adapters.discord.delivery import persist

log = logging.getLogger("aifaq.discord")

UNORDERED = ("contexts", "integration_types")


async def sync_commands(tree: app_commands.CommandTree[Any], *, guild: int | None = None) -> bool:
    """Bring Discord's commands up to date; whether anything had to be written.

    Args:
        tree: the commands as they should be.
        guild: register them in this guild only, where changes show at once; None for everywhere.

    Raises:
        discord.HTTPException: if Discord refuses them.
    """
    if await in_step(tree, guild=guild):
        log.info("commands are up to date")
        return False
    target = discord.Object(guild) if guild else None
    if target is not None:
        tree.copy_global_to(guild=target)
    written = await persist(lambda: tree.sync(guild=target))
    log.info("%d commands written%s", len(written), f" to guild {guild}" if guild else "")
    return True


async def in_step(tree: app_commands.CommandTree[Any], *, guild: int | None = None) -> bool:
    """Whether Discord has exactly these commands, localisations included."""
    wanted = [await _payload(tree, command) for command in tree.get_commands()]
    present = await persist(lambda: _fetch(tree, guild))
    return _by_name(wanted).keys() == _by_name(present).keys() and all(
        _covers(_by_name(present)[key], command) for key, command in _by_name(wanted).items()
    )


async def _payload(
    tree: app_commands.CommandTree[Any],
    command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group,
) -> dict[str, Any]:
    if tree.translator is None:
        return command.to_dict(tree)
    return await command.get_translated_payload(tree, tree.translator)


async def _fetch(tree: app_commands.CommandTree[Any], guild: int | None) -> list[dict[str, Any]]:
    """discord.py's own reading leaves the localisations out."""
    path = "/applications/{application_id}" + ("/guilds/{guild_id}" if guild else "") + "/commands"
    known = {"application_id": tree.client.application_id} | ({"guild_id": guild} if guild else {})
    found: list[dict[str, Any]] = await tree.client.http.request(
        Route("GET", path, **known), params={"with_localizations": "true"}
    )
    return found


def _by_name(commands: list[dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    return {(command["name"], command.get("type") or 1): command for command in commands}


def _covers(present: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there; Discord adds keys, and leaves out empty ones."""
    if isinstance(wanted, dict):
        present = present if isinstance(present, dict) else {}
        return all(
            _covers(_sorted(key, present.get(key)), _sorted(key, value))
            for key, value in wanted.items()
            if key != "dm_permission"
        )
    if isinstance(wanted, list):
        present = present if isinstance(present, list) else []
        pairs = zip(present, wanted, strict=False)
        return len(present) == len(wanted) and all(_covers(one, other) for one, other in pairs)
    return (not present and not wanted) or str(present) == str(wanted)


def _sorted(key: str, value: Any) -> Any:
    return sorted(value) if key in UNORDERED and isinstance(value, list) else value
