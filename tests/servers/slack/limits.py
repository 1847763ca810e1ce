"""The documented limits of what a bot may send: every breach as `path: what is wrong`.

From Slack's reference on blocks, block elements, composition objects and the methods themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.servers.slack.world import JSON, walk

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_TEXT, UPDATE_BYTES = 40_000, 4_000
IN_MESSAGES = {
    "actions", "context", "context_actions", "divider", "file", "header", "image", "input",
    "markdown", "rich_text", "section", "table", "video",
}
IN_VIEWS = IN_MESSAGES - {"context_actions", "file", "markdown", "table"}
OF_ACTIONS = {
    "button", "checkboxes", "datepicker", "external_select", "overflow", "radio_buttons",
    "static_select", "timepicker", "users_select", "conversations_select",
}


def _text(value: Any, path: str, most: int, *, plain: bool = False) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{path}: a text object is needed, not {value!r}"
        return
    if plain and value["type"] != "plain_text":
        yield f"{path}: must be plain_text"
    words = value.get("text")
    if not isinstance(words, str) or not 1 <= len(words) <= most:
        length = len(words) if isinstance(words, str) else words
        yield f"{path}: {length} characters, allowed are 1 to {most}"


def _string(body: JSON, key: str, path: str, most: int, *, needed: bool = False) -> Iterator[str]:
    value = body.get(key)
    if value is None:
        if needed:
            yield f"{path}.{key}: is missing"
    elif not isinstance(value, str) or not 1 <= len(value) <= most:
        yield f"{path}.{key}: must be a string of 1 to {most} characters, not {value!r:.80}"


def _count(value: Any, path: str, most: int, least: int = 1) -> Iterator[str]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        yield f"{path}: {len(value or [])} items, allowed are {least} to {most}"


def message(body: JSON, *, update: bool = False) -> Iterator[str]:
    """A message as sent to a `chat.*` method or a response URL."""
    text = body.get("text") or ""
    if not text and not body.get("delete_original"):
        yield "text: the fallback text is missing"
    if len(text) > MESSAGE_TEXT:
        yield f"text: {len(text)} characters, over {MESSAGE_TEXT}"
    if update and len(text.encode()) > UPDATE_BYTES:
        yield f"text: {len(text.encode())} bytes, over {UPDATE_BYTES}"
    if body.get("blocks"):
        yield from blocks(body["blocks"], MESSAGE_BLOCKS, IN_MESSAGES)


def view(body: JSON) -> Iterator[str]:
    """A modal or a home tab."""
    kind = body.get("type")
    if kind not in ("modal", "home"):
        yield f"view.type: {kind!r}"
    if kind == "modal":
        yield from _text(body.get("title"), "view.title", 24, plain=True)
        for key in ("submit", "close"):
            if key in body:
                yield from _text(body[key], f"view.{key}", 24, plain=True)
    yield from _string(body, "private_metadata", "view", 3000) if body.get(
        "private_metadata") else ()
    yield from _string(body, "callback_id", "view", 255)
    yield from blocks(body.get("blocks"), VIEW_BLOCKS, IN_VIEWS)
    has_input = any(block.get("type") == "input" for block in body.get("blocks") or [])
    if kind == "modal" and has_input and not body.get("submit") and any(
        not block.get("dispatch_action") for block in body["blocks"] if block["type"] == "input"
    ):
        yield "view.submit: needed where there is an input"


def blocks(value: Any, most: int, allowed: set[str]) -> Iterator[str]:
    """A list of blocks."""
    yield from _count(value, "blocks", most)
    if not isinstance(value, list):
        return
    ids = Counter(block.get("block_id") for block in value if block.get("block_id"))
    yield from (f"blocks: the block_id {key} stands {n} times" for key, n in ids.items() if n > 1)
    for index, block in enumerate(value):
        path = f"blocks[{index}]"
        if block.get("type") not in allowed:
            yield f"{path}: the type {block.get('type')!r} is not allowed here"
        yield from _string(block, "block_id", path, 255)
        yield from _BLOCKS.get(block.get("type", ""), _nothing)(block, path)
        actions = Counter(part["action_id"] for part in walk(block) if "action_id" in part)
        yield from (f"{path}: the action_id {key} stands {n} times"
                    for key, n in actions.items() if n > 1)


def _nothing(_block: JSON, _path: str) -> Iterator[str]:
    yield from ()


def _header(block: JSON, path: str) -> Iterator[str]:
    yield from _text(block.get("text"), f"{path}.text", 150, plain=True)


def _section(block: JSON, path: str) -> Iterator[str]:
    if "text" in block:
        yield from _text(block["text"], f"{path}.text", 3000)
    elif not block.get("fields"):
        yield f"{path}: text or fields are needed"
    if "fields" in block:
        yield from _count(block["fields"], f"{path}.fields", 10)
        for field in block["fields"]:
            yield from _text(field, f"{path}.fields", 2000)
    if "accessory" in block:
        yield from _element(block["accessory"], f"{path}.accessory")


def _context(block: JSON, path: str) -> Iterator[str]:
    yield from _count(block.get("elements"), f"{path}.elements", 10)
    for element in block.get("elements") or []:
        yield from _text(element, f"{path}.elements", 2000)


def _actions(block: JSON, path: str) -> Iterator[str]:
    yield from _count(block.get("elements"), f"{path}.elements", 25)
    for element in block.get("elements") or []:
        if element.get("type") not in OF_ACTIONS:
            yield f"{path}: {element.get('type')} is not allowed in actions"
        yield from _element(element, f"{path}.{element.get('action_id')}")


def _context_actions(block: JSON, path: str) -> Iterator[str]:
    yield from _count(block.get("elements"), f"{path}.elements", 5)
    for element in block.get("elements") or []:
        if element.get("type") not in ("feedback_buttons", "icon_button"):
            yield f"{path}: {element.get('type')} is not allowed in context_actions"
        yield from _element(element, f"{path}.{element.get('action_id')}")


def _image(block: JSON, path: str) -> Iterator[str]:
    yield from _string(block, "alt_text", path, 2000, needed=True)
    if ("image_url" in block) == ("slack_file" in block):
        yield f"{path}: exactly one of image_url and slack_file is needed"
    if "title" in block:
        yield from _text(block["title"], f"{path}.title", 2000, plain=True)


def _input(block: JSON, path: str) -> Iterator[str]:
    yield from _text(block.get("label"), f"{path}.label", 2000, plain=True)
    if "hint" in block:
        yield from _text(block["hint"], f"{path}.hint", 2000, plain=True)
    yield from _element(block.get("element") or {}, f"{path}.element")


def _element(element: JSON, path: str) -> Iterator[str]:
    yield from _string(element, "action_id", path, 255, needed=True)
    if "placeholder" in element:
        yield from _text(element["placeholder"], f"{path}.placeholder", 150, plain=True)
    if element.get("min_query_length", 0) < 0:
        yield f"{path}.min_query_length: must not be negative"
    if "confirm" in element:
        for key, length in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            yield from _text(element["confirm"].get(key), f"{path}.confirm.{key}", length)
    if "initial_option" in element and "options" in element and element["initial_option"] not in element["options"]:
        yield f"{path}.initial_option: is not among the options"
    yield from _ELEMENTS.get(element.get("type", ""), _nothing)(element, path)


def _button(element: JSON, path: str) -> Iterator[str]:
    yield from _text(element.get("text"), f"{path}.text", 75, plain=True)
    yield from _string(element, "value", path, 2000)
    yield from _string(element, "accessibility_label", path, 75)
    yield from _string(element, "url", path, 3000)
    if element.get("style", "primary") not in ("primary", "danger"):
        yield f"{path}.style: {element['style']!r}"
    yield from _count(element.get("visible_to_user_ids", ["U"]), f"{path}.visible_to", 10)


def _feedback(element: JSON, path: str) -> Iterator[str]:
    for key in ("positive_button", "negative_button"):
        button = element.get(key) or {}
        yield from _text(button.get("text"), f"{path}.{key}.text", 75, plain=True)
        yield from _string(button, "value", f"{path}.{key}", 2000, needed=True)
        yield from _string(button, "accessibility_label", f"{path}.{key}", 75)


def _select(element: JSON, path: str) -> Iterator[str]:
    if "option_groups" in element:
        yield from _count(element["option_groups"], f"{path}.option_groups", 100)
    for group in element.get("option_groups") or [element]:
        yield from options(group.get("options"), f"{path}.options")


def _text_input(element: JSON, path: str) -> Iterator[str]:
    yield from _string(element, "initial_value", path, 3000)
    if not 1 <= element.get("max_length", 3000) <= 3000:
        yield f"{path}.max_length: {element['max_length']}, allowed are 1 to 3000"


def _radio(element: JSON, path: str) -> Iterator[str]:
    yield from _count(element.get("options"), f"{path}.options", 10)
    yield from options(element.get("options"), f"{path}.options")


def options(value: Any, path: str, *, least: int = 1) -> Iterator[str]:
    """Options of a select; `least` is 0 for a type-ahead that found nothing."""
    yield from _count(value, path, 100, least)
    for option in value or []:
        yield from _text(option.get("text"), f"{path}.text", 75)
        yield from _string(option, "value", path, 150, needed=True)
        if "description" in option:
            yield from _text(option["description"], f"{path}.description", 75, plain=True)
    values = Counter(option.get("value") for option in value or [])
    yield from (f"{path}: the value {key} stands {n} times" for key, n in values.items() if n > 1)


def prompts(body: JSON) -> Iterator[str]:
    """What `assistant.threads.setSuggestedPrompts` takes."""
    yield from _count(body.get("prompts"), "prompts", 4)
    for prompt in body.get("prompts") or []:
        yield from _string(prompt, "title", "prompts", 150, needed=True)
        yield from _string(prompt, "message", "prompts", 3000, needed=True)
    if body.get("thread_ts"):
        yield "thread_ts: an agent app must not send it; the call fails silently"


_BLOCKS = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "image": _image,
    "input": _input,
}
_ELEMENTS = {
    "button": _button,
    "icon_button": _button,
    "feedback_buttons": _feedback,
    "static_select": _select,
    "plain_text_input": _text_input,
    "radio_buttons": _radio,
}
