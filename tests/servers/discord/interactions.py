"""Interactions: what a person did, and everything the bot sends in answer to it."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.servers.discord.messages import EPHEMERAL
from tests.servers.discord.world import (
    DM,
    GROUP_DM,
    JSON,
    Channel,
    User,
    snowflake,
)

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
FIRST_RESPONSE_SECONDS, TOKEN_SECONDS = 3.0, 15 * 60.0


@dataclass(eq=False)
class Exchange:
    """One interaction and its answers. Created by the `people` helpers."""

    kind: int
    user: User
    channel: Channel
    data: JSON
    user_app: bool = False
    """The app was brought by the user, not installed in the guild."""
    source: JSON | None = None
    """The message whose component was used."""
    id: str = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    started: float = field(default_factory=time.monotonic)
    response: JSON | None = None
    """The first response: `{"type": ..., "data": ...}`."""
    responded_after: float | None = None
    """Seconds from the event to the first response."""
    original: JSON | None = None
    """The message made by the first response, or changed by it."""
    followups: list[JSON] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    _responded: asyncio.Event = field(default_factory=asyncio.Event)
    _settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def late(self) -> bool:
        return time.monotonic() - self.started > FIRST_RESPONSE_SECONDS

    @property
    def expired(self) -> bool:
        return time.monotonic() - self.started > TOKEN_SECONDS

    def respond(self, body: JSON, message: JSON | None) -> None:
        self.response, self.original = body, message
        self.responded_after = time.monotonic() - self.started
        self._responded.set()
        if body["type"] not in (5, 6):
            self._settled.set()

    def settle(self) -> None:
        """A deferred answer was filled in, or a follow-up came."""
        self._settled.set()

    async def first(self, seconds: float = 5) -> JSON:
        """The first response, within Discord's 3 s or not at all."""
        await self._within(self._responded, seconds, "response")
        assert self.response is not None
        return self.response

    async def message(self, seconds: float = 8) -> JSON:
        """The finished message: sent at once, filled in later, or sent as a follow-up."""
        await self._within(self._settled, seconds, "message")
        deferred = self.response is not None and self.response["type"] == 6
        found = self.followups[0] if deferred and self.followups else self.original
        assert found is not None, f"no message in answer, but {self.response}"
        return found

    async def choices(self, seconds: float = 5) -> list[JSON]:
        """The completion offered to what was typed."""
        response = await self.first(seconds)
        assert response["type"] == 8, response
        offered: list[JSON] = response["data"]["choices"]
        return offered

    async def _within(self, event: asyncio.Event, seconds: float, what: str) -> None:
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            raise AssertionError(f"no {what} within {seconds} s to {self.data}") from None

    @property
    def ephemeral(self) -> bool:
        """Only the person sees the answer."""
        data = (self.response or {}).get("data") or {}
        return bool((data.get("flags") or 0) & EPHEMERAL)

    def payload(self, app_id: str) -> JSON:
        """The INTERACTION_CREATE event."""
        guild, channel = self.channel.guild, self.channel
        installed = guild is not None and guild.installed
        owners = {"1": self.user.id} if self.user_app else {}
        if not self.user_app:
            owners["0"] = guild.id if guild else "0"
        permissions = guild.permissions_of(self.user, channel) if guild else 1 << 11
        bot_may = guild.permissions_of(guild.bot, channel) if guild and installed else 1 << 11
        event: JSON = {
            "id": self.id,
            "application_id": app_id,
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "channel_id": channel.id,
            "channel": channel.payload() | {"permissions": str(permissions)},
            "app_permissions": str(bot_may),
            "locale": self.user.locale,
            "entitlements": [],
            "authorizing_integration_owners": owners,
            "context": {DM: 1, GROUP_DM: 2}.get(channel.type, 0),
            "attachment_size_limit": 10_485_760,
        }
        if guild:
            member = guild.member_payload(self.user) | {"permissions": str(permissions)}
            partial = {"id": guild.id, "locale": guild.locale, "features": []}
            event |= {"guild_id": guild.id, "guild_locale": guild.locale}
            event |= {"guild": partial, "member": member}
        else:
            event["user"] = self.user.payload()
        if self.source is not None:
            event["message"] = self.source
        return event

    def callback_answer(self) -> JSON:
        """What Discord answers to the first response when asked `with_response`."""
        assert self.response is not None
        kind = self.response["type"]
        told: JSON = {"id": self.id, "type": self.kind}
        if self.original is not None:
            told["response_message_id"] = self.original["id"]
            told["response_message_loading"] = kind == 5
            told["response_message_ephemeral"] = self.ephemeral
        answer: JSON = {"interaction": told}
        if self.original is not None and kind in (4, 5, 7):
            answer["resource"] = {"type": kind, "message": self.original}
        return answer


def option_type(value: Any) -> int:
    """The wire type of a command option's value."""
    if isinstance(value, bool):
        return 5
    return 4 if isinstance(value, int) else 3
