"""Figures, and corrections of what was posted."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.admin.controls import Control, Ref
from adapters.slack.admin.correcting import Corrector
from adapters.slack.admin.desk import AdminDesk, Case, Work
from adapters.slack.admin.page import Page, sentences
from adapters.slack.client import error_code
from adapters.slack.delivery import CHART_PAUSES
from adapters.slack.mrkdwn import cut, escape
from adapters.slack.parts import SECTION, actions, context, section
from adapters.slack.problems import REFUSED
from adapters.slack.questions import PLATFORM
from bot.errors import MissingExtra

log = logging.getLogger("aifaq.slack")

DAYS, CORRECTION_DAYS, MOST = 30, 14, 30


class Figures:
    """Pages of figures and corrections for one desk."""

    def __init__(self, admin: AdminDesk) -> None:
        self.admin = admin
        self._running = asyncio.Lock()
        self.pages: dict[Control, Work] = {
            Control.STATS: self._stats,
            Control.OUTDATED: self._outdated,
            Control.CORRECT: self._correct,
        }

    async def _stats(self, case: Case) -> Page:
        """The figures in words at once, their picture as soon as Slack has it."""
        lines = await self.admin.moderation.stats(case.by, days=DAYS)
        page = Page([section(cut("\n".join(map(escape, lines)), SECTION))])
        await self.admin.show(case, page)
        file = await self._upload(case)
        if file:
            picture = {"type": "image", "slack_file": {"id": file},
                       "alt_text": case.say("stats.chart", days=DAYS)}
            return await self._pictured(case, Page([*page.blocks, picture])) or page
        return page

    async def _pictured(self, case: Case, page: Page) -> Page | None:
        """The page once Slack takes it with its picture, which it looks at for a while."""
        for pause in CHART_PAUSES:
            try:
                await self.admin.show(case, page)
            except SlackApiError as error:
                if error_code(error) not in (*REFUSED, "invalid_arguments"):
                    raise
                await asyncio.sleep(pause)
            else:
                return page
        return None

    async def _upload(self, case: Case) -> str:
        try:
            png = await self.admin.moderation.stats_chart(case.by, days=DAYS)
            sent = await self.admin.desk.client.files_upload_v2(
                filename="stats.png", content=png, title=case.say("button.stats"),
                alt_txt=case.say("stats.chart", days=DAYS))
        except (MissingExtra, SlackClientError, aiohttp.ClientError, OSError) as error:
            log.warning("No chart of the statistics: %s", error)
            return ""
        files = sent.get("files") or []
        return str(files[0]["id"]) if files else ""

    async def _outdated(self, case: Case) -> Page:
        say = case.say
        found = await self.admin.moderation.outdated(case.by, days=CORRECTION_DAYS)
        if not found:
            return sentences(say("outdated.none", days=CORRECTION_DAYS))
        blocks = [section(f"*{escape(say('outdated.title'))}*")]
        here = 0
        for number, one in enumerate(found[:MOST]):
            count = one.by_platform.get(PLATFORM, 0)
            here += count
            mend = say.button("correct", Control.CORRECT, Ref(entry=one.entry_id))
            mend["action_id"] = Control.CORRECT.id(number)
            gone = f" ({say('outdated.withdrawn')})" if one.withdrawn else ""
            told = say("outdated.counts", count=count) if count else say("outdated.elsewhere")
            accessory = {"accessory": mend} if count else {}
            blocks += [section(escape(one.question + gone), **accessory), context(escape(told))]
        everything = say.button("correct_all", Control.CORRECT, Ref(), style="primary",
                                **say.confirm("correct_all"))
        return Page(blocks + actions([everything] if here else []))

    async def _correct(self, case: Case) -> Page:
        """Edit the messages; whoever closes the modal gets the report as a message."""
        chosen = [case.about.entry] if case.about.entry else []
        corrector = Corrector(self.admin.desk, self.admin.window.delivery)
        async with self._running:
            await self.admin.show(case, sentences(case.say("outdated.running")))
            report = await self.admin.moderation.correct(
                case.by, PLATFORM, corrector.edit, entry_ids=chosen, days=CORRECTION_DAYS)
        back = case.say.button("back", Control.OUTDATED, Ref())
        return sentences(report.text, *actions([back])).must_reach(report.text)
