"""What is fuzzed: each target takes any bytes and may raise only what its callers expect."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from bot.errors import KnowledgeError
from bot.knowledge import load_knowledge
from bot.knowledge.messages import load_messages
from bot.models import Question, ReplyKind
from bot.service import Faq
from bot.settings import Settings

Target = Callable[[bytes], None]
ENTRY = "budget/one.yaml"
ME = "U0000000"


def loader(data: bytes) -> None:
    """A knowledge file: loaded, or refused with faults that name file and line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ENTRY
        path.parent.mkdir()
        path.write_bytes(data)
        try:
            load_knowledge(folder)
        except KnowledgeError as error:
            assert error.faults
            assert all(fault.line >= 1 and fault.path for fault in error.faults)


def interface(data: bytes) -> None:
    """A file of phrases, the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "interface" / "en.yaml"
        path.parent.mkdir()
        path.write_bytes(data)
        try:
            load_messages(folder)
        except KnowledgeError as error:
            assert error.faults


@cache
def faq() -> Faq:
    """The shipped base, without its encoder: the text handling is what is looked at."""
    return Faq.load(Settings(encoder="none"))


def question(data: bytes) -> None:
    """Any text: a reply of some kind, in a language that exists, and completions."""
    text = data.decode("utf-8", "surrogatepass" if data[:1] == b"s" else "replace")
    reply = faq().respond(Question(text))
    assert reply.kind is not ReplyKind.GONE
    assert reply.locale in faq().messages.locales
    assert len(faq().complete(text, "fr")) <= 25


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def slack_event(data: bytes) -> None:
    """An event of any shape: addressed or not, noise or not, and its text."""
    from adapters.slack.questions import is_addressed, is_noise, to_text

    event = _json(data)
    if isinstance(event, dict):
        is_addressed(event, ME)
        is_noise(event, ME)
    to_text(data.decode("utf-8", "replace"), ME)


def slack_markup(data: bytes) -> None:
    """Any Markdown as Slack's markup: no live mention that the text did not bring on purpose."""
    from adapters.slack.mrkdwn import escape

    escaped = escape(data.decode("utf-8", "replace"))
    assert "<" not in escaped
    assert ">" not in escaped


def handles(data: bytes) -> None:
    """Payloads of buttons, which anybody can forge: read or refused, nothing else."""
    from adapters.discord.handles import Handle as DiscordHandle
    from adapters.slack.handles import Handle as SlackHandle

    text = data.decode("utf-8", "replace")
    DiscordHandle.parse(text)
    SlackHandle.decode(text)


TARGETS: dict[str, Target] = {
    "loader": loader,
    "interface": interface,
    "question": question,
    "slack-event": slack_event,
    "slack-markup": slack_markup,
    "handles": handles,
}
