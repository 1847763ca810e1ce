"""run: the bot on the chat platforms, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import KnowledgeOption, load_settings

if TYPE_CHECKING:
    from bot.app import App

cli = typer.Typer()


class Platform(StrEnum):
    """Where to run."""

    DISCORD = "discord"
    SLACK = "slack"
    ALL = "all"


@cli.command(epilog="Example: DISCORD_TOKEN=… aifaq run discord")
def run(
    platform: Annotated[Platform, typer.Argument(help="Where to answer.")],
    knowledge: KnowledgeOption = None,
) -> None:
    """Answer on Discord, on Slack, or on both from one process."""
    import logging

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    chosen = [Platform.DISCORD, Platform.SLACK] if platform is Platform.ALL else [platform]
    settings = load_settings(knowledge)
    runners = [_runner(name) for name in chosen]

    from bot.app import App

    asyncio.run(_run(App.create(settings), runners))


Runner = Callable[..., Awaitable[None]]


def _runner(platform: Platform) -> Runner:
    """The adapter's `run`; only the platforms that are asked for are imported."""
    from importlib import import_module

    runner: Runner = import_module(f"adapters.{platform}").run
    return runner


async def _run(app: App, runners: list[Runner]) -> None:
    """Run until a signal comes or a platform gives up; then stop all of them in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await app.start()
    try:
        tasks = [asyncio.ensure_future(runner(app, stop=stop)) for runner in runners]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await app.close()
    for result in results:
        if isinstance(result, BaseException):
            raise result
