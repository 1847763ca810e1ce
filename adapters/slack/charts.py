"""Charts as files in Slack: each is drawn and uploaded once, and shown wherever it is needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App
from bot.charts.entry import chart_png
from bot.errors import MissingExtra
from bot.models import Answer
from bot.recent import Recent

log = logging.getLogger("aifaq.slack")

Key = tuple[str, str, str]
"""Entry, revision, language."""
DAY = 86_400.0
PAUSE = 300.0
"""Seconds until a chart that could not be uploaded is tried again."""


class Charts:
    """File ids by answer."""

    def __init__(self, app: App, client: AsyncWebClient) -> None:
        self._app, self._client = app, client
        self._files: Recent[Key, str] = Recent(DAY, size=2_000)
        self._failed: Recent[Key, bool] = Recent(PAUSE)
        self._uploads: dict[Key, asyncio.Task[str | None]] = {}
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="chart")

    def ready(self, answers: Iterable[Answer]) -> dict[str, str]:
        """The charts that are in Slack already: file id by entry id."""
        found = {answer.entry_id: self._files.get(_key(answer)) for answer in answers}
        return {entry_id: file for entry_id, file in found.items() if file}

    def missing(self, answers: Iterable[Answer]) -> list[Answer]:
        """The answers whose chart is worth an upload."""
        return [
            answer for answer in answers
            if answer.figures and not self._files.get(_key(answer))
            and not self._failed.get(_key(answer))
        ]

    async def upload(self, answers: Iterable[Answer]) -> dict[str, str]:
        """Upload what is missing; never raises. Returns all that is in Slack now."""
        answers = tuple(answers)
        await asyncio.gather(*(self._upload_once(answer) for answer in self.missing(answers)))
        return self.ready(answers)

    async def prepare(self, answers: Iterable[Answer], seconds: float) -> dict[str, str]:
        """Like `upload`, but returns after `seconds` with what there is; uploads go on."""
        answers = tuple(answers)
        waiting = [self._task(answer) for answer in self.missing(answers)]
        if waiting:
            await asyncio.wait(waiting, timeout=seconds)
        return self.ready(answers)

    def forget(self, answers: Iterable[Answer]) -> None:
        """Slack does not know these files any more: upload them anew when next needed."""
        for answer in answers:
            self._files.discard(_key(answer))

    async def _upload_once(self, answer: Answer) -> None:
        await asyncio.shield(self._task(answer))

    def _task(self, answer: Answer) -> asyncio.Task[str | None]:
        key = _key(answer)
        if key not in self._uploads:
            task = asyncio.create_task(self._upload(answer))
            self._uploads[key] = task
            task.add_done_callback(lambda _: self._uploads.pop(key, None))
        return self._uploads[key]

    async def _upload(self, answer: Answer) -> str | None:
        try:
            file = await self._draw_and_send(answer)
        except (SlackClientError, aiohttp.ClientError, OSError, MissingExtra) as error:
            log.warning("No chart for %s: %s", answer.entry_id, error)
            file = None
        if file:
            self._files.set(_key(answer), file)
        else:
            self._failed.set(_key(answer), True)
        return file

    async def _draw_and_send(self, answer: Answer) -> str | None:
        faq = self._app.faq
        entry = faq.knowledge.find(answer.entry_id)
        if entry is None or entry.revision != answer.revision:
            return None
        draw = partial(chart_png, entry, answer.locale, messages=faq.messages,
                       sources=faq.knowledge.sources)
        png = await asyncio.get_running_loop().run_in_executor(self._drawing, draw)
        if png is None:
            return None
        # Without a channel the file stays the bot's own until a message shows it.
        sent = await self._client.files_upload_v2(
            filename=f"{answer.entry_id}-{answer.locale}.png", content=png,
            title=answer.question, alt_txt=answer.question[:1000],
        )
        files = sent.get("files") or []
        return str(files[0]["id"]) if files else None

    def close(self) -> None:
        """Stop drawing."""
        self._drawing.shutdown(wait=False, cancel_futures=True)


def _key(answer: Answer) -> Key:
    return answer.entry_id, answer.revision, answer.locale
