"""Answering interactions: within three seconds always, and never without an answer.

`present` runs the work and sends its result. Work that takes longer than `PATIENCE` is deferred
first. A failure is logged under a number that the person is told, and touches nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

import aiohttp
import discord

from adapters.discord.delivery import NOBODY, persist
from adapters.discord.messages import Outgoing
from bot.logs import of_question

if TYPE_CHECKING:
    from adapters.discord.client import FaqClient

log = logging.getLogger("aifaq.discord")

Interaction: TypeAlias = "discord.Interaction[FaqClient]"
PATIENCE = 1.2
"""Seconds of work before an interaction is deferred; Discord waits three in all."""
ALREADY_ACKNOWLEDGED, UNKNOWN_INTERACTION = 40060, 10062


class Where(Enum):
    """Where the result of an interaction appears."""

    PUBLIC = "public"
    PRIVATE = "private"
    """Only the person sees it."""
    IN_PLACE = "in place"
    """The message whose control was used changes."""


async def present(
    interaction: Interaction, work: Callable[[], Awaitable[Outgoing]], where: Where
) -> int | None:
    """Do the work and show its result; the id of the message made, if known."""
    task = asyncio.ensure_future(work())
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if done:
        outgoing = task.result()
        return await persist(lambda: _respond(interaction, outgoing, where), tries=4)
    await persist(lambda: defer(interaction, where), tries=4)
    outgoing = await task
    fields = outgoing.fields
    made = await persist(lambda: interaction.edit_original_response(**fields(editing=True)))
    return made.id


async def whisper(interaction: Interaction, text: str) -> None:
    """A private line in answer, whatever was answered before."""

    async def say() -> Outgoing:
        return Outgoing(content=text)

    if interaction.response.is_done():
        await persist(lambda: interaction.followup.send(text, ephemeral=True))
    else:
        await present(interaction, say, Where.PRIVATE)


async def _respond(interaction: Interaction, outgoing: Outgoing, where: Where) -> int | None:
    try:
        if where is Where.IN_PLACE:
            fields = outgoing.fields(editing=True)
            await interaction.response.edit_message(**fields, allowed_mentions=NOBODY)
            return interaction.message.id if interaction.message else None
        sent = await interaction.response.send_message(
            **outgoing.fields(), ephemeral=where is Where.PRIVATE, allowed_mentions=NOBODY
        )
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        log.info("interaction %s had been answered; the confirmation was lost", interaction.id)
        return None
    return sent.message_id


async def defer(interaction: Interaction, where: Where) -> None:
    """Take note of the interaction; its result follows."""
    try:
        await interaction.response.defer(
            thinking=where is not Where.IN_PLACE, ephemeral=where is Where.PRIVATE
        )
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise


async def guarded(interaction: Interaction, work: Awaitable[Any]) -> None:
    """Run a handler; whatever goes wrong is logged, and the person told its number."""
    with interaction.client.busy(), of_question() as number:
        try:
            await work
        except Exception as error:  # noqa: BLE001 -- one handler's failure must stay its own
            await report(interaction, error, number)


async def report(interaction: Interaction, error: BaseException, number: str) -> None:
    """Log a failure and tell the person its number, if they can still be told."""
    if isinstance(error, discord.NotFound) and error.code == UNKNOWN_INTERACTION:
        log.warning("interaction %s came too late to be answered: %s", interaction.id, error)
        return
    log.error("error %s in interaction %s", number, interaction.id, exc_info=error)
    desk = interaction.client.desk
    text = desk.messages.text("error.text", desk.locale_of(interaction), id=number)
    try:
        await whisper(interaction, text)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        log.warning("error %s could not be told: %s", number, failure)
