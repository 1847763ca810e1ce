"""Charts of answers: drawn off the event loop, one at a time, and beforehand where time allows.

Drawing takes about a tenth of a second and is remembered by `bot.charts`; what would hold back an
answer for long is left out of it.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from adapters.discord.messages import Chart
from adapters.discord.wording import alt_text
from bot.errors import MissingExtra
from bot.models import Entry, Locale, Reply
from bot.service import Faq

log = logging.getLogger("aifaq.discord")

LONGEST = 5.0
"""Seconds that an answer waits for its chart at most."""
QUIET, PAUSE = 30.0, 0.5
"""Seconds after the start before charts are drawn beforehand, and between two of them."""


class Charts:
    """Draws for one running bot."""

    def __init__(self) -> None:
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="chart")
        self._missing = False

    async def of(self, reply: Reply, faq: Faq) -> Chart | None:
        """The chart of a reply's first answer; None if it has no figures or takes too long."""
        answer = reply.answer
        entry = faq.knowledge.find(answer.entry_id) if answer and answer.figures else None
        if answer is None or entry is None:
            return None
        try:
            png = await asyncio.wait_for(self._draw(entry, answer.locale, faq), LONGEST)
        except TimeoutError:
            log.warning("the chart of %s is not ready; the answer goes without", entry.id)
            return None
        return Chart(png, alt_text(answer, faq.messages)) if png else None

    async def warm(self, faq: Faq) -> None:
        """Draw all charts once, at leisure."""
        await asyncio.sleep(QUIET)
        for entry in list(faq.knowledge.entries.values()):
            for locale in entry.texts if entry.figures else ():
                await self._draw(entry, locale, faq)
                await asyncio.sleep(PAUSE)

    async def _draw(self, entry: Entry, locale: Locale, faq: Faq) -> bytes | None:
        from bot.charts import chart_png

        if self._missing:
            return None
        loop = asyncio.get_running_loop()
        draw = partial(
            chart_png, entry, locale, messages=faq.messages, sources=faq.knowledge.sources
        )
        try:
            return await loop.run_in_executor(self._drawing, draw)
        except MissingExtra as missing:
            self._missing = True
            log.warning("answers come without charts: %s", missing)
        except Exception:  # an answer is worth more than its picture
            log.exception("the chart of %s cannot be drawn", entry.id)
        return None

    def close(self) -> None:
        """Stop drawing."""
        self._drawing.shutdown(wait=False, cancel_futures=True)
