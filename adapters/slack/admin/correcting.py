"""Corrections: old answers are edited where they stand, one by one, at Slack's pace."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.client import REVOKED, error_code, is_passing
from adapters.slack.delivery import Delivery
from adapters.slack.desk import Desk
from bot.models import Reply
from bot.moderation.corrections import Correction, EditResult

log = logging.getLogger("aifaq.slack")

PAUSE = 1.2
"""Seconds between two edits: Slack takes about fifty a minute."""


class Corrector:
    """One run's edits; the core notes each, so that the next run goes on where this one ended."""

    def __init__(self, desk: Desk, delivery: Delivery) -> None:
        self.desk, self.delivery = desk, delivery
        self._began = False

    async def edit(self, correction: Correction) -> EditResult:
        """Edit one message, keeping its other answers."""
        if self._began:
            await asyncio.sleep(PAUSE)
        self._began = True
        row = correction.message
        try:
            reply = await self._whole(correction)
            await self.delivery.correct(reply, row.channel, row.message, correction.note)
        except (SlackClientError, aiohttp.ClientError, OSError) as error:
            return self._result_of(error)
        return EditResult.EDITED

    async def _whole(self, correction: Correction) -> Reply:
        """The corrected answer, together with the others that the message shows."""
        row, store = correction.message, self.desk.app.store
        rows = await store.sent_in(row.platform, row.channel, row.message) if store else []
        replies = [
            correction.reply if other.id == row.id
            else self.desk.faq.show(other.entry_id, other.locale)
            for other in rows
        ]
        answers = tuple(answer for reply in replies for answer in reply.answers)
        first = next((reply for reply in replies if reply.answers), correction.reply)
        return replace(first, answers=answers) if answers else correction.reply

    def _result_of(self, error: Exception) -> EditResult:
        """What Slack refuses for good is not tried again; the rest is, by the next run."""
        code = error_code(error) if isinstance(error, SlackApiError) else ""
        self.desk.check(code)
        if is_passing(error) or code in REVOKED or code == "missing_scope":
            log.warning("Corrections stop for now: %s", error)
            return EditResult.LATER
        log.info("A message can no longer be corrected: %s", error)
        return EditResult.GONE
