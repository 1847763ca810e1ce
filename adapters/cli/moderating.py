"""What the moderators' commands share: the moderation without a running bot, and time spans."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from adapters.cli.common import load_settings, terminal_locale

if TYPE_CHECKING:
    from bot.app import App
    from bot.moderation import Moderation, Outcome
    from bot.permissions import Moderator

Result = TypeVar("Result")
Work = Callable[["Moderation", "Moderator"], Awaitable[Result]]

SinceOption = Annotated[
    str,
    typer.Option("--since", metavar="SPAN", help="How far back: 30d, 4w, or a day: 2026-11-01."),
]
_SPAN = re.compile(r"(\d{1,5})\s*([dw]?)\Z")
_DAYS = {"": 1, "d": 1, "w": 7}


def moderate(work: Work[Result], knowledge: Path | None = None, *, store: bool = True) -> Result:
    """Run `work(moderation, moderator)` as the person at the terminal.

    Args:
        work: what to do.
        knowledge: the folder, else that of the settings.
        store: whether it needs misses and drafts; without, no database is touched.

    Raises:
        AifaqError: whatever stands against it.
    """
    from bot.app import App

    async def run() -> Result:
        app = App.create(load_settings(knowledge))
        if store:
            await _open_store(app)
        try:
            return await work(app.moderation, _moderator(app))
        finally:
            if app.store is not None:
                await app.store.close()

    return asyncio.run(run())


async def _open_store(app: App) -> None:
    from bot.store import create_store

    made = create_store(app.settings)
    if made is not None:
        await made.open()
    app.store = made


def _moderator(app: App) -> Moderator:
    from bot.curation.git import identity
    from bot.permissions import terminal_moderator

    name, email = identity(app.settings.knowledge)
    return terminal_moderator(terminal_locale(app.faq) or "en", name, email)


def days_of(span: str) -> int:
    """Days back from now: of `30d`, `4w`, `30`, or since a date.

    Raises:
        BadParameter: for anything else.
    """
    if found := _SPAN.match(span.strip().lower()):
        return max(1, int(found[1]) * _DAYS[found[2]])
    try:
        since = date.fromisoformat(span.strip())
    except ValueError:
        raise typer.BadParameter(f"{span!r} is no span such as 30d or 4w, and no date") from None
    return max(1, (datetime.now(UTC).date() - since).days + 1)


def report(outcome: Outcome) -> None:
    """Print what became of a change; a patch goes to standard output, for `git apply`."""
    typer.echo(outcome.text, err=bool(outcome.patch))
    if outcome.patch:
        typer.echo(outcome.patch, nl=False)
