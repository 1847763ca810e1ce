"""Load on the whole bot: how much it answers, how fast, and at what cost in time and memory.

    python -m benchmarks.load rates                # both platforms, rising rates
    python -m benchmarks.load sizes                # 56 to 20,000 entries
    python -m benchmarks.load soak --minutes 10    # memory over a long run
    python -m benchmarks.load starts               # start-up time and memory of each command

The bot runs as `aifaq run …` in a process of its own, against the platforms' protocols on
127.0.0.1, with SQLite on disk. Questions come at a fixed pace that does not wait for answers, each
from another person in a direct message; a latency runs from the moment the event is sent until the
bot's message has been received. The test servers share the machine with the bot, so that the
processor time per question, which nothing else can stretch, says more than the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import yaml

from benchmarks.load.knowledge import make
from bot.knowledge import BUNDLED
from tests.faults.process import REPOSITORY, Bot
from tests.faults.traffic import DiscordTraffic, SlackTraffic, Traffic
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

WARM_UP = 60
"""Questions asked before anything is measured: charts are drawn once, caches fill."""
COMMANDS = (
    ("--help",),
    ("--version",),
    ("settings",),
    ("topics",),
    ("ask", "How much did it cost to train DeepSeek R1?"),
    ("rank",),
    ("check",),
)


def regression_questions() -> list[str]:
    """What people ask: in scope and out of it, in both languages."""
    found: list[str] = []
    for file in sorted((BUNDLED / "questions").glob("*.yaml")):
        data = yaml.safe_load(file.read_text())
        lists = [*data["entries"].values(), *(v for k, v in data.items() if k != "entries")]
        found += [one if isinstance(one, str) else one["text"] for one in _flat(lists)]
    return found


def _flat(data: object) -> list[str | dict[str, str]]:
    if isinstance(data, list):
        return [one for part in data for one in _flat(part)]
    return [data] if isinstance(data, str) or (isinstance(data, dict) and "text" in data) else []


async def measure(
    where: str, rate: float, seconds: float, *, questions: Sequence[str], **settings: str
) -> str:
    """One process on one platform at one pace; a line of the table."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        slack = await stack.enter_async_context(SlackServer())
        discord = await stack.enter_async_context(DiscordServer())
        bot = Bot(where, data=folder, slack=slack, discord=discord, **settings)
        await stack.enter_async_context(bot)
        traffic = traffic_on(where, slack, discord, rate, questions)
        for _ in range(WARM_UP):
            traffic.ask()
            await asyncio.sleep(0.05)
        await traffic.settle(60)
        traffic.account.sent.clear()
        traffic.account.answers.clear()
        before, began = bot.cpu, time.monotonic()
        traffic.begin()
        await asyncio.sleep(seconds)
        asked = len(traffic.account.sent)
        answered = len(traffic.account.answers)
        took = time.monotonic() - began
        account = await traffic.settle(30)
        cost = 1000 * (bot.cpu - before) / max(1, len(account.answers))
        p50, p95, p99 = account.percentiles(50, 95, 99)
        return (
            f"| {where} | {rate:g} | {asked / took:.0f} | {answered / took:.0f} | {p50:.0f} |"
            f" {p95:.0f} | {p99:.0f} | {account.lost} | {account.twice} | {cost:.1f} |"
            f" {bot.memory / 1e6:.0f} | {bot.started:.1f} |"
        )


HEAD = (
    "| platform | asked for /s | asked /s | answered /s | p50 ms | p95 | p99 | lost | twice |"
    " CPU ms a question | memory MB | ready after s |\n" + "|---" * 12 + "|"
)


def traffic_on(
    where: str, slack: SlackServer, discord: DiscordServer, rate: float, questions: Sequence[str]
) -> Traffic:
    """People on the platform."""
    if where == "slack":
        return SlackTraffic(slack, rate, questions=questions)
    return DiscordTraffic(discord, rate, questions=questions)


async def rates(chosen: Sequence[float], seconds: float, encoder: str) -> None:
    """How much one process takes on each platform."""
    print(HEAD, flush=True)
    for where in ("discord", "slack"):
        for rate in chosen:
            line = await measure(
                where, rate, seconds, questions=regression_questions(), AIFAQ_ENCODER=encoder
            )
            print(line, flush=True)


async def sizes(chosen: Sequence[int], rate: float, seconds: float, encoder: str) -> None:
    """How it grows with the knowledge base."""
    print("| entries " + HEAD.replace("\n|", "\n|---|"), flush=True)
    for entries in chosen:
        with tempfile.TemporaryDirectory() as folder:
            questions = make(Path(folder) / "knowledge", entries)[:500]
            line = await measure(
                "slack",
                rate,
                seconds,
                questions=questions,
                AIFAQ_ENCODER=encoder,
                AIFAQ_KNOWLEDGE=str(Path(folder) / "knowledge"),
                AIFAQ_RELOAD_SECONDS="0",
            )
            print(f"| {entries:,} {line}", flush=True)


async def soak(minutes: float, rate: float, encoder: str) -> None:
    """Memory over a long run on both platforms, minute by minute."""
    # A late acknowledgement of an event that nobody waits for is no news here.
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        slack = await stack.enter_async_context(SlackServer())
        discord = await stack.enter_async_context(DiscordServer())
        bot = Bot("all", data=folder, slack=slack, discord=discord, AIFAQ_ENCODER=encoder)
        await stack.enter_async_context(bot)
        questions = regression_questions()
        streams = [
            traffic_on(name, slack, discord, rate, questions) for name in ("slack", "discord")
        ]
        for stream in streams:
            stream.begin()
        print("| minute | answered | memory MB |\n|---|---|---|", flush=True)
        for minute in range(int(minutes) + 1):
            answered = sum(len(stream.account.answers) for stream in streams)
            print(f"| {minute} | {answered:,} | {bot.memory / 1e6:.0f} |", flush=True)
            await asyncio.sleep(60)
        for stream in streams:
            print(await stream.settle(30))


def starts(repeats: int) -> None:
    """Wall and processor time until a command has done its work, and its greatest memory."""
    print("| command | s | CPU s | memory MB |\n|---|---|---|---|", flush=True)
    for command in COMMANDS:
        best = min(_run_once(command) for _ in range(repeats))
        words = " ".join(command)[:40]
        print(f"| aifaq {words} | {best[1]:.2f} | {best[0]:.2f} | {best[2]:.0f} |", flush=True)


def _run_once(command: Sequence[str]) -> tuple[float, float, float]:
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "adapters", *command],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["rates", "sizes", "soak", "starts"])
    parser.add_argument("--rates", type=float, nargs="+", default=[10, 25, 50, 100])
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--entries", type=int, nargs="+", default=[56, 560, 5_600, 20_000])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--encoder", default="bundled")
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" load {os.getloadavg()[0]:.1f} before, encoder {chosen.encoder}\n"
    )
    if chosen.what == "rates":
        asyncio.run(rates(chosen.rates, chosen.seconds, chosen.encoder))
    elif chosen.what == "sizes":
        asyncio.run(sizes(chosen.entries, chosen.rate, chosen.seconds, chosen.encoder))
    elif chosen.what == "soak":
        asyncio.run(soak(chosen.minutes, chosen.rate, chosen.encoder))
    else:
        starts(3)
    print(f"\nload {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    main()
