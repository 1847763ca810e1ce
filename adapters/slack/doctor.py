"""The doctor: looks at everything that can be wrong with a Slack bot, and says it plainly."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.client import error_code, explain, make_client
from adapters.slack.handles import HTTP_PATH
from adapters.slack.http import WINDOW, parse_address
from adapters.slack.manifest import GROUPS_SCOPE, SCOPES
from bot.checks import Check
from bot.errors import SettingsError
from bot.settings import Settings


async def examine(settings: Settings) -> list[Check]:
    """All checks; those that a failure makes pointless are left out."""
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        try:
            client = make_client(settings, session)
        except SettingsError as error:
            return [Check("bot token", False, str(error))]
        return [check async for check in _checks(client, settings)]


async def _checks(client: AsyncWebClient, settings: Settings) -> AsyncIterator[Check]:
    try:
        told = await client.auth_test()
    except SlackApiError as error:
        yield Check("bot token", False, explain(error_code(error)))
        return
    except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
        yield Check("bot token", False, f"Slack cannot be reached at {client.base_url}: "
                    f"{error or type(error).__name__}. Check the network and HTTPS_PROXY.")
        return
    yield Check("bot token", True,
                f"Slack knows the bot as @{told.get('user')} in {told.get('team')}.")
    yield _scopes(told.headers, settings)
    yield _clock(told.headers)
    if client.proxy:
        yield Check("proxy", None, f"Calls go through {client.proxy}.")
    yield _http(settings) if settings.slack_http else await _socket(client, settings)


def _scopes(headers: Mapping[str, Any], settings: Settings) -> Check:
    told = next((str(v) for k, v in headers.items() if k.lower() == "x-oauth-scopes"), "")
    given = {scope.strip() for scope in told.split(",") if scope.strip()}
    if not given:
        return Check("scopes", None, "Slack did not tell the scopes of the token.")
    wanted, paste = dict(SCOPES), "aifaq slack manifest"
    if any(name.startswith("S") for name in settings.slack_moderators):
        wanted[GROUPS_SCOPE] = "for the user groups of AIFAQ_SLACK_MODERATORS"
        paste += " --user-groups"
    missing = [f"{scope} ({why})" for scope, why in wanted.items() if scope not in given]
    if missing:
        return Check("scopes", False, f"Missing: {', '.join(missing)}. Paste the output of "
                     f"`{paste}` under App Manifest, and install the app again.")
    more = sorted(given - set(wanted))
    if more:
        return Check("scopes", None, f"More than needed: {', '.join(more)}. They can be removed.")
    return Check("scopes", True, "All that are needed, and no more.")


def _clock(headers: Mapping[str, Any]) -> Check:
    """Slack signs requests with the time; a clock that is off refuses them all."""
    told = next((str(v) for k, v in headers.items() if k.lower() == "date"), "")
    try:
        off = abs(time.time() - parsedate_to_datetime(told).timestamp())
    except ValueError:
        return Check("clock", None, "Slack did not tell the time.")
    if off > WINDOW / 2:
        return Check("clock", False, f"This machine's clock is {off:.0f} s off; set it, since "
                     f"requests more than {WINDOW} s old are refused.")
    return Check("clock", True, "This machine's clock agrees with Slack's.")


async def _socket(client: AsyncWebClient, settings: Settings) -> Check:
    token = settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""
    if not token:
        return Check("socket mode", False, "SLACK_APP_TOKEN is not set; create an app-level token "
                     "with the scope connections:write under Basic Information (xapp-…).")
    if not token.startswith("xapp-"):
        return Check("socket mode", False, "SLACK_APP_TOKEN must begin with xapp-; this is another "
                     "kind of token.")
    try:
        await client.apps_connections_open(app_token=token)
    except SlackApiError as error:
        return Check("socket mode", False, f"SLACK_APP_TOKEN does not open a connection: "
                     f"{explain(error_code(error))}. It needs the scope connections:write, and "
                     "Socket Mode must be on.")
    return Check("socket mode", True, "Slack gives out a connection.")


def _http(settings: Settings) -> Check:
    if settings.slack_signing_secret is None:
        return Check("http mode", False, "SLACK_SIGNING_SECRET is not set; it stands under Basic "
                     "Information.")
    try:
        host, port = parse_address(settings.slack_http or "")
    except SettingsError as error:
        return Check("http mode", False, str(error))
    return Check("http mode", True, f"The bot listens on {host}:{port}; the public address that "
                 f"leads there must end in {HTTP_PATH}.")
