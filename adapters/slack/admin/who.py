"""Who moderates on Slack: asked of Slack anew for every click."""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError

from adapters.slack.desk import Desk
from adapters.slack.people import Reader
from bot.permissions import Moderator, slack_moderator

log = logging.getLogger("aifaq.slack")

JSON = dict[str, Any]
UNREACHABLE = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)


class Moderators:
    """Looks up the facts that the core decides by."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def moderator(self, reader: Reader) -> Moderator:
        """The person as a moderator; not allowed where Slack does not tell."""
        profile = await self._profile(reader.id)
        shown = profile.get("profile") or {}
        name = shown.get("display_name") or profile.get("real_name") or profile.get("name")
        return slack_moderator(
            self.desk.app.settings,
            person=reader.id,
            name=str(name or reader.id),
            groups=await self._groups(reader.id),
            admin=bool(profile.get("is_admin") or profile.get("is_owner")),
            locale=reader.locale,
            email=str(shown.get("email") or ""),
        )

    async def _profile(self, user: str) -> JSON:
        try:
            answer = await self.desk.client.users_info(user=user)
        except UNREACHABLE as error:
            log.info("No profile of %s: %s", user, error)
            return {}
        told = answer.get("user")
        return told if isinstance(told, dict) else {}

    async def _groups(self, user: str) -> list[str]:
        """Those of the user groups named by the setting that the person is in."""
        named = self.desk.app.settings.slack_moderators
        if user in named:
            return []
        return [group for group in named
                if group.startswith("S") and user in await self._members(group)]

    async def _members(self, group: str) -> list[str]:
        try:
            answer = await self.desk.client.usergroups_users_list(usergroup=group)
        except UNREACHABLE as error:
            log.warning("Slack does not tell who is in the user group %s of "
                        "AIFAQ_SLACK_MODERATORS (%s). The app needs the scope usergroups:read: "
                        "see `aifaq slack manifest --user-groups`", group, error)
            return []
        return [str(member) for member in answer.get("users") or []]
