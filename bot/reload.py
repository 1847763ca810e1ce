"""Live reload: what is on the disk goes into service whole, or not at all.

The folder's content hash is looked at every few seconds: file watching misses mounts and
ConfigMap swaps. A new state is loaded and linted beside what is in service, in a thread, so that
answers go on; the last good base stays until a better one is complete.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import AifaqError, KnowledgeError
from bot.knowledge import KnowledgeBase, content_hash, load_knowledge
from bot.knowledge.messages import Messages, load_messages
from bot.models import Locale
from bot.service import Faq

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.5
"""A new state must look the same for this long: whoever writes files is then done."""
SHRINK_SECONDS = 30.0
"""The same for a folder that has lost most of its entries, as a half-copied one has."""
MAX_SHOWN = 10
"""Faults that a report lists."""


@dataclass(frozen=True, slots=True)
class ReloadReport:
    """One change of state, for the log and the moderators' channel."""

    ok: bool
    """True: the newest files are in service (again); False: they are broken, the last good stay."""
    faults: tuple[str, ...]
    """What is wrong, each as `path:line: message`."""
    entries: int
    """In service now."""
    version: str
    """Fingerprint in service now."""
    at: datetime

    def text(self, messages: Messages, locale: Locale) -> str:
        """The report for moderators, in a language."""
        if self.ok:
            return messages.text("moderation.reload.mended", locale, entries=self.entries)
        lines = [messages.text("moderation.reload.broken", locale), *self.faults[:MAX_SHOWN]]
        more = len(self.faults) - MAX_SHOWN
        if more > 0:
            lines.append(messages.text("moderation.status.more_faults", locale, count=more))
        return "\n".join(lines)


ReportCallback = Callable[[ReloadReport], None]
"""Called in the event loop, once per broken state and once when it is mended."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What one attempt at a state came to."""

    knowledge: KnowledgeBase | None
    messages: Messages | None
    faults: tuple[str, ...] = ()
    lint: frozenset[tuple[str, str, str]] = frozenset()


