"""The connection's life: start, loss, resumption, invalidation, stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from adapters.discord import run
from adapters.discord.sharding import Shards, parse_shards
from bot.app import App
from bot.errors import SettingsError
from bot.records import Records
from bot.service import Faq
from bot.settings import Settings
from tests.adapters.discord.conftest import StartBot, sends
from tests.servers.discord import Channel, DiscordServer, User, faults

OPENING = "When does the library open?"
RESUME, IDENTIFY = 6, 2


def sent_ops(server: DiscordServer) -> list[int]:
    """What the client asked for on the gateway, heartbeats left out."""
    return [f["op"] for f in server.gateway.received if f["op"] in (IDENTIFY, RESUME)]


# --- losing the connection ------------------------------------------------------------------


@pytest.mark.parametrize(
    "lose",
    [
        lambda gateway: gateway.drop(),
        lambda gateway: gateway.ask_reconnect(),
        lambda gateway: gateway.close(4000),
        lambda gateway: gateway.close(1001),
        lambda gateway: gateway.invalidate(resumable=True),
    ],
    ids=["reset", "reconnect requested", "closed 4000", "closed 1001", "invalid but resumable"],
)
async def test_a_question_asked_while_the_connection_is_lost_is_answered_once(
    lose: Callable[[object], Awaitable[None]],
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
) -> None:
    """The session is resumed and what was missed is played back."""
    await start_bot()
    await lose(server.gateway)
    question = await server.ask(channel, ana, OPENING)
    await server.answer_to(question, seconds=15)
    assert sent_ops(server) == [IDENTIFY, RESUME]
    assert len(sends(server)) == 1


async def test_an_event_played_back_is_not_answered_twice(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The same message event arrives again after a resumption."""
    await start_bot()
    question = await server.ask(channel, ana, OPENING)
    await server.answer_to(question)
    told = question | {"guild_id": channel.guild_id}
    await server.gateway.dispatch("MESSAGE_CREATE", told, guild_id=channel.guild_id)
    await server.answer_to(await server.ask(channel, ana, "Is a library card free of charge?"))
    assert len(sends(server)) == 2


