"""Logs: as text for people or one JSON object a line for machines.

Each line that belongs to a question carries the question's number, through all tasks that work
on it. Texts of questions are logged at debug only, and no configured secret ever comes out,
whoever logged it.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from bot.configuration import MASK, secrets_of
from bot.settings import Settings

OURS = ("aifaq", "bot", "adapters")
TOKENS = re.compile(
    r"xox[a-z]-[\w-]{8,}|xapp-[\w-]{8,}"  # Slack's
    r"|\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"  # Discord's
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user:password in an address
)
"""What looks like a secret, even one that no setting holds."""
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")

_question: ContextVar[str] = ContextVar("aifaq_question", default="")


@contextmanager
def of_question() -> Iterator[str]:
    """Around the work on one question; yields its number, which is in every line logged within."""
    token = _question.set(secrets.token_hex(4))
    try:
        yield _question.get()
    finally:
        _question.reset(token)


def set_up(settings: Settings, stream: TextIO | None = None) -> None:
    """Send the process's logs to `stream`, standard error by default, as the settings ask."""
    known = secrets_of(settings)
    handler = logging.StreamHandler(stream or sys.stderr)
    json_lines = settings.log_format == "json"
    handler.setFormatter(JsonLines(known) if json_lines else Lines(known))
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old.formatter, Lines | JsonLines)]:
        root.removeHandler(old)
    root.addHandler(handler)
    level = getattr(logging, settings.log_level.upper())
    # The libraries' debug lines hold whole messages, so they stay out even at debug.
    root.setLevel(logging.INFO if level == logging.DEBUG else max(level, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(level)


class Lines(logging.Formatter):
    """`2026-11-23 21:40:05 INFO bot.reload [4fd1c2aa] 57 entries in service`."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        super().__init__()
        self._known = known

    def format(self, record: logging.LogRecord) -> str:
        """One line; what follows it, such as a traceback, is indented, so nobody can forge one."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%d %H:%M:%S")
        number = f" [{_question.get()}]" if _question.get() else ""
        text = _text(record, self._known).replace("\n", "\n    ")
        return f"{at} {record.levelname} {record.name}{number} {text}"


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, question, error."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        super().__init__()
        self._known = known

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        message, _, error = _text(record, self._known).partition("\nTraceback (most recent")
        data = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        if _question.get():
            data["question"] = _question.get()
        if error:
            data["error"] = f"Traceback (most recent{error}"
        return json.dumps(data, ensure_ascii=False).encode(errors="replace").decode()


def _text(record: logging.LogRecord, known: Sequence[str]) -> str:
    """Message and traceback without secrets and without control characters."""
    text = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        text += "\n" + logging.Formatter().formatException(record.exc_info)
    for secret in known:
        text = text.replace(secret, MASK)
    text = TOKENS.sub(MASK, text)
    return CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
