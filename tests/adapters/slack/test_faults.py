"""What Slack's Web API can do to a bot, and what people get all the same."""

from __future__ import annotations

import asyncio

import pytest

from adapters.slack import run
from bot.app import App
from bot.errors import AifaqError, SettingsError
from tests.adapters.slack.conftest import Bots, settings_for
from tests.servers.slack import (
    Fault,
    SlackServer,
    api_error,
    late,
    rate_limited,
    reset,
    server_error,
)

COST = "How much did it cost to train DeepSeek R1?"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """slack-sdk's back-off, a hundred times as fast."""
    from slack_sdk.http_retry.builtin_interval_calculators import BackoffRetryIntervalCalculator

    wait = BackoffRetryIntervalCalculator.calculate_sleep_duration
    monkeypatch.setattr(BackoffRetryIntervalCalculator, "calculate_sleep_duration",
                        lambda self, attempt: wait(self, attempt) / 100)


@pytest.mark.parametrize("fault", [
    server_error(500), server_error(502), server_error(503), server_error(504), reset(),
    api_error("internal_error"), api_error("fatal_error"), late(0.5),
], ids=str)
async def test_a_passing_fault_costs_no_answer(
    slack: SlackServer, bot: Bots, fault: Fault
) -> None:
    """The answer is posted once Slack works again."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        slack.faults.add("chat.postMessage", fault, times=2)
        asked = await slack.ask(general, ana, COST)
        [answer] = await slack.answers(asked)
    assert COST in answer.shown
    assert len(await slack.answers(asked)) == 1


async def test_a_rate_limit_is_waited_for(slack: SlackServer, bot: Bots) -> None:
    """`Retry-After` is honoured: not earlier, and then once."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        slack.faults.add("chat.postMessage", rate_limited(1))
        asked = await slack.ask(general, ana, COST)
        await slack.answers(asked)
    refused, posted = slack.calls.find(lambda call: call.method == "chat.postMessage")
    assert refused.status == 429
    assert posted.at - refused.at >= 1


async def test_who_waits_in_a_channel_waits_in_line(slack: SlackServer, bot: Bots) -> None:
    """While one answer waits for Slack, the next one of that channel does not knock as well."""
    busy, calm = slack.add_channel("busy"), slack.add_channel("calm")
    ana, ben = slack.add_user("ana"), slack.add_user("ben")
    async with bot():
        slack.faults.add("chat.postMessage", rate_limited(1))
        await slack.ask(busy, ana, COST)
        await slack.calls.wait(lambda call: call.status == 429)
        await slack.ask(busy, ben, COST)
        await slack.ask(calm, ben, COST)
        await slack.calls.wait(lambda call: call.method == "chat.postMessage", count=4)
    posted = slack.calls.find(lambda call: call.method == "chat.postMessage")
    assert [call.body["channel"] for call in posted] == [busy.id, calm.id, busy.id, busy.id]
    assert [call.status for call in posted] == [429, 200, 200, 200]


async def test_a_rate_limit_that_nobody_waits_for_is_told(slack: SlackServer, bot: Bots) -> None:
    """An hour is too long: the person hears that Slack is busy."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        await slack.command(general, ana, COST)
        own = await slack.private(ana)
        before = len(slack.messages)
        slack.faults.add("chat.postMessage", rate_limited(3600))
        await slack.click(own, ana, "faq_share")
        told = await slack.private(ana, after=before)
        assert told.shown == app.faq.messages.text("slack.problem.busy", "en")


async def test_an_unreachable_profile_costs_no_answer(slack: SlackServer, bot: Bots) -> None:
    """The question's own language is enough."""
    general, ana = slack.add_channel("general"), slack.add_user("ana", locale="fr-FR")
    async with bot():
        for fault in (api_error("missing_scope"), rate_limited(30), server_error(), late(3)):
            slack.faults.clear()
            slack.faults.add("users.info", fault, times=20)
            await slack.answers(await slack.ask(general, ana, COST))


@pytest.mark.parametrize("method", [
    "files.getUploadURLExternal", "upload", "files.completeUploadExternal"])
@pytest.mark.parametrize("fault", [api_error("missing_scope"), server_error(), reset()], ids=str)
async def test_a_chart_that_fails_costs_no_answer(
    slack: SlackServer, bot: Bots, method: str, fault: Fault
) -> None:
    """The figures stay listed."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    fault = Fault(403) if method == "upload" and fault.error else fault
    async with bot():
        slack.faults.add(method, fault, times=20)
        [answer] = await slack.answers(await slack.ask(general, ana, COST))
        await slack.calls.wait(lambda call: call.method == method)
    assert "$294,000" in answer.shown
    assert not any(block["type"] == "image" for block in answer.blocks)


async def test_blocks_that_slack_refuses_are_sent_plain(slack: SlackServer, bot: Bots) -> None:
    """Without what is only decoration, rather than not at all; in public and in private."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        slack.faults.add("chat.postMessage", api_error("invalid_blocks"))
        [answer] = await slack.answers(await slack.ask(general, ana, COST))
        slack.faults.add("response_url", Fault(400, "invalid_blocks"))
        await slack.command(general, ana, COST)
        own = await slack.private(ana)
    assert COST in answer.body["text"]
    assert COST in own.shown


