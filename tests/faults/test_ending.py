"""SIGTERM and SIGKILL under load, and what the next process finds."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.conftest import Report
from tests.faults.process import Bot
from tests.faults.traffic import DiscordTraffic, SlackTraffic
from tests.servers.discord import DiscordServer
from tests.servers.discord import faults as discord_faults
from tests.servers.postgres import PostgresServer
from tests.servers.slack import SlackServer
from tests.servers.slack import faults as slack_faults

RATE = 10.0
POST = "/channels/{channel_id}/messages"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_an_idle_bot_ends_at_once(
    slack: SlackServer, discord: DiscordServer, tmp_path: Path, number: signal.Signals
) -> None:
    """With exit code 0, and without a line that alarms."""
    async with Bot("all", data=tmp_path, slack=slack, discord=discord) as bot:
        code, seconds = await bot.end(number)
        assert code == 0, bot.log
        assert seconds < 10
        assert "Told to stop" in bot.log
        assert "ERROR" not in bot.log
        assert "Traceback" not in bot.log


async def test_sigterm_under_load(
    slack: SlackServer, discord: DiscordServer, tmp_path: Path, report: Report
) -> None:
    """Everything that arrived is answered and written; the next process goes on from there."""
    async with (
        Bot("all", data=tmp_path, slack=slack, discord=discord) as bot,
        SlackTraffic(slack, RATE) as on_slack,
        DiscordTraffic(discord, RATE, resumed=False) as on_discord,
    ):
        await on_slack.answered(10)
        await on_discord.answered(10)
        on_discord.leaving = True
        code, seconds = await bot.end()
        assert code == 0, bot.log
        assert seconds < 10
        assert "lost" not in bot.log, bot.log
        before = len(on_slack.account.answers) + len(on_discord.account.answers)
        with closing(sqlite3.connect(tmp_path / "aifaq.sqlite3")) as database:
            kept = database.execute("SELECT count(*) FROM questions").fetchone()[0]
        assert kept == before, bot.log
        async with Bot("all", data=tmp_path, slack=slack, discord=discord):
            on_discord.leaving = False
            await on_discord.answered(10)
            accounts = await on_slack.settle(), await on_discord.settle()
        report("SIGTERM under load, started again", *accounts, f"ended in {seconds:.1f} s")
    for account in accounts:
        assert (account.lost, account.twice) == (0, 0)


async def test_sigkill_under_load(
    slack: SlackServer, discord: DiscordServer, tmp_path: Path, report: Report
) -> None:
    """Only what was in hand at that moment is lost; nothing is answered twice afterwards."""
    async with (
        Bot("all", data=tmp_path, slack=slack, discord=discord) as bot,
        SlackTraffic(slack, RATE) as on_slack,
        DiscordTraffic(discord, RATE, resumed=False) as on_discord,
    ):
        await on_slack.answered(10)
        await on_discord.answered(10)
        await bot.kill()
        in_hand = on_slack.account.lost + on_discord.account.lost
        async with Bot("all", data=tmp_path, slack=slack, discord=discord):
            await on_discord.answered(10)
            accounts = await asyncio.gather(on_slack.settle(3), on_discord.settle(3))
        report("SIGKILL under load, started again", *accounts, f"{in_hand} in hand when killed")
    assert all(account.twice == 0 for account in accounts)
    assert sum(account.lost for account in accounts) <= in_hand


async def test_it_ends_in_ten_seconds_whatever_hangs(
    slack: SlackServer, discord: DiscordServer, database_server: PostgresServer, tmp_path: Path,
    report: Report,
) -> None:
    """Answers that cannot be sent, a connection that says no goodbye, a store that is frozen."""
    url = database_server.create_database()
    async with (
        Bot("all", data=tmp_path, slack=slack, discord=discord, AIFAQ_DATABASE_URL=url) as bot,
        SlackTraffic(slack, RATE) as on_slack,
        DiscordTraffic(discord, RATE, resumed=False) as on_discord,
    ):
        await on_slack.answered(5)
        await on_discord.answered(5)
        slack.faults.add("chat.postMessage", slack_faults.late(60), times=100)
        discord.faults.add("POST", POST, discord_faults.late(60), times=100)
        await slack.calls.wait(lambda call: call.method == "users.info", count=5,
                               after=len(slack.calls), timeout=10)
        on_discord.leaving = True
        with database_server.frozen(), slack.sockets.silent():
            code, seconds = await bot.end()
        await on_slack.stop()
        report("SIGTERM while everything hangs", f"ended in {seconds:.1f} s")
        assert code in (0, 1), bot.log  # 1 says that something had to be left hanging
        assert seconds < 10, bot.log
        assert "cut off" in bot.log


@pytest.mark.parametrize("hurry", [False, True], ids=["when it is told", "in one breath"])
async def test_a_second_signal_does_not_wait(
    slack: SlackServer, tmp_path: Path, hurry: bool
) -> None:
    """Whoever presses Ctrl-C twice means it, however fast."""
    async with Bot("slack", data=tmp_path, slack=slack) as bot:
        slack.faults.add("chat.postMessage", slack_faults.late(30), times=1)
        SlackTraffic(slack, 1.0).ask()
        await slack.calls.wait(lambda call: call.method == "users.info", timeout=10)
        bot.send(signal.SIGTERM)
        async with asyncio.timeout(5):
            while not hurry and "Told to stop" not in bot.log:
                await asyncio.sleep(0.02)
        bot.send(signal.SIGINT)
        assert await bot.ended(3) in (-signal.SIGINT, -signal.SIGTERM), bot.log
