"""`/faq-privacy`: what is kept about a person, and "forget me"."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.discord.desk import Desk
from adapters.discord.handles import Action, Handle
from adapters.discord.interactions import Interaction, Where, guarded, present
from adapters.discord.messages import Outgoing
from adapters.discord.questions import PLATFORM
from adapters.discord.registering import Command, phrase, slash
from adapters.discord.views import button, rows
from bot.models import Locale


class Privacy:
    """What is told, and what is erased."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def explain(self, interaction: Interaction) -> None:
        """Say what is kept, with a button that erases it."""
        locale = await self.desk.reader_locale(interaction)

        async def work() -> Outgoing:
            handle = Handle(Action.FORGET, locale, interaction.user.id)
            forget = button(handle, label=self._say("forget", locale), emoji="🧹")
            return Outgoing(content=self._kept(locale), view=rows([[forget]]))

        await present(interaction, work, Where.PRIVATE)

    async def forget(self, interaction: Interaction, _: Handle, _values: tuple[str, ...]) -> None:
        """Erase everything about whoever pressed the button, and nobody else."""
        locale = await self.desk.reader_locale(interaction)

        async def work() -> Outgoing:
            records, person = self.desk.app.records, interaction.user.id
            self.desk.forget(person)
            gone = await records.forget(PLATFORM, str(person))
            key = "later" if records.store_up is False else "forgotten"
            return Outgoing(content=self._say(key, locale, count=gone))

        await present(interaction, work, Where.IN_PLACE)

    def _kept(self, locale: Locale) -> str:
        settings = self.desk.app.settings
        if self.desk.app.store is None:
            return self._say("memory", locale)
        return "\n".join(
            (
                self._say("kept", locale, days=settings.retention_days),
                self._say(f"texts_{settings.keep_texts}", locale),
                self._say("name", locale),
            )
        )

    def _say(self, key: str, locale: Locale, **values: object) -> str:
        return self.desk.messages.text(f"discord.privacy.{key}", locale, **values)


def privacy_commands(desk: Desk) -> Sequence[Command]:
    """`/faq-privacy`."""
    privacy = Privacy(desk)

    async def tell(interaction: Interaction) -> None:
        await guarded(interaction, privacy.explain(interaction))

    return [slash("faq-privacy", phrase(desk, "discord.privacy.command"), tell)]
