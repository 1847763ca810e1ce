"""run: the bot on the chat platforms, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import KnowledgeOption, load_settings

if TYPE_CHECKING:
    from bot.app import App
    from bot.settings import Settings

cli = typer.Typer()
log = logging.getLogger("aifaq")

FINISH_SECONDS = 5.5
"""For what is in hand at the end; with the store's last batch it all takes less than ten."""
CLOSE_SECONDS = 2.0
"""For the last batch, and for a database that does not say goodbye."""
PATIENCE_SECONDS = 9.0
"""After a signal; whatever still hangs then, such as a library's own farewell, is left to hang."""


class Platform(StrEnum):
    """Where to run."""

    DISCORD = "discord"
    SLACK = "slack"
    ALL = "all"


@cli.command(epilog="Example: DISCORD_TOKEN=… aifaq run discord")
def run(
    platform: Annotated[
        Platform, typer.Argument(help="Where to answer; all means those that have a token.")
    ],
    knowledge: KnowledgeOption = None,
    guild: Annotated[
        int | None,
        typer.Option(
            metavar="ID",
            help="Register Discord's commands in this server only, for trying things out.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Answer on Discord, on Slack, or on both from one process, until it is told to stop.

    SIGTERM or Ctrl-C: no new questions, those in hand are answered, records are written.
    """
    settings = load_settings(knowledge)
    runners = {name: _runner(name) for name in _chosen(platform, settings)}
    if guild is not None and Platform.DISCORD in runners:
        runners[Platform.DISCORD] = partial(runners[Platform.DISCORD], guild=guild)

    from bot import logs
    from bot.app import App

    logs.set_up(settings)
    asyncio.run(_run(App.create(settings), runners))


Runner = Callable[..., Awaitable[None]]


def _chosen(platform: Platform, settings: Settings) -> list[Platform]:
    if platform is not Platform.ALL:
        return [platform]
    tokens = {Platform.DISCORD: settings.discord_token, Platform.SLACK: settings.slack_bot_token}
    if chosen := [name for name, token in tokens.items() if token is not None]:
        return chosen
    from bot.errors import SettingsError

    raise SettingsError("There is no platform to run: set DISCORD_TOKEN or SLACK_BOT_TOKEN.")


def _runner(platform: Platform) -> Runner:
    """The adapter's `run`; only the platforms that are asked for are imported."""
    from importlib import import_module

    runner: Runner = import_module(f"adapters.{platform}").run
    return runner


async def _run(app: App, runners: dict[Platform, Runner]) -> None:
    """Run until a signal comes or a platform gives up; then stop all of them in order."""
    from adapters.http import serving

    stop = asyncio.Event()
    _stop_on_signals(stop, app)
    for name in runners:
        app.health.set(name, False, "starting")
    async with serving(app):
        await app.start()
        try:
            await _until_stopped(app, runners, stop)
        finally:
            await _close(app)


async def _close(app: App) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await app.close()
    except TimeoutError:
        log.warning("The store did not close in time and is left as it is")


async def _until_stopped(app: App, runners: dict[Platform, Runner], stop: asyncio.Event) -> None:
    tasks = {asyncio.ensure_future(run(app, stop=stop)) for run in runners.values()}
    waiting = asyncio.ensure_future(stop.wait())
    await asyncio.wait({*tasks, waiting}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    _, late = await asyncio.wait(tasks, timeout=FINISH_SECONDS)
    for task in late:
        log.warning("What is in hand takes too long and is cut off")
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


def _stop_on_signals(stop: asyncio.Event, app: App) -> None:
    """The first signal ends it in order, a second one at once."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    told = False

    def begin(number: signal.Signals) -> None:
        # From here on the system ends the process, whatever the loop is busy with.
        for each in numbers:
            signal.signal(each, signal.SIG_DFL)
        nonlocal told
        if told:  # the second one arrived before that
            signal.raise_signal(number)
        told = True
        log.info("Told to stop: finishing what is in hand")
        app.health.set("running", False, "stopping")
        stop.set()
        patience = threading.Timer(PATIENCE_SECONDS, _leave)
        patience.daemon = True
        patience.start()

    for number in numbers:
        loop.add_signal_handler(number, begin, number)


def _leave() -> None:
    """End at once; everything that could be written has been by now."""
    log.error("Something still hangs after %.0f s and is left as it is", PATIENCE_SECONDS)
    logging.shutdown()
    os._exit(1)
