"""Word of broken knowledge files, in the moderators' channel: once per state of the files."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter

from adapters.slack.delivery import Delivery, sentence
from adapters.slack.desk import Desk
from adapters.slack.mrkdwn import cut
from adapters.slack.parts import SECTION
from bot.reload import ReloadReport


class Alarm:
    """Passes reports of the reload on, in their order."""

    def __init__(self, desk: Desk, delivery: Delivery) -> None:
        self.desk, self.delivery = desk, delivery
        self.channel = (desk.app.settings.slack_moderator_channel or "").strip()
        self._turn = asyncio.Lock()
        self._told: Counter[str] = Counter()

    def start(self) -> None:
        """Listen, where the setting names a channel."""
        if self.channel:
            self.desk.app.reloader.subscribe(self._hear)

    def _hear(self, report: ReloadReport) -> None:
        self.desk.work.start(self._tell(report))

    async def _tell(self, report: ReloadReport) -> None:
        text = report.text(self.desk.messages, self.desk.app.settings.locale)
        digest = hashlib.sha256(f"{report.at:%H%M}{text}".encode()).hexdigest()[:16]
        self._told[digest] += 1
        # Of several processes that see the same at once, one tells; the same later is told again.
        async with self._turn:
            if await self.desk.first(reload=f"{digest}{self._told[digest]}"):
                await self.delivery.say(sentence(cut(text, SECTION // 2)), self.channel)
