"""HTTP mode: signed requests are answered, everything else is refused and changes nothing."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from urllib.parse import quote

import aiohttp
import pytest

from adapters.slack import run
from adapters.slack.http import parse_address
from bot.app import App
from bot.errors import SettingsError
from tests.adapters.slack.conftest import settings_for
from tests.servers.slack import SlackServer
from tests.servers.slack.world import BOT_USER

COST = "How much did it cost to train DeepSeek R1?"
COUT = "Combien a coûté l'entraînement de DeepSeek R1\N{NO-BREAK SPACE}?"
JSON_TYPE = {"Content-Type": "application/json"}

Endpoints = Callable[..., AbstractAsyncContextManager[App]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def endpoint(slack: SlackServer) -> Endpoints:
    """A bot in HTTP mode; Slack delivers to it."""

    @asynccontextmanager
    async def start(app: App | None = None) -> AsyncIterator[App]:
        port = free_port()
        settings = settings_for(slack, slack_http=f"127.0.0.1:{port}", SLACK_APP_TOKEN=None,
                                SLACK_SIGNING_SECRET=slack.signing_secret)
        made = App.create(settings)
        made.records = app.records if app else made.records
        slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        stop = asyncio.Event()
        running = asyncio.create_task(run(made, stop=stop))
        try:
            async with asyncio.timeout(10):
                while not await _listens(port) and not running.done():
                    await asyncio.sleep(0.02)
            yield made
        finally:
            stop.set()
            await asyncio.wait_for(running, 15)

    return start


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def event(slack: SlackServer, text: str = COST) -> tuple[bytes, object]:
    """The body of an event, with the message that it tells of."""
    message = slack.say(slack.add_channel("general"), slack.add_user("ana"),
                        f"<@{BOT_USER}> {text}")
    body = {"type": "event_callback", "event_id": f"Ev{message.ts}", "team_id": "T0LABTEAM1",
            "event": slack.event_of(message, "app_mention")}
    return json.dumps(body).encode(), message


async def nothing_done(slack: SlackServer, endpoint_url: str) -> None:
    """A question asked after all the others is the first one that is answered."""
    general, ben = slack.add_channel("later"), slack.add_user("ben")
    [answer] = await slack.answers(await slack.ask(general, ben, COST))
    first = slack.messages.find(lambda m: m.author == BOT_USER)
    assert first == [answer]


async def test_every_surface_works(slack: SlackServer, endpoint: Endpoints) -> None:
    """Mention, command, click, type-ahead and home tab over signed requests."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with endpoint():
        [answer] = await slack.answers(await slack.ask(general, ana, COST))
        await slack.click(answer, ana, "faq_language:fr")
        await slack.calls.wait(lambda call: call.method == "chat.update" and COUT in call.shown)
        await slack.command(general, ana)
        [view] = await slack.shown_views.wait(lambda view: view["type"] == "modal")
        options = await slack.suggest(view, ana, "faq_find", "train cost")
        await slack.open_home(ana)
        await slack.shown_views.wait(lambda view: view["type"] == "home")
    assert COUT in answer.shown
    assert options


async def test_slack_can_verify_the_address(slack: SlackServer, endpoint: Endpoints) -> None:
    """The challenge comes back."""
    async with endpoint():
        ack = await slack.request(
            json.dumps({"type": "url_verification", "challenge": "abc"}).encode(), JSON_TYPE)
    assert ack.status == 200
    assert "abc" in str(ack.payload)


@pytest.mark.parametrize(("wrong", "status"), [
    ({"secret": "another"}, 401),
    ({"late": 301}, 401),
    ({"late": -400}, 401),
    ({"at": 0}, 401),
], ids=str)
async def test_a_wrong_signature_or_time_is_refused(
    slack: SlackServer, endpoint: Endpoints, wrong: dict[str, object], status: int
) -> None:
    """And nothing is done."""
    body, _ = event(slack)
    if "late" in wrong:
        wrong = {"at": time.time() - wrong["late"]}  # type: ignore[operator]
    async with endpoint():
        ack = await slack.request(body, JSON_TYPE, **wrong)  # type: ignore[arg-type]
        assert ack.status == status
        await nothing_done(slack, "")


