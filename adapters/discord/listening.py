"""Messages: those meant for the bot are answered; in chosen channels, certain answers too."""

from __future__ import annotations

import logging
from time import monotonic

import aiohttp
import discord

from adapters.discord.delivery import Delivery
from adapters.discord.desk import Desk
from adapters.discord.messages import Outgoing
from adapters.discord.questions import (
    PLATFORM,
    is_addressed,
    is_from_person,
    to_question,
)
from bot.logs import of_question
from bot.models import Locale, Question, Reply

log = logging.getLogger("aifaq.discord")


class Listening:
    """Hears messages, decides, replies."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.delivery = Delivery(lambda: desk.messages)

    async def hear(self, message: discord.Message, me: discord.abc.User) -> None:
        """Answer a message if it is for the bot; an event played back is answered once."""
        if not is_from_person(message):
            return
        addressed = is_addressed(message, me)
        if not addressed and not self._is_auto_channel(message.channel):
            return
        if not await self.desk.app.records.claim(f"{PLATFORM}:{message.id}"):
            return
        with of_question() as number:
            try:
                await (self._answer if addressed else self._overhear)(message, me)
            except Exception:  # one message's failure must stay its own
                where = f"message {message.id} in channel {message.channel.id}"
                log.exception("error %s in %s", number, where)
                if addressed:
                    await self._apologise(message, number)

    # --- addressed --------------------------------------------------------------------------

    async def _answer(self, message: discord.Message, me: discord.abc.User) -> None:
        started = monotonic()
        question = await self._question(message, me, addressed=True)
        locale = question.forced_locale or question.locale or self.desk.app.settings.locale
        channel = None if message.guild is None else message.channel.id
        if not self.desk.within_limits(message.author.id, channel):
            await self._hint(message, locale)
            return
        reply = self.desk.faq.respond(question)
        outgoing = self._pointer(message, reply)
        if outgoing is None:
            outgoing = await self.desk.compose(reply, asker=message.author.id)
        sent = await self.delivery.reply(message, outgoing, reply.locale)
        self._note(message, question, reply, outgoing=outgoing, sent=sent, started=started)

    async def _question(
        self, message: discord.Message, me: discord.abc.User, *, addressed: bool
    ) -> Question:
        return to_question(
            message,
            me,
            locale=self.desk.locale_hint(message),
            forced=await self.desk.chosen_locale(message.author.id),
            addressed=addressed,
        )

    def _pointer(self, message: discord.Message, reply: Reply) -> Outgoing | None:
        """A link instead of an answer that stands in this channel since less than a minute."""
        answer = reply.answer
        if message.guild is None or answer is None or len(reply.answers) > 1:
            return None
        there = self.desk.posted.find(message.channel.id, answer.entry_id, answer.locale)
        if there is None:
            return None
        link = f"https://discord.com/channels/{message.guild.id}/{message.channel.id}/{there}"
        text = self.desk.messages.text("discord.note.answered_above", reply.locale, link=link)
        return Outgoing(content=text, plain=text)

    def _note(
        self,
        message: discord.Message,
        question: Question,
        reply: Reply,
        *,
        outgoing: Outgoing,
        sent: discord.Message | None,
        started: float,
    ) -> None:
        self.desk.note_asked(
            question,
            reply,
            user_id=message.author.id,
            channel_id=message.channel.id,
            started=started,
        )
        if sent is not None:
            self.desk.asked.set(sent.id, question.text)
            self.desk.note_sent(outgoing, sent.channel.id, sent.id)

    # --- overheard --------------------------------------------------------------------------

    def _is_auto_channel(self, channel: object) -> bool:
        chosen = self.desk.app.settings.discord_auto_channels
        ids = {getattr(channel, "id", None), getattr(channel, "parent_id", None)}
        return any(str(number) in chosen for number in ids if number)

    async def _overhear(self, message: discord.Message, me: discord.abc.User) -> None:
        """Answer what nobody asked the bot only when certain, and not twice in a minute."""
        started = monotonic()
        question = await self._question(message, me, addressed=False)
        if not question.text:
            return
        reply = self.desk.faq.respond(question)
        if not self.desk.faq.would_answer(reply) or self._pointer(message, reply):
            return
        if not self.desk.channel_has_room(message.channel.id):
            return
        outgoing = await self.desk.compose(reply, asker=message.author.id)
        sent = await self.delivery.reply(message, outgoing, reply.locale)
        self._note(message, question, reply, outgoing=outgoing, sent=sent, started=started)

    # --- when it cannot be answered ---------------------------------------------------------

    async def _hint(self, message: discord.Message, locale: Locale) -> None:
        """Tell a person over the limit, privately and once."""
        if self.desk.hint_due(message.author.id):
            text = self.desk.limit_hint(locale)
            hint = Outgoing(content=text, plain=text)
            await self.delivery.whisper(message.author, hint, nonce=message.id)

    async def _apologise(self, message: discord.Message, number: str) -> None:
        locale = self.desk.locale_hint(message) or self.desk.app.settings.locale
        text = self.desk.messages.text("error.text", locale, id=number)
        try:
            await self.delivery.reply(message, Outgoing(content=text, plain=text), locale)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
            log.warning("error %s could not be told: %s", number, failure)
