"""Corrections: old answers are edited where they stand, one by one, at Discord's pace."""

from __future__ import annotations

import logging
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

import aiohttp
import discord

from adapters.discord.delivery import NOBODY, persist
from adapters.discord.desk import Desk
from adapters.discord.handles import Action, Handle
from adapters.discord.messages import CONTENT, Outgoing
from adapters.discord.questions import SHOWING, custom_ids
from bot.models import Reply, ReplyKind
from bot.moderation.corrections import Correction, EditResult

if TYPE_CHECKING:
    from adapters.discord.client import FaqClient

log = logging.getLogger("aifaq.discord")

LONGEST_RUN = 600.0
"""Seconds after which a run ends, so that its report comes while Discord still takes it."""
TRIES = 4
UNAUTHORIZED, SERVER_ERROR, TOO_MANY = 401, 500, 429


class Corrector:
    """One run's edits; the core notes each, so that the next run goes on where this one ended."""

    def __init__(self, desk: Desk, client: FaqClient) -> None:
        self._desk, self._client = desk, client
        self._until = monotonic() + LONGEST_RUN

    async def edit(self, correction: Correction) -> EditResult:
        """Edit one message, keeping its asker and its other answer."""
        if monotonic() > self._until or self._client.is_closed():
            return EditResult.LATER
        try:
            return await self._edit(correction)
        except discord.HTTPException as error:
            return _result_of(error)
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            log.warning("corrections stop for now: %s", error)
            return EditResult.LATER

    async def _edit(self, correction: Correction) -> EditResult:
        row = correction.message
        channel = self._client.get_partial_messageable(int(row.channel))
        message = await persist(lambda: channel.fetch_message(int(row.message)), tries=TRIES)
        outgoing = await self._compose(correction, message)
        fields = outgoing.fields
        await persist(
            lambda: message.edit(**fields(editing=True), allowed_mentions=NOBODY), tries=TRIES
        )
        return EditResult.EDITED

    async def _compose(self, correction: Correction, message: discord.Message) -> Outgoing:
        """The message as it is to be, in the form it was allowed to take when it was sent."""
        shown = _handle_of(message)
        reply = self._whole(correction, shown)
        asker = shown.owner if shown else 0
        outgoing = await self._desk.compose(reply, asker=asker)
        if reply.kind is ReplyKind.ANSWER and not message.embeds:
            outgoing = outgoing.as_text()
        elif not message.attachments and not _has_image(message):
            outgoing = outgoing.without_chart()
        note = f"\n-# {correction.note}"
        content = outgoing.content[: CONTENT - len(note)] + note
        return replace(outgoing, content=content.strip())

    def _whole(self, correction: Correction, shown: Handle | None) -> Reply:
        """The corrected answer, together with the other one that the message shows."""
        reply, own = correction.reply, correction.message.entry_id
        if shown is None or len(shown.entries) < 2:  # noqa: PLR2004
            return reply
        replies = [
            reply if entry_id == own else self._desk.faq.show(entry_id, reply.locale)
            for entry_id in shown.entries
        ]
        answers = tuple(answer for one in replies for answer in one.answers)
        first = next((one for one in replies if one.answers), reply)
        return replace(first, answers=answers) if answers else reply


def _handle_of(message: discord.Message) -> Handle | None:
    """What the message says of itself in its buttons: its entries and who asked."""
    for custom_id in custom_ids(message):
        handle = Handle.parse(custom_id)
        if handle and (handle.action in SHOWING or handle.action is Action.UNHELPFUL):
            return handle
    return None


def _has_image(message: discord.Message) -> bool:
    return any(embed.image for embed in message.embeds)


def _result_of(error: discord.HTTPException) -> EditResult:
    """What Discord refuses for good is not tried again; the rest is, by the next run."""
    passing = error.status in (UNAUTHORIZED, TOO_MANY) or error.status >= SERVER_ERROR
    if passing:
        log.warning("corrections stop for now: %s", error)
        return EditResult.LATER
    log.info("a message can no longer be corrected: %s", error)
    return EditResult.GONE
