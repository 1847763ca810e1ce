"""What goes on after the acknowledgement: tasks that are held on to and finished at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any
from uuid import uuid4

from bot import logs

log = logging.getLogger("aifaq.slack")

Tell = Callable[[str], Awaitable[None]]
"""Tells the person that something went wrong, given the number of the error."""


class Work:
    """Tasks in hand."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, Any], tell: Tell | None = None) -> None:
        """Begin; whatever fails is logged under a number that the person is told."""
        task = asyncio.create_task(self._run(work, tell))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, work: Coroutine[Any, Any, Any], tell: Tell | None) -> None:
        with logs.of_question():
            try:
                await work
            except Exception:
                number = uuid4().hex[:8]
                log.exception("Error %s while answering on Slack", number)
                if tell is not None:
                    await self._tell(tell, number)

    async def _tell(self, tell: Tell, number: str) -> None:
        try:
            await tell(number)
        except Exception as error:  # noqa: BLE001 - telling is a courtesy, and it is logged
            log.warning("Error %s could not be told to the person: %s", number, error)

    async def finish(self, seconds: float) -> int:
        """Wait for what is in hand; returns how much had to be cut off."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)
        left = [task for task in self._tasks if not task.done()]
        for task in left:
            task.cancel()
        return len(left)
