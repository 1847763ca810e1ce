"""Getting an answer there: retries without doubles, and the next best way where one is barred.

discord.py repeats a 429, 500, 502 and 504; a 503, a reset connection or Cloudflare's own 429 it
gives up. Here they are repeated, which is safe for messages since each carries a `nonce` that
Discord enforces: a repeated send whose first answer was lost makes no second message.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import aiohttp
import discord

from adapters.discord.messages import Outgoing
from bot.knowledge.messages import Messages
from bot.models import Locale

log = logging.getLogger("aifaq.discord")
T = TypeVar("T")

TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 0.25, 20.0
TOO_MANY = 429
UNKNOWN_CHANNEL, NO_ACCESS = 10003, 50001
"""Discord's codes: the channel is gone; the bot may not see it."""
NOBODY = discord.AllowedMentions.none()


async def persist(call: Callable[[], Awaitable[T]], *, tries: int = TRIES) -> T:
    """The result of `call`, repeated with growing pauses while Discord or the network fails.

    Raises:
        discord.HTTPException: what Discord refuses, at once; a failure, after the last try.
        OSError, aiohttp.ClientError: the connection's failure, after the last try.
    """
    for number in range(1, tries + 1):
        try:
            return await call()
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            wait = pause_after(error, number)
            if wait is None or number == tries:
                raise
            log.warning("Discord did not take it (%s); again in %.1f s", error, wait)
            await asyncio.sleep(wait)
    raise AssertionError


def pause_after(error: Exception, number: int) -> float | None:
    """Seconds before the next try after failure `number`; None if repeating is no use."""
    spread = random.uniform(0.8, 1.2)  # noqa: S311 -- not a secret
    growing = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (number - 1)) * spread
    if not isinstance(error, discord.HTTPException):
        return growing
    if error.status == TOO_MANY:
        told = error.response.headers.get("Retry-After", "")
        return max(growing, float(told) if told.isdigit() else 1.0)
    return growing if error.status >= 500 else None  # noqa: PLR2004


class Delivery:
    """Replies to messages."""

    def __init__(self, messages: Callable[[], Messages]) -> None:
        self._messages = messages

    async def reply(
        self, asked: discord.Message, outgoing: Outgoing, locale: Locale
    ) -> discord.Message | None:
        """Reply without a ping; the message made, or None when every way is barred.

        Without the right to attach, embed or reply it does without; without the right to write at
        all, the asker gets the answer by DM.
        """
        for way, referring in _ways(asked, outgoing):
            try:
                return await persist(lambda w=way, r=referring: _send(asked, w, r))  # type: ignore[misc]
            except discord.HTTPException as error:
                if error.code == UNKNOWN_CHANNEL:
                    log.warning("channel %s is gone; so is the question", asked.channel.id)
                    return None
                if error.status not in (400, 403):
                    raise
                log.warning("cannot answer like that in channel %s: %s", asked.channel.id, error)
                if error.code == NO_ACCESS:
                    break
        return await self.by_dm(asked, outgoing, locale)

    async def by_dm(
        self, asked: discord.Message, outgoing: Outgoing, locale: Locale
    ) -> discord.Message | None:
        """Send it to the author instead; None when they do not accept messages."""
        note = self._messages().text("discord.note.by_dm", locale, link=asked.jump_url)
        private = replace(outgoing, content=f"{note}\n{outgoing.content}".strip())
        return await self.whisper(asked.author, private, nonce=asked.id)

    async def whisper(
        self, person: discord.abc.User, outgoing: Outgoing, *, nonce: int
    ) -> discord.Message | None:
        """A direct message; None when the person does not accept any."""
        if not isinstance(person, discord.User | discord.Member):
            return None
        try:
            return await persist(
                lambda: person.send(
                    **outgoing.fields(), nonce=nonce, allowed_mentions=NOBODY
                )
            )
        except discord.Forbidden as error:
            log.warning("no way to answer user %s: %s", person.id, error)
            return None


def _ways(asked: discord.Message, outgoing: Outgoing) -> Iterator[tuple[Outgoing, bool]]:
    """What to try, best first: the message, and whether it may refer to the question."""
    may = _permissions(asked)
    writing = may.send_messages_in_threads if _is_thread(asked) else may.send_messages
    if not writing or not may.view_channel:
        return
    referring = may.read_message_history
    if may.embed_links and may.attach_files:
        yield outgoing, referring
    if may.embed_links and (outgoing.chart or not may.attach_files):
        yield outgoing.without_chart(), referring
    yield outgoing.as_text(), referring
    if referring:
        yield outgoing.as_text(), False


def _is_thread(asked: discord.Message) -> bool:
    return isinstance(asked.channel, discord.Thread)


def _permissions(asked: discord.Message) -> discord.Permissions:
    """What the bot may do there as far as known; what is unknown is tried."""
    guild, channel = asked.guild, asked.channel
    if guild is None or guild.me is None or isinstance(channel, discord.PartialMessageable):
        return discord.Permissions.all()
    return channel.permissions_for(guild.me)


async def _send(asked: discord.Message, outgoing: Outgoing, referring: bool) -> discord.Message:
    fields = outgoing.fields()
    if referring:
        fields["reference"] = asked.to_reference(fail_if_not_exists=False)
        fields["mention_author"] = False
    elif asked.guild is not None:
        fields["content"] = f"{asked.author.mention} {fields.get('content', '')}".strip()[:2000]
    return await asked.channel.send(**fields, nonce=asked.id, allowed_mentions=NOBODY)
