"""Clicks: suggestions, related questions, languages, thumbs, share, post, hide, delete, search."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.slack.client import error_code
from adapters.slack.delivery import Delivery
from adapters.slack.desk import Desk, Spot
from adapters.slack.handles import Action, Handle
from adapters.slack.home import Home
from adapters.slack.people import Reader
from adapters.slack.problems import NOT_THERE
from adapters.slack.questions import PLATFORM
from adapters.slack.search import Origin, Search, spot_of
from bot.models import Locale, Reply

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Click:
    """One control used by one person."""

    spot: Spot
    handle: Handle
    picked: str
    """Value of the option, for a select."""
    url: str
    """Response URL; empty in a view."""
    trigger: str
    ts: str
    """Timestamp of the message that was clicked in; empty in a view."""
    private: bool
    """Whether only the person sees that message."""
    view: JSON
    """The view that was clicked in; empty in a message."""

    @classmethod
    def of(cls, body: JSON, action: JSON) -> Click:
        """From the payload of a `block_actions` interaction."""
        container = body.get("container") or {}
        return cls(
            spot=spot_of(body),
            handle=Handle.decode(action.get("value")),
            picked=str((action.get("selected_option") or {}).get("value") or ""),
            url=str(body.get("response_url") or ""),
            trigger=str(body.get("trigger_id") or ""),
            ts=str(container.get("message_ts") or ""),
            private=bool(container.get("is_ephemeral")),
            view=body.get("view") or {},
        )


Handler = Callable[[Click, Reader], Awaitable[None]]


class Actions:
    """Handles clicks for one desk."""

    def __init__(self, desk: Desk, delivery: Delivery, search: Search, home: Home) -> None:
        self.desk, self.delivery, self.search, self.home = desk, delivery, search, home
        self._handlers: dict[Action, Handler] = {
            Action.PICK: self._pick,
            Action.RELATED: self._related,
            Action.LANGUAGE: self._language,
            Action.FEEDBACK: self._feedback,
            Action.DELETE: self._delete,
            Action.HIDE: self._hide,
            Action.SHARE: self._share,
            Action.POST: self._share,
            Action.SEARCH: self._search,
            Action.FIND: self._find,
            Action.TOPIC: self._find,
            Action.MY_LANGUAGE: self._my_language,
        }

    def register(self, bolt: AsyncApp) -> None:
        """All controls of this adapter's own."""
        for action in self._handlers:
            bolt.action(re.compile(f"^{action}(?::|$)"))(self.desk.work.held(self.handle))

    async def handle(self, ack: AsyncAck, body: JSON, action: JSON) -> None:
        """Acknowledge, then do it once."""
        await ack()
        click = Click.of(body, action)
        if not await self.desk.first(trigger=click.trigger):
            return
        name = Action(str(action["action_id"]).partition(":")[0])
        self.desk.work.start(self._run(self._handlers[name], click), self._teller(click))

    async def _run(self, handler: Handler, click: Click) -> None:
        reader = await self.desk.people.reader(click.spot.user)
        try:
            await handler(click, reader)
        except SlackApiError as error:
            why = self.delivery.problem(error, click.handle.locale or reader.locale)
            if why is None:
                raise
            await self._say(why, click)

    def _teller(self, click: Click) -> Callable[[str], Awaitable[None]]:
        async def tell(number: str) -> None:
            locale = (await self.desk.people.reader(click.spot.user)).locale
            await self._say(self.desk.messages.text("error.text", locale, id=number), click)

        return tell

    async def _say(self, words: str, click: Click) -> None:
        """A sentence for the person, where they are looking."""
        if click.view.get("type") == "modal":
            locale = click.handle.locale or self.desk.app.settings.locale
            reply = self.desk.faq.show(click.handle.entry_id or click.picked, locale)
            await self.search.show(reply, click.spot.user, Origin.of(click.view),
                                   view_id=str(click.view.get("id")), note=words)
        elif click.spot.channel:
            await self.delivery.tell(words, click.url, click.spot)

    def _reply(self, click: Click, locale: Locale) -> Reply:
        ids = click.handle.entry_ids or [""]
        replies = [self.desk.faq.show(one, locale, conversation=click.spot.key) for one in ids]
        answers = tuple(answer for reply in replies for answer in reply.answers)
        return replace(replies[0], answers=answers) if replies[0].answers else replies[0]

    def _is_theirs(self, click: Click) -> bool:
        return click.handle.asker == click.spot.user

    # --- answers ----------------------------------------------------------------------------

    async def _pick(self, click: Click, reader: Reader) -> None:
        """A suggestion takes the place of the list for who asked; others see it for themselves."""
        reply = self._reply(click, click.handle.locale or reader.locale)
        if reply.answer and click.handle.question and self._is_theirs(click):
            self.desk.app.records.chosen(
                platform=PLATFORM, person=click.spot.user, text=click.handle.question,
                entry_id=reply.answer.entry_id, locale=reply.locale)
        await self._show(reply, click)

    async def _language(self, click: Click, reader: Reader) -> None:
        await self._show(self._reply(click, click.handle.locale or reader.locale), click)

    async def _show(self, reply: Reply, click: Click) -> None:
        """In place where the message is theirs, else in a private message."""
        if click.view:
            await self._show_in_view(reply, click)
        elif click.private:
            await self.delivery.reply_privately(reply, click.url, click.spot, replace_original=True,
                                                thread=click.handle.thread)
        elif self._is_theirs(click) or click.spot.is_direct:
            await self.delivery.update(reply, click.spot.channel, click.ts, click.spot.user,
                                       thread=click.spot.thread)
        else:
            await self.delivery.reply_privately(reply, click.url, click.spot,
                                                thread=click.spot.thread or "")

    async def _related(self, click: Click, reader: Reader) -> None:
        """Another answer: a new message in direct messages, a private one in a channel."""
        reply = self._reply(click, click.handle.locale or reader.locale)
        if click.view:
            await self._show_in_view(reply, click)
        elif click.spot.is_direct and not click.private:
            await self.delivery.post(reply, click.spot.channel, click.spot.user,
                                     thread=click.spot.thread or click.ts)
        else:
            await self.delivery.reply_privately(
                reply, click.url, click.spot, replace_original=click.private,
                thread=click.handle.thread or (click.spot.thread or ""))

    async def _show_in_view(self, reply: Reply, click: Click) -> None:
        in_modal = click.view.get("type") == "modal"
        await self.search.show(
            reply, click.spot.user, Origin.of(click.view) if in_modal else Origin(),
            view_id=str(click.view.get("id")) if in_modal else "", trigger=click.trigger)

    # --- search -----------------------------------------------------------------------------

    async def _search(self, click: Click, reader: Reader) -> None:
        origin = Origin(click.spot.channel, click.spot.thread or "")
        await self.search.open(click.trigger, click.handle.locale or reader.locale, origin)

    async def _find(self, click: Click, reader: Reader) -> None:
        if click.picked:
            reply = self.desk.faq.show(click.picked, reader.locale, conversation=click.spot.key)
            await self._show_in_view(reply, click)

    # --- thumbs -----------------------------------------------------------------------------

    async def _feedback(self, click: Click, reader: Reader) -> None:
        handle = click.handle
        helpful = handle.rating == "up"
        self.desk.app.records.rated(
            platform=PLATFORM, person=click.spot.user, entry_id=handle.entry_id,
            revision=handle.revision, locale=handle.locale, helpful=helpful)
        key = "slack.note.thanks" if helpful else "slack.note.sorry"
        words = self.desk.messages.text(key, handle.locale or reader.locale)
        await self.delivery.tell(words, click.url, click.spot)

    # --- sharing and removing -----------------------------------------------------------------

    async def _share(self, click: Click, reader: Reader) -> None:
        """Post a private answer for all to see, in the channel or in the thread."""
        origin = Origin.of(click.view)
        channel = click.spot.channel or origin.channel
        thread = click.handle.thread or origin.thread or None
        locale = click.handle.locale or reader.locale
        reply = self._reply(click, locale)
        try:
            await self.delivery.post(reply, channel, click.spot.user, thread=thread,
                                     shared_by=click.spot.user)
        except SlackApiError as error:
            may = error_code(error) in NOT_THERE and click.url and thread is None
            if not may or not await self.delivery.post_through(click.url, reply, click.spot.user):
                raise
        await self._shared(click, reply, locale)

    async def _shared(self, click: Click, reply: Reply, locale: Locale) -> None:
        if click.view:
            words = self.desk.messages.text("slack.note.shared", locale)
            await self.search.show(reply, click.spot.user, Origin(),
                                   view_id=str(click.view.get("id")), note=words)
        else:
            await self.delivery.remove_private(click.url)

    async def _hide(self, click: Click, _reader: Reader) -> None:
        await self.delivery.remove_private(click.url)

    async def _delete(self, click: Click, reader: Reader) -> None:
        """Only who asked may take an answer away."""
        if not self._is_theirs(click):
            words = self.desk.messages.text("slack.note.not_yours", reader.locale)
            await self.delivery.tell(words, click.url, click.spot)
            return
        await self.delivery.delete(click.spot.channel, click.ts)

    # --- the home tab -------------------------------------------------------------------------

    async def _my_language(self, click: Click, _reader: Reader) -> None:
        locale = click.picked if click.picked in self.desk.messages.locales else None
        await self.desk.people.choose(click.spot.user, locale)
        await self.home.publish(click.spot.user)
