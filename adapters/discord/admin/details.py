"""One group of misses, one draft, one answer under review: what is known, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable

import discord
from discord.utils import escape_markdown

from adapters.discord.admin.bench import PATCH, Work, one_line
from adapters.discord.admin.pages import LINE, Option, Pages, listing
from adapters.discord.desk import Desk
from adapters.discord.messages import CONTENT, DESCRIPTION, TITLE, Outgoing
from adapters.discord.views import OPTION, Item, rows
from bot.curation.problems import Problem
from bot.errors import CurationError
from bot.models import Link
from bot.moderation import DraftView
from bot.moderation.misses import Cluster, ClusterKind
from bot.permissions import Moderator
from bot.recent import Recent

SHOWN = 10
ASKED, WHY = 3000, 480
"""Characters that, with titles, keep a group within the 6,000 of a message."""
HOUR = 3600.0
WRITABLE = {"answer", "entry"}
REVIEW_DAYS = (30, 90, 180, 365)


class Details(Pages):
    """What opens when a row of an overview is chosen."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.seen: Recent[str, Cluster] = Recent(HOUR, 500)
        """Groups looked at lately, so that a form about one opens at once."""

    def group_of(self, key: str) -> Work:
        """A group of misses."""

        async def group(by: Moderator) -> Outgoing:
            cluster = await self.moderation.cluster(by, key)
            if cluster is None:
                raise CurationError(Problem("no_cluster"))
            self.seen.set(key, cluster)
            links = await self.moderation.search(by, cluster.title)
            embed = listing(
                escape_markdown(cluster.title), self._asked(cluster, by), limit=ASKED
            )
            for near in cluster.near:
                name = one_line(f"{near.question} ({near.confidence:.0%})", TITLE)
                embed.add_field(name=name, value=one_line(near.why, WHY) or "–", inline=False)
            return Outgoing(embeds=(embed,), view=self._ways(cluster, key, links, by))

        return group

    def _asked(self, cluster: Cluster, by: Moderator) -> Iterable[str]:
        yield self.about(cluster, by.locale)
        for text in cluster.texts[:SHOWN]:
            words = escape_markdown(one_line(text.text, 2 * LINE))
            yield f"- {words} ({self.language(text.locale, by.locale)}, {text.count}×)"

    def _ways(
        self, cluster: Cluster, key: str, links: Iterable[Link], by: Moderator
    ) -> discord.ui.View:
        locale = by.locale
        near = [Link(one.entry_id, one.question) for one in cluster.near]
        options = [
            Option(label=one_line(link.question, OPTION), value=link.entry_id)
            for link in (*near, *links)
        ]
        lines: list[list[Item]] = []
        if options and cluster.texts:
            lines.append([self.choice(locale, "variant", key, options)])
        ways: list[Item] = [self.go(locale, "edit", cluster.entry_id)] if cluster.entry_id else []
        if cluster.kind is not ClusterKind.UNHELPFUL:
            ways += [self.go(locale, "new", key), self.go(locale, "scope", key)]
        return rows([*lines, [*ways, self.go(locale, "dismiss", key), self.go(locale, "misses")]])

    # --- drafts -----------------------------------------------------------------------------

    def draft_of(self, number: int) -> Work:
        """A draft with its diff and what stands against it."""

        async def draft(by: Moderator) -> Outgoing:
            found = await self.moderation.draft(by, number)
            if found is None:
                raise CurationError(Problem("no_draft", {"draft": number}))
            return self.draft_page(found, by)

        return draft

    def draft_page(self, draft: DraftView, by: Moderator) -> Outgoing:
        """What a draft would write, and the buttons for it."""
        locale = by.locale
        lines = [self.say("draft.by", locale, person=one_line(draft.by, LINE),
                          date=self.desk.messages.format_date(draft.at.date(), locale))]
        lines += [f"⚠️ {escape_markdown(problem)}" for problem in draft.problems]
        content = draft.content.replace("```", "'''")
        head = "\n".join(lines)[:CONTENT]
        text = f"{head}\n```\n{content[: DESCRIPTION - len(head) - 10]}\n```" if content else head
        embed = discord.Embed(
            title=one_line(draft.title, TITLE), description=text, colour=discord.Colour.blurple()
        )
        number = str(draft.id)
        ways: list[Item] = [self.go(locale, "apply", number), self.go(locale, "reject", number)]
        if draft.kind in WRITABLE:
            ways.insert(0, self.go(locale, "write", number))
        files = ((PATCH, draft.diff),) if draft.diff.strip() else ()
        view = rows([[*ways, self.go(locale, "drafts")]])
        return Outgoing(embeds=(embed,), view=view, documents=files)

    # --- reviews ----------------------------------------------------------------------------

    def review_of(self, entry_id: str) -> Work:
        """An answer, to be confirmed or changed."""

        async def review(by: Moderator) -> Outgoing:
            form = await self.moderation.form(by, entry_id)
            if form is None:
                raise CurationError(Problem("no_entry", {"entry": entry_id}))
            language = by.locale if by.locale in form.answers else next(iter(form.answers))
            embed = discord.Embed(
                title=form.questions[language][:TITLE],
                description=form.answers[language][:DESCRIPTION],
                colour=discord.Colour.blurple(),
            )
            options = [
                Option(label=self.say("due.again", by.locale, days=days), value=str(days))
                for days in REVIEW_DAYS
            ]
            menu = self.choice(by.locale, "holds", form.id, options)
            ways: list[Item] = [self.go(by.locale, "edit", form.id), self.go(by.locale, "due")]
            return Outgoing(embeds=(embed,), view=rows([[menu], ways]))

        return review
