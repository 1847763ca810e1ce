"""The desk: what every way of asking shares. Asks the core, keeps the limits, builds messages."""

from __future__ import annotations

from time import monotonic

import discord

from adapters.discord.charts import Charts
from adapters.discord.interactions import Interaction
from adapters.discord.messages import Audience, Outgoing, to_message
from adapters.discord.posted import Posted
from adapters.discord.questions import PLATFORM, to_locale
from bot.app import App
from bot.knowledge.messages import Messages
from bot.models import Locale, Question, Reply
from bot.recent import Limiter, Recent
from bot.service import Faq

PERSON_TIMES, CHANNEL_TIMES, SECONDS = 5, 10, 10.0
"""Questions per person, and posts per channel (Discord's own pace), in so many seconds."""
MONTH, DAY = 30 * 86_400.0, 86_400.0


class Desk:
    """One per running bot; survives reconnects."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.posted = Posted()
        self.charts = Charts()
        self.asked: Recent[int, str] = Recent(DAY)
        """Question by the id of the message that answered it, for a later pick."""
        self._people = Limiter(PERSON_TIMES, SECONDS)
        self._channels = Limiter(CHANNEL_TIMES, SECONDS)
        self._hinted: Recent[int, bool] = Recent(SECONDS)
        self._locales: Recent[int, Locale] = Recent(MONTH)

    @property
    def faq(self) -> Faq:
        """The core."""
        return self.app.faq

    @property
    def messages(self) -> Messages:
        """The bot's own phrases."""
        return self.app.faq.messages

    # --- languages --------------------------------------------------------------------------

    async def chosen_locale(self, user_id: int) -> Locale | None:
        """The language that a person set with /faq-language."""
        return await self.app.records.locale_of(PLATFORM, str(user_id))

    def locale_of(self, interaction: Interaction) -> Locale:
        """The language of a person's client, else of the guild, else the default."""
        known = self.messages.locales
        own = to_locale(interaction.locale, known)
        if own:
            self._locales.set(interaction.user.id, own)
        return own or to_locale(interaction.guild_locale, known) or self.app.settings.locale

    async def reader_locale(self, interaction: Interaction) -> Locale:
        """The language to speak to a person in: chosen, else by `locale_of`."""
        told = self.locale_of(interaction)
        return await self.chosen_locale(interaction.user.id) or told

    def forget(self, user_id: int) -> None:
        """Forget the language of a person's client."""
        self._locales.discard(user_id)

    def locale_hint(self, message: discord.Message) -> Locale | None:
        """The language that a message's author is known to use: messages do not tell it."""
        seen = self._locales.get(message.author.id)
        if seen or message.guild is None:
            return seen
        preferred = str(message.guild.preferred_locale)
        unset = preferred == "en-US" and "COMMUNITY" not in message.guild.features
        return None if unset else to_locale(preferred, self.messages.locales)

    # --- limits -----------------------------------------------------------------------------

    def within_limits(self, user_id: int, channel_id: int | None) -> bool:
        """Whether a person may ask once more now (and the channel take one more post)."""
        if not self._people.allow(str(user_id)):
            return False
        return channel_id is None or self._channels.allow(str(channel_id))

    def channel_has_room(self, channel_id: int) -> bool:
        """Whether a channel may take one more post now."""
        return self._channels.allow(str(channel_id))

    def hint_due(self, user_id: int) -> bool:
        """Whether a person over the limit is still to be told: once in the limit's time."""
        if self._hinted.get(user_id):
            return False
        self._hinted.set(user_id, True)
        return True

    def limit_hint(self, locale: Locale) -> str:
        """What a person over the limit is told."""
        return self.messages.text("limit.hint", locale, seconds=round(SECONDS))

    # --- answers ----------------------------------------------------------------------------

    async def compose(
        self, reply: Reply, *, asker: int, private: bool = False, post_to: int = 0
    ) -> Outgoing:
        """The message for a reply, with the chart of its figures."""
        audience = Audience(asker, private, post_to)
        chart = await self.charts.of(reply, self.faq)
        return to_message(reply, self.messages, audience, chart)

    # --- records ----------------------------------------------------------------------------

    def note_asked(
        self, question: Question, reply: Reply, *, user_id: int, channel_id: int | None,
        started: float,
    ) -> None:
        """Log a question and what became of it."""
        self.app.records.asked(
            platform=PLATFORM,
            person=str(user_id),
            channel=str(channel_id or ""),
            question=question,
            reply=reply,
            seconds=monotonic() - started,
        )

    def note_sent(self, outgoing: Outgoing, channel_id: int, message_id: int) -> None:
        """Remember where answers stand, so that a correction or a repeat finds them."""
        for answer in outgoing.answers:
            self.posted.note(channel_id, answer.entry_id, answer.locale, message_id)
            self.app.records.sent(
                platform=PLATFORM,
                channel=str(channel_id),
                message=str(message_id),
                entry_id=answer.entry_id,
                revision=answer.revision,
                locale=answer.locale,
            )
