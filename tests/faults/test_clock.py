"""The wall clock jumps; what is measured is not."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.conftest import Report
from tests.faults.process import Bot
from tests.faults.traffic import DiscordTraffic, SlackTraffic
from tests.servers.discord import DiscordServer
from tests.servers.slack import SlackServer

HOUR = 3_600


@pytest.fixture
def clock(tmp_path: Path) -> dict[str, str]:
    """Environment of a process whose clock the file `tmp_path/offset` sets."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("a C compiler makes the clock that can be set")
    library = tmp_path / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    set_clock(tmp_path, 0)
    return {"LD_PRELOAD": str(library), "TEST_CLOCK": str(tmp_path / "offset")}


def set_clock(folder: Path, seconds: int) -> None:
    """Set all at once: a half-written number would be another jump."""
    (folder / "new").write_text(str(seconds))
    (folder / "new").rename(folder / "offset")


async def test_the_clock_jumps(
    slack: SlackServer, discord: DiscordServer, clock: dict[str, str], tmp_path: Path,
    report: Report,
) -> None:
    """An hour ahead, a day back, right again, with events delivered twice throughout."""

    async def tell(event: dict[str, object]) -> None:
        number = f"Ev{event['ts']}"
        await asyncio.gather(
            slack.send_event(event, event_id=number), slack.send_event(event, event_id=number)
        )

    async with (
        Bot("all", data=tmp_path / "data", slack=slack, discord=discord, **clock),
        SlackTraffic(slack, 6.0, tell) as on_slack,
        DiscordTraffic(discord, 6.0) as on_discord,
    ):
        for seconds in (HOUR, -24 * HOUR, 0):
            await on_slack.answered(8)
            set_clock(tmp_path, seconds)
        await on_slack.answered(8)
        accounts = await on_slack.settle(), await on_discord.settle()
        report("clock +1 h, -24 h, right", *accounts)
    for account in accounts:
        assert (account.lost, account.twice) == (0, 0)


async def test_signed_requests_need_the_right_time(
    slack: SlackServer, clock: dict[str, str], tmp_path: Path
) -> None:
    """With a clock an hour off all are refused, so that nothing can be replayed; then taken."""
    from tests.faults.process import free_port

    port = free_port()
    slack.events_url = f"http://127.0.0.1:{port}/slack/events"
    settings = clock | {"AIFAQ_SLACK_HTTP": f"127.0.0.1:{port}"}
    async with Bot("slack", data=tmp_path / "data", slack=slack, **settings):
        user = slack.add_user("ana")
        message = slack.say(slack.dm(user), user, "hello")
        set_clock(tmp_path, HOUR)
        assert (await slack.send_event(slack.event_of(message))).status == 401
        set_clock(tmp_path, 0)
        assert (await slack.send_event(slack.event_of(message))).status == 200
        assert len(await slack.answers(message)) == 1