class Reloader:
    """Keeps a Faq at the newest good state of its folder.

    Args:
        faq: what is in service; swapped in place.
        root: the knowledge folder.
        seconds: how often to look; 0 looks only when `check` is called.
        settle: seconds that a new state must stay the same before it is loaded.
        shrink: the same for a state that has lost more than half of the entries.
    """

    def __init__(
        self,
        faq: Faq,
        root: Path,
        seconds: float = 2.0,
        *,
        settle: float = SETTLE_SECONDS,
        shrink: float = SHRINK_SECONDS,
    ) -> None:
        self._faq, self._root = faq, root
        self._seconds, self._settle, self._shrink = seconds, settle, shrink
        self._in_service: str | None = None
        self._lint: frozenset[tuple[str, str, str]] = frozenset()
        self._broken: str | None = None
        self._shrunk: tuple[str, float] | None = None
        self._callbacks: list[ReportCallback] = []
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.faults: tuple[str, ...] = ()
        """What is wrong with the files now; empty when the newest are in service."""
        self.loaded_at = datetime.now(UTC)
        """When what is in service was loaded."""
        self.active = False
        """Whether `start` was called: a bot is running that shall have the newest state."""
        self.swaps = 0
        """Bases put into service since the start."""
        self.failures = 0
        """States of the files that could not be."""

    def subscribe(self, callback: ReportCallback) -> None:
        """Have reports sent to `callback`."""
        self._callbacks.append(callback)

    async def start(self) -> None:
        """Begin to look."""
        self.active = True
        if self._seconds > 0 and self._task is None:
            self._task = asyncio.create_task(self._keep_looking(), name="aifaq-reload")

    async def close(self) -> None:
        """Stop looking."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def poke(self) -> None:
        """Look at once, for example because another replica wrote."""
        self._wake.set()

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.check(settled=False)
            except Exception:
                log.exception("Looking at %s failed; trying again", self._root)
            with suppress(TimeoutError):
                # Not wait_for: before Python 3.12 it can swallow a cancellation.
                async with asyncio.timeout(self._seconds):
                    await self._wake.wait()
            self._wake.clear()

    async def check(self, *, settled: bool = True) -> bool:
        """Take the newest state into service if it is new and good.

        Args:
            settled: whoever wrote is known to be done, so that there is nothing to wait for.

        Returns:
            Whether the newest state of the files is in service.
        """
        async with self._lock:
            state = await asyncio.to_thread(state_of, self._root)
            if state == self._in_service:
                self._mended()
                return True
            if state == self._broken:
                return False
            if not settled:
                await asyncio.sleep(self._settle)
                if await asyncio.to_thread(state_of, self._root) != state:
                    return False
            return await self._take(state)

    async def _take(self, state: str) -> bool:
        loaded = await asyncio.to_thread(self._load)
        if await asyncio.to_thread(state_of, self._root) != state:
            return False  # written to meanwhile: the next look decides
        if loaded.knowledge is None or loaded.messages is None:
            self._refuse(state, loaded.faults)
            return False
        if self._in_service is None and loaded.knowledge.fingerprint == self._faq.version:
            self._in_service, self._lint = state, loaded.lint
            return True  # what the program began with
        if self._has_shrunk(state, loaded.knowledge):
            return False
        try:
            await asyncio.to_thread(self._faq.swap, loaded.knowledge, loaded.messages)
        except AifaqError as error:
            self._refuse(state, (str(error),))
            return False
        self._in_service, self._lint = state, loaded.lint
        self.loaded_at = datetime.now(UTC)
        self.swaps += 1
        log.info("%d entries in service, version %s", len(loaded.knowledge.entries),
                 self._faq.version[:8])
        self._mended()
        return True

    def _load(self) -> _Loaded:
        try:
            knowledge, messages = load_knowledge(self._root), load_messages(self._root)
        except KnowledgeError as error:
            return _Loaded(None, None, tuple(map(str, error.faults)))
        errors = _lint_errors(knowledge)
        if self._in_service is not None:
            new = tuple(text for key, text in errors.items() if key not in self._lint)
            if new:
                return _Loaded(None, None, new)
        return _Loaded(knowledge, messages, lint=frozenset(errors))

    def _has_shrunk(self, state: str, knowledge: KnowledgeBase) -> bool:
        """Whether to wait because most entries are missing, as while a folder is being copied."""
        before, now = len(self._faq.knowledge.entries), len(knowledge.entries)
        if 2 * now >= before:
            self._shrunk = None
            return False
        if self._shrunk is None or self._shrunk[0] != state:
            self._shrunk = (state, time.monotonic())
            fault = (
                f".:1: only {now} of {before} entries are left; if that is meant, wait "
                f"{self._shrink:g} seconds, else put the files back"
            )
            self._report((fault,))
        return time.monotonic() - self._shrunk[1] < self._shrink

    # Telling, once per state

    def _refuse(self, state: str, faults: tuple[str, ...]) -> None:
        self._broken = state
        self.failures += 1
        self._report(faults)

    def _report(self, faults: tuple[str, ...]) -> None:
        if faults == self.faults:
            return
        self.faults = faults
        log.error("The knowledge files are broken; the last good ones stay in service:\n%s",
                  "\n".join(faults[:MAX_SHOWN]))
        self._tell(ok=False)

    def _mended(self) -> None:
        self._broken = self._shrunk = None
        if self.faults:
            self.faults = ()
            log.info("The knowledge files are in order again")
            self._tell(ok=True)

    def _tell(self, *, ok: bool) -> None:
        report = ReloadReport(
            ok, self.faults, len(self._faq.knowledge.entries), self._faq.version,
            datetime.now(UTC),
        )
        for callback in self._callbacks:
            try:
                callback(report)
            except Exception:
                log.exception("Telling the moderators about a reload failed")


def state_of(root: Path) -> str:
    """What tells one state of the folder from another; never raises."""
    try:
        return content_hash(root) if root.is_dir() else "no folder"
    except OSError as error:
        return f"unreadable: {error}"


def _lint_errors(knowledge: KnowledgeBase) -> dict[tuple[str, str, str], str]:
    from bot.curation.trial import lint_errors, lint_key

    return {
        lint_key(finding): f"{finding.path}:{finding.line}: {finding.message}"
        for finding in lint_errors(knowledge)
    }
