"""The documented limits of what a client may send: every breach as `path: what is wrong`.

From Discord's reference on messages, components, application commands and interactions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

JSON = dict[str, Any]

CONTENT, EMBEDS, EMBED_TOTAL = 2000, 10, 6000
ROWS, BUTTONS, OPTIONS, CHOICES = 5, 5, 25, 25
V2_FLAG, V2_COMPONENTS, V2_TEXT = 1 << 15, 40, 4000
COMMAND_KINDS = {1: 100, 2: 15, 3: 15}
LOCALES = frozenset("""
    id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg
    ru uk hi th zh-CN ja zh-TW ko
""".split())  # noqa: SIM905 -- far easier to read than a list
NAME = re.compile(r"[-_'\w]{1,32}")
URL = re.compile(r"(https?|discord)://\S+")


def text(value: Any, path: str, most: int, least: int = 0) -> Iterator[str]:
    """A string of `least` to `most` characters."""
    if not isinstance(value, str):
        yield f"{path}: a string is needed, not {value!r}"
    elif not least <= len(value) <= most:
        yield f"{path}: {len(value)} characters, allowed are {least} to {most}"


def optional(body: JSON, key: str, path: str, most: int, least: int = 0) -> Iterator[str]:
    if body.get(key) is not None:
        yield from text(body[key], f"{path}.{key}", most, least)


def count(value: list[Any], path: str, most: int, least: int = 0) -> Iterator[str]:
    if not least <= len(value) <= most:
        yield f"{path}: {len(value)} items, allowed are {least} to {most}"


# --- messages -------------------------------------------------------------------------------


def message(body: JSON, files: dict[str, bytes], *, partial: bool = False) -> Iterator[str]:
    """A message to be created, or edited (`partial`)."""
    yield from optional(body, "content", "message", CONTENT)
    embeds = body.get("embeds") or []
    yield from count(embeds, "message.embeds", EMBEDS)
    for index, embed in enumerate(embeds):
        yield from _embed(embed, f"message.embeds[{index}]", attachment_names(body, files))
    if sum(map(embed_length, embeds)) > EMBED_TOTAL:
        yield f"message.embeds: {sum(map(embed_length, embeds))} characters in all, over 6000"
    yield from components(body.get("components") or [], body.get("flags") or 0)
    yield from _attachments(body, files)
    yield from _mentions(body.get("allowed_mentions") or {})
    if body.get("nonce") is not None:
        yield from text(str(body["nonce"]), "message.nonce", 25)
    if (body.get("flags") or 0) & V2_FLAG and (body.get("content") or embeds):
        yield "message: content and embeds are not allowed with components V2"
    if not partial and not (body.get("content") or embeds or body.get("components") or files):
        yield "message: empty"


def attachment_names(body: JSON, files: dict[str, bytes]) -> set[str]:
    kept = {a.get("filename") for a in body.get("attachments") or [] if a.get("filename")}
    return set(files) | kept


def embed_length(embed: JSON) -> int:
    """Characters of an embed that count towards the 6,000 of a message."""
    fields = [field.get(key, "") for field in embed.get("fields", []) for key in ("name", "value")]
    author, footer = embed.get("author") or {}, embed.get("footer") or {}
    own = [embed.get("title"), embed.get("description"), author.get("name"), footer.get("text")]
    return sum(len(part or "") for part in [*own, *fields])


def _embed(embed: JSON, path: str, attachments: set[str]) -> Iterator[str]:
    yield from optional(embed, "title", path, 256)
    yield from optional(embed, "description", path, 4096)
    yield from optional(embed.get("footer") or {}, "text", f"{path}.footer", 2048)
    yield from optional(embed.get("author") or {}, "name", f"{path}.author", 256)
    yield from count(embed.get("fields", []), f"{path}.fields", 25)
    for index, field in enumerate(embed.get("fields", [])):
        yield from text(field.get("name"), f"{path}.fields[{index}].name", 256, 1)
        yield from text(field.get("value"), f"{path}.fields[{index}].value", 1024, 1)
    if embed.get("url") and not URL.fullmatch(embed["url"]):
        yield f"{path}.url: not an address: {embed['url']}"
    for key in ("image", "thumbnail"):
        url = (embed.get(key) or {}).get("url")
        if url and url.startswith("attachment://"):
            if url.removeprefix("attachment://") not in attachments:
                yield f"{path}.{key}: {url} is not among the attachments {sorted(attachments)}"
        elif url and not URL.fullmatch(url):
            yield f"{path}.{key}.url: not an address: {url}"


def _attachments(body: JSON, files: dict[str, bytes]) -> Iterator[str]:
    listed = body.get("attachments") or []
    yield from count(listed, "message.attachments", 10)
    yield from count(list(files), "message.files", 10)
    for index, attachment in enumerate(listed):
        yield from optional(attachment, "description", f"message.attachments[{index}]", 1024)
    for name, data in files.items():
        if not data:
            yield f"message.files: {name} is empty"


def _mentions(allowed: JSON) -> Iterator[str]:
    for kind in ("users", "roles"):
        if kind in (allowed.get("parse") or []) and allowed.get(kind):
            yield f"message.allowed_mentions: {kind} both parsed and listed"


# --- components -----------------------------------------------------------------------------


def components(rows: list[JSON], flags: int) -> Iterator[str]:
    """Rows of buttons and selects (or, with the V2 flag, any layout)."""
    v2 = bool(flags & V2_FLAG)
    inner = list(walk(rows))
    if v2:
        yield from count(inner, "components", V2_COMPONENTS)
        if (length := sum(len(c.get("content", "")) for c in inner)) > V2_TEXT:
            yield f"components: {length} characters of text, over {V2_TEXT}"
    else:
        yield from count(rows, "components", ROWS)
        for index, row in enumerate(rows):
            if row.get("type") != 1:
                yield f"components[{index}]: type {row.get('type')} needs the V2 flag"
    ids = [c["custom_id"] for c in inner if c.get("custom_id")]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"components: custom_id {twice!r} is used twice"
    for component in inner:
        yield from _component(component)


def walk(parts: list[JSON]) -> Iterator[JSON]:
    """Every component, outer before inner."""
    for part in parts:
        yield part
        yield from walk(part.get("components") or [])
        for key in ("accessory", "component"):
            if part.get(key):
                yield from walk([part[key]])


def _component(part: JSON) -> Iterator[str]:
    kind = part.get("type")
    path = f"component {part.get('custom_id') or part.get('label') or kind!r}"
    if part.get("custom_id") is not None:
        yield from text(part["custom_id"], f"{path}.custom_id", 100, 1)
    if kind == 1:
        yield from _row(part.get("components") or [])
    elif kind == 2:
        yield from _button(part, path)
    elif kind == 3:
        yield from _select(part, path)
    elif kind == 4:
        yield from optional(part, "label", path, 45)
        yield from optional(part, "placeholder", path, 100)
        yield from optional(part, "value", path, 4000)
    elif kind == 18:
        yield from text(part.get("label"), f"{path}.label", 45, 1)
        yield from optional(part, "description", path, 100)


def _row(parts: list[JSON]) -> Iterator[str]:
    yield from count(parts, "row", BUTTONS, 1)
    if len(parts) > 1 and any(part.get("type") != 2 for part in parts):
        yield "row: a select or text input stands alone in its row"


def _button(part: JSON, path: str) -> Iterator[str]:
    yield from optional(part, "label", path, 80)
    link = part.get("style") == 5
    if not (part.get("label") or part.get("emoji")):
        yield f"{path}: a button needs a label or an emoji"
    if link and (not URL.fullmatch(part.get("url") or "") or part.get("custom_id")):
        yield f"{path}: a link button needs an address and no custom_id"
    if link:
        yield from optional(part, "url", path, 512)
    elif not part.get("custom_id") or part.get("url"):
        yield f"{path}: a button needs a custom_id and no address"


def _select(part: JSON, path: str) -> Iterator[str]:
    options = part.get("options") or []
    yield from count(options, f"{path}.options", OPTIONS, 1)
    yield from optional(part, "placeholder", path, 150)
    values = [option.get("value") for option in options]
    if len(set(values)) != len(values):
        yield f"{path}.options: a value is used twice"
    for index, option in enumerate(options):
        yield from text(option.get("label"), f"{path}.options[{index}].label", 100, 1)
        yield from text(option.get("value"), f"{path}.options[{index}].value", 100, 1)
        yield from optional(option, "description", f"{path}.options[{index}]", 100)


# --- interactions ---------------------------------------------------------------------------


def callback(body: JSON, files: dict[str, bytes]) -> Iterator[str]:
    """The first response to an interaction."""
    kind, data = body.get("type"), body.get("data") or {}
    if kind == 4:
        yield from message(data, files)
    elif kind == 7:
        yield from message(data, files, partial=True)
    elif kind == 8:
        yield from count(data.get("choices", []), "choices", CHOICES)
        for index, choice in enumerate(data.get("choices", [])):
            yield from _choice(choice, f"choices[{index}]")
    elif kind == 9:
        yield from text(data.get("title"), "modal.title", 45, 1)
        yield from text(data.get("custom_id"), "modal.custom_id", 100, 1)
        yield from count(data.get("components", []), "modal.components", 5, 1)
        for part in walk(data.get("components", [])):
            yield from _component(part)
    elif kind not in (5, 6):
        yield f"callback: type {kind}"


def _choice(choice: JSON, path: str) -> Iterator[str]:
    yield from text(choice.get("name"), f"{path}.name", 100, 1)
    if isinstance(choice.get("value"), str):
        yield from text(choice["value"], f"{path}.value", 100)
    yield from _localised(choice, "name", path, 100)


# --- commands -------------------------------------------------------------------------------


def commands(listed: list[JSON]) -> Iterator[str]:
    """All commands of an application (of one scope)."""
    for kind, most in COMMAND_KINDS.items():
        same = [c for c in listed if (c.get("type") or 1) == kind]
        yield from count(same, f"commands of type {kind}", most)
        names = [c.get("name") for c in same]
        if len(set(names)) != len(names):
            yield f"commands of type {kind}: a name is used twice"
    for command in listed:
        yield from _command(command)


def _command(command: JSON) -> Iterator[str]:
    path = f"command {command.get('name')}"
    if (command.get("type") or 1) == 1:
        yield from _described(command, path)
        yield from _options(command.get("options") or [], path)
    else:
        yield from text(command.get("name"), f"{path}.name", 32, 1)
        yield from _localised(command, "name", path, 32)
        if command.get("description"):
            yield f"{path}: a menu command has no description"
    if _command_length(command) > 8000:
        yield f"{path}: over 8000 characters in all"


def _described(part: JSON, path: str) -> Iterator[str]:
    names = [part.get("name") or "", *(part.get("name_localizations") or {}).values()]
    for name in names:
        if not NAME.fullmatch(name) or name != name.lower():
            yield f"{path}: not a command or option name: {name!r}"
    yield from text(part.get("description"), f"{path}.description", 100, 1)
    yield from _localised(part, "name", path, 32)
    yield from _localised(part, "description", path, 100)


def _localised(part: JSON, key: str, path: str, most: int) -> Iterator[str]:
    for locale, value in (part.get(f"{key}_localizations") or {}).items():
        if locale not in LOCALES:
            yield f"{path}.{key}_localizations: unknown locale {locale}"
        yield from text(value, f"{path}.{key}_localizations.{locale}", most, 1)


def _options(options: list[JSON], path: str) -> Iterator[str]:
    yield from count(options, f"{path}.options", OPTIONS)
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield f"{path}.options: required ones come first"
    for option in options:
        inner = f"{path}.{option.get('name')}"
        yield from _described(option, inner)
        yield from count(option.get("choices") or [], f"{inner}.choices", CHOICES)
        for index, choice in enumerate(option.get("choices") or []):
            yield from _choice(choice, f"{inner}.choices[{index}]")
        if option.get("choices") and option.get("autocomplete"):
            yield f"{inner}: choices and autocomplete exclude each other"
        yield from _options(option.get("options") or [], inner)


def _command_length(part: JSON) -> int:
    own = len(part.get("name") or "") + len(part.get("description") or "")
    values = sum(len(str(c["name"])) + len(str(c["value"])) for c in part.get("choices") or [])
    return own + values + sum(map(_command_length, part.get("options") or []))
