"""What buttons and selects do. Each works on its handle alone, so any process can serve it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic

import discord

from adapters.discord.admin.controls import AdminControls
from adapters.discord.admin.forms import submitted
from adapters.discord.delivery import persist
from adapters.discord.desk import Desk
from adapters.discord.handles import Action, Handle
from adapters.discord.interactions import (
    Interaction,
    Where,
    defer,
    guarded,
    present,
    whisper,
)
from adapters.discord.messages import Outgoing
from adapters.discord.moderators import to_moderator
from adapters.discord.posting import post_reply
from adapters.discord.privacy import Privacy
from adapters.discord.questions import (
    PLATFORM,
    conversation,
    custom_ids,
    plain,
    replied_to,
)
from adapters.discord.topics import topics_message
from bot.models import Question, Reply

Values = tuple[str, ...]


class Controls:
    """The handlers by action; `table` can be extended by other features."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.admin = AdminControls(desk)
        self.table: dict[Action, Callable[[Interaction, Handle, Values], Awaitable[None]]] = {
            Action.HELPFUL: self._rate,
            Action.UNHELPFUL: self._rate,
            Action.LANGUAGE: self._switch,
            Action.DELETE: self._delete,
            Action.PICK: self._pick,
            Action.RELATED: self._open,
            Action.OPEN: self._open,
            Action.TOPICS: self._topics,
            Action.CATEGORY: self._category,
            Action.POST: self._post,
            Action.FORGET: Privacy(desk).forget,
            Action.ADMIN: self.admin.use,
        }

    async def use(self, interaction: Interaction, handle: Handle, values: Values) -> None:
        """A control was used."""
        await guarded(interaction, self.table[handle.action](interaction, handle, values))

    async def fill(self, interaction: Interaction) -> None:
        """A form was sent; it is known by its custom_id, like every control."""
        custom_id, fields = submitted(interaction)
        handle = Handle.parse(custom_id)
        if handle is not None and handle.action is Action.ADMIN:
            await guarded(interaction, self.admin.fill(interaction, handle, fields))

    # --- answers ----------------------------------------------------------------------------

    async def _switch(self, interaction: Interaction, handle: Handle, _: Values) -> None:
        """The same answer in the other language: in place for the asker, a copy for others."""
        own = handle.owner in (0, interaction.user.id)
        where = Where.IN_PLACE if own and handle.owner else Where.PRIVATE
        post_to = _preview_target(interaction)

        async def work() -> Outgoing:
            reply = self._show_all(interaction, handle)
            return await self.desk.compose(
                reply,
                asker=interaction.user.id,
                private=where is Where.PRIVATE or _is_private(interaction),
                post_to=post_to if where is Where.IN_PLACE else 0,
            )

        await present(interaction, work, where)

    def _show_all(self, interaction: Interaction, handle: Handle) -> Reply:
        replies = [
            self.desk.faq.show(entry, handle.locale, conversation=_conversation(interaction))
            for entry in handle.entries
        ]
        answers = tuple(answer for reply in replies for answer in reply.answers)
        return replace(replies[0], answers=answers) if replies[0].answers else replies[-1]

    async def _pick(self, interaction: Interaction, handle: Handle, _: Values) -> None:
        """A suggestion: in place for whoever was asked back, a copy for others."""
        own = handle.owner == interaction.user.id
        self._note_choice(interaction, handle)
        await self._answer(
            interaction, handle.entries[0], handle, Where.IN_PLACE if own else Where.PRIVATE
        )

    async def _open(self, interaction: Interaction, handle: Handle, values: Values) -> None:
        """An entry chosen in a list: private in a channel, a message of its own in a DM."""
        where = Where.PUBLIC if _is_dm(interaction) else Where.PRIVATE
        await self._answer(interaction, values[0], handle, where)

    async def _answer(
        self, interaction: Interaction, entry_id: str, handle: Handle, where: Where
    ) -> None:
        private = where is Where.PRIVATE or (where is Where.IN_PLACE and _is_private(interaction))
        if not await self._within_limits(interaction, public=not private):
            return
        started = monotonic()
        reply = self.desk.faq.show(
            entry_id, handle.locale, conversation=_conversation(interaction)
        )
        made: list[Outgoing] = []

        async def work() -> Outgoing:
            made.append(
                await self.desk.compose(reply, asker=interaction.user.id, private=private)
            )
            return made[0]

        message_id = await present(interaction, work, where)
        answer = reply.answer
        question = Question(answer.question if answer else entry_id, handle.locale)
        self.desk.note_asked(
            question,
            reply,
            user_id=interaction.user.id,
            channel_id=interaction.channel_id,
            started=started,
        )
        if message_id and interaction.channel_id and not private:
            self.desk.note_sent(made[0], interaction.channel_id, message_id)

    def _note_choice(self, interaction: Interaction, handle: Handle) -> None:
        """Tell moderators what was meant by what was asked."""
        message = interaction.message
        asked = self.desk.asked.get(message.id) if message else None
        if asked is None and message and (question := replied_to(message)):
            asked = plain(question.content)
        if asked:
            self.desk.app.records.chosen(
                platform=PLATFORM,
                person=str(interaction.user.id),
                text=asked,
                entry_id=handle.entries[0],
                locale=handle.locale,
            )

    # --- feedback ---------------------------------------------------------------------------

    async def _rate(self, interaction: Interaction, handle: Handle, _: Values) -> None:
        helpful = handle.action is Action.HELPFUL
        for entry_id in handle.entries:
            answer = self.desk.faq.show(entry_id, handle.locale).answer
            if answer:
                self.desk.app.records.rated(
                    platform=PLATFORM,
                    person=str(interaction.user.id),
                    entry_id=answer.entry_id,
                    revision=answer.revision,
                    locale=answer.locale,
                    helpful=helpful,
                )
        key = "discord.note.thanks" if helpful else "discord.note.sorry"
        locale = await self.desk.reader_locale(interaction)
        await whisper(interaction, self.desk.messages.text(key, locale))

    async def _delete(self, interaction: Interaction, handle: Handle, _: Values) -> None:
        locale = await self.desk.reader_locale(interaction)
        moderator = to_moderator(interaction, self.desk.app.settings, locale)
        if handle.owner != interaction.user.id and not moderator.allowed:
            await whisper(interaction, self.desk.messages.text("discord.note.not_yours", locale))
            return
        await persist(lambda: defer(interaction, Where.IN_PLACE), tries=4)
        with contextlib.suppress(discord.NotFound):  # somebody was faster
            await persist(interaction.delete_original_response)

    # --- browsing ---------------------------------------------------------------------------

    async def _topics(self, interaction: Interaction, _handle: Handle, _: Values) -> None:
        locale = await self.desk.reader_locale(interaction)

        async def work() -> Outgoing:
            return topics_message(self.desk, locale, interaction.user.id)

        await present(interaction, work, Where.PRIVATE)

    async def _category(self, interaction: Interaction, handle: Handle, values: Values) -> None:
        async def work() -> Outgoing:
            return topics_message(self.desk, handle.locale, interaction.user.id, values[0])

        await present(interaction, work, Where.IN_PLACE)

    # --- previews ---------------------------------------------------------------------------

    async def _post(self, interaction: Interaction, handle: Handle, _: Values) -> None:
        """Post a private preview as a reply to the message it answers, for who may write there."""
        if not _may_write(interaction):
            locale = await self.desk.reader_locale(interaction)
            text = self.desk.messages.text("discord.note.you_cannot_post", locale)
            await whisper(interaction, text)
            return
        if not await self._within_limits(interaction, public=True):
            return
        reply = self._show_all(interaction, handle)

        async def work() -> Outgoing:
            text = await post_reply(interaction, self.desk, reply, handle.owner)
            return Outgoing(content=text, view=discord.ui.View(timeout=None))

        await present(interaction, work, Where.IN_PLACE)

    async def _within_limits(self, interaction: Interaction, *, public: bool) -> bool:
        channel = interaction.channel_id if public and not _is_dm(interaction) else None
        if self.desk.within_limits(interaction.user.id, channel):
            return True
        locale = await self.desk.reader_locale(interaction)
        await whisper(interaction, self.desk.limit_hint(locale))
        return False


def _preview_target(interaction: Interaction) -> int:
    """The message that the preview at hand may be posted to; 0 when it is none."""
    for custom_id in custom_ids(interaction.message) if interaction.message else ():
        handle = Handle.parse(custom_id)
        if handle and handle.action is Action.POST:
            return handle.owner
    return 0


def _may_write(interaction: Interaction) -> bool:
    """Whether the person could write here themselves; the bot must not speak for the muted."""
    may = interaction.permissions
    thread = isinstance(interaction.channel, discord.Thread)
    return may.send_messages_in_threads if thread else may.send_messages


def _is_dm(interaction: Interaction) -> bool:
    return interaction.context.dm_channel


def _is_private(interaction: Interaction) -> bool:
    return bool(interaction.message and interaction.message.flags.ephemeral)


def _conversation(interaction: Interaction) -> str | None:
    if interaction.channel_id is None:
        return None
    return conversation(interaction.channel_id, interaction.user.id)


