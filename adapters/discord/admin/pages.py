"""The moderators' pages: each a message with what to know and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord
from discord.utils import escape_markdown

from adapters.discord.admin.bench import Bench, Work, one_line
from adapters.discord.handles import Action, Handle
from adapters.discord.messages import CHART, DESCRIPTION, TITLE, Chart, Outgoing
from adapters.discord.questions import PLATFORM
from adapters.discord.views import OPTION, Control, Item, rows, select
from bot.errors import MissingExtra
from bot.models import Locale
from bot.moderation import Due
from bot.moderation.corrections import Outdated
from bot.moderation.misses import Cluster
from bot.permissions import Moderator, require

LINE = 90
Option = discord.SelectOption


class Pages(Bench):
    """Overviews. What one of their rows shows when it is opened is in `details`."""

    async def status(self, by: Moderator) -> Outgoing:
        """What is in service, what is wrong."""
        status = await self.moderation.status(by)
        colour = discord.Colour.green() if status.ok else discord.Colour.red()
        lines = map(escape_markdown, status.lines)
        embed = listing(self.say("title.status", by.locale), lines, colour)
        ways: list[Item] = [self.go(by.locale, "misses"), self.go(by.locale, "drafts")]
        return Outgoing(embeds=(embed,), view=rows([ways]))

    # --- misses -----------------------------------------------------------------------------

    def misses_of(self, days: int) -> Work:
        """The queue of the last days."""

        async def misses(by: Moderator) -> Outgoing:
            found = await self.moderation.clusters(by, days=days)
            if not found:
                return self.note(by.locale, self.say("none.misses", by.locale, days=days))
            lines = [
                f"**{escape_markdown(one_line(one.title, LINE))}**\n{self.about(one, by.locale)}"
                for one in found
            ]
            options = [
                Option(label=one_line(one.title, OPTION), value=one.key,
                       description=one_line(self.about(one, by.locale), OPTION))
                for one in found
            ]
            title = self.say("title.misses", by.locale, days=days)
            return self._page(by.locale, title, lines, "group", options)

        return misses

    def about(self, cluster: Cluster, locale: Locale) -> str:
        """How often a group was asked, by how many, in which languages."""
        spoken = ", ".join(self.language(code, locale) for code in cluster.locales)
        return self.say(
            f"about.{cluster.kind}", locale, count=cluster.asked, people=cluster.people,
            languages=spoken, entry=cluster.entry_id or "",
        )

    # --- drafts -----------------------------------------------------------------------------

    async def drafts(self, by: Moderator) -> Outgoing:
        """What waits for approval."""
        found = await self.moderation.drafts(by)
        if not found:
            return self.note(by.locale, self.say("none.drafts", by.locale))
        lines = [f"**{one.id}** {escape_markdown(one_line(one.title, LINE))}" for one in found]
        options = [
            Option(label=one_line(f"{one.id} {one.title}", OPTION), value=str(one.id))
            for one in found
        ]
        export = self.go(by.locale, "export")
        title = self.say("title.drafts", by.locale)
        return self._page(by.locale, title, lines, "draft", options, [export])

    # --- reviews ----------------------------------------------------------------------------

    async def due(self, by: Moderator) -> Outgoing:
        """Answers to look at again."""
        found = await self.moderation.due(by)
        if not found:
            return self.note(by.locale, self.say("none.due", by.locale))
        lines = [
            f"**{escape_markdown(one_line(one.question, LINE))}**\n{self._urgency(one, by.locale)}"
            for one in found
        ]
        options = [
            Option(label=one_line(one.question, OPTION), value=one.entry_id,
                   description=one_line(self._urgency(one, by.locale), OPTION))
            for one in found
        ]
        title = self.say("title.due", by.locale)
        return self._page(by.locale, title, lines, "review", options)

    def _urgency(self, one: Due, locale: Locale) -> str:
        day = self.desk.messages.format_date(one.review_by, locale)
        key = "late" if one.days_late > 0 else "coming"
        return self.say(f"due.{key}", locale, days=one.days_late, date=day, count=one.asked)

    # --- corrections ------------------------------------------------------------------------

    def corrections_of(self, days: int) -> Work:
        """Old texts that still stand in messages."""

        async def corrections(by: Moderator) -> Outgoing:
            found = [
                one for one in await self.moderation.outdated(by, days=days)
                if one.by_platform.get(PLATFORM)
            ]
            if not found:
                none = self.desk.messages.text("moderation.correction.none", by.locale, days=days)
                return self.note(by.locale, none)
            lines = [f"**{escape_markdown(one_line(one.question, LINE))}**\n"
                     f"{self._reach(one, by.locale)}" for one in found]
            options = [
                Option(label=one_line(one.question, OPTION), value=one.entry_id,
                       description=one_line(self._reach(one, by.locale), OPTION))
                for one in found
            ]
            title = self.say("title.corrections", by.locale, days=days)
            every = self.go(by.locale, "correctall", str(days))
            return self._page(
                by.locale, title, lines, "correct", options, [every], argument=str(days)
            )

        return corrections

    def _reach(self, one: Outdated, locale: Locale) -> str:
        day = self.desk.messages.format_date(one.oldest.date(), locale)
        key = "withdrawn" if one.withdrawn else "changed"
        return self.say(f"outdated.{key}", locale, count=one.by_platform[PLATFORM], date=day)

    # --- figures and settings ---------------------------------------------------------------

    def stats_of(self, days: int) -> Work:
        """The figures, with a picture where one can be drawn."""

        async def stats(by: Moderator) -> Outgoing:
            lines = await self.moderation.stats(by, days=days)
            title = self.say("title.stats", by.locale, days=days)
            try:
                png = await self.moderation.stats_chart(by, days=days)
            except MissingExtra as missing:
                lines = [*lines, self.moderation.explain(missing, by.locale)]
                return Outgoing(embeds=(listing(title, lines),))
            embed = listing(title, lines).set_image(url=f"attachment://{CHART}")
            return Outgoing(embeds=(embed,), chart=Chart(png, "\n".join(lines)))

        return stats

    def channels_for(self, *, listening: bool) -> Work:
        """Where the bot answers unasked, and whether Discord lets it hear."""

        async def channels(by: Moderator) -> Outgoing:
            require(by)
            chosen = self.desk.app.settings.discord_auto_channels
            key = "some" if chosen else "none"
            shown = ", ".join(f"<#{number}>" for number in chosen)
            lines = [self.say(f"channels.{key}", by.locale, channels=shown)]
            if chosen and not listening:
                lines.append(self.say("channels.deaf", by.locale))
            lines.append(self.say("channels.how", by.locale))
            return Outgoing(embeds=(listing(self.say("title.channels", by.locale), lines),))

        return channels

    # --- how --------------------------------------------------------------------------------

    def _page(
        self, locale: Locale, title: str, lines: Iterable[str], verb: str,
        options: list[Option], buttons: Sequence[Control] = (), *, argument: str = "",
    ) -> Outgoing:
        menu = self.choice(locale, verb, argument, options)
        return Outgoing(
            embeds=(listing(title, lines),), view=rows([[menu], list(buttons)])
        )

    def choice(
        self, locale: Locale, verb: str, argument: str, options: list[Option]
    ) -> Control:
        """A select; what is chosen goes to `verb` with `argument`."""
        entries = (verb, argument) if argument else (verb,)
        unique = list({option.value: option for option in options}.values())
        handle = Handle(Action.ADMIN, locale, entries=entries)
        return select(handle, unique, self.say(f"select.{verb}", locale))


def listing(
    title: str, lines: Iterable[str], colour: discord.Colour | None = None, *,
    limit: int = DESCRIPTION,
) -> discord.Embed:
    """Lines under a title, as many as fit whole."""
    shown = ""
    for line in lines:
        if len(shown) + len(line) + 1 > limit:
            break
        shown += f"{line}\n"
    return discord.Embed(
        title=title[:TITLE], description=shown.strip(), colour=colour or discord.Colour.blurple()
    )