@pytest.mark.parametrize("headers", [
    {}, {"X-Slack-Signature": "v0=" + "0" * 64},
    {"X-Slack-Signature": "v0=é", "X-Slack-Request-Timestamp": "1"},
    {"X-Slack-Request-Timestamp": "now"}, {"X-Slack-Request-Timestamp": "9" * 400},
    {"X-Slack-Request-Timestamp": "-1"}, {"X-Slack-Request-Timestamp": "٣"},
    {"X-Slack-Request-Timestamp": str(int(time.time()))},
], ids=str)
async def test_missing_and_odd_headers_are_refused(
    slack: SlackServer, endpoint: Endpoints, headers: dict[str, str]
) -> None:
    """Never an internal error."""
    body, _ = event(slack)
    async with endpoint(), aiohttp.ClientSession() as session:
        sent = {k: quote(v, safe="=,") if not v.isascii() else v for k, v in headers.items()}
        async with session.post(slack.events_url or "", data=body, headers=JSON_TYPE | sent) as got:
            assert got.status == 401
        await nothing_done(slack, "")


async def test_a_replay_is_refused(slack: SlackServer, endpoint: Endpoints) -> None:
    """The same signed request counts once, also for another replica with the same store."""
    body, asked = event(slack)
    at = time.time()
    async with endpoint() as first, endpoint(first):
        assert (await slack.request(body, JSON_TYPE, at=at)).status == 200
        assert (await slack.request(body, JSON_TYPE, at=at)).status == 401
        await slack.answers(asked)  # type: ignore[arg-type]
        await slack.answers(await slack.ask(slack.add_channel("x"), slack.add_user("ben"), COST))
    assert len(slack.messages.find(lambda m: m.author == BOT_USER)) == 2


async def test_slacks_own_retry_is_accepted_and_answered_once(
    slack: SlackServer, endpoint: Endpoints
) -> None:
    """Slack repeats what it thinks was lost; it hears that all is well."""
    body, asked = event(slack)
    retry = JSON_TYPE | {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    at = time.time()
    async with endpoint():
        for when in (at, at, at + 1):
            assert (await slack.request(body, retry, at=when)).status == 200
        await slack.answers(asked)  # type: ignore[arg-type]
        await slack.answers(await slack.ask(slack.add_channel("x"), slack.add_user("ben"), COST))
    assert len(slack.messages.find(lambda m: m.author == BOT_USER)) == 2


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 5 * 1024 * 1024])
async def test_a_body_that_is_too_large_is_refused(
    slack: SlackServer, endpoint: Endpoints, size: int
) -> None:
    """Whether its length is announced or not."""
    async with endpoint(), aiohttp.ClientSession() as session:
        ack = await slack.request(b"x" * size, JSON_TYPE)
        assert ack.status == 413

        async def stream() -> AsyncIterator[bytes]:
            for _ in range(size // 65536 + 1):
                yield b"x" * 65536

        try:
            async with session.post(slack.events_url or "", data=stream()) as got:
                assert got.status == 413
        except aiohttp.ClientError:
            pass  # the connection is closed while the rest is still being sent
        await nothing_done(slack, "")


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"payload=", b"payload=%7B", b"{}", b"a=b", b"\x00",
    b'{"type": "event_callback"}', b'{"event": []}', b'{"event": {"type": 7}}',
], ids=str)
@pytest.mark.parametrize("form", ["application/json", "application/x-www-form-urlencoded"])
async def test_a_signed_body_that_makes_no_sense_breaks_nothing(
    slack: SlackServer, endpoint: Endpoints, body: bytes, form: str
) -> None:
    """No internal error, and the next question is answered."""
    async with endpoint():
        ack = await slack.request(body, {"Content-Type": form})
        assert ack.status < 500
        await nothing_done(slack, "")


async def test_other_paths_and_methods_are_not_there(
    slack: SlackServer, endpoint: Endpoints
) -> None:
    """One path, one method."""
    async with endpoint(), aiohttp.ClientSession() as session:
        assert slack.events_url
        async with session.get(slack.events_url) as got:
            assert got.status == 405
        async with session.post(slack.events_url.replace("events", "other")) as got:
            assert got.status == 404


@pytest.mark.parametrize(("text", "address"), [
    ("127.0.0.1:3000", ("127.0.0.1", 3000)), (":3000", ("127.0.0.1", 3000)),
    ("3000", ("127.0.0.1", 3000)), ("0.0.0.0:80", ("0.0.0.0", 80)), ("[::1]:80", ("::1", 80)),
])
def test_addresses(text: str, address: tuple[str, int]) -> None:
    """A port alone listens on this machine only."""
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "host", "host:", "host:http", "host:99999", "host:-1"])
def test_addresses_that_are_none(text: str) -> None:
    """The setting is named."""
    with pytest.raises(SettingsError, match="AIFAQ_SLACK_HTTP"):
        parse_address(text)
