"""Getting replies into Slack: post, change, answer privately, with a way out on refusal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.blocks import Place, Rendered, Setting, to_blocks
from adapters.slack.client import error_code, proxy_for, quiet_logger, retry_handlers
from adapters.slack.desk import Desk, Spot
from adapters.slack.mrkdwn import escape
from adapters.slack.parts import JSON, section
from adapters.slack.problems import REFUSED, problem_key
from adapters.slack.questions import PLATFORM
from bot.models import Locale, Reply
from bot.recent import Recent

log = logging.getLogger("aifaq.slack")

Send = Callable[[Rendered], Awaitable[Any]]
Update = Callable[[Rendered], Awaitable[None]]

CHART_PAUSES = (0.3, 0.7, 1.5, 3.0, 6.0)
"""Seconds between attempts to show a new file: Slack takes a while to look at it."""


class _Shown:
    """What a message shows now, so that a late chart does not undo a later change."""

    def __init__(self) -> None:
        self.reply: Reply | None = None
        self.lock = asyncio.Lock()


class Delivery:
    """Sends for one desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._shown: Recent[tuple[str, str], _Shown] = Recent(600.0)
        self._turns: Recent[str, asyncio.Lock] = Recent(600.0)

    # --- for everybody to see ---------------------------------------------------------------

    async def post(
        self, reply: Reply, channel: str, asker: str, *, thread: str | None = None,
        shared_by: str = "",
    ) -> str:
        """Post a reply; its charts follow if they are new. Returns the message's timestamp.

        Raises:
            SlackApiError: if Slack does not let it.
        """
        place = Place.DIRECT if channel.startswith("D") else Place.PUBLIC
        setting = Setting(place, asker, shared_by=shared_by)

        async def send(rendered: Rendered) -> str:
            return (await self.say(rendered, channel, thread))[1]

        ts: str = await self._send(reply, setting, send)
        self._sent(channel, ts, thread, reply)
        self._follow_with_charts(reply, setting, channel, ts)
        return ts

    async def say(
        self, rendered: Rendered, channel: str, thread: str | None = None
    ) -> tuple[str, str]:
        """Post something; returns the channel that it went to, and its timestamp.

        Slack takes about one message a second in a channel. So they go one after the other: when
        one has to wait, those behind it wait too, instead of using up their attempts.

        Raises:
            SlackApiError: if Slack does not let it.
        """
        turn = self._turns.get(channel) or asyncio.Lock()
        self._turns.set(channel, turn)
        async with turn:
            answer = await self.desk.client.chat_postMessage(
                channel=channel, thread_ts=thread, text=rendered.text, blocks=rendered.blocks,
                unfurl_links=False, unfurl_media=False,
            )
        return str(answer["channel"]), str(answer["ts"])

    async def update(
        self, reply: Reply, channel: str, ts: str, asker: str, *, thread: str | None = None
    ) -> None:
        """Show another reply in a message of the bot.

        Raises:
            SlackApiError: if Slack does not let it.
        """
        place = Place.DIRECT if channel.startswith("D") else Place.PUBLIC
        setting = Setting(place, asker)
        async with self._showing(channel, ts).lock:
            await self._send(reply, setting, self._updating(channel, ts))
            self._sent(channel, ts, thread, reply)
            self._follow_with_charts(reply, setting, channel, ts)

    async def correct(self, reply: Reply, channel: str, ts: str, note: str) -> None:
        """Show what a message should have said; who asked for it is not known any more.

        Raises:
            SlackApiError: if Slack does not let it.
        """
        place = Place.DIRECT if channel.startswith("D") else Place.PUBLIC
        await self.desk.charts.upload(reply.answers)
        shown = self._showing(channel, ts)
        async with shown.lock:
            shown.reply = reply
            setting = Setting(place, "", note=note)
            await self._send(reply, setting, self._updating(channel, ts))

    def _updating(self, channel: str, ts: str) -> Update:
        async def send(rendered: Rendered) -> None:
            await self.desk.client.chat_update(
                channel=channel, ts=ts, text=rendered.text, blocks=rendered.blocks
            )

        return send

    async def _send(self, reply: Reply, setting: Setting, send: Send) -> Any:
        charts = self.desk.charts.ready(reply.answers)
        rendered = to_blocks(reply, self.desk.messages, replace(setting, charts=charts))
        try:
            return await send(rendered)
        except SlackApiError as error:
            self.desk.check(error_code(error))
            if error_code(error) not in REFUSED:
                raise
            log.warning("Slack refused the blocks of %s: %s", _names(reply), error.response)
        self.desk.charts.forget(reply.answers)
        rendered = to_blocks(reply, self.desk.messages, setting)
        return await send(rendered.plain())

    def _sent(self, channel: str, ts: str, thread: str | None, reply: Reply) -> None:
        for answer in reply.answers:
            self.desk.app.records.sent(
                platform=PLATFORM, channel=channel, message=ts, entry_id=answer.entry_id,
                revision=answer.revision, locale=answer.locale,
            )
        self.desk.remember(channel, thread or ts, reply)

    # --- charts -----------------------------------------------------------------------------

    def _follow_with_charts(self, reply: Reply, setting: Setting, channel: str, ts: str) -> None:
        reply = replace(reply, candidates=())  # what is shown is remembered longer than why
        self._showing(channel, ts).reply = reply
        if self.desk.charts.missing(reply.answers):
            self.desk.work.start(self._add_charts(reply, setting, channel, ts))

    def _showing(self, channel: str, ts: str) -> _Shown:
        shown = self._shown.get((channel, ts)) or _Shown()
        self._shown.set((channel, ts), shown)
        return shown

    async def _add_charts(self, reply: Reply, setting: Setting, channel: str, ts: str) -> None:
        charts = await self.desk.charts.upload(reply.answers)
        if not charts:
            return None
        rendered = to_blocks(reply, self.desk.messages, replace(setting, charts=charts))
        for pause in CHART_PAUSES:
            shown = self._showing(channel, ts)
            async with shown.lock:
                if shown.reply is not reply:
                    return None
                try:
                    return await self._updating(channel, ts)(rendered)
                except SlackApiError as error:
                    if error_code(error) not in REFUSED:
                        return log.info("No chart in %s of %s: %s", ts, channel, error)
            await asyncio.sleep(pause)
        self.desk.charts.forget(reply.answers)
        return None

    async def delete(self, channel: str, ts: str) -> None:
        """Take a message of the bot away; nothing follows any more.

        Raises:
            SlackApiError: if Slack does not let it.
        """
        shown = self._showing(channel, ts)
        async with shown.lock:
            shown.reply = None
            await self.desk.client.chat_delete(channel=channel, ts=ts)

    # --- for one person ---------------------------------------------------------------------

    async def reply_privately(
        self, reply: Reply, url: str, spot: Spot, *, replace_original: bool = False,
        thread: str = "", shareable: bool = True,
    ) -> None:
        """Show a reply to one person only; `thread` makes it a preview that can be posted there."""
        await self.desk.charts.prepare(reply.answers, 1.0)
        setting = Setting(Place.PRIVATE, spot.user, thread=thread, shareable=shareable)

        async def send(rendered: Rendered) -> None:
            await self.respond(url, rendered, spot, replace_original=replace_original)

        await self._send(reply, setting, send)

    async def tell(
        self, text: str, url: str | None, spot: Spot, *, replace_original: bool = False
    ) -> None:
        """Say a sentence to one person only; `text` is plain."""
        rendered = sentence(text)
        if url:
            await self.respond(url, rendered, spot, replace_original=replace_original)
        else:
            await self._post_ephemeral(rendered, spot)

    async def remove_private(self, url: str) -> None:
        """Take away a message that only its reader sees."""
        await self._webhook(url, {"delete_original": True})

    async def post_through(self, url: str, reply: Reply, asker: str) -> bool:
        """Post in a channel that the bot is not in, by the way that an interaction opens."""
        setting = Setting(Place.PUBLIC, asker, shared_by=asker)
        rendered = to_blocks(reply, self.desk.messages, setting)
        body = {"response_type": "in_channel", "replace_original": False, "text": rendered.text,
                "blocks": rendered.blocks, "unfurl_links": False, "unfurl_media": False}
        return (await self._webhook(url, body))[0]

    async def respond(
        self, url: str, rendered: Rendered, spot: Spot, *, replace_original: bool = False
    ) -> None:
        """Say something to one person only, through a response URL while it lasts."""
        body = {"response_type": "ephemeral", "replace_original": replace_original,
                "text": rendered.text, "blocks": rendered.blocks}
        done, told = await self._webhook(url, body)
        if not done and "blocks" in told:
            done, told = await self._webhook(url, body | {"blocks": rendered.plain().blocks})
        if not done:
            await self._post_ephemeral(rendered.plain(), spot)

    async def _webhook(self, url: str, body: JSON) -> tuple[bool, str]:
        client = AsyncWebhookClient(url, session=self.desk.client.session,
                                    retry_handlers=retry_handlers(), logger=quiet_logger("web"))
        client.proxy = proxy_for(url)
        answer = await client.send_dict(body)
        if answer.status_code != 200:  # noqa: PLR2004
            log.warning("A response URL answered %s: %s", answer.status_code, answer.body)
        return answer.status_code == 200, str(answer.body)  # noqa: PLR2004

    async def _post_ephemeral(self, rendered: Rendered, spot: Spot) -> None:
        if spot.is_direct:
            await self.say(rendered, spot.channel, spot.thread)
            return
        await self.desk.client.chat_postEphemeral(
            channel=spot.channel, user=spot.user, thread_ts=spot.thread, text=rendered.text,
            blocks=rendered.blocks)

    # --- when it cannot be done -------------------------------------------------------------

    def problem(self, error: SlackApiError, locale: Locale) -> str | None:
        """What stands in the way, for the person; None when it is nothing that they can mend."""
        code = error_code(error)
        self.desk.check(code)
        key = problem_key(code)
        name = f"@{self.desk.me.name}"
        return self.desk.messages.text(key, locale, name=name) if key else None

    async def answer_elsewhere(self, reply: Reply, spot: Spot, why: str) -> None:
        """Answer in the person's direct messages what could not be answered where it was asked."""
        channel, _ = await self.say(sentence(why), spot.user)
        await self.post(reply, channel, spot.user)


def sentence(text: str) -> Rendered:
    """A message of one plain sentence."""
    words = escape(text)
    return Rendered(words, [section(words)])


def _names(reply: Reply) -> str:
    return ", ".join(answer.entry_id for answer in reply.answers) or str(reply.kind)
