"""The custom_id of every button and select: all that is needed to act on it, after any restart.

`f:<action>:<locale>:<owner>:<entry ids joined by +>`, at most 100 characters (Discord's limit).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from enum import StrEnum

from bot.models import Locale

MAX_LENGTH = 100
PATTERN = re.compile(
    r"f:(?P<action>[a-z]):(?P<locale>[A-Za-z-]*):(?P<owner>[\w-]*):(?P<entries>[\w.+-]*)"
)


class Action(StrEnum):
    """What a control does."""

    HELPFUL = "u"
    UNHELPFUL = "d"
    LANGUAGE = "l"
    """Show the same answer in the handle's locale."""
    DELETE = "x"
    PICK = "p"
    """Answer with a suggested entry."""
    RELATED = "r"
    """A select of related entries."""
    TOPICS = "t"
    """Open the list of topics."""
    CATEGORY = "c"
    """A select of categories."""
    OPEN = "o"
    """A select of a category's entries."""
    POST = "m"
    """Post a private preview; the owner is the message to reply to."""
    ADMIN = "a"
    """A moderator's control or form: a verb and its argument in place of entries."""
    FORGET = "y"
    """Erase what is known of whoever presses it."""


@dataclass(frozen=True, slots=True)
class Handle:
    """The meaning of a custom_id."""

    action: Action
    locale: Locale
    owner: int = 0
    """User id of who asked (for POST: a message id); 0 when nobody's."""
    entries: tuple[str, ...] = ()
    """Ids of the entries shown or meant."""
    number: int = 0
    """Tells apart several controls of one action on a message."""

    def encode(self) -> str:
        """The custom_id. What does not fit is left out: the second entry first, then the owner."""
        entries = "+".join(self.entries) or ("" if not self.number else str(self.number))
        for owner, ids in (
            (self.owner, entries),
            (self.owner, "+".join(self.entries[:1])),
            (0, "+".join(self.entries[:1])),
        ):
            made = f"f:{self.action.value}:{self.locale}:{_pack(owner)}:{ids}"
            if len(made) <= MAX_LENGTH:
                return made
        raise ValueError(f"no custom_id of {MAX_LENGTH} characters can carry {self}")

    @classmethod
    def parse(cls, custom_id: str) -> Handle | None:
        """The handle behind a custom_id, or None for anybody else's."""
        found = PATTERN.fullmatch(custom_id)
        if found is None or found["action"] not in set(Action):
            return None
        action, entries = Action(found["action"]), found["entries"]
        ids = tuple(part for part in entries.split("+") if part)
        return cls(action, found["locale"], _unpack(found["owner"]), ids)


def _pack(number: int) -> str:
    if not number:
        return ""
    return base64.urlsafe_b64encode(number.to_bytes(8)).decode().rstrip("=")


def _unpack(packed: str) -> int:
    try:
        return int.from_bytes(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    except ValueError:
        return 0
