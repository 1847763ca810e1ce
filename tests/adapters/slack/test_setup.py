"""What an operator uses: the manifest and the doctor."""

from __future__ import annotations

import json

import pytest
import yaml
from typer.testing import CliRunner

from adapters.slack.cli import cli
from adapters.slack.doctor import examine
from adapters.slack.manifest import SCOPES
from bot.checks import Check
from tests.adapters.slack.conftest import settings_for
from tests.servers.slack import SlackServer, world


def manifest(*options: str) -> dict[str, object]:
    result = CliRunner().invoke(cli, ["manifest", *options])
    assert result.exit_code == 0, result.output
    told = yaml.safe_load(result.stdout)
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_manifest_fits_slacks_limits(locale: str) -> None:
    """Lengths that Slack refuses are not even tried."""
    told = manifest("--locale", locale)
    about, features = told["display_information"], told["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 139
    assert 174 <= len(about["long_description"]) <= 4000
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert 1 <= len(features["agent_view"]["suggested_prompts"]) <= 4
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    assert features["slash_commands"][0]["should_escape"] is False


def test_the_manifest_asks_for_the_least() -> None:
    """Seven scopes, three events, and no history of channels."""
    told = manifest()
    assert set(told["oauth_config"]["scopes"]["bot"]) == set(SCOPES) == set(world.SCOPES)
    assert told["settings"]["event_subscriptions"] == {
        "bot_events": ["app_home_opened", "app_mention", "message.im"]}
    assert told["settings"]["socket_mode_enabled"] is True
    assert "url" not in told["features"]["slash_commands"][0]


@pytest.mark.parametrize("url", ["https://faq.example.org", "https://faq.example.org/",
                                 "https://faq.example.org/slack/events"])
def test_the_manifest_of_http_mode(url: str) -> None:
    """One address for events, commands, interactions and type-ahead."""
    told = manifest("--url", url)
    address = "https://faq.example.org/slack/events"
    assert told["settings"]["socket_mode_enabled"] is False
    assert told["settings"]["event_subscriptions"]["request_url"] == address
    assert told["settings"]["interactivity"] == {
        "is_enabled": True, "request_url": address, "message_menu_options_url": address}
    assert told["features"]["slash_commands"][0]["url"] == address


def test_the_manifest_by_options() -> None:
    """Another name and command, no agent view, as JSON."""
    result = CliRunner().invoke(
        cli, ["manifest", "--name", "Ada", "--command", "/ada", "--no-agent", "--json"])
    told = json.loads(result.stdout)
    assert told["features"]["bot_user"]["display_name"] == "Ada"
    assert told["features"]["slash_commands"][0]["command"] == "/ada"
    assert "agent_view" not in told["features"]
    assert "assistant:write" not in told["oauth_config"]["scopes"]["bot"]


@pytest.mark.parametrize("options", [
    ["--command", "faq"], ["--command", "/a b"], ["--url", "http://x.org"], ["--locale", "de"]])
def test_wrong_options_are_refused(options: list[str]) -> None:
    """With the usual exit code."""
    assert CliRunner().invoke(cli, ["manifest", *options]).exit_code == 2


# --- the doctor -----------------------------------------------------------------------------


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


async def test_a_healthy_setup(slack: SlackServer) -> None:
    """All is well, and says where."""
    checks = by_name(await examine(settings_for(slack)))
    assert all(check.ok for check in checks.values()), checks
    assert "@aifaq in Lab" in checks["bot token"].message
    assert set(checks) == {"bot token", "scopes", "clock", "socket mode"}


async def test_scopes_are_compared(slack: SlackServer) -> None:
    """A missing one is named with what it is for; one too many is only worth knowing."""
    slack.scopes -= {"files:write"}
    checks = by_name(await examine(settings_for(slack)))
    assert checks["scopes"].ok is False
    assert "files:write (for charts)" in checks["scopes"].message
    slack.scopes |= {"files:write", "channels:history"}
    checks = by_name(await examine(settings_for(slack)))
    assert checks["scopes"].ok is None
    assert "channels:history" in checks["scopes"].message


@pytest.mark.parametrize(("more", "name", "words"), [
    ({"SLACK_BOT_TOKEN": None}, "bot token", "SLACK_BOT_TOKEN is not set"),
    ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "bot token", "invalid_auth"),
    ({"SLACK_API_BASE_URL": "http://127.0.0.1:1/"}, "bot token", "cannot be reached"),
    ({"SLACK_APP_TOKEN": None}, "socket mode", "SLACK_APP_TOKEN is not set"),
    ({"SLACK_APP_TOKEN": "xoxb-1"}, "socket mode", "must begin with xapp-"),
    ({"SLACK_APP_TOKEN": "xapp-wrong"}, "socket mode", "does not open a connection"),
    ({"slack_http": "127.0.0.1:3000"}, "http mode", "SLACK_SIGNING_SECRET is not set"),
    ({"slack_http": "here", "SLACK_SIGNING_SECRET": "x"}, "http mode", "must be host:port"),
], ids=str)
async def test_what_is_wrong_is_named(
    slack: SlackServer, more: dict[str, str], name: str, words: str
) -> None:
    """And checks that make no sense any more are left out."""
    checks = await examine(settings_for(slack, **more))
    assert checks[-1].name == name
    assert checks[-1].ok is False
    assert words in checks[-1].message


async def test_user_groups_need_one_more_scope(slack: SlackServer) -> None:
    """Only where they are moderators; the doctor names it, and the manifest has it on demand."""
    assert "usergroups:read" in str(manifest("--user-groups"))
    named = settings_for(slack, slack_moderators="U0ANA,S0CURATORS")
    checks = by_name(await examine(named))
    assert checks["scopes"].ok is False
    assert "usergroups:read" in checks["scopes"].message
    slack.scopes |= {"usergroups:read"}
    assert by_name(await examine(named))["scopes"].ok is True
