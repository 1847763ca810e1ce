"""Asking by mention, DM, reply and command, at the level of what goes over the wire."""

from __future__ import annotations

from tests.adapters.discord.conftest import StartBot
from tests.servers.discord import Channel, DiscordServer, User


async def test_a_mention_is_answered_by_a_reply(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The answer replies to the question, pings nobody and shows question, text and sources."""
    await start_bot()
    question = await server.ask(channel, ana, "When does the library open?")
    answer = await server.answer_to(question)
    assert "library" in answer["embeds"][0]["title"].lower()
    assert not answer["mentions"]
    sent = server.requests.find(lambda r: r.name == "POST /channels/{channel_id}/messages")
    assert sent[0].body["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert sent[0].body["nonce"] == question["id"]
    assert sent[0].body["enforce_nonce"] is True
