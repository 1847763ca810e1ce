"""Channels that are answered without a mention: only when certain, once a minute, else silent."""

from __future__ import annotations

import logging

import pytest

from tests.adapters.discord.conftest import StartBot, sends
from tests.servers.discord import Channel, DiscordServer, Guild, User

OPENING = "When does the library open?"
CONTENT = 1 << 15


async def test_a_certain_answer_is_given_unasked(
    server: DiscordServer, guild: Guild, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """In the chosen channel and its threads, and nowhere else."""
    server.grant_message_content()
    other, thread = guild.add_channel("other"), guild.add_thread(channel, "thread")
    await start_bot(discord_auto_channels=(channel.id,))
    await server.say(other, ana, OPENING)
    for place in (channel, thread):
        answer = await server.answer_to(await server.say(place, ana, OPENING))
        assert answer["embeds"][0]["title"] == OPENING
    assert len(sends(server)) == 2


async def test_what_is_not_certain_is_met_with_silence(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """No "not found", no "did you mean", no small talk where nobody spoke to the bot."""
    server.grant_message_content()
    await start_bot(discord_auto_channels=(channel.id,))
    for text in ("hello", "best apple pie recipe?", "lol", "see you at the library", ""):
        await server.say(channel, ana, text)
    await server.answer_to(await server.say(channel, ana, OPENING))
    assert len(sends(server)) == 1


async def test_an_entry_is_given_once_a_minute(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """The second time within the minute, the channel is left in peace."""
    server.grant_message_content()
    await start_bot(discord_auto_channels=(channel.id,))
    await server.answer_to(await server.say(channel, ana, OPENING))
    await server.say(channel, bob, "library opening hours")
    card = await server.say(channel, bob, "Is a library card free of charge?")
    await server.answer_to(card)
    assert len(sends(server)) == 2


async def test_the_intent_is_asked_for_only_with_such_channels(
    server: DiscordServer, channel: Channel, start_bot: StartBot
) -> None:
    """Without the setting, the bot identifies without Message Content."""
    server.grant_message_content()
    first = await start_bot()
    await first.end()
    await start_bot(discord_auto_channels=(channel.id,))
    await server.gateway.ready.wait(lambda _: True, count=2)
    identifies = [f["d"]["intents"] for f in server.gateway.received if f["op"] == 2]
    assert [bool(intents & CONTENT) for intents in identifies] == [False, True]


async def test_without_the_intent_the_rest_works_and_the_operator_is_told(
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Discord has not granted it: mentions are answered, the log says where to turn it on."""
    with caplog.at_level(logging.ERROR, "aifaq.discord"):
        await start_bot(discord_auto_channels=(channel.id,))
    await server.say(channel, ana, OPENING)
    await server.answer_to(await server.ask(channel, ana, OPENING))
    assert len(sends(server)) == 1
    assert "Privileged Gateway Intents" in caplog.text


async def test_a_refusal_at_the_gateway_does_not_end_the_bot(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The flags said yes, the gateway says 4014: the bot comes back without the intent."""
    server.grant_message_content()
    server.gateway.content_refused = True
    await start_bot(discord_auto_channels=(channel.id,))
    await server.answer_to(await server.ask(channel, ana, OPENING))
