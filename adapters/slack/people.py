"""The languages of people: what they chose, else what their Slack profile says."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.questions import PLATFORM, to_locale
from bot.app import App
from bot.models import Locale
from bot.recent import Recent

log = logging.getLogger("aifaq.slack")

HOUR = 3600.0
PATIENCE = 1.5
"""Seconds that a profile may take; a trigger id lasts three in all."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A person, as far as languages go."""

    id: str
    chosen: Locale | None
    """For all answers, by their own choice."""
    profile: Locale | None
    """From their Slack profile."""
    default: Locale

    @property
    def locale(self) -> Locale:
        """The language to speak to them in, before they have written anything."""
        return self.chosen or self.profile or self.default


class People:
    """Looks languages up and remembers those of profiles for an hour."""

    def __init__(self, app: App, client: AsyncWebClient) -> None:
        self._app, self._client = app, client
        self._profiles: Recent[str, str] = Recent(HOUR)

    async def reader(self, user: str) -> Reader:
        """A person's languages; always answers, within two seconds."""
        chosen = await self._app.records.locale_of(PLATFORM, user)
        known = self._app.faq.messages.locales
        profile = to_locale(await self._profile(user), known)
        return Reader(user, chosen, profile, self._app.settings.locale)

    async def choose(self, user: str, locale: Locale | None) -> None:
        """Remember a person's choice; None goes by the profile and the question again."""
        await self._app.records.set_locale(PLATFORM, user, locale)

    async def _profile(self, user: str) -> str:
        known = self._profiles.get(user)
        if known is not None:
            return known
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._client.users_info(user=user, include_locale=True)
        except (SlackApiError, OSError, TimeoutError) as error:
            log.info("No profile of %s: %s", user, error)
            return ""
        locale = str((answer.get("user") or {}).get("locale") or "")
        self._profiles.set(user, locale)
        return locale
