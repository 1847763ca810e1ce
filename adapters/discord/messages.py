"""From the core to Discord: a Reply becomes embeds, controls and a chart.

Text is shown verbatim. Entries are linted to fit; what still cannot fit (two long answers at once)
is split between the message and its list of related questions, never cut.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import discord

from adapters.discord.handles import Action, Handle
from adapters.discord.views import Item, button, lined_up, link_options, rows, select
from adapters.discord.wording import source_addresses, source_links, standing_line
from bot.knowledge.messages import Messages
from bot.models import Answer, Link, Locale, Reply, ReplyKind, Standing

CONTENT, DESCRIPTION, EMBED_TOTAL, FIELD, TITLE = 2000, 4096, 6000, 1024, 256
ALT_TEXT = 1024
SUGGESTIONS = 4
"""One row each; the fifth is for the other controls."""
COLOURS = {
    Standing.CONFIRMED: discord.Colour.green(),
    Standing.CLAIMED: discord.Colour.gold(),
    Standing.DISPUTED: discord.Colour.orange(),
    None: discord.Colour.blurple(),
}
CHART = "figures.png"
Document: TypeAlias = tuple[str, str]
"""Name and text of an attached file."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of an answer's figures."""

    png: bytes
    alt: str
    """What the picture shows, for those who do not see it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready for Discord; `fields()` gives the keywords of a send or edit."""

    content: str = ""
    embeds: tuple[discord.Embed, ...] = ()
    view: discord.ui.View | None = None
    chart: Chart | None = None
    plain: str = ""
    """The same without embeds, for where they are not allowed."""
    answers: tuple[Answer, ...] = field(default=())
    documents: tuple[Document, ...] = ()
    """Texts that go along as files."""

    def fields(self, *, editing: bool = False) -> dict[str, Any]:
        """Keywords for discord.py's send (or edit); call anew for each attempt."""
        made: dict[str, Any] = {"embeds": list(self.embeds)}
        if self.content or editing:
            made["content"] = self.content or None
        if self.view is not None or editing:
            made["view"] = self.view
        files = [self._file(self.chart)] if self.chart else []
        files += [discord.File(io.BytesIO(text.encode()), name) for name, text in self.documents]
        if files or editing:
            made["attachments" if editing else "files"] = files
        return made

    def without_chart(self) -> Outgoing:
        """For where files are not allowed."""
        bare = tuple(embed.copy().set_image(url=None) for embed in self.embeds)
        return replace(self, embeds=bare, chart=None)

    def as_text(self) -> Outgoing:
        """For where neither embeds nor files are allowed."""
        return replace(self, content=self.plain or self.content, embeds=(), chart=None)

    @staticmethod
    def _file(chart: Chart) -> discord.File:
        return discord.File(io.BytesIO(chart.png), CHART, description=chart.alt[:ALT_TEXT])


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom a message is made."""

    asker: int
    """User id of who asked; only they (and moderators) may delete it."""
    private: bool = False
    """Only the asker sees it, so that nothing is there to delete."""
    post_to: int = 0
    """Id of a message to which the asker may post this preview as a reply; 0 for none."""


def to_message(
    reply: Reply, messages: Messages, audience: Audience, chart: Chart | None = None
) -> Outgoing:
    """The message that shows `reply`, with the chart of the first answer's figures."""
    if reply.kind is ReplyKind.ANSWER:
        return _answers(reply, messages, audience, chart)
    asker = audience.asker
    suggestions = reply.suggestions[:SUGGESTIONS]
    parts: list[Item] = [
        button(Handle(Action.PICK, reply.locale, asker, (link.entry_id,)), label=link.question)
        for link in suggestions
    ]
    if reply.kind is not ReplyKind.SUGGESTIONS:
        label = messages.text("discord.button.topics", reply.locale)
        parts.append(button(Handle(Action.TOPICS, reply.locale), label=label, emoji="📚"))
    if not audience.private:
        parts.append(_delete(reply.locale, asker))
    text, links = reply.text[:CONTENT], len(suggestions)
    view = rows([[part] for part in parts[:links]] + lined_up(parts[links:]))
    return Outgoing(content=text, plain=text, view=view)


def _answers(
    reply: Reply, messages: Messages, audience: Audience, chart: Chart | None
) -> Outgoing:
    shown, left = _fitting(reply.answers, messages)
    embeds = tuple(to_embed(answer, messages) for answer in shown)
    if chart:
        embeds[0].set_image(url=f"attachment://{CHART}")
    related = [Link(answer.entry_id, answer.question) for answer in left]
    related += [link for answer in shown for link in answer.related]
    controls = list(_controls(shown, reply.locale, messages, audience))
    here = {answer.entry_id for answer in shown}
    options = link_options([link for link in related if link.entry_id not in here])
    menu: list[list[Item]] = []
    if options:
        handle = Handle(Action.RELATED, reply.locale, audience.asker)
        menu = [[select(handle, options, messages.text("label.related", reply.locale))]]
    view = rows(menu + lined_up(controls))
    plain = "\n\n".join(to_text(answer, messages) for answer in shown)
    return Outgoing(
        content=reply.text[:CONTENT],
        embeds=embeds,
        view=view,
        chart=chart,
        plain=plain[:CONTENT],
        answers=tuple(shown),
    )


def _fitting(
    answers: Sequence[Answer], messages: Messages
) -> tuple[Sequence[Answer], Sequence[Answer]]:
    """The answers that fit into one message, and the rest."""
    for number in range(len(answers), 1, -1):
        if sum(len(to_embed(answer, messages)) for answer in answers[:number]) <= EMBED_TOTAL:
            return answers[:number], answers[number:]
    return answers[:1], answers[1:]


def to_embed(answer: Answer, messages: Messages) -> discord.Embed:
    """One answer: question, text, standing, date, sources."""
    embed = discord.Embed(
        title=answer.question[:TITLE],
        description=answer.text[:DESCRIPTION],
        colour=COLOURS[answer.standing],
    )
    if sources := source_links(answer.sources, FIELD):
        name = messages.text("label.sources", answer.locale)
        embed.add_field(name=name, value=sources, inline=False)
    if footer := standing_line(answer, messages):
        embed.set_footer(text=footer)
    return embed


def to_text(answer: Answer, messages: Messages) -> str:
    """One answer without an embed: the text, its standing and as many sources as fit."""
    head = f"**{answer.question}**\n{answer.text}"
    if line := standing_line(answer, messages):
        head += f"\n-# {line.replace(chr(10), ' ')}"
    tail = source_addresses(answer.sources, max(0, CONTENT - len(head) - 1))
    return f"{head}\n{tail}".strip()


def _controls(
    shown: Sequence[Answer], locale: Locale, messages: Messages, audience: Audience
) -> Iterator[Item]:
    entries, asker = tuple(answer.entry_id for answer in shown), audience.asker
    if audience.post_to:
        label = messages.text("discord.button.post", locale)
        post = Handle(Action.POST, locale, audience.post_to, entries)
        yield button(post, label=label, primary=True)
    yield button(Handle(Action.HELPFUL, locale, asker, entries), emoji="👍")
    yield button(Handle(Action.UNHELPFUL, locale, asker, entries), emoji="👎")
    for other in shown[0].other_locales[:1]:
        label = messages.text(f"language.{other}", other)
        yield button(Handle(Action.LANGUAGE, other, asker, entries), label=label, emoji="🌐")
    if not audience.private:
        yield _delete(locale, asker)


def _delete(locale: Locale, asker: int) -> Item:
    return button(Handle(Action.DELETE, locale, asker), emoji="🗑️")
