"""Inputs of forms, and what was typed into them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapters.slack.admin.controls import Control
from adapters.slack.mrkdwn import cut, sound
from adapters.slack.parts import JSON, PLACEHOLDER, plain
from adapters.slack.search import option
from bot.models import Link

TEXT, LABEL = 3000, 2000


def text_input(
    name: str, label: str, value: str = "", *, lines: bool = False, optional: bool = False,
    hint: str = "",
) -> JSON:
    """A field to type in; `name` finds it again."""
    element: JSON = {"type": "plain_text_input", "action_id": "typed", "multiline": lines,
                     "max_length": TEXT}
    if value:
        element["initial_value"] = cut(sound(value), TEXT)
    return _input(name, label, element, optional=optional, hint=hint)


def choice_input(name: str, label: str, names: Iterable[tuple[str, str]], chosen: str) -> JSON:
    """A select; `names` are pairs of value and label."""
    options = [{"text": plain(shown, 75), "value": value} for value, shown in names]
    first = next((one for one in options if one["value"] == chosen), options[0])
    return _input(name, label, {"type": "static_select", "action_id": "typed",
                                "options": options, "initial_option": first})


def entry_input(name: str, label: str, placeholder: str, chosen: Link | None) -> JSON:
    """A type-ahead of entries."""
    element = entry_select(placeholder)
    if chosen is not None:
        element["initial_option"] = option(chosen)
    return _input(name, label, element)


def entry_select(placeholder: str) -> JSON:
    """The type-ahead itself."""
    return {"type": "external_select", "action_id": Control.ENTRY.id(), "min_query_length": 0,
            "placeholder": plain(placeholder, PLACEHOLDER)}


def date_input(name: str, label: str, chosen: str) -> JSON:
    """A day, as `2027-05-01`."""
    return _input(name, label, {"type": "datepicker", "action_id": "typed",
                                "initial_date": chosen})


def _input(
    name: str, label: str, element: JSON, *, optional: bool = False, hint: str = ""
) -> JSON:
    block = {"type": "input", "block_id": name, "label": plain(label, LABEL), "element": element,
             "optional": optional}
    return block | ({"hint": plain(hint, LABEL)} if hint else {})


def typed(view: JSON) -> dict[str, str]:
    """What a submitted form holds, by the names of its fields."""
    values = (view.get("state") or {}).get("values") or {}
    return {name: _value(next(iter(held.values()), {})) for name, held in values.items() if held}


def _value(held: dict[str, Any]) -> str:
    if "selected_option" in held:
        return str((held["selected_option"] or {}).get("value") or "")
    return str(held.get("selected_date") or held.get("value") or "")


def lines_of(text: str) -> tuple[str, ...]:
    """What stands on the lines."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
