"""Mentions, direct messages and follow-ups."""

from __future__ import annotations

from tests.adapters.slack.conftest import Bots
from tests.servers.slack import SlackServer

COST = "How much did it cost to train DeepSeek R1?"


async def test_a_mention_is_answered_once_in_its_thread(slack: SlackServer, bot: Bots) -> None:
    """One answer, in the thread of the mention, with header, text, sources and controls."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        asked = await slack.ask(general, ana, COST)
        [answer] = await slack.answers(asked)
    assert answer.thread_ts == asked.ts
    assert answer.text.startswith(f"*{COST}*")
    print(answer.blocks)
