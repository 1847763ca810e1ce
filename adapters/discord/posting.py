"""Posting a previewed answer as a reply to the message it answers."""

from __future__ import annotations

import discord

from adapters.discord.delivery import NOBODY, persist
from adapters.discord.desk import Desk
from adapters.discord.interactions import Interaction
from bot.models import Reply


async def post_reply(interaction: Interaction, desk: Desk, reply: Reply, message_id: int) -> str:
    """Post it; a line that says where it stands, or why it does not.

    A message that is gone gets its answer as an ordinary message. The asker of the posted answer
    is whoever pressed the button.
    """
    locale = await desk.reader_locale(interaction)
    channel, answer = interaction.channel, reply.answer
    if answer is None:
        return reply.text
    if not isinstance(channel, discord.abc.Messageable) or interaction.channel_id is None:
        return desk.messages.text("discord.note.cannot_post", locale)
    if there := desk.posted.find(interaction.channel_id, answer.entry_id, answer.locale):
        link = _link(interaction, there)
        return desk.messages.text("discord.note.answered_above", locale, link=link)
    outgoing = await desk.compose(reply, asker=interaction.user.id)
    reference = discord.MessageReference(
        message_id=message_id,
        channel_id=interaction.channel_id,
        guild_id=interaction.guild_id,
        fail_if_not_exists=False,
    )
    may = interaction.app_permissions
    if not may.embed_links:
        outgoing = outgoing.as_text()
    elif not may.attach_files:
        outgoing = outgoing.without_chart()
    try:
        sent = await persist(
            lambda: channel.send(
                **outgoing.fields(),
                reference=reference,
                mention_author=False,
                nonce=interaction.id,
                allowed_mentions=NOBODY,
            )
        )
    except discord.Forbidden:
        return desk.messages.text("discord.note.cannot_post", locale)
    desk.note_sent(outgoing, interaction.channel_id, sent.id)
    return desk.messages.text("discord.note.posted", locale, link=sent.jump_url)


def _link(interaction: Interaction, message_id: int) -> str:
    place = interaction.guild_id or "@me"
    return f"https://discord.com/channels/{place}/{interaction.channel_id}/{message_id}"
