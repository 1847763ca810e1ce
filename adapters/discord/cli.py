"""`aifaq discord ...`: the links to invite the bot, and the doctor."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

cli = typer.Typer(help="Set up and examine the Discord bot.", no_args_is_help=True)


@cli.command(epilog="Example: DISCORD_TOKEN=… aifaq discord invite")
def invite() -> None:
    """Print the links that add the bot to a server or to one's own account."""
    from adapters.discord import need_discord
    from bot.settings import Settings

    need_discord()
    from adapters.discord.invite import application_id, guild_url, user_url

    found = asyncio.run(application_id(Settings.load()))
    typer.echo(f"For a server (least permissions):\n  {guild_url(found)}")
    typer.echo(f"For your own account, to use it anywhere:\n  {user_url(found)}")


@cli.command(epilog="Example: DISCORD_TOKEN=… aifaq discord doctor")
def doctor(
    guild: Annotated[
        int | None, typer.Option(metavar="ID", help="Examine the commands of this server only.")
    ] = None,
) -> None:
    """Check token, gateway, intents, permissions and commands, in plain words."""
    from adapters.discord import doctor as examine
    from bot.settings import Settings

    checks = asyncio.run(examine(Settings.load(), guild=guild))
    for check in checks:
        mark = {True: "ok  ", False: "FAIL", None: "note"}[check.ok]
        typer.echo(f"{mark}  {check.name}: {check.message}")
    if any(check.ok is False for check in checks):
        raise typer.Exit(1)
