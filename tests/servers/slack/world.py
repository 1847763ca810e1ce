"""People, conversations and messages of the little workspace."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]

TEAM, APP, BOT_USER, BOT = "T0LABTEAM1", "A0LABAPPL1", "U0FAQBOT01", "B0FAQBOT01"
SCOPES = frozenset({
    "app_mentions:read", "assistant:write", "chat:write", "commands", "files:write", "im:history",
    "users:read",
})
_numbers = itertools.count(1)


def new_id(prefix: str) -> str:
    """An id in Slack's form, such as `C00000007X`."""
    return f"{prefix}{next(_numbers):08d}X"


def new_ts() -> str:
    """A message's timestamp; later ones are greater."""
    return f"{int(time.time())}.{next(_numbers):06d}"


@dataclass(eq=False)
class User:
    """A person."""

    name: str
    locale: str = "en-US"
    is_admin: bool = False
    id: str = field(default_factory=lambda: new_id("U"))


@dataclass(eq=False)
class Channel:
    """A channel, or a direct message when `user` is set."""

    name: str
    member: bool = True
    """Whether the bot is in it."""
    archived: bool = False
    user: User | None = None
    id: str = ""

    def __post_init__(self) -> None:
        self.id = self.id or new_id("D" if self.user else "C")


@dataclass(eq=False)
class Message:
    """A message that somebody can see; `to` is set for one that only this person sees."""

    channel: Channel
    ts: str
    text: str
    blocks: list[JSON]
    author: str
    thread_ts: str | None = None
    to: User | None = None
    deleted: bool = False
    body: JSON = field(default_factory=dict)
    """As last sent."""

    @property
    def shown(self) -> str:
        """All texts of the blocks, else the fallback text."""
        return "\n".join(texts(self.blocks)) or self.text

    def wire(self) -> JSON:
        """In the form in which events and interactions carry it."""
        own = {"user": self.author, "type": "message", "ts": self.ts, "text": self.text,
               "blocks": self.blocks, "team": TEAM}
        if self.author == BOT_USER:
            own |= {"bot_id": BOT, "app_id": APP}
        if self.thread_ts:
            own["thread_ts"] = self.thread_ts
        return own

    def __str__(self) -> str:
        return f"[{self.channel.name}{'/' + self.thread_ts if self.thread_ts else ''}] {self.text}"


def walk(part: Any) -> list[JSON]:
    """Every object inside blocks, depth first."""
    if isinstance(part, list):
        return [found for item in part for found in walk(item)]
    if isinstance(part, dict):
        return [part, *(found for value in part.values() for found in walk(value))]
    return []


def texts(blocks: list[JSON]) -> list[str]:
    """What a reader reads in blocks, in order."""
    return [part["text"] for part in walk(blocks) if isinstance(part.get("text"), str)]


ACTIONABLE = {
    "button", "feedback_buttons", "icon_button", "static_select", "external_select",
    "radio_buttons", "overflow", "datepicker",
}


def elements(blocks: list[JSON]) -> list[tuple[JSON, str]]:
    """Everything that can be clicked, with the id of its block."""
    return [
        (part, block.get("block_id", ""))
        for block in blocks
        for part in walk(block)
        if part.get("type") in ACTIONABLE and "action_id" in part
    ]
