"""The knowledge folder is mistreated under traffic; the last good base answers all along."""

from __future__ import annotations

import asyncio
import random
import shutil
from pathlib import Path

from tests.faults.conftest import Report
from tests.faults.process import Bot
from tests.faults.traffic import SlackTraffic
from tests.servers.slack import SlackServer


async def in_service(bot: Bot) -> tuple[int, str]:
    """Entries and version, by /readyz."""
    status, told = await bot.get("readyz")
    assert status == 200
    return told["knowledge"]["entries"], told["knowledge"]["version"]


async def changed(bot: Bot, version: str, *, seconds: float = 30) -> str:
    """The next version that goes into service."""
    async with asyncio.timeout(seconds):
        while (now := (await in_service(bot))[1]) == version:
            await asyncio.sleep(0.05)
    return now


async def test_removed_replaced_and_half_written(
    slack: SlackServer, folder: Path, tmp_path: Path, report: Report
) -> None:
    """Vanished, put back, replaced by a newer one, and an entry cut off a hundred times."""
    entry = min(folder.glob("services/*.yaml"))
    text = entry.read_text()
    count = len(list(folder.glob("services/*.yaml")))
    async with (
        Bot("slack", data=tmp_path / "data", slack=slack, AIFAQ_KNOWLEDGE=str(folder)) as bot,
        SlackTraffic(slack, 12.0) as traffic,
    ):
        entries, version = await in_service(bot)
        assert entries == count
        # Vanished, then back as it was.
        folder.rename(folder.with_name("elsewhere"))
        await traffic.answered(12)
        assert await in_service(bot) == (entries, version)
        folder.with_name("elsewhere").rename(folder)
        # Replaced whole, as a symlink swap or a new mount does.
        newer = Path(shutil.copytree(folder, tmp_path / "newer"))
        (newer / entry.relative_to(folder)).write_text(_reworded(text, "Once more"))
        folder.rename(tmp_path / "older")
        newer.rename(folder)
        version = await changed(bot, version)
        # Cut off at random places, a hundred times.
        chance = random.Random(7)
        whole = _reworded(text, "A last time")
        for _ in range(100):
            entry.write_text(whole[: chance.randrange(len(whole))])
            await asyncio.sleep(0.02)
            assert (await in_service(bot))[0] == entries
        entry.write_text(whole)
        await changed(bot, version)
        assert (await in_service(bot))[0] == entries
        account = await traffic.settle()
        report("knowledge removed, replaced, cut", account)
        assert (account.lost, account.twice) == (0, 0)
        assert "Traceback" not in bot.log


def _reworded(text: str, words: str) -> str:
    """The entry with other first words of its first answer."""
    head, answer, rest = text.partition("answer: |\n    ")
    assert answer
    return f"{head}{answer}{words}: {rest}"
