"""The way to the platforms fails: dropped connections, refusals in bursts, doubled events."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

from tests.faults.conftest import Report
from tests.faults.process import Bot
from tests.faults.traffic import DiscordTraffic, SlackTraffic
from tests.servers.discord import DiscordServer
from tests.servers.discord import faults as discord_faults
from tests.servers.slack import SlackServer
from tests.servers.slack import faults as slack_faults
from tests.servers.slack.world import new_id

RATE = 6.0
POST = "/channels/{channel_id}/messages"


async def test_gateway_and_socket_are_dropped_again_and_again(
    slack: SlackServer, discord: DiscordServer, tmp_path: Path, report: Report
) -> None:
    """Cut without a word, closed, asked to come back: what was said meanwhile is answered once."""
    async with (
        Bot("all", data=tmp_path, slack=slack, discord=discord) as bot,
        SlackTraffic(slack, RATE) as on_slack,
        DiscordTraffic(discord, RATE) as on_discord,
    ):
        for _ in range(3):
            await asyncio.sleep(1.0)
            await discord.gateway.drop()
            await slack.sockets.drop()
            await asyncio.sleep(1.0)
            await discord.gateway.ask_reconnect()
            await slack.sockets.warn("refresh_requested", close=True)
            await asyncio.sleep(1.0)
            await discord.gateway.close(4000)
            discord.gateway.refuse(1)
            slack.sockets.refuse = 1
            await slack.sockets.drop()
        accounts = await on_slack.settle(30), await on_discord.settle(30)
        report("gateway and socket dropped 9 times", *accounts)
        await bot.until_ready()
    for account in accounts:
        assert (account.lost, account.twice) == (0, 0)


async def test_refusals_in_bursts(
    slack: SlackServer, discord: DiscordServer, tmp_path: Path, report: Report
) -> None:
    """429, 5xx, resets, and answers lost after the message was made."""
    async with (
        Bot("all", data=tmp_path, slack=slack, discord=discord) as bot,
        SlackTraffic(slack, RATE) as on_slack,
        DiscordTraffic(discord, RATE) as on_discord,
    ):
        for fault in (
            discord_faults.rate_limited(0.4),
            discord_faults.server_error(502),
            discord_faults.reset(),
            discord_faults.reset().but_done(),
            discord_faults.rate_limited(1.0, whole_app=True),
        ):
            discord.faults.add("POST", POST, fault, times=5)
        for refusal in (
            slack_faults.rate_limited(1), slack_faults.server_error(503), slack_faults.reset(),
            slack_faults.server_error(500), slack_faults.api_error("internal_error"),
        ):
            slack.faults.add("chat.postMessage", refusal, times=5)
            await on_slack.answered(6)
            await on_discord.answered(6)
        accounts = await on_slack.settle(40), await on_discord.settle(40)
        report("429, 5xx, resets in bursts", *accounts)
        waits = await bot.metrics()
    for account in accounts:
        assert (account.lost, account.twice) == (0, 0)
    assert waits['aifaq_rate_limit_waits_total{platform="slack"}'] >= 1
    assert waits['aifaq_rate_limit_waits_total{platform="discord"}'] >= 1


async def test_events_come_twice_and_out_of_order(
    slack: SlackServer, discord: DiscordServer, tmp_path: Path, report: Report
) -> None:
    """Each event up to three times, late and in any order: one answer each."""
    chance = random.Random(5)

    async def tell(event: dict[str, Any]) -> None:
        number = new_id("Ev")

        async def later() -> None:
            await asyncio.sleep(chance.uniform(0, 0.5))
            await slack.send_event(event, event_id=number)

        await asyncio.gather(*(later() for _ in range(chance.randint(1, 3))))

    class Doubled(DiscordTraffic):
        async def _ask(self, person: str, question: str) -> None:
            user = self.server.add_user(person)
            channel = self.server.dm(user)
            self.account.sent[channel.id] = asyncio.get_running_loop().time()
            message = await self.server.say(channel, user, question)
            for _ in range(chance.randint(0, 2)):
                await asyncio.sleep(chance.uniform(0, 0.3))
                await self.server._tell("MESSAGE_CREATE", channel, message)

    async with (
        Bot("all", data=tmp_path, slack=slack, discord=discord),
        SlackTraffic(slack, RATE, tell) as on_slack,
        Doubled(discord, RATE) as on_discord,
    ):
        await asyncio.gather(on_slack.answered(40), on_discord.answered(40))
        accounts = await on_slack.settle(), await on_discord.settle()
        report("events doubled and out of order", *accounts)
    for account in accounts:
        assert (account.lost, account.twice) == (0, 0)
