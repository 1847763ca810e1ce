"""The terminal chat takes changed files into service, by the same rules as the running bot."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from bot.reload import Reloader, ReloadReport, state_of
from bot.service import Faq


class Watch:
    """Looks at the knowledge folder when it is asked to, not while the person types.

    Args:
        faq: what is in service; swapped in place.
        root: its folder.
    """

    def __init__(self, faq: Faq, root: Path) -> None:
        self._root = root
        self._begun: str | None = state_of(root)
        self._reloader = Reloader(faq, root, 0, shrink=0)
        self._reports: list[ReloadReport] = []
        self._reloader.subscribe(self._reports.append)
        # What the person is told on the screen need not come a second time as a bare log line.
        logging.getLogger("bot.reload").addHandler(logging.NullHandler())

    def look(self) -> list[ReloadReport]:
        """Take what has changed into service; return what there is to tell about it."""
        if state_of(self._root) == self._begun:
            return []  # as the program began: nothing to load
        self._begun = None
        asyncio.run(self._reloader.check())
        reports = self._reports.copy()
        self._reports.clear()
        return reports
