"""Small parts of blocks, for answers, the search and the home tab."""

from __future__ import annotations

from typing import Any

from adapters.slack.handles import Handle
from adapters.slack.mrkdwn import cut, sound

JSON = dict[str, Any]

HEADER, SECTION, CONTEXT, BUTTON, PLACEHOLDER = 150, 3000, 2000, 75, 150
"""Most characters that Slack takes."""


def plain(text: str, most: int) -> JSON:
    """A plain text object."""
    return {"type": "plain_text", "text": cut(sound(text), most) or " ", "emoji": False}


def section(text: str, **more: Any) -> JSON:
    """A section; `text` is Slack markup."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def context(*texts: str) -> JSON:
    """A line of small print; `texts` are Slack markup."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text} for text in texts]}


def header(text: str) -> JSON:
    """A heading."""
    return {"type": "header", "text": plain(text, HEADER)}


def button(label: str, action_id: str, handle: Handle, **more: Any) -> JSON:
    """A button that carries a handle."""
    return {"type": "button", "text": plain(label, BUTTON), "action_id": action_id,
            "value": handle.encode(), **more}


def actions(elements: list[JSON]) -> list[JSON]:
    """A row of controls, or nothing."""
    return [{"type": "actions", "elements": elements}] if elements else []


def fit(lines: list[str], most: int, between: str) -> str:
    """As many whole lines as fit, ended by an ellipsis where some are missing."""
    text = between.join(lines)
    while len(text) > most and len(lines) > 1:
        lines = lines[:-1]
        text = between.join([*lines, "…"])
    return cut(text, most)
