"""Markdown as people write it in entries -> Slack's own markup.

Slack needs `& < >` escaped and gives meaning to `<...>`: nothing from a text may reach it
unescaped, or it could notify a whole channel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

ELLIPSIS = "…"
BOUNDARY = "\u200b"
"""Slack formats whole words only; an invisible boundary makes the half of a word one."""
_MARKS = {"strong": "*", "em": "_", "s": "~"}
_SAFE_URL = re.compile(r"(?:https?://|mailto:)[^\s<>|]+\Z", re.IGNORECASE)
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}\Z")


def sound(text: str) -> str:
    """Without halves of characters, which cannot be sent."""
    return text if text.isascii() else text.encode(errors="ignore").decode()


def escape(text: str) -> str:
    """Plain text as Slack wants it: no mention, link or channel ping can come out of it."""
    return sound(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """A link; only the label where the address is not one."""
    words = escape(label).replace("|", "¦")
    return f"<{escape(url)}|{words}>" if _SAFE_URL.match(url) and words else words


@lru_cache(maxsize=2_000)
def to_mrkdwn(markdown: str) -> str:
    """Slack markup of a Markdown text."""
    return _blocks(SyntaxTreeNode(_parser().parse(markdown)).children).strip()


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])


def _blocks(nodes: Iterable[SyntaxTreeNode], between: str = "\n\n") -> str:
    return between.join(filter(None, (_block(node) for node in nodes)))


def _block(node: SyntaxTreeNode) -> str:
    write = _BLOCKS.get(node.type)
    return write(node) if write else escape(node.content)


def _heading(node: SyntaxTreeNode) -> str:
    return f"*{_inline(node, plain=True)}*"


def _bullets(node: SyntaxTreeNode) -> str:
    return "\n".join(_item(item, "•") for item in node.children)


def _numbered(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    return "\n".join(_item(item, f"{first + n}.") for n, item in enumerate(node.children))


def _quote(node: SyntaxTreeNode) -> str:
    return "\n".join(f"> {line}" for line in _blocks(node.children).splitlines())


def _code(node: SyntaxTreeNode) -> str:
    return f"```\n{escape(node.content.rstrip()).replace('```', '` ` `')}\n```"


def _item(node: SyntaxTreeNode, mark: str) -> str:
    lines = _blocks(node.children, "\n").splitlines() or [""]
    return "\n".join([f"{mark} {lines[0]}", *(f"    {line}" for line in lines[1:])])


def _table(node: SyntaxTreeNode) -> str:
    rows = [
        [_inline(cell, plain=True) for cell in row.children]
        for part in node.children
        for row in part.children
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "```\n" + "\n".join(lines) + "\n```"


def _inline(node: SyntaxTreeNode, *, plain: bool = False) -> str:
    """The words of a node; `plain` leaves bold and the like out, where it cannot nest."""
    text = ""
    formatted = False
    for child in node.children:
        piece, marked = _piece(child, plain=plain)
        if piece and text and (formatted or marked) and _touch(text, piece, formatted, marked):
            text += BOUNDARY
        text += piece
        formatted = marked
    return text


def _touch(before: str, after: str, before_marked: bool, after_marked: bool) -> bool:
    neighbour = before[-1] if after_marked and not before_marked else after[0]
    return (before_marked and after_marked) or neighbour.isalnum() or neighbour in "'’"


def _piece(node: SyntaxTreeNode, *, plain: bool) -> tuple[str, bool]:
    """The text of one node, and whether it is within marks such as `*`."""
    if node.type in _MARKS:
        words, mark = _inline(node, plain=plain), _MARKS[node.type]
    elif node.type == "code_inline":
        words, mark = escape(node.content).replace("`", "'"), "`"
    else:
        return _unmarked(node, plain=plain), False
    if plain or not words.strip():
        return words, False
    return f"{mark}{words}{mark}", True


def _unmarked(node: SyntaxTreeNode, *, plain: bool) -> str:
    match node.type:
        case "inline":
            return _inline(node, plain=plain)
        case "softbreak" | "hardbreak":
            return "\n"
        case "link":
            return link(str(node.attrs.get("href", "")), _words(node))
        case "image":
            return link(str(node.attrs.get("src", "")), node.content)
    return escape(node.content)


def _words(node: SyntaxTreeNode) -> str:
    """The text within a link, without markup."""
    if not node.children:
        return node.content
    return "".join(_words(child) for child in node.children)


_BLOCKS: dict[str, Callable[[SyntaxTreeNode], str]] = {
    "paragraph": _inline,
    "inline": _inline,
    "heading": _heading,
    "bullet_list": _bullets,
    "ordered_list": _numbered,
    "blockquote": _quote,
    "fence": _code,
    "code_block": _code,
    "table": _table,
    "hr": lambda _: "———",
}


def cut(text: str, most: int) -> str:
    """At most `most` characters, ended by an ellipsis where something is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + ELLIPSIS


def cut_bytes(text: str, most: int) -> str:
    """Escaped text of at most `most` bytes, cut between words and outside of `<...>`."""
    if len(text.encode()) <= most:
        return text
    short = text.encode()[: most - len(ELLIPSIS.encode())].decode(errors="ignore")
    return _whole(short).rstrip() + ELLIPSIS


def split(text: str, most: int) -> list[str]:
    """Parts of at most `most` characters: by paragraphs, else lines, else words."""
    parts = []
    while len(text) > most:
        head = text[:most]
        at = max((head.rfind(mark) for mark in ("\n\n",)), default=-1)
        at = at if at > most // 3 else head.rfind("\n")
        part = head[:at] if at > most // 3 else _whole(head)
        part = part or head
        parts.append(part.rstrip())
        text = text[len(part) :].lstrip()
    return [part for part in (*parts, text) if part.strip()]


def _whole(text: str) -> str:
    """Without a half link, a half entity or, if there are several, a half word at the end."""
    if text.rfind("<") > text.rfind(">"):
        text = text[: text.rfind("<")]
    space = text.rfind(" ")
    if space > len(text) // 2:
        text = text[:space]
    return _HALF_ENTITY.sub("", text)
