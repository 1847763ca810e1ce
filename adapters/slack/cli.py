"""`aifaq slack ...`: the app manifest, and the doctor."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import typer

from bot.errors import AifaqError

cli = typer.Typer(help="Set up and examine the Slack bot.", no_args_is_help=True)


@cli.command()
def manifest(
    *,
    name: Annotated[str, typer.Option(help="Name of the bot.")] = "aifaq",
    command: Annotated[str, typer.Option(help="The slash command.")] = "/faq",
    locale: Annotated[
        str, typer.Option(help="Language of descriptions and shortcuts: en or fr.")
    ] = "en",
    url: Annotated[
        str | None,
        typer.Option(help="Public address of HTTP mode, such as https://faq.example.org; "
                     "Socket Mode without it."),
    ] = None,
    agent: Annotated[
        bool, typer.Option(help="The agent view in direct messages; it shuts guests out.")
    ] = True,
    user_groups: Annotated[
        bool, typer.Option("--user-groups", help="Moderators are named by user groups.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of YAML.")] = False,
) -> None:
    """Print the app manifest to paste into Slack.

    Example: aifaq slack manifest --locale fr > manifest.yaml
    """
    from adapters.slack.manifest import manifest as make
    from adapters.slack.manifest import to_yaml
    from bot.knowledge import load_knowledge
    from bot.knowledge.messages import load_messages
    from bot.models import Link
    from bot.settings import Settings

    if not command.startswith("/") or " " in command:
        raise typer.BadParameter("must begin with / and have no space", param_hint="--command")
    if url and not url.startswith("https://"):
        raise typer.BadParameter("must begin with https://", param_hint="--url")
    try:
        folder = Settings.load().knowledge
        messages, knowledge = load_messages(folder), load_knowledge(folder)
    except AifaqError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if locale not in messages.locales:
        raise typer.BadParameter(f"known are {', '.join(messages.locales)}", param_hint="--locale")
    first = {entry.category: entry for entry in reversed(list(knowledge.entries.values()))}
    prompts = [Link(entry.id, entry.text(locale).question) for entry in first.values()]
    told = make(messages, locale, name=name, command=command, prompts=prompts, url=url,
                agent=agent, user_groups=user_groups)
    as_text = json.dumps(told, indent=2, ensure_ascii=False) if as_json else to_yaml(told)
    typer.echo(as_text.rstrip())


@cli.command()
def doctor() -> None:
    """Check tokens, scopes and connection, in plain words."""
    from bot.settings import Settings

    try:
        from adapters.slack.doctor import examine
    except ImportError:
        typer.echo("slack-bolt is not installed. Install it with: pip install 'aifaq[slack]'",
                   err=True)
        raise typer.Exit(1) from None
    checks = asyncio.run(examine(Settings.load()))
    for check in checks:
        mark = {True: "ok  ", False: "FAIL", None: "note"}[check.ok]
        typer.echo(f"{mark}  {check.name}: {check.message}")
    if any(check.ok is False for check in checks):
        raise typer.Exit(1)
