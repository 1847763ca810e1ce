"""When Discord or the network fails: nothing is lost, nothing is answered twice."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import pytest

from bot.service import Faq
from tests.adapters.discord.conftest import Running, StartBot, sends
from tests.servers.discord import Channel, DiscordServer, Guild, User, faults
from tests.servers.discord.world import ATTACH_FILES, EMBED_LINKS, READ_HISTORY, SEND_MESSAGES

OPENING = "When does the library open?"
SEND = ("POST", "/channels/{channel_id}/messages")
CALLBACK = ("POST", "/interactions/{interaction_id}/{token}/callback")


async def answered_once(server: DiscordServer, channel: Channel, user: User) -> None:
    """Ask, and see exactly one answer in the channel."""
    question = await server.ask(channel, user, OPENING)
    await server.answer_to(question)
    later = await server.ask(channel, user, "Is a library card free of charge?")
    await server.answer_to(later)
    made = [m for m in server.messages.values() if m["author"]["id"] == server.bot.id]
    referred = [m["message_reference"]["message_id"] for m in made]
    assert referred == [question["id"], later["id"]]


# --- sending --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        faults.rate_limited(0.2),
        faults.rate_limited(0.2, whole_app=True),
        faults.cloudflare_ban(),
        faults.server_error(500),
        faults.server_error(502),
        faults.server_error(503),
        faults.reset(),
        faults.reset().but_done(),
        faults.server_error(503).but_done(),
    ],
    ids=lambda f: f"{f.status or 'reset'}{' after it was done' if f.after else ''}",
)
async def test_a_send_that_fails_is_repeated_to_one_answer(
    fault: faults.Fault, server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Whether the request was lost or only its answer: one message, by the same nonce."""
    await start_bot()
    server.faults.add(*SEND, fault)
    await answered_once(server, channel, ana)
    requests = await server.requests.wait(lambda r: r.name == " ".join(SEND), count=3)
    nonces = [request.body["nonce"] for request in requests]
    assert sorted(map(nonces.count, set(nonces))) == [1, 2]
    made = [m for m in server.messages.values() if m["author"]["id"] == server.bot.id]
    assert len(made) == 2


