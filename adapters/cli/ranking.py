"""The protocol of `aifaq rank`: one JSON line in, one JSON line out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from bot.service import Faq

MAX_LINE = 8 * 1024 * 1024
"""Bytes; a longer line is skipped without being held in memory."""
MAX_CANDIDATES = 10
BOM = b"\xef\xbb\xbf"


class BadLineError(Exception):
    """A line that is no question; the message says why."""


def read_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Lines as they come, without their end; None for one that is too long."""
    first = True
    while line := stream.readline(MAX_LINE + 1):
        if first:
            line, first = line.removeprefix(BOM), False
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(1024 * 1024)
            yield None
        else:
            yield line.rstrip(b"\r\n")


def rank_line(faq: Faq, line: bytes | None, default: str | None) -> dict[str, Any]:
    """The answer to one line; `{"error": …}` when it cannot be understood."""
    try:
        text, locale = parse(line)
    except BadLineError as error:
        return {"error": str(error)}
    try:
        return rank(faq, text, locale or default)
    except Exception as error:  # noqa: BLE001 - one line must never cost the others
        return {"error": f"this question broke the engine: {type(error).__name__}: {error}"}


def parse(line: bytes | None) -> tuple[str, str | None]:
    """Text and locale of a line.

    Raises:
        BadLineError: saying what is wrong with it.
    """
    if line is None:
        raise BadLineError(f"the line is longer than {MAX_LINE} bytes")
    if not line.strip():
        raise BadLineError("the line is empty")
    try:
        data = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadLineError(f"the line is not UTF-8 (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        raise BadLineError(f"the line is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadLineError("the line must be an object with a `text`")
    if not isinstance(data.get("text"), str):
        raise BadLineError("`text` is missing" if "text" not in data else "`text` must be a string")
    if not isinstance(data.get("locale"), str | None):
        raise BadLineError("`locale` must be a string")
    return data["text"], data.get("locale")


def rank(faq: Faq, text: str, locale: str | None) -> dict[str, Any]:
    """Decision and candidates for a question on its own, outside any conversation."""
    from bot.models import Question, ReplyKind

    found = faq.explain(Question(text, locale=locale))
    candidates = found.candidates or faq.matcher.rank(found.question, found.detected)
    # Small talk is matched by no entry, however near one comes.
    sure = found.reply.kind is not ReplyKind.SMALLTALK
    ranked = [
        {"id": one.entry.id, "confidence": round(one.confidence, 6) if sure else 0.0}
        for one in candidates[:MAX_CANDIDATES]
    ]
    return {
        "decision": str(found.reply.decision),
        "confidence": ranked[0]["confidence"] if ranked else 0.0,
        "locale": found.locale,
        "candidates": ranked,
    }
