"""Questions a second on each platform, and memory over a long run."""

from __future__ import annotations

import time

from benchmarks.load.people import WAYS, Stage, crowd, pace, stage, warm_up
from benchmarks.load.tables import Report

CROWD = 32
"""People who ask at the same time at saturation."""


async def rates(report: Report, seconds: float, gentle: float, encoder: str) -> None:
    """Each platform at a gentle pace, then as fast as one process goes."""
    report.table(
        "Questions a second, one process",
        "From the moment the event is sent until the bot's message has been received, each "
        f"question by another person. Gently: {gentle:g} a second. Saturated: {CROWD} people at "
        "once, each asking again when the answer is there. The test servers take their part of "
        "the same machine; the processor time of the bot alone is in the last column but one.",
        ("<platform", "<load", "answered /s", "p50 ms", "p95 ms", "p99 ms", "lost", "twice",
         "CPU ms a question", "memory MB"),
    )
    for way in WAYS:
        async with stage(way, rate=gentle, AIFAQ_ENCODER=encoder) as here:
            await warm_up(here, 60)
            began, used = time.monotonic(), here.bot.cpu
            await pace(here.stream, seconds)
            _row(report, here, way, "gently", here.answered / seconds, here.bot.cpu - used)
            here.forget()
            began, used = time.monotonic(), here.bot.cpu
            count, _ = await crowd(here.stream, CROWD, seconds=seconds)
            took = time.monotonic() - began
            await here.stream.settle(30)
            _row(report, here, way, "saturated", count / took, here.bot.cpu - used)


def _row(
    report: Report, here: Stage, way: str, load: str, rate: float, used: float
) -> None:
    account = here.stream.account
    times = account.percentiles(50, 95, 99) if account.answers else [float("nan")] * 3
    cost = 1000 * used / max(1, len(account.answers))
    report.row(way, load, rate, *times, account.lost, account.twice, cost, here.bot.memory / 1e6)


async def soak(report: Report, minutes: float, rate: float, encoder: str) -> None:
    """Discord and Slack from one process, for long."""
    report.table(
        "Memory over a long run",
        f"Discord and Slack from one process, {rate:g} questions a second on each.",
        ("<after", "answered", "memory MB", "p95 ms since then"),
    )
    async with stage("Discord", "Slack, Socket Mode", rate=rate, AIFAQ_ENCODER=encoder) as here:
        await warm_up(here, 60)
        report.row("the warm-up", 0, here.bot.memory / 1e6, float("nan"))
        total, lost, twice, parts = 0, 0, 0, 4
        for part in range(1, parts + 1):
            began = time.monotonic()
            for stream in here.streams[1:]:
                stream.begin()
            await pace(here.stream, minutes * 60 / parts)
            for stream in here.streams[1:]:
                await stream.settle(30)
            accounts = [stream.account for stream in here.streams]
            total += here.answered
            lost += sum(account.lost for account in accounts)
            twice += sum(account.twice for account in accounts)
            slowest = max(account.percentiles(95)[0] for account in accounts)
            spent = minutes * 60 * part / parts
            report.row(f"{spent:.0f} s", total, here.bot.memory / 1e6, slowest)
            here.forget()
            assert time.monotonic() - began < minutes * 60 / parts + 90
        report.say(f"\n{lost} lost, {twice} answered twice.")
