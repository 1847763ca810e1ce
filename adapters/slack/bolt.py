"""Puts the adapter together on slack-bolt: who the bot is, and which handler gets what."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.actions import Actions
from adapters.slack.admin import Admin
from adapters.slack.client import error_code, explain, is_passing, quiet_logger
from adapters.slack.commands import Commands
from adapters.slack.delivery import Delivery
from adapters.slack.desk import Desk, Identity
from adapters.slack.events import Events
from adapters.slack.home import Home
from adapters.slack.privacy import Privacy
from adapters.slack.search import Search
from bot.errors import AifaqError

log = logging.getLogger("aifaq.slack")

LONGEST_PAUSE = 60.0


async def identify(client: AsyncWebClient, stop: asyncio.Event) -> Identity | None:
    """Who the token belongs to; while Slack cannot be reached, tried with growing pauses.

    Returns:
        None if `stop` was set before Slack answered.

    Raises:
        AifaqError: if Slack does not accept the token.
    """
    pause = 1.0
    while not stop.is_set():
        try:
            return _identity(await client.auth_test())
        except (SlackClientError, aiohttp.ClientError, OSError) as error:
            if isinstance(error, SlackApiError) and not is_passing(error):
                raise AifaqError(explain(error_code(error))) from error
            pause = min(LONGEST_PAUSE, pause * 2)
            log.warning("Slack cannot be reached at %s (%s); again in %.0f s. Check the network, "
                        "HTTPS_PROXY and SLACK_API_BASE_URL", client.base_url, error, pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
    return None


def _identity(told: AsyncSlackResponse) -> Identity:
    return Identity(user=str(told["user_id"]), bot=str(told.get("bot_id") or ""),
                    team=str(told.get("team_id") or ""), name=str(told.get("user") or "aifaq"))


def build(desk: Desk) -> AsyncApp:
    """The bolt application of a desk.

    Requests are verified before they come here (see `http`), and every listener acknowledges
    before any call to Slack: that is why the bot's identity is looked up once, at the start.
    """
    token = desk.client.token

    async def authorize(**_about: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=desk.me.team, bot_token=token, bot_id=desk.me.bot,
            bot_user_id=desk.me.user,
        )

    logger = quiet_logger("bolt")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it would warn that SLACK_BOT_TOKEN is in the environment
    bolt = AsyncApp(
        name="aifaq.slack.app",  # bolt sets the level of the logger of this name
        client=AsyncWebClient(base_url=desk.client.base_url, session=desk.client.session,
                              logger=quiet_logger("web")),
        authorize=authorize,
        signing_secret="",
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        logger=logger,
    )
    logger.setLevel(level)
    delivery = Delivery(desk)
    search = Search(desk, delivery)
    home = Home(desk, search)
    admin = Admin(desk, delivery, home)
    for part in (
        Events(desk, delivery, home),
        search,
        Actions(desk, delivery, search, home),
        admin,
        Privacy(desk, delivery, home),
        Commands(desk, delivery, search),
    ):
        part.register(bolt)
    return bolt
