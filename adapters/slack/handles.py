"""Names that Slack sends back: of controls, with what they carry in their value, of shortcuts.

A button's value says all that is needed, so that it works after a restart and on every replica.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from enum import StrEnum

from adapters.slack.mrkdwn import sound
from bot.models import Locale

_CONTROL = re.compile(r"[\x00-\x1f]")
"""What JSON writes as six characters each."""
QUESTION = 500
"""Most characters of a question within a button's value, which may have 2,000."""
ANSWER_SHORTCUT, SEARCH_SHORTCUT = "faq_answer", "faq_search"
"""Callback ids of the message shortcut and of the global one."""
HTTP_PATH = "/slack/events"
"""Where HTTP mode listens, for events, commands and interactions alike."""


class ActionId(StrEnum):
    """What a control does: the first part of its `action_id`."""

    def id(self, suffix: object = "") -> str:
        """An `action_id`; the suffix keeps those of one block apart."""
        return f"{self}:{suffix}" if suffix != "" else str(self)


class Action(ActionId):
    """The controls that everybody sees."""

    PICK = "faq_pick"
    RELATED = "faq_related"
    LANGUAGE = "faq_language"
    FEEDBACK = "faq_feedback"
    DELETE = "faq_delete"
    HIDE = "faq_hide"
    SHARE = "faq_share"
    POST = "faq_post"
    SEARCH = "faq_search"
    FIND = "faq_find"
    TOPIC = "faq_topic"
    MY_LANGUAGE = "faq_my_language"


@dataclass(frozen=True, slots=True)
class Handle:
    """An entry as shown to somebody."""

    entry_id: str = ""
    """Its id; several with spaces between them where the control is for several answers."""
    locale: Locale = ""
    asker: str = ""
    """Slack's id of who asked; only they may delete the answer."""
    revision: str = ""
    question: str = ""
    """What they had asked; kept when they pick a suggestion."""
    thread: str = ""
    """Where a private preview may be posted."""
    rating: str = ""
    """`up` or `down`."""

    @property
    def entry_ids(self) -> list[str]:
        """The id, or the ids."""
        return self.entry_id.split()

    def encode(self) -> str:
        """As a button's value."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        told["question"] = _CONTROL.sub(" ", sound(self.question))[:QUESTION]
        return json.dumps({k: v for k, v in told.items() if v}, ensure_ascii=False)

    @classmethod
    def decode(cls, value: str | None) -> Handle:
        """From a button's value; an empty handle when it is not one of ours."""
        try:
            told = json.loads(value or "{}")
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(told, dict):
            return cls()
        known = {field.name for field in fields(cls)}
        return cls(**{k: v for k, v in told.items() if k in known and isinstance(v, str)})
