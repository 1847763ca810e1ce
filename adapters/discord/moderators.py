"""Who acts in Discord, and whether they may moderate, by what Discord says of them right now."""

from __future__ import annotations

import discord

from adapters.discord.interactions import Interaction
from bot.models import Locale
from bot.permissions import Moderator, discord_moderator
from bot.settings import Settings


def to_moderator(interaction: Interaction, settings: Settings, locale: Locale) -> Moderator:
    """The person who acts; outside a guild nobody moderates."""
    person = interaction.user
    # Roles by id, since one that is not cached counts too.
    roles = person._roles if isinstance(person, discord.Member) else ()  # noqa: SLF001
    return discord_moderator(
        settings,
        person=str(person.id),
        name=person.display_name,
        roles=[str(role) for role in roles],
        manage_messages=interaction.permissions.manage_messages,
        locale=locale,
    )
