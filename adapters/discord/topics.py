"""Browsing: the categories in one select, the chosen category's questions in the next ones."""

from __future__ import annotations

import discord

from adapters.discord.desk import Desk
from adapters.discord.handles import Action, Handle
from adapters.discord.messages import Outgoing
from adapters.discord.views import OPTION, OPTIONS, ROWS, Item, clip, link_options, rows, select
from bot.models import Locale


def topics_message(
    desk: Desk, locale: Locale, asker: int, category: str | None = None
) -> Outgoing:
    """The browser, with a category opened or none."""
    topics = desk.faq.topics(locale)
    options = [
        discord.SelectOption(
            label=clip(topic.label, OPTION),
            value=topic.category[:OPTION],
            default=topic.category == category,
            description=clip(topic.links[0].question, OPTION) if topic.links else None,
        )
        for topic in topics
    ]
    intro = desk.messages.text("topics.intro", locale)
    if not options:
        return Outgoing(content=desk.messages.text("gone.text", locale))
    choose = desk.messages.text("discord.select.category", locale)
    lines: list[list[Item]] = [[select(Handle(Action.CATEGORY, locale, asker), options, choose)]]
    links = [link for topic in topics if topic.category == category for link in topic.links]
    choose = desk.messages.text("discord.select.entry", locale)
    for number, at in enumerate(range(0, len(links), OPTIONS)[: ROWS - 1], 1):
        handle = Handle(Action.OPEN, locale, asker, number=number)
        lines.append([select(handle, link_options(links[at : at + OPTIONS]), choose)])
    return Outgoing(content=intro, view=rows(lines))
