"""The moderators' bench: who acts, phrases, and results that reach only the person who acts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from adapters.discord.desk import Desk
from adapters.discord.handles import Action, Handle
from adapters.discord.interactions import Interaction, Where, present, whisper
from adapters.discord.messages import CONTENT, Document, Outgoing
from adapters.discord.moderators import to_moderator
from adapters.discord.views import Control, button, clip, rows
from bot.errors import AifaqError
from bot.models import Locale
from bot.moderation import Moderation, Outcome
from bot.permissions import Moderator

Work = Callable[[Moderator], Awaitable[Outgoing]]
PATCH, TYPED = "changes.patch", "what-you-typed.txt"


class Bench:
    """Shared by the commands and the controls."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def moderation(self) -> Moderation:
        """The core's side."""
        return self.desk.app.moderation

    def say(self, key: str, locale: Locale, /, **values: object) -> str:
        """A phrase of `discord.admin`."""
        return self.desk.messages.text(f"discord.admin.{key}", locale, **values)

    def language(self, code: Locale, locale: Locale) -> str:
        """A language's name."""
        key, messages = f"language.{code}", self.desk.messages
        return messages.text(key, locale) if messages.has(key, "en") else code

    async def moderator(self, interaction: Interaction) -> Moderator:
        """The person who acts, by what Discord says of them right now."""
        locale = await self.desk.reader_locale(interaction)
        return to_moderator(interaction, self.desk.app.settings, locale)

    async def admitted(self, interaction: Interaction) -> Moderator | None:
        """The moderator who acts; anybody else is told, and None comes back."""
        by = await self.moderator(interaction)
        if by.allowed:
            return by
        refusal = self.desk.messages.text("moderation.error.permission", by.locale)
        await whisper(interaction, refusal)
        return None

    async def show(
        self, interaction: Interaction, work: Work, where: Where, *,
        back: Sequence[str] = (), typed: str = "",
    ) -> None:
        """Do a moderator's work and show its result, or what stands against it.

        Args:
            interaction: the command, click or form.
            work: makes the message.
            where: never public.
            back: the page to offer after a failure, as verb and argument.
            typed: what was typed at length, handed back as a file after a failure.
        """
        by = await self.admitted(interaction)
        if by is None:
            return

        async def safely() -> Outgoing:
            try:
                return await work(by)
            except (AifaqError, OSError) as error:
                text = self.moderation.explain(error, by.locale)
                return self.note(by.locale, text, back, documents=((TYPED, typed),))

        await present(interaction, safely, where)

    def note(
        self, locale: Locale, text: str, back: Sequence[str] = (), *,
        documents: Sequence[Document] = (),
    ) -> Outgoing:
        """A line or two, files, and a way on."""
        view = rows([[self.go(locale, *back)]]) if back else None
        return Outgoing(
            content=text[:CONTENT], view=view,
            documents=tuple(one for one in documents if one[1].strip()),
        )

    def outcome(self, locale: Locale, done: Outcome, back: Sequence[str] = ()) -> Outgoing:
        """What became of a change, with the patch where files are read-only."""
        return self.note(locale, done.text, back, documents=((PATCH, done.patch),))

    def go(self, locale: Locale, verb: str, *arguments: str) -> Control:
        """A button that opens a page or does something."""
        handle = Handle(Action.ADMIN, locale, entries=(verb, *arguments))
        return button(handle, label=self.say(f"button.{verb}", locale))


def one_line(text: str, limit: int) -> str:
    """A text of somebody else's for a label or a list."""
    return clip(" ".join(text.split()), limit)
