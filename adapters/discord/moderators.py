"""Who may moderate in Discord."""

from __future__ import annotations

import discord

from adapters.discord.interactions import Interaction
from bot.settings import Settings


def is_moderator(interaction: Interaction, settings: Settings) -> bool:
    """Whether the person has Manage Messages here, or a role that the settings name."""
    member = interaction.user
    if not isinstance(member, discord.Member):
        return False
    roles = {str(role_id) for role_id in member._roles}  # noqa: SLF001 -- ids, also of uncached roles
    return interaction.permissions.manage_messages or bool(
        roles & set(settings.discord_moderator_roles)
    )