async def test_a_lost_session_is_replaced_by_a_new_one(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """After an invalidation, the bot identifies anew and answers."""
    await start_bot()
    await server.gateway.invalidate()
    await server.gateway.ready.wait(lambda _: True, count=2, seconds=20)
    await server.answer_to(await server.ask(channel, ana, OPENING))
    assert sent_ops(server) == [IDENTIFY, IDENTIFY]


async def test_a_gateway_that_is_away_for_a_while_is_tried_again(
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Connections are refused twice before one succeeds; the session is still resumed."""
    await start_bot()
    server.gateway.refuse(1, status=503)
    server.gateway.refuse(1, status=0)
    await server.gateway.drop()
    question = await server.ask(channel, ana, OPENING)
    await server.answer_to(question, seconds=25)
    assert sent_ops(server) == [IDENTIFY, RESUME]
    assert "Traceback" not in caplog.text


# --- starting -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [faults.server_error(503), faults.reset(), faults.cloudflare_ban()],
    ids=["503", "reset", "429"],
)
@pytest.mark.parametrize("route", ["/users/@me", "/oauth2/applications/@me", "/gateway/bot"])
async def test_a_start_that_fails_is_repeated(
    *,
    route: str,
    fault: faults.Fault,
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
) -> None:
    """Discord is down while the bot starts: it comes up when Discord does."""
    server.faults.add("GET", route, fault)
    await start_bot()
    await server.answer_to(await server.ask(channel, ana, OPENING))


@pytest.mark.parametrize("status", [503, 0], ids=["503", "reset"])
async def test_a_first_gateway_connection_that_fails_is_repeated(
    status: int, server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Where a plain discord.py client dies of an AttributeError."""
    server.gateway.refuse(1, status=status)
    await start_bot(wait=False)
    await server.gateway.ready.wait(lambda _: True, seconds=25)
    await server.answer_to(await server.ask(channel, ana, OPENING))


async def test_commands_that_cannot_be_written_do_not_keep_the_bot_from_answering(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The log tells; mentions are answered."""
    server.faults.add("PUT", "/applications/{application_id}/commands", faults.invalid_form())
    await start_bot()
    await server.answer_to(await server.ask(channel, ana, OPENING))


def app_with(faqs: dict[str, Faq], **settings: object) -> App:
    known = Settings(encoder="none").model_dump() | settings
    return App(Settings.model_construct(**known), faqs["small"], Records())


async def test_without_a_token_it_says_where_to_get_one(faqs: dict[str, Faq]) -> None:
    """No token is the first thing that happens to anybody."""
    with pytest.raises(SettingsError, match=r"https://discord\.com/developers"):
        await run(app_with(faqs, discord_token=None), stop=asyncio.Event())


async def test_a_token_that_discord_refuses_ends_the_run(
    server: DiscordServer, start_bot: StartBot
) -> None:
    """Trying again would be no use."""
    bot = await start_bot(wait=False)
    await bot.end()
    server.token = "another"
    bot = await start_bot(wait=False)
    server.token = "changed.since"
    with pytest.raises(SettingsError, match="does not accept DISCORD_TOKEN"):
        await asyncio.wait_for(bot.task, 10)


async def test_stopping_finishes_what_is_in_hand(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """A question whose send is being retried is answered before the bot leaves."""
    bot = await start_bot()
    server.faults.add("POST", "/channels/{channel_id}/messages", faults.server_error(503), times=2)
    question = await server.ask(channel, ana, OPENING)
    await server.requests.wait(lambda r: r.status == 503)
    await bot.end()
    assert (await server.answer_to(question))["embeds"]


# --- where it connects ----------------------------------------------------------------------


async def test_shards_are_as_many_as_discord_recommends(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Each shard identifies; a guild is served by its own."""
    server.shards = 2
    await start_bot()
    await server.gateway.ready.wait(lambda _: True, count=2, seconds=20)
    shards = [tuple(f["d"]["shard"]) for f in server.gateway.received if f["op"] == IDENTIFY]
    assert shards == [(0, 2), (1, 2)]
    await server.answer_to(await server.ask(channel, ana, OPENING))
    await server.answer_to(await server.say(server.dm(ana), ana, OPENING))


async def test_some_of_several_shards_are_run(server: DiscordServer, start_bot: StartBot) -> None:
    """`AIFAQ_DISCORD_SHARDS=1/3` runs the second of three."""
    await start_bot(discord_shards="1/3")
    shards = [tuple(f["d"]["shard"]) for f in server.gateway.received if f["op"] == IDENTIFY]
    assert shards == [(1, 3)]


def test_shards_are_read_or_refused() -> None:
    """A faulty setting is named with the shape it must have."""
    assert parse_shards(" 0, 1 / 4 ") == Shards((0, 1), 4)
    assert parse_shards("") is None
    for wrong in ("4/4", "1", "a/b", "0-2/4"):
        with pytest.raises(SettingsError, match="AIFAQ_DISCORD_SHARDS"):
            parse_shards(wrong)


async def test_a_session_is_resumed_at_the_gateway_of_the_settings(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Whatever address the gateway itself tells: behind a proxy it would lead around it."""
    server.gateway.resume_url = "ws://127.0.0.1:9/gateway"
    await start_bot()
    await server.gateway.drop()
    await server.answer_to(await server.ask(channel, ana, OPENING))
    assert sent_ops(server) == [IDENTIFY, RESUME]


async def test_the_gateways_address_may_be_left_to_the_rest_server(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """With DISCORD_API_BASE alone, `/gateway/bot` tells it, for reconnects too."""
    await start_bot(discord_gateway_url=None)
    await server.gateway.invalidate()
    await server.gateway.ready.wait(lambda _: True, count=2, seconds=20)
    await server.answer_to(await server.ask(channel, ana, OPENING))