async def test_a_response_url_that_has_expired_is_not_the_end(
    slack: SlackServer, bot: Bots
) -> None:
    """The private answer comes by another way."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        slack.faults.add("response_url", Fault(404, "expired_url"), times=5)
        await slack.command(general, ana, COST)
        own = await slack.private(ana)
    assert COST in own.shown
    assert slack.calls.find(lambda call: call.method == "chat.postEphemeral")


async def test_an_archived_channel_is_explained(slack: SlackServer, bot: Bots) -> None:
    """Sharing where nobody may write any more."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        await slack.command(general, ana, COST)
        own = await slack.private(ana)
        general.archived = True
        before = len(slack.messages)
        await slack.click(own, ana, "faq_share")
        told = await slack.private(ana, after=before)
        assert told.shown == app.faq.messages.text("slack.problem.archived", "en")


# --- the token ------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "words"), [
    ({"SLACK_BOT_TOKEN": None}, "SLACK_BOT_TOKEN is not set"),
    ({"SLACK_BOT_TOKEN": "xapp-1"}, "must begin with xoxb-"),
    ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "does not accept the token (invalid_auth)"),
    ({"SLACK_APP_TOKEN": None}, "SLACK_APP_TOKEN is not set"),
    ({"SLACK_APP_TOKEN": "xapp-wrong"}, "does not accept SLACK_APP_TOKEN (invalid_auth)"),
    ({"slack_http": "127.0.0.1:0"}, "SLACK_SIGNING_SECRET is not"),
    ({"slack_http": "localhost", "SLACK_SIGNING_SECRET": "x"}, "must be host:port"),
    ({"slack_http": "192.0.2.1:1", "SLACK_SIGNING_SECRET": "x"}, "cannot be listened on"),
], ids=str)
async def test_what_stands_against_a_start_is_said_in_words(
    slack: SlackServer, more: dict[str, str], words: str
) -> None:
    """One sentence that names the setting."""
    app = App.create(settings_for(slack, **more))
    with pytest.raises(AifaqError) as caught:
        await asyncio.wait_for(run(app, stop=asyncio.Event()), 10)
    assert words in str(caught.value)


async def test_a_start_waits_for_slack(
    slack: SlackServer, bot: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What passes by itself is waited for: neither the bot nor its other platforms end."""
    monkeypatch.setattr("adapters.slack.bolt.LONGEST_PAUSE", 0.1)
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    slack.faults.add("auth.test", server_error(), times=4)
    slack.faults.add("apps.connections.open", server_error(), times=4)
    async with bot() as app:
        await slack.answers(await slack.ask(general, ana, COST))
        assert app.health.parts["slack"].ok
    assert "slack" not in app.health.parts


async def test_a_start_that_waits_can_be_stopped(slack: SlackServer) -> None:
    """With no word from Slack as well."""
    app = App.create(settings_for(slack, SLACK_API_BASE_URL="http://127.0.0.1:1/api/"))
    stop = asyncio.Event()
    running = asyncio.create_task(run(app, stop=stop))
    async with asyncio.timeout(5):
        while "slack" not in app.health.parts:
            await asyncio.sleep(0.01)
    assert not app.health.ready
    stop.set()
    await asyncio.wait_for(running, 5)


async def test_a_token_revoked_while_running_ends_the_bot_with_words(slack: SlackServer) -> None:
    """It does not go on knocking at a door that stays shut."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    app = App.create(settings_for(slack))
    running = asyncio.create_task(run(app, stop=asyncio.Event()))
    await slack.sockets.opened.wait(lambda _: True)
    slack.revoked.add(slack.bot_token)
    await slack.ask(general, ana, COST)
    with pytest.raises(AifaqError, match="revoked"):
        await asyncio.wait_for(running, 10)


async def test_settings_errors_are_settings_errors(slack: SlackServer) -> None:
    """So that `aifaq settings` and the command line can treat them as such."""
    app = App.create(settings_for(slack, SLACK_APP_TOKEN=None))
    with pytest.raises(SettingsError):
        await run(app, stop=asyncio.Event())


# --- the proxy ------------------------------------------------------------------------------


async def test_a_proxy_is_not_asked_about_this_machine(
    slack: SlackServer, bot: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTPS_PROXY is for the outside: neither calls nor the socket to loopback go through it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        [answer] = await slack.answers(await slack.ask(general, ana, COST))
        await slack.command(general, ana, COST)
        await slack.private(ana)
    assert COST in answer.shown
