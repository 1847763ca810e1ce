"""From Discord to the core: who is addressed, what was asked, in which conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable

import discord

from adapters.discord.handles import Action, Handle
from bot.models import Locale, Question

PLATFORM = "discord"
MARKUP = re.compile(r"<(?:@[!&]?\d+|#\d+|/[^:>]+:\d+|t:\d+(?::\w)?)>")
EMOJI = re.compile(r"<a?:\w+:\d+>")
SHOWING = (Action.HELPFUL, Action.LANGUAGE)
"""Controls that tell which entry a message of the bot shows."""


def is_from_person(message: discord.Message) -> bool:
    """Whether a person wrote it: no bot (this one included), no webhook, no system notice."""
    kinds = (discord.MessageType.default, discord.MessageType.reply)
    return not message.author.bot and message.webhook_id is None and message.type in kinds


def is_addressed(message: discord.Message, me: discord.abc.User) -> bool:
    """Whether the message is meant for the bot: a DM, a mention, or a reply that pings it."""
    private = isinstance(message.channel, discord.DMChannel)
    return private or any(user.id == me.id for user in message.mentions)


def to_question(
    message: discord.Message,
    me: discord.abc.User,
    *,
    locale: Locale | None,
    forced: Locale | None,
    addressed: bool = True,
) -> Question:
    """What a message asks. A bare mention in reply to a person asks what that person wrote."""
    replied = replied_to(message)
    text = plain(message.content)
    context = None
    if replied is not None and replied.author.id == me.id:
        context = shown_entry(replied)
    elif replied is not None and not text and not replied.author.bot:
        text = plain(replied.content)
    key = conversation(message.channel.id, message.author.id) if addressed else None
    return Question(text, locale, key, context, forced)


def plain(content: str) -> str:
    """A message's text without mentions and custom emoji."""
    return " ".join(EMOJI.sub(" ", MARKUP.sub(" ", content)).split())


def conversation(channel_id: int, user_id: int) -> str:
    """The key of one person's conversation in one channel, thread or DM."""
    return f"{PLATFORM}:{channel_id}:{user_id}"


def replied_to(message: discord.Message) -> discord.Message | None:
    """The message replied to, when Discord sent it along."""
    reference = message.reference
    found = reference.resolved if reference else None
    return found if isinstance(found, discord.Message) else None


def shown_entry(message: discord.Message) -> str | None:
    """The entry that a message of the bot shows, read from its own buttons."""
    for custom_id in custom_ids(message):
        handle = Handle.parse(custom_id)
        if handle and handle.action in SHOWING and handle.entries:
            return handle.entries[0]
    return None


def custom_ids(message: discord.Message) -> Iterable[str]:
    """The custom_ids of a message's buttons and selects."""
    for row in message.components:
        for part in getattr(row, "children", ()):
            if custom_id := getattr(part, "custom_id", None):
                yield custom_id


def to_locale(code: object, known: Iterable[Locale]) -> Locale | None:
    """The bot's language for a Discord locale such as `en-GB`, None when it speaks another."""
    language = str(code or "").split("-")[0].lower()
    return language if language in set(known) else None
