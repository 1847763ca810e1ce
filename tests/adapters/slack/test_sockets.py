"""Socket Mode: connections end in many ways, and the bot comes back from all of them."""

from __future__ import annotations

import asyncio

import pytest

from adapters.slack import sockets
from tests.adapters.slack.conftest import Bots
from tests.servers.slack import SlackServer, api_error, rate_limited, server_error
from tests.servers.slack.world import BOT_USER

COST = "How much did it cost to train DeepSeek R1?"


@pytest.fixture(autouse=True)
def short_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client notices by its ping, it notices ten times as fast."""
    monkeypatch.setattr(sockets, "PING_SECONDS", 0.5)


async def still_answers(slack: SlackServer) -> None:
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    [answer] = await slack.answers(await slack.ask(general, ana, COST), timeout=15)
    assert COST in answer.shown


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets"])
@pytest.mark.parametrize("close", [False, True])
async def test_a_disconnect_is_followed_by_a_new_connection(
    slack: SlackServer, bot: Bots, reason: str, close: bool
) -> None:
    """Slack warns before it hangs up, or not; the bot asks for a new address either way."""
    async with bot():
        before = len(slack.sockets.opened)
        await slack.sockets.warn(reason, close=close)
        await slack.sockets.opened.wait(lambda _: True, after=before)
        await still_answers(slack)
    assert len(slack.sockets.opened) <= before + 2


async def test_a_dropped_connection_is_made_anew(slack: SlackServer, bot: Bots) -> None:
    """Cut without a word."""
    async with bot() as app:
        slack.sockets.refuse = 1
        await slack.sockets.drop()
        async with asyncio.timeout(10):
            while app.health.ready:
                await asyncio.sleep(0.01)
        await slack.sockets.opened.wait(lambda _: True, after=1)
        await still_answers(slack)
        assert app.health.ready


async def test_what_was_asked_meanwhile_is_answered_once(slack: SlackServer, bot: Bots) -> None:
    """What Slack could not deliver comes again with the next connection."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        await slack.sockets.drop()
        asked = await slack.ask(general, ana, COST)
        await slack.answers(asked)
        await still_answers(slack)
    assert len(await slack.answers(asked)) == 1


async def test_a_handshake_that_fails_asks_for_another_address(
    slack: SlackServer, bot: Bots
) -> None:
    """An address is good for one attempt only."""
    async with bot():
        slack.sockets.refuse = 2
        await slack.sockets.drop()
        await slack.sockets.opened.wait(lambda _: True, after=1, timeout=15)
        await still_answers(slack)
    opened = slack.calls.find(lambda call: call.method == "apps.connections.open")
    assert len(opened) >= 4


@pytest.mark.parametrize("fault", [
    server_error(), rate_limited(1), api_error("internal_error")], ids=str)
async def test_no_address_at_once_is_no_reason_to_give_up(
    slack: SlackServer, bot: Bots, fault: object
) -> None:
    """Slack has its troubles; the bot tries again."""
    async with bot():
        slack.faults.add("apps.connections.open", fault, times=3)  # type: ignore[arg-type]
        await slack.sockets.drop()
        await slack.sockets.opened.wait(lambda _: True, after=1, timeout=20)
        await still_answers(slack)


async def test_too_many_connections_are_waited_out(slack: SlackServer, bot: Bots) -> None:
    """Slack allows ten; when another process lets go, this one gets in."""
    async with bot():
        slack.sockets.most = 0
        await slack.sockets.drop()
        await slack.calls.wait(lambda call: call.method == "apps.connections.open", count=3,
                               timeout=20)
        slack.sockets.most = 10
        await slack.sockets.opened.wait(lambda _: True, after=1, timeout=20)
        await still_answers(slack)


async def test_two_replicas_share_the_questions(slack: SlackServer, bot: Bots) -> None:
    """Each question reaches one of the connections and is answered once."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot(), bot():
        for _ in range(4):
            asked = await slack.ask(general, ana, COST)
            await slack.answers(asked)
    posted = slack.messages.find(lambda m: m.author == BOT_USER)
    assert len(posted) == 4


async def test_rubbish_on_the_socket_is_ignored(slack: SlackServer, bot: Bots) -> None:
    """Neither broken JSON nor an envelope of an unknown kind stops the bot."""
    async with bot():
        [connection] = slack.sockets.connections
        for text in ("{", "[]", "null", "{}", '{"type": "hello"}', '{"type": "novelty"}',
                     '{"type": "events_api", "envelope_id": "x", "payload": {}}',
                     '{"type": "events_api", "envelope_id": "y", "payload": {"event": {}}}'):
            await connection.send_str(text)
        await connection.send_bytes(b"\xff\xfe")
        await asyncio.wait_for(still_answers(slack), 10)
