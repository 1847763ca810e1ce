"""The world that the test server knows: users, guilds, channels, and their wire payloads.

Objects hold plain state; `payload()` gives what Discord would send. Ids are real snowflakes, since
clients read the time out of them.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

EPOCH_MS = 1_420_070_400_000
_counter = itertools.count()

JSON = dict[str, Any]

VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_HISTORY = 1 << 16
SEND_IN_THREADS = 1 << 38
ADMINISTRATOR = 1 << 3
EVERYTHING_A_BOT_NEEDS = (
    VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | READ_HISTORY | SEND_IN_THREADS
)

TEXT, DM, GROUP_DM, PUBLIC_THREAD = 0, 1, 3, 11

CONTENT_INTENT_FLAGS = (1 << 18) | (1 << 19)
"""Application flags that say: Message Content is granted (large bots, small bots)."""


def snowflake() -> str:
    """A fresh id that carries the present time, as Discord's do."""
    milliseconds = int(time.time() * 1000) - EPOCH_MS
    return str((milliseconds << 22) | (next(_counter) & 0x3FFFFF))


def now_iso() -> str:
    """The present time as Discord writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime())


@dataclass(eq=False)
class User:
    """A person or a bot. `locale` is what their Discord client is set to."""

    name: str
    locale: str = "en-US"
    bot: bool = False
    dm_closed: bool = False
    id: str = field(default_factory=snowflake)

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def payload(self) -> JSON:
        return {
            "id": self.id,
            "username": self.name,
            "global_name": None if self.bot else self.name.title(),
            "discriminator": "0000" if self.bot else "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }


@dataclass(eq=False)
class Channel:
    """A text channel, thread, DM or group DM. `bot_denied`: permissions the bot lacks here."""

    type: int
    name: str | None = None
    guild: Guild | None = None
    parent: Channel | None = None
    recipients: list[User] = field(default_factory=list)
    bot_denied: int = 0
    id: str = field(default_factory=snowflake)

    @property
    def guild_id(self) -> str | None:
        return self.guild.id if self.guild else None

    @property
    def is_thread(self) -> bool:
        return self.type == PUBLIC_THREAD

    @property
    def private(self) -> bool:
        return self.type in (DM, GROUP_DM)

    def denied(self) -> int:
        return self.bot_denied | (self.parent.bot_denied if self.parent else 0)

    def payload(self) -> JSON:
        base: JSON = {"id": self.id, "type": self.type, "last_message_id": None, "flags": 0}
        if self.private:
            group = {"name": self.name, "owner_id": self.recipients[0].id, "icon": None}
            base["recipients"] = [user.payload() for user in self.recipients]
            return base | (group if self.type == GROUP_DM else {})
        assert self.guild is not None
        base |= {"guild_id": self.guild.id, "name": self.name, "rate_limit_per_user": 0}
        if self.is_thread:
            assert self.parent is not None
            return base | self._thread_fields(self.parent)
        overwrite = {"id": "", "type": 1, "allow": "0", "deny": str(self.bot_denied)}
        return base | {
            "position": 0,
            "parent_id": None,
            "topic": None,
            "nsfw": False,
            "permission_overwrites": [overwrite | {"id": self.guild.bot.id}],
        }

    def _thread_fields(self, parent: Channel) -> JSON:
        assert self.guild is not None
        metadata = {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": now_iso(),
            "locked": False,
        }
        return {
            "parent_id": parent.id,
            "owner_id": self.guild.owner.id,
            "message_count": 0,
            "member_count": 1,
            "thread_metadata": metadata,
        }


@dataclass(eq=False)
class Guild:
    """A Discord server. `installed`: the bot is a member (else only users brought the app)."""

    name: str
    bot: User
    owner: User
    locale: str = "en-US"
    installed: bool = True
    bot_permissions: int = EVERYTHING_A_BOT_NEEDS
    channels: list[Channel] = field(default_factory=list)
    roles: dict[str, JSON] = field(default_factory=dict)
    member_roles: dict[str, list[str]] = field(default_factory=dict)
    id: str = field(default_factory=snowflake)

    def __post_init__(self) -> None:
        everyone = VIEW_CHANNEL | SEND_MESSAGES | READ_HISTORY | SEND_IN_THREADS
        self.roles[self.id] = self._role_payload(self.id, "@everyone", 0 * everyone)
        self.member_permissions = everyone
        self.bot_role = self.add_role("bot", self.bot_permissions)
        self.member_roles[self.bot.id] = [self.bot_role]

    def add_channel(self, name: str, *, bot_denied: int = 0) -> Channel:
        channel = Channel(TEXT, name, guild=self, bot_denied=bot_denied)
        self.channels.append(channel)
        return channel

    def add_thread(self, parent: Channel, name: str) -> Channel:
        thread = Channel(PUBLIC_THREAD, name, guild=self, parent=parent)
        self.channels.append(thread)
        return thread

    def add_role(self, name: str, permissions: int = 0) -> str:
        """A new role; its id."""
        role_id = snowflake()
        self.roles[role_id] = self._role_payload(role_id, name, permissions)
        return role_id

    def give(self, user: User, role_id: str) -> None:
        self.member_roles.setdefault(user.id, []).append(role_id)

    def permissions_of(self, user: User, channel: Channel) -> int:
        """What `user` may do in `channel` (overwrites exist for the bot only)."""
        if user is self.owner:
            return (1 << 50) - 1
        granted = 0 if user is self.bot else self.member_permissions
        for role_id in self.member_roles.get(user.id, []):
            granted |= int(self.roles[role_id]["permissions"])
        return granted & ~channel.denied() if user is self.bot else granted

    def member_payload(self, user: User) -> JSON:
        return {
            "user": user.payload(),
            "nick": None,
            "avatar": None,
            "roles": list(self.member_roles.get(user.id, [])),
            "joined_at": "2026-01-01T00:00:00.000000+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }

    def payload(self) -> JSON:
        """The GUILD_CREATE body."""
        return {
            "id": self.id,
            "name": self.name,
            "owner_id": self.owner.id,
            "preferred_locale": self.locale,
            "unavailable": False,
            "large": False,
            "member_count": 2,
            "joined_at": now_iso(),
            "roles": list(self.roles.values()),
            "channels": [c.payload() for c in self.channels if not c.is_thread],
            "threads": [c.payload() for c in self.channels if c.is_thread],
            "members": [self.member_payload(self.bot)],
            "emojis": [],
            "stickers": [],
            "features": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "verification_level": 0,
            "default_message_notifications": 1,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "system_channel_flags": 0,
            "afk_timeout": 300,
            "application_id": None,
        }

    @staticmethod
    def _role_payload(role_id: str, name: str, permissions: int) -> JSON:
        return {
            "id": role_id,
            "name": name,
            "permissions": str(permissions),
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": 0,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
