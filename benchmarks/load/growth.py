"""From 56 to 20,000 entries: the start, a reload, memory and the time to an answer."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.load.knowledge import make
from benchmarks.load.people import Stage, pace, stage, warm_up
from benchmarks.load.tables import Report

FIXED_SECONDS, START_SECONDS = 10.0, 3.0
"""What a size takes in any case, and what of a start does not depend on it."""


async def growth(
    report: Report, sizes: list[int], rate: float, seconds: float, budget: float
) -> None:
    """Each size in a process of its own; sizes that the budget does not allow are left out."""
    report.table(
        "As the base grows",
        f"Made-up entries of eight phrasings, Slack over HTTP, {rate:g} questions a second, "
        "without the sentence encoder. A reload runs from the changed file until it is in "
        "service, under the same traffic. (`python -m benchmarks.cost` has the matcher alone.)",
        ("entries", "ready after s", "reloaded after s", "memory MB", "p50 ms", "p95 ms",
         "p95 ms during a reload", "CPU ms a question"),
    )
    began, grown = time.monotonic(), 0.0
    for at, entries in enumerate(sizes):
        expected = FIXED_SECONDS + seconds + grown * (entries / sizes[at - 1] if at else 1)
        if time.monotonic() - began + expected > budget:
            report.say(f"\nFrom {entries:,} entries on, left out for want of time.")
            break
        grown = await _measure(report, entries, rate, seconds)


async def _measure(report: Report, entries: int, rate: float, seconds: float) -> float:
    """A line of the table; the seconds that grow with the base."""
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top) / "knowledge"
        questions = await asyncio.to_thread(make, folder, entries)
        async with stage(
            "Slack, HTTP", rate=rate, questions=questions[:500], AIFAQ_ENCODER="none",
            AIFAQ_KNOWLEDGE=str(folder), AIFAQ_CACHE_DIR=str(Path(top) / "cache"),
            AIFAQ_RELOAD_SECONDS="1",
        ) as here:
            await warm_up(here, 20)
            used = here.bot.cpu
            await pace(here.stream, seconds)
            cost = 1000 * (here.bot.cpu - used) / max(1, here.answered)
            p50, p95 = here.stream.account.percentiles(50, 95)
            here.forget()
            reloaded = await _reload(here, folder, 30 + 0.01 * entries)
            report.row(entries, here.bot.started, reloaded, here.bot.memory / 1e6, p50, p95,
                       here.stream.account.percentiles(95)[0], cost)
            return max(0.0, 2 * here.bot.started - START_SECONDS)


async def _reload(here: Stage, folder: Path, patience: float) -> float:
    """Change one entry under traffic; seconds until the new base is in service."""
    before = (await here.bot.get("readyz"))[1]["knowledge"]["version"]
    here.stream.begin()
    _change_one(folder)
    began = time.monotonic()
    took = float("nan")
    while time.monotonic() - began < patience:
        _, told = await here.bot.get("readyz")
        if told and told["knowledge"]["version"] != before:
            took = time.monotonic() - began
            break
        await asyncio.sleep(0.1)
    await here.stream.settle(60)
    return took


def _change_one(folder: Path) -> None:
    entry = min(folder.glob("range-*/*.yaml"))
    entry.write_text(entry.read_text().replace(" €.", " € today."))
