"""Who may moderate: decided here, from facts that an adapter verified, never by a button.

An adapter builds a `Moderator` anew for every click from what the platform says at that moment;
each method of `bot.moderation` calls `require` itself.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import PermissionDenied
from bot.models import Locale
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Moderator:
    """The person who acts, and whether the platform's facts allow it."""

    platform: str
    """`discord`, `slack` or `terminal`."""
    id: str
    """The platform's id of the person."""
    name: str
    """As shown to other moderators and in the history of the files."""
    allowed: bool
    locale: Locale = "en"
    """Language of the texts that this person gets back."""
    email: str = ""
    """For the author of a commit; made up from platform and id when empty."""

    @property
    def author(self) -> str:
        """`platform:id (name)`, for the audit."""
        return f"{self.platform}:{self.id} ({self.name})"


def require(moderator: Moderator) -> None:
    """Let moderators pass.

    Raises:
        PermissionDenied: for anybody else.
    """
    if not moderator.allowed:
        raise PermissionDenied(
            "Only moderators may do this. On Discord that is Manage Messages or a role of "
            "AIFAQ_DISCORD_MODERATOR_ROLES, on Slack AIFAQ_SLACK_MODERATORS or an admin."
        )


def discord_moderator(
    settings: Settings,
    *,
    person: str,
    name: str,
    roles: Iterable[str],
    manage_messages: bool,
    locale: Locale = "en",
) -> Moderator:
    """A Discord member: Manage Messages in that channel, or one of the moderators' roles.

    Outside a server nobody has either, so direct messages never moderate.
    """
    allowed = manage_messages or not set(settings.discord_moderator_roles).isdisjoint(roles)
    return Moderator("discord", person, name, allowed, locale)


def slack_moderator(
    settings: Settings,
    *,
    person: str,
    name: str,
    groups: Iterable[str],
    admin: bool,
    locale: Locale = "en",
    email: str = "",
) -> Moderator:
    """A Slack member: named by the setting (as a person or by a user group), else an admin."""
    named = set(settings.slack_moderators)
    allowed = not named.isdisjoint((person, *groups)) if named else admin
    return Moderator("slack", person, name, allowed, locale, email)


def terminal_moderator(locale: Locale = "en", name: str = "", email: str = "") -> Moderator:
    """Whoever runs the command: the files are theirs to change already."""
    user = _user()
    return Moderator("terminal", user, name or user, allowed=True, locale=locale, email=email)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return "terminal"
