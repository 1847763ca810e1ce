"""What is in hand, from the acknowledgement to the answer: held on to, and finished at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from time import monotonic
from typing import Any, ParamSpec, TypeVar
from uuid import uuid4

from bot import logs

log = logging.getLogger("aifaq.slack")

P = ParamSpec("P")
R = TypeVar("R")
Tell = Callable[[str], Awaitable[None]]
"""Tells the person that something went wrong, given the number of the error."""


class Work:
    """Tasks in hand."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def held(self, listener: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        """The listener, in hand from its first step to its last.

        Without it the end would not know of what has been acknowledged and waits for the store to
        say who answers: Slack would not send it again, and nobody would answer it.
        """

        @wraps(listener)
        async def run(*args: P.args, **kwargs: P.kwargs) -> R:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                return await listener(*args, **kwargs)
            finally:
                self._tasks.discard(task)

        return run

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
        """Wait for what is in hand and for what it begins; returns how much had to be cut off."""
        deadline = monotonic() + seconds
        while (left := self._left()) and (remaining := deadline - monotonic()) > 0:
            await asyncio.wait(left, timeout=remaining)
        for task in left:
            task.cancel()
        return len(left)

    def _left(self) -> set[asyncio.Task[Any]]:
        return {task for task in self._tasks if not task.done()}