async def test_a_long_outage_is_sat_out(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Several failures in a row, with growing pauses."""
    await start_bot()
    server.faults.add(*SEND, faults.server_error(503), times=3)
    await answered_once(server, channel, ana)
    at = [request.at for request in sends(server)[:4]]
    assert at[3] - at[2] > at[1] - at[0]


async def test_an_exhausted_bucket_delays_and_loses_nothing(
    server: DiscordServer, guild: Guild, start_bot: StartBot
) -> None:
    """Ten people ask at once where Discord takes five messages a second: ten answers."""
    channel = guild.add_channel("busy")
    server.limit_route("POST /channels/{channel_id}/messages", 5, 1.0)
    await start_bot(knowledge="shipped")
    people = [server.add_user(f"user{number}") for number in range(10)]
    asked = [await server.ask(channel, user, f"hello {user.name}") for user in people]
    for question in asked:
        await server.answer_to(question)
    assert len([r for r in sends(server) if r.status == 200]) == 10


async def test_a_message_deleted_before_the_reply_is_answered_in_the_channel(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The answer stands alone instead of failing."""
    await start_bot()
    server.faults.add(*SEND, faults.server_error(503))
    question = await server.ask(channel, ana, OPENING)
    await server.requests.wait(lambda r: r.status == 503)
    await server.delete(question)
    made = await server.sent.wait(lambda m: m["channel_id"] == channel.id)
    assert made[0]["embeds"]
    assert "message_reference" not in made[0]


# --- permissions ----------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["known", "found out"])
async def test_without_the_right_to_attach_the_answer_comes_without_its_chart(
    known: bool, server: DiscordServer, guild: Guild, ana: User, start_bot: StartBot
) -> None:
    """Known beforehand from the guild, or learnt from a 403."""
    channel = guild.add_channel("plain", bot_denied=ATTACH_FILES if known else 0)
    await start_bot(knowledge="shipped")
    if not known:
        server.faults.add(*SEND, faults.forbidden())
    question = await server.ask(channel, ana, "How much did it cost to train DeepSeek R1?")
    answer = await server.answer_to(question)
    assert answer["embeds"]
    assert not answer["attachments"]
    assert "image" not in answer["embeds"][0]
    assert len(sends(server)) == (1 if known else 2)


@pytest.mark.parametrize("known", [True, False], ids=["known", "found out"])
async def test_without_the_right_to_embed_the_answer_is_text(
    known: bool, server: DiscordServer, guild: Guild, ana: User, start_bot: StartBot
) -> None:
    """Question, text, standing and sources still fit into a plain message."""
    channel = guild.add_channel("plain", bot_denied=EMBED_LINKS if known else 0)
    await start_bot(knowledge="shipped")
    if not known:
        channel.bot_denied = EMBED_LINKS
    question = await server.ask(channel, ana, "How much did it cost to train DeepSeek R1?")
    answer = await server.answer_to(question)
    assert "https://" in answer["content"]
    assert "Claimed" in answer["content"]
    assert not answer["embeds"]


async def test_without_the_history_the_answer_names_the_asker(
    server: DiscordServer, guild: Guild, ana: User, start_bot: StartBot
) -> None:
    """A reply is not possible; the answer says for whom it is, without a ping."""
    channel = guild.add_channel("amnesia", bot_denied=READ_HISTORY)
    await start_bot()
    await server.ask(channel, ana, OPENING)
    made = await server.sent.wait(lambda m: m["channel_id"] == channel.id)
    assert made[0]["content"].startswith(ana.mention)


@pytest.mark.parametrize("known", [True, False], ids=["known", "found out"])
async def test_where_the_bot_may_not_write_the_asker_gets_a_dm(
    known: bool, server: DiscordServer, guild: Guild, ana: User, start_bot: StartBot
) -> None:
    """With a link to the question."""
    channel = guild.add_channel("closed", bot_denied=SEND_MESSAGES if known else 0)
    await start_bot()
    channel.bot_denied = SEND_MESSAGES
    question = await server.ask(channel, ana, OPENING)
    made = await server.sent.wait(lambda m: m["channel_id"] == server.dm(ana).id)
    assert made[0]["embeds"]
    assert question["id"] in made[0]["content"]


async def test_where_no_way_is_left_the_operator_is_told(
    *,
    server: DiscordServer,
    guild: Guild,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No right to write, DMs closed: a line in the log, and the next question is answered."""
    closed = guild.add_channel("closed", bot_denied=SEND_MESSAGES)
    ana.dm_closed = True
    await start_bot()
    await server.ask(closed, ana, OPENING)
    await server.requests.wait(lambda r: r.status == 403)
    await server.answer_to(await server.ask(channel, ana, OPENING))
    assert "no way to answer" in caplog.text


# --- interactions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [faults.server_error(503), faults.reset(), faults.reset().but_done(), faults.rate_limited(0.2)],
    ids=["503", "reset", "reset after it was done", "429"],
)
async def test_a_first_response_that_fails_is_repeated(
    *,
    fault: faults.Fault,
    server: DiscordServer,
    channel: Channel,
    ana: User,
    bob: User,
    start_bot: StartBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The command is answered once, within the three seconds."""
    await start_bot()
    server.faults.add(*CALLBACK, fault)
    used = await server.command(channel, ana, "faq", question=OPENING)
    assert (await used.message())["embeds"]
    await server.requests.wait(lambda r: r.name == " ".join(CALLBACK), count=2)
    assert (used.responded_after or 9) < 3
    another = await server.command(channel, bob, "faq", question="hello")
    await another.message()
    assert len(server.sent) == 2
    assert "error" not in {record.levelname.lower() for record in caplog.records}


async def test_slow_work_is_deferred_and_then_answered(
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A chart that takes long: the first response defers, the answer follows with the chart."""

    def slowly(*_: object, **__: object) -> bytes:
        time.sleep(2)
        return b"\x89PNG slow"

    monkeypatch.setattr("bot.charts.entry.chart_png", slowly)
    await start_bot()
    used = await server.command(channel, ana, "faq", question="Is a library card free of charge?")
    assert (await used.first())["type"] == 5
    assert (used.responded_after or 9) < 3
    message = await used.message()
    assert message["embeds"]
    assert used.files["figures.png"] == b"\x89PNG slow"


async def test_an_edit_after_deferring_is_repeated(
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer that follows a deferral survives a failing webhook."""
    monkeypatch.setattr("adapters.discord.interactions.PATIENCE", 0.0)
    await start_bot()
    edit = ("PATCH", "/webhooks/{webhook_id}/{token}/messages/{message_id}")
    server.faults.add(*edit, faults.reset())
    server.faults.add(*edit, faults.server_error(503))
    used = await server.command(channel, ana, "faq", question=OPENING)
    assert (await used.message())["embeds"]


# --- errors ---------------------------------------------------------------------------------


def break_respond(bot: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next question fail inside."""
    respond, left = bot.app.faq.respond, [True]

    def failing(_self: Faq, question: object) -> object:
        if left:
            left.clear()
            raise ZeroDivisionError("made to fail")
        return respond(question)  # type: ignore[arg-type]

    monkeypatch.setattr(Faq, "respond", failing)


async def test_an_error_is_told_by_its_number_and_touches_nothing_else(
    *,
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The person sees the number that is in the log; the next question is answered."""
    break_respond(await start_bot(), monkeypatch)
    told = await server.answer_to(await server.ask(channel, ana, OPENING))
    number = told["content"].split()[-1]
    assert f"error {number} in message" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert (await server.answer_to(await server.ask(channel, ana, OPENING)))["embeds"]


async def test_an_error_in_a_command_is_told_privately(
    *,
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also in a command, and only to whoever used it."""
    break_respond(await start_bot(), monkeypatch)
    used = await server.command(channel, ana, "faq", question=OPENING)
    number = (await used.message())["content"].split()[-1]
    assert used.ephemeral
    assert f"error {number} in interaction" in caplog.text


async def test_an_interaction_that_came_too_late_is_logged(
    server: DiscordServer,
    channel: Channel,
    ana: User,
    start_bot: StartBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Discord no longer takes the answer; the bot goes on."""
    await start_bot()
    with caplog.at_level(logging.WARNING, "aifaq.discord"):
        server.faults.add(*CALLBACK, faults.Fault(status=404, code=10062, message="Unknown"))
        await server.command(channel, ana, "faq", question=OPENING)
        await server.requests.wait(lambda r: r.status == 404)
        used = await server.command(channel, ana, "faq", question=OPENING)
        await used.message()
    assert "too late" in caplog.text


async def test_a_chart_that_takes_too_long_is_left_out_and_there_the_next_time(
    server: DiscordServer, ana: User, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer is not held back; the drawing goes on behind it."""
    drawing, drawn = threading.Event(), threading.Event()

    def slowly(*_: object, **__: object) -> bytes:
        drawing.wait(10)
        drawn.set()
        return b"\x89PNG slow"

    monkeypatch.setattr("bot.charts.entry.chart_png", slowly)
    monkeypatch.setattr("adapters.discord.charts.LONGEST", 0.05)
    await start_bot()
    text = "Is a library card free of charge?"
    first = await server.answer_to(await server.say(server.dm(ana), ana, text))
    drawing.set()
    await asyncio.to_thread(drawn.wait, 10)
    second = await server.answer_to(await server.say(server.dm(ana), ana, text))
    assert [bool(message["attachments"]) for message in (first, second)] == [False, True]
