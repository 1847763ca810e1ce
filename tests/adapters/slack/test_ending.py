"""Told to stop: what Slack was told is done gets done, and what it was not told, it sends again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.slack import run, sockets
from adapters.slack.work import Work
from bot.app import App
from tests.adapters.slack.conftest import Bots, settings_for
from tests.faults.process import free_port
from tests.servers.slack import SlackServer, late
from tests.servers.slack.world import BOT_USER, Message

COST = "How much did it cost to train DeepSeek R1?"


class Leaving:
    """A bot that a test tells to stop, and what it does then."""

    def __init__(self, slack: SlackServer, **settings: object) -> None:
        self.app = App.create(settings_for(slack, **settings))
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._running = asyncio.create_task(run(self.app, stop=self._stop))
        while not (part := self.app.health.parts.get("slack")) or not part.ok:
            assert not self._running.done()
            await asyncio.sleep(0.01)

    def stop(self) -> None:
        self._stop.set()

    async def ended(self) -> None:
        assert self._running
        await asyncio.wait_for(self._running, 10)


def sent(slack: SlackServer) -> list[Message]:
    """What the bot has posted by now: after its end nothing more comes."""
    return [message for message in slack.messages if message.author == BOT_USER]


async def test_what_is_in_hand_is_finished_at_the_end(slack: SlackServer) -> None:
    """Told to stop while an answer is on its way, the bot sends it first."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    bot = Leaving(slack)
    await bot.start()
    slack.faults.add("chat.postMessage", late(0.5))
    await slack.ask(general, ana, COST)
    bot.stop()
    await bot.ended()
    assert len(sent(slack)) == 1


@pytest.mark.parametrize("way", ["socket", "http"])
async def test_what_is_acknowledged_but_not_begun_is_answered_at_the_end(
    slack: SlackServer, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Between the acknowledgement and the answer the store is asked: the end waits for that too."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    settings = {}
    if way == "http":
        port = free_port()
        slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        settings = {"slack_http": f"127.0.0.1:{port}", "SLACK_SIGNING_SECRET": slack.signing_secret}
    bot, store_answers = Leaving(slack, **settings), asyncio.Event()
    claim = bot.app.records.claim

    async def slow(key: str, *, patient: bool = False) -> bool:
        if "message" in key:
            await store_answers.wait()
        return await claim(key, patient=patient)

    monkeypatch.setattr(bot.app.records, "claim", slow)
    finish, finishing = Work.finish, asyncio.Event()

    async def noticed(work: Work, seconds: float) -> int:
        finishing.set()
        return await finish(work, seconds)

    monkeypatch.setattr(Work, "finish", noticed)
    await bot.start()
    await slack.ask(general, ana, COST)  # returns when it is acknowledged
    bot.stop()
    await asyncio.wait_for(finishing.wait(), 10)
    store_answers.set()
    await bot.ended()
    assert len(sent(slack)) == 1


async def test_what_is_not_acknowledged_at_the_end_is_left_to_the_next(
    slack: SlackServer, bot: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What arrives while it hangs up is not taken, so that Slack sends it again: one answer."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    leaving, arrived, hang_up = asyncio.Event(), asyncio.Event(), asyncio.Event()

    opened: list[sockets.Socket] = []

    class Slow(sockets.Socket):
        async def enqueue_message(self, message: str) -> None:
            await super().enqueue_message(message)
            if "hello" in message:
                opened.append(self)
            if "events_api" in message:
                arrived.set()

        async def disconnect(self) -> None:
            leaving.set()
            await hang_up.wait()
            await super().disconnect()

    first = Leaving(slack)
    with monkeypatch.context() as patched:
        patched.setattr(sockets, "Socket", Slow)
        await first.start()
    # slack-sdk stops reading after the first thing that comes once it is closed: let that be ours,
    # not what Slack says on opening.
    async with asyncio.timeout(10):
        while not (opened and opened[0].last_ping_pong_time):
            await asyncio.sleep(0.01)
    first.stop()
    await asyncio.wait_for(leaving.wait(), 10)
    message = slack.say(general, ana, f"<@{BOT_USER}> {COST}")
    telling = asyncio.create_task(slack.send_event(slack.event_of(message, "app_mention")))
    await asyncio.wait_for(arrived.wait(), 10)
    hang_up.set()
    await first.ended()
    assert not telling.done()
    async with bot():
        await asyncio.wait_for(telling, 10)
        assert len(await slack.answers(message)) == 1


async def test_an_acknowledgement_on_its_way_is_sent_before_the_end(
    slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else Slack would send the same again to the next process, which would answer it again."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    begun, leaving, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    send = sockets.send_async_response

    async def slow(*about: Any) -> None:
        begun.set()
        await go_on.wait()
        await send(*about)

    class Noticed(sockets.Socket):
        async def close(self) -> None:
            leaving.set()
            await super().close()

    monkeypatch.setattr(sockets, "send_async_response", slow)
    monkeypatch.setattr(sockets, "Socket", Noticed)
    bot = Leaving(slack)
    await bot.start()
    message = slack.say(general, ana, f"<@{BOT_USER}> {COST}")
    telling = asyncio.create_task(slack.send_event(slack.event_of(message, "app_mention")))
    await asyncio.wait_for(begun.wait(), 10)
    bot.stop()
    await asyncio.wait_for(leaving.wait(), 10)
    go_on.set()
    await bot.ended()
    await asyncio.wait_for(telling, 1)
    assert len(sent(slack)) == 1


async def test_a_slack_that_says_no_goodbye_does_not_hold_it_up(
    slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is there and nothing comes any more, as when a network goes away."""
    bot = Leaving(slack)
    await bot.start()
    monkeypatch.setattr(sockets, "HANG_UP_SECONDS", 0.05)
    with slack.sockets.silent():
        bot.stop()
        await asyncio.wait_for(bot.ended(), 3)


async def test_the_end_waits_for_what_work_in_hand_begins() -> None:
    """And what takes longer than there is time for is cut off and counted."""
    work, done = Work(), []

    async def second() -> None:
        await asyncio.sleep(0)
        done.append("second")

    async def first() -> None:
        await asyncio.sleep(0)
        work.start(second())
        done.append("first")

    work.start(first())
    assert await work.finish(10) == 0
    assert done == ["first", "second"]
    work.start(asyncio.sleep(60))
    assert await work.finish(0.01) == 1
