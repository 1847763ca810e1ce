"""`aifaq discord ...`: the link to invite the bot, and the doctor."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.errors import AifaqError

cli = typer.Typer(help="Set up and examine the Discord bot.", no_args_is_help=True)


@cli.command()
def invite() -> None:
    """Print the links that add the bot to a server or to one's own account."""
    from adapters.discord import _need_discord
    from bot.settings import Settings

    try:
        _need_discord()
        from adapters.discord.invite import application_id, guild_url, user_url

        found = asyncio.run(application_id(Settings.load()))
    except AifaqError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"For a server (least permissions):\n  {guild_url(found)}")
    typer.echo(f"For your own account, to use it anywhere:\n  {user_url(found)}")


@cli.command()
def doctor(
    guild: Annotated[
        int | None, typer.Option(help="Examine the commands of this server only.")
    ] = None,
) -> None:
    """Check token, gateway, intents, permissions and commands, in plain words."""
    from adapters.discord import doctor as examine
    from bot.settings import Settings

    try:
        checks = asyncio.run(examine(Settings.load(), guild=guild))
    except AifaqError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for check in checks:
        mark = {True: "ok  ", False: "FAIL", None: "note"}[check.ok]
        typer.echo(f"{mark}  {check.name}: {check.message}")
    if any(check.ok is False for check in checks):
        raise typer.Exit(1)
