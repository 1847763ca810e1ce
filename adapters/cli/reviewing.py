"""stats, due: figures for moderators, and answers due for review."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import JsonOption, KnowledgeOption, print_json
from adapters.cli.moderating import SinceOption, days_of, moderate

if TYPE_CHECKING:
    from bot.moderation import Due, Moderation
    from bot.permissions import Moderator

cli = typer.Typer()


@cli.command(epilog="Example: aifaq stats --since 30d --png stats.png")
def stats(
    since: SinceOption = "30d",
    png: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also draw them into this file.", show_default=False),
    ] = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Show what is asked, what is missed and what helps."""
    days = days_of(since)

    async def work(moderation: Moderation, by: Moderator) -> tuple[list[str], bytes]:
        lines = await moderation.stats(by, days=days)
        return lines, await moderation.stats_chart(by, days=days) if png else b""

    lines, picture = moderate(work, knowledge)
    for line in lines:
        typer.echo(line)
    if png is not None:
        png.write_bytes(picture)
        typer.echo(f"{png} is written", err=True)


@cli.command(epilog="Example: aifaq due --days 60")
def due(
    days: Annotated[int, typer.Option(help="Also those due within so many days.")] = 30,
    limit: Annotated[int, typer.Option(help="Most entries.")] = 25,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """List answers due for review, by traffic and age. Exit code 1 when one is overdue."""

    async def work(moderation: Moderation, by: Moderator) -> list[Due]:
        return await moderation.due(by, days=days, limit=limit)

    found = moderate(work, knowledge)
    if as_json:
        print_json([{**asdict(one), "review_by": str(one.review_by)} for one in found])
    else:
        for one in found:
            late, days_to = one.days_late, -one.days_late
            when = f"{late} days late" if late > 0 else f"in {days_to} days"
            typer.echo(f"{one.review_by}  {when:>15}  {one.asked:>5}×  {one.entry_id}")
    if not found:
        typer.echo("No answer is due.", err=True)
    raise typer.Exit(any(one.days_late > 0 for one in found))
