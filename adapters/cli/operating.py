"""settings, doctor: what is set, and whether all of it works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import typer

from adapters.cli.common import JsonOption, KnowledgeOption, load_settings, print_json

if TYPE_CHECKING:
    from bot.checks import Check
    from bot.settings import Settings

cli = typer.Typer()

DISCORD, SLACK = "https://discord.com/api/v10/gateway", "https://slack.com/api/api.test"


@cli.command(epilog="Example: AIFAQ_LOCALE=fr aifaq settings")
def settings(as_json: JsonOption = False) -> None:
    """List every setting: its value, where it comes from, what it is for.

    Each can be set in the environment or in the TOML file that AIFAQ_CONFIG names (./aifaq.toml
    by default); each secret also by naming a file: DISCORD_TOKEN_FILE=/run/secrets/token.
    """
    from bot.configuration import configure, is_secret, shown, variable
    from bot.settings import Settings

    found = configure(Settings)
    rows = [
        {
            "name": variable(Settings, name),
            "toml": name,
            "value": shown(found.settings, name),
            "source": found.sources[name],
            "secret": is_secret(Settings, name),
            "meaning": about.description,
        }
        for name, about in Settings.model_fields.items()
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['name']} = {row['value']}  ({row['source']})")
        typer.echo(f"    {row['meaning']}")


@cli.command(epilog="Example: aifaq doctor")
def doctor(knowledge: KnowledgeOption = None) -> None:
    """Look at everything that a running bot needs, and say in plain words what is wrong.

    Knowledge, encoder, store, disk and clock, then each platform that has a token. Exit code 1
    when something must be mended.
    """
    if not asyncio.run(_report(load_settings(knowledge))):
        raise typer.Exit(1)


async def _report(settings: Settings) -> bool:
    """Print checks as they are made; whether nothing must be mended."""
    fine = True
    async for check in _checks(settings):
        typer.echo(str(check))
        fine = fine and check.ok is not False
    return fine


async def _checks(settings: Settings) -> AsyncIterator[Check]:
    from bot.checks import Check
    from bot.doctor import clock, examine
    from bot.errors import AifaqError

    async for check in examine(settings):
        yield check
    platforms = {
        "discord": (settings.discord_token, settings.discord_api_base, DISCORD),
        "slack": (settings.slack_bot_token, settings.slack_api_base_url, SLACK),
    }
    bases = [base or public for token, base, public in platforms.values() if token is not None]
    for base in bases[:1]:
        yield await asyncio.to_thread(clock, base)
    for name, (token, _, _) in platforms.items():
        if token is None:
            yield Check(name, None, "Not set up: no token.")
            continue
        try:
            for check in await _platform(name, settings):
                yield Check(f"{name}, {check.name}", check.ok, check.message)
        except AifaqError as error:
            yield Check(name, False, str(error))


async def _platform(name: str, settings: Settings) -> list[Check]:
    from importlib import import_module

    checks: list[Check] = await import_module(f"adapters.{name}").doctor(settings)
    return checks
