"""Buttons and selects that live in their custom_id alone: nothing is kept, nothing expires."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import discord
from discord import ui

from adapters.discord.handles import PATTERN, Handle
from bot.models import Link

if TYPE_CHECKING:
    from adapters.discord.client import FaqClient

LABEL, OPTION, OPTIONS, PLACEHOLDER, ROWS, ROW = 80, 100, 25, 150, 5, 5

Item: TypeAlias = ui.Item[Any]


class Control(ui.DynamicItem[Item], template=PATTERN):
    """A button or select; what it does is in its handle."""

    def __init__(self, item: Item, handle: Handle) -> None:
        super().__init__(item)
        self.handle = handle

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: Item, match: re.Match[str], /
    ) -> Self:
        """Called by discord.py for the use of any control that this bot ever sent."""
        del interaction
        handle = Handle.parse(match.string)
        if handle is None:
            raise ValueError(f"not a control of this version: {match.string}")
        return cls(item, handle)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand it over, with what was chosen if it is a select."""
        client: FaqClient = interaction.client
        values = tuple(self.item.values) if isinstance(self.item, ui.Select) else ()
        await client.controls.use(interaction, self.handle, values)


def button(
    handle: Handle, *, label: str | None = None, emoji: str | None = None, primary: bool = False
) -> Control:
    """A button with a label, an emoji or both."""
    style = discord.ButtonStyle.primary if primary else discord.ButtonStyle.secondary
    shown = clip(label, LABEL) if label else None
    return Control(
        ui.Button(style=style, label=shown, emoji=emoji, custom_id=handle.encode()), handle
    )


def select(handle: Handle, options: list[discord.SelectOption], placeholder: str) -> Control:
    """A select of one of up to 25 options."""
    shown = clip(placeholder, PLACEHOLDER)
    return Control(
        ui.Select(custom_id=handle.encode(), options=options[:OPTIONS], placeholder=shown), handle
    )


def link_options(links: Sequence[Link]) -> list[discord.SelectOption]:
    """Entries as options of a select, each once."""
    unique = {link.entry_id: link for link in links}
    return [
        discord.SelectOption(label=clip(link.question, OPTION), value=link.entry_id)
        for link in list(unique.values())[:OPTIONS]
    ]


def lined_up(items: Sequence[Item]) -> list[list[Item]]:
    """Buttons in rows of five."""
    return [list(items[at : at + ROW]) for at in range(0, len(items), ROW)]


def rows(lines: Sequence[Sequence[Item]]) -> ui.View:
    """A view of up to five rows that never times out."""
    view = ui.View(timeout=None)
    for number, line in enumerate(lines[:ROWS]):
        for item in line:
            item.row = number
            view.add_item(item)
    return view


def clip(text: str, limit: int) -> str:
    """A label that fits; a longer one ends in an ellipsis at a word."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
