"""Charts of answers: drawn off the event loop, one at a time, and beforehand where time allows.

Drawing takes a tenth of a second or more, and is done once; a chart that would hold back its answer
for long is left out of it.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeAlias

from adapters.discord.messages import Chart
from adapters.discord.wording import alt_text
from bot.errors import MissingExtra
from bot.models import Entry, Locale, Reply
from bot.recent import Recent
from bot.service import Faq

log = logging.getLogger("aifaq.discord")

LONGEST, QUEUE = 5.0, 4
"""Seconds that an answer waits for its chart at most; with more charts to draw it does not wait."""
DAY, KEPT = 86_400.0, 256
QUIET, PAUSE = 30.0, 0.5
"""Seconds after the start before charts are drawn beforehand, and between two of them."""

Key: TypeAlias = tuple[str, str, Locale]
"""Entry, revision, language."""


class Charts:
    """Draws for one running bot."""

    def __init__(self) -> None:
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="chart")
        self._missing = False
        self._pending: dict[Key, asyncio.Task[bytes | None]] = {}
        self._drawn: Recent[Key, bytes] = Recent(DAY, KEPT)

    async def of(self, reply: Reply, faq: Faq) -> Chart | None:
        """The chart of a reply's first answer; None if it has no figures or takes too long."""
        answer = reply.answer
        entry = faq.knowledge.find(answer.entry_id) if answer and answer.figures else None
        if answer is None or entry is None:
            return None
        png = self._drawn.get((entry.id, entry.revision, answer.locale))
        if png is None:
            task = self._begin(entry, answer.locale, faq)
            patience = LONGEST if len(self._pending) <= QUEUE else 0
            done, _ = await asyncio.wait({task}, timeout=patience)
            if not done:
                log.info("the chart of %s is not ready; the answer goes without", entry.id)
                return None
            png = task.result()
        return Chart(png, alt_text(answer, faq.messages)) if png else None

    async def warm(self, faq: Faq) -> None:
        """Draw all charts once, at leisure."""
        await asyncio.sleep(QUIET)
        for entry in list(faq.knowledge.entries.values()):
            for locale in entry.texts if entry.figures else ():
                await self._begin(entry, locale, faq)
                await asyncio.sleep(PAUSE)

    def _begin(self, entry: Entry, locale: Locale, faq: Faq) -> asyncio.Task[bytes | None]:
        """The drawing of a chart, begun once however many answers wait for it."""
        key = (entry.id, entry.revision, locale)
        if key not in self._pending:
            task = self._pending[key] = asyncio.create_task(self._draw(entry, locale, faq))
            task.add_done_callback(lambda _: self._pending.pop(key, None))
        return self._pending[key]

    async def _draw(self, entry: Entry, locale: Locale, faq: Faq) -> bytes | None:
        from bot.charts.entry import chart_png

        if self._missing:
            return None
        loop = asyncio.get_running_loop()
        draw = partial(
            chart_png, entry, locale, messages=faq.messages, sources=faq.knowledge.sources
        )
        try:
            png = await loop.run_in_executor(self._drawing, draw)
            if png:
                self._drawn.set((entry.id, entry.revision, locale), png)
        except MissingExtra as missing:
            self._missing = True
            log.warning("answers come without charts: %s", missing)
        except Exception:  # an answer is worth more than its picture
            log.exception("the chart of %s cannot be drawn", entry.id)
        else:
            return png
        return None

    def close(self) -> None:
        """Stop drawing."""
        self._drawing.shutdown(wait=False, cancel_futures=True)
