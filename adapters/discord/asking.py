"""Asking by a command: /faq with its completion, and the preview from the message menu."""

from __future__ import annotations

import logging
from time import monotonic

import discord
from discord.app_commands import Choice

from adapters.discord.desk import Desk
from adapters.discord.interactions import Interaction, Where, present, whisper
from adapters.discord.messages import Outgoing
from adapters.discord.questions import conversation, plain
from adapters.discord.views import clip
from bot.models import Question, Reply
from bot.text import has_words

log = logging.getLogger("aifaq.discord")

ENTRY = "entry:"
"""Prefix of a completion's value; what follows is an entry's id. Free text has none."""
CHOICES, CHOICE = 25, 100


async def completions(desk: Desk, interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Up to 25 entries for what is typed so far, in the person's language; never raises."""
    try:
        locale = await desk.reader_locale(interaction)
        popular = desk.app.records.popular(CHOICES)
        links = desk.faq.complete(typed, locale, limit=CHOICES, popular=popular)
    except Exception:  # an empty list is better than an error while somebody types
        log.exception("no completion for a text of %d characters", len(typed))
        return []
    return [
        Choice(name=clip(link.question, CHOICE), value=ENTRY + link.entry_id)
        for link in links
        if len(ENTRY + link.entry_id) <= CHOICE
    ]


async def ask(desk: Desk, interaction: Interaction, text: str, *, private: bool) -> None:
    """Answer a question, or show the entry that was picked from the completion."""
    in_dm = interaction.context.dm_channel
    channel = None if private or in_dm else interaction.channel_id
    if not desk.within_limits(interaction.user.id, channel):
        await whisper(interaction, desk.limit_hint(await desk.reader_locale(interaction)))
        return
    started = monotonic()
    question, reply = await _reply(desk, interaction, text)
    private = private or _stands_already(desk, channel, reply)
    made: list[Outgoing] = []

    async def work() -> Outgoing:
        made.append(await desk.compose(reply, asker=interaction.user.id, private=private))
        return made[0]

    message_id = await present(interaction, work, Where.PRIVATE if private else Where.PUBLIC)
    desk.note_asked(
        question,
        reply,
        user_id=interaction.user.id,
        channel_id=interaction.channel_id,
        started=started,
    )
    if message_id:
        desk.asked.set(message_id, question.text)
    if message_id and interaction.channel_id and not private:
        desk.note_sent(made[0], interaction.channel_id, message_id)


async def _reply(desk: Desk, interaction: Interaction, text: str) -> tuple[Question, Reply]:
    locale = desk.locale_of(interaction)
    forced = await desk.chosen_locale(interaction.user.id)
    key = conversation(interaction.channel_id or 0, interaction.user.id)
    if text.startswith(ENTRY):
        reply = desk.faq.show(text.removeprefix(ENTRY), forced or locale, conversation=key)
        shown = reply.answer.question if reply.answer else text.removeprefix(ENTRY)
        return Question(shown, locale, key, forced_locale=forced), reply
    question = Question(plain(text), locale, key, forced_locale=forced)
    return question, desk.faq.respond(question)


def _stands_already(desk: Desk, channel: int | None, reply: Reply) -> bool:
    """Whether the answer was posted here within the minute; then it is shown privately."""
    answer = reply.answer
    if channel is None or answer is None:
        return False
    return desk.posted.find(channel, answer.entry_id, answer.locale) is not None


def brought_by_user(interaction: Interaction) -> bool:
    """Whether the person brought the app to a place that did not install it."""
    if interaction.context.dm_channel:
        return False
    return not interaction.is_guild_integration()


async def preview(desk: Desk, interaction: Interaction, message: discord.Message) -> None:
    """Show privately what the bot would answer to somebody's message."""
    text = plain(message.content)
    if not has_words(text):
        locale = await desk.reader_locale(interaction)
        await whisper(interaction, desk.messages.text("discord.note.empty_message", locale))
        return
    if not desk.within_limits(interaction.user.id, None):
        await whisper(interaction, desk.limit_hint(await desk.reader_locale(interaction)))
        return
    started = monotonic()
    forced = await desk.chosen_locale(interaction.user.id)
    question = Question(text, desk.locale_of(interaction), forced_locale=forced)
    reply = desk.faq.respond(question)
    postable = interaction.is_guild_integration() and interaction.guild_id is not None

    async def work() -> Outgoing:
        return await desk.compose(
            reply,
            asker=interaction.user.id,
            private=True,
            post_to=message.id if postable else 0,
        )

    message_id = await present(interaction, work, Where.PRIVATE)
    if message_id:
        desk.asked.set(message_id, text)
    desk.note_asked(
        question,
        reply,
        user_id=interaction.user.id,
        channel_id=interaction.channel_id,
        started=started,
    )
