"""The store fails in every way it can; nobody who asks notices, and nothing is forgotten."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.conftest import Report
from tests.faults.process import Bot
from tests.faults.traffic import Account, DiscordTraffic, SlackTraffic
from tests.servers.discord import DiscordServer
from tests.servers.postgres import PostgresServer
from tests.servers.slack import SlackServer

RATE = 6.0


async def written(bot: Bot, *, seconds: float = 30) -> None:
    """Wait until the store is back and has everything."""
    async with asyncio.timeout(seconds):
        while True:
            figures = await bot.metrics()
            if figures["aifaq_store_up"] == 1 and figures["aifaq_store_queue"] == 0:
                break
            await asyncio.sleep(0.1)
    assert figures["aifaq_store_dropped_total"] == 0


def settled(*accounts: Account) -> int:
    """Nothing lost, nothing twice; how many were asked."""
    for account in accounts:
        assert (account.lost, account.twice) == (0, 0)
    return sum(len(account.sent) for account in accounts)


async def test_postgresql_stops_crashes_and_hangs(
    slack: SlackServer, discord: DiscordServer, database_server: PostgresServer, tmp_path: Path,
    report: Report,
) -> None:
    """Stopped, crashed, frozen, each time back again; answers go on, and every record arrives."""
    url = database_server.create_database()
    async with (
        Bot("all", data=tmp_path, slack=slack, discord=discord, AIFAQ_DATABASE_URL=url) as bot,
        SlackTraffic(slack, RATE) as on_slack,
        DiscordTraffic(discord, RATE) as on_discord,
    ):
        for hard in (False, True):
            await on_slack.answered(6)
            await asyncio.to_thread(database_server.stop, hard=hard)
            await on_slack.answered(12)
            await asyncio.to_thread(database_server.start)
        await on_slack.answered(6)
        with database_server.frozen():
            await on_slack.answered(12)
        accounts = await on_slack.settle(), await on_discord.settle()
        report("PostgreSQL stopped, crashed, frozen", *accounts)
        asked = settled(*accounts)
        await written(bot)
    kept = database_server.psql("SELECT count(*) FROM questions", url.rpartition("/")[2])
    assert int(kept) == asked


async def test_sqlite_is_locked_by_another_process(
    slack: SlackServer, tmp_path: Path, report: Report
) -> None:
    """Longer than SQLite itself waits; records wait in memory and are written afterwards."""
    file = tmp_path / "aifaq.sqlite3"
    async with (
        Bot("slack", data=tmp_path, slack=slack) as bot,
        SlackTraffic(slack, RATE) as traffic,
    ):
        await traffic.answered(6)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(6.5)  # SQLite's own patience ends after five
            await traffic.answered(6)
            other.execute("ROLLBACK")
        account = await traffic.settle()
        report("SQLite locked", account)
        asked = settled(account)
        await written(bot)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM questions").fetchone()[0] == asked


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounts a small disk: needs root"
)
async def test_the_disk_is_full(slack: SlackServer, tmp_path: Path, report: Report) -> None:
    """Not a byte left where the records go; once there is room, they are written."""
    disk = tmp_path / "disk"
    disk.mkdir()
    bot = Bot("slack", data=disk, slack=slack, disk_megabytes=2)
    async with bot, SlackTraffic(slack, 2 * RATE) as traffic:
        inside = bot.seen_from_inside(disk)
        await traffic.answered(6)
        with (inside / "filler").open("wb", buffering=0) as filler:
            with pytest.raises(OSError, match="No space left"):
                while True:
                    filler.write(bytes(4096))
        await traffic.answered(30)
        assert (await bot.metrics())["aifaq_store_queue"] > 0
        (inside / "filler").unlink()
        account = await traffic.settle()
        report("disk full", account)
        asked = settled(account)
        await written(bot)
        for file in inside.glob("aifaq.sqlite3*"):
            shutil.copy(file, tmp_path)
        with closing(sqlite3.connect(tmp_path / "aifaq.sqlite3")) as database:
            assert database.execute("SELECT count(*) FROM questions").fetchone()[0] == asked
