"""Several processes behind one address, sharing PostgreSQL and a knowledge folder."""

from __future__ import annotations

import asyncio
import itertools
import random
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp

from tests.faults.conftest import Report
from tests.faults.process import Bot, free_port
from tests.faults.traffic import SlackTraffic
from tests.servers.postgres import PostgresServer
from tests.servers.slack import SlackServer
from tests.servers.slack.world import new_id

HOURS = "When does the library open?"
RETRY = {"X-Slack-Retry-Num": "1"}


class Balancer:
    """Slack's deliveries to whichever replica chance picks; refused ones are tried elsewhere."""

    def __init__(self, slack: SlackServer, urls: list[str]) -> None:
        self._slack, self.urls = slack, urls
        self._chance = random.Random(11)

    async def tell(self, event: dict[str, Any]) -> None:
        """Deliver an event once, and one in three to two replicas at the same time."""
        number = new_id("Ev")
        first, *rest = self._chance.sample(self.urls, len(self.urls))
        deliveries = [self._deliver(event, number, [first, *rest])]
        if self._chance.random() < 1 / 3:
            deliveries.append(self._deliver(event, number, rest, **RETRY))
        await asyncio.gather(*deliveries)

    async def _deliver(
        self, event: dict[str, Any], number: str, urls: list[str], **headers: str
    ) -> None:
        for url in itertools.islice(itertools.cycle(urls), 4):
            self._slack.events_url = url  # read before the first await
            try:
                if (await self._slack.send_event(event, event_id=number, **headers)).status == 200:
                    return
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(0.05)
            headers |= RETRY


async def choose_french(slack: SlackServer, user: Any) -> None:
    """In App Home."""
    shown = len(slack.shown_views)
    await slack.open_home(user)
    await slack.shown_views.wait(lambda view: view["type"] == "home", after=shown)
    home = slack.homes[user.id]
    select, _ = slack.find(home["blocks"], "faq_my_language")
    option = next(option for option in select["options"] if option["value"] == "fr")
    await slack.click(home, user, "faq_my_language", option=option)
    await slack.shown_views.wait(lambda view: view["type"] == "home", after=shown + 1)


async def in_service(bots: list[Bot]) -> set[str]:
    """The versions that the replicas answer from."""
    pages = await asyncio.gather(*(bot.get("readyz") for bot in bots))
    return {told["knowledge"]["version"] for _, told in pages}


async def test_three_replicas_answer_as_one(
    slack: SlackServer, database_server: PostgresServer, folder: Path, tmp_path: Path,
    report: Report,
) -> None:
    """Random and doubled deliveries, a language choice, new files, SIGTERM to one, SIGKILL to one."""
    shared = {
        "AIFAQ_DATABASE_URL": database_server.create_database(),
        "AIFAQ_SECRET_KEY": "the same for all replicas",
        "AIFAQ_KNOWLEDGE": str(folder),
    }
    ports = [free_port() for _ in range(3)]
    bots = [
        Bot("slack", data=tmp_path / f"{port}", slack=slack,
            AIFAQ_SLACK_HTTP=f"127.0.0.1:{port}", **shared)
        for port in ports
    ]
    urls = [f"http://127.0.0.1:{port}/slack/events" for port in ports]
    async with AsyncExitStack() as running:
        await asyncio.gather(*(running.enter_async_context(bot) for bot in bots))

        # A choice made through one replica holds at the next one.
        ana, general = slack.add_user("ana"), slack.add_channel("general")
        slack.events_url = urls[0]
        await choose_french(slack, ana)
        slack.events_url = urls[1]
        [answer] = await slack.answers(await slack.ask(general, ana, HOURS))
        assert HOURS not in answer.shown

        # New files reach all of them.
        (before,) = await in_service(bots)
        entry = min(folder.glob("services/*.yaml"))
        entry.write_text(entry.read_text().replace("answer: |\n    ", "answer: |\n    Now: "))
        async with asyncio.timeout(30):
            while before in (versions := await in_service(bots)):
                await asyncio.sleep(0.1)
        assert len(versions) == 1

        # Traffic, while one leaves and one dies.
        balancer = Balancer(slack, urls)
        async with SlackTraffic(slack, 12.0, balancer.tell) as traffic:
            await traffic.answered(40)
            code, _ = await bots[0].end()
            assert code == 0, bots[0].log
            await traffic.answered(30)
            await bots[1].kill()
            in_hand = traffic.account.lost
            await traffic.answered(30)
            account = await traffic.settle(2)
        report("3 replicas, 1 leaves, 1 is killed", account, f"{in_hand} in hand when killed")
    assert account.twice == 0
    assert account.lost <= in_hand
