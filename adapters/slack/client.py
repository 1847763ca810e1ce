"""Slack's Web API with what slack-sdk leaves to its users: retries, a proxy that knows loopback."""

from __future__ import annotations

import ipaddress
import logging
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from aiohttp import ClientError, ClientSession
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.proxy_env_variable_loader import load_http_proxy_from_env
from slack_sdk.web.async_client import AsyncWebClient

from bot import metrics
from bot.errors import SettingsError
from bot.settings import Settings

API = "https://slack.com/api/"
TIMEOUT = 30
LONGEST_WAIT = 60
"""Seconds of `Retry-After` that are waited for; a person does not wait longer."""

REVOKED = {
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
    "not_allowed_token_type", "org_login_required", "team_access_not_granted",
}
"""Errors after which no call of this token will ever work."""
SLACKS_OWN = {"internal_error", "fatal_error", "service_unavailable", "request_timeout"}
"""Errors of Slack's own that come with status 200."""


class RateLimitRetry(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack asks, up to a minute."""

    async def _can_retry_async(self, **about: Any) -> bool:
        response = about.get("response")
        if response is None or response.status_code != 429:  # noqa: PLR2004
            return False
        asked = next((v for k, v in response.headers.items() if k.lower() == "retry-after"), ["1"])
        if not str(asked[0]).isdigit() or int(asked[0]) > LONGEST_WAIT:
            return False
        metrics.waited("slack", int(asked[0]))
        return True


class ServerErrorRetry(AsyncRetryHandler):
    """Tries again after any 5xx, and after an error of Slack's own that comes with status 200."""

    async def _can_retry_async(self, **about: Any) -> bool:
        response = about.get("response")
        if response is None:
            return False
        told = response.body.get("error") if isinstance(response.body, dict) else None
        return response.status_code >= 500 or told in SLACKS_OWN  # noqa: PLR2004


def retry_handlers() -> list[AsyncRetryHandler]:
    """For every client; each call has its own count of attempts."""
    return [
        AsyncConnectionErrorRetryHandler(max_retry_count=2),
        RateLimitRetry(max_retry_count=5),
        ServerErrorRetry(max_retry_count=2),
    ]


def make_client(settings: Settings, session: ClientSession) -> AsyncWebClient:
    """The Web API client for the bot token.

    Raises:
        SettingsError: if the token is missing or is another kind of token.
    """
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    if not token:
        raise SettingsError("SLACK_BOT_TOKEN is not set; it is the token that begins with xoxb-")
    if not token.startswith("xoxb-"):
        raise SettingsError("SLACK_BOT_TOKEN must begin with xoxb-; this is another kind of token")
    base = settings.slack_api_base_url or API
    client = AsyncWebClient(
        token=token, base_url=base if base.endswith("/") else f"{base}/", timeout=TIMEOUT,
        session=session, retry_handlers=retry_handlers(), logger=quiet_logger("web"),
    )
    client.proxy = proxy_for(base)
    return client


def proxy_for(url: str) -> str | None:
    """The proxy of the environment, except to loopback and to what NO_PROXY names."""
    host = urlsplit(url).hostname or ""
    if _is_loopback(host) or proxy_bypass(host):
        return None
    return load_http_proxy_from_env()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def quiet_logger(name: str) -> logging.Logger:
    """A logger for the SDK: its warnings, and all when aifaq itself is asked for details.

    It needs a level of its own, which is what the SDK looks at before it builds long texts.
    """
    logger = logging.getLogger(f"aifaq.slack.{name}")
    detailed = logging.getLogger("aifaq").getEffectiveLevel() <= logging.DEBUG
    logger.setLevel(logging.DEBUG if detailed else logging.WARNING)
    return logger


def is_passing(error: Exception) -> bool:
    """Whether another attempt makes sense: the network, or a trouble of Slack's own."""
    if not isinstance(error, SlackApiError):
        return isinstance(error, SlackClientError | ClientError | OSError)
    return error_code(error) in {"", "ratelimited", *SLACKS_OWN}


def error_code(error: SlackApiError) -> str:
    """Slack's code for what went wrong, such as `not_in_channel`; empty if there is none."""
    data = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def explain(code: str) -> str:
    """An error of the connection in words for an operator."""
    if code in ("token_revoked", "account_inactive"):
        return (f"Slack says that the token was revoked or the app removed ({code}). Install the "
                "app again and set the new SLACK_BOT_TOKEN")
    if code in REVOKED:
        return (f"Slack does not accept the token ({code}). Copy SLACK_BOT_TOKEN (xoxb-…) from "
                "OAuth & Permissions, SLACK_APP_TOKEN (xapp-…) from Basic Information")
    if code == "missing_scope":
        return ("The app lacks a scope. Compare it with `aifaq slack manifest`, and install it "
                "again")
    return f"Slack answered: {code or 'an unreadable error'}"
