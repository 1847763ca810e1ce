"""Texts against what Discord and Slack can show, so that nobody's answer is cut.

Numbers from docs.discord.com/developers (message and component reference) and docs.slack.dev
(Block Kit reference), November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.lint.base import Base
from bot.lint.finding import Finding
from bot.models import Entry, EntryText, Locale


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a text one place of a platform can show."""

    where: str
    characters: int


QUESTION_LIMITS = (
    Limit("an option or a button on Slack", 75),
    Limit("a button on Discord", 80),
    Limit("a menu or the completion on Discord", 100),
    Limit("a header on Slack", 150),
    Limit("the title of an answer on Discord", 256),
)
DISCORD_ANSWER = Limit("an answer on Discord", 4_096)
SLACK_ANSWER = Limit("a section on Slack", 3_000)
DISCORD_MESSAGE = Limit("everything in one answer on Discord", 6_000)


def check_lengths(base: Base) -> Iterator[Finding]:
    """Questions fit everywhere they are shown as a title or on a button; answers fit whole."""
    for entry, locale, text in base.texts:
        yield from _question(base, entry, locale, text)
        yield from _answer(base, entry, locale, text)


def _question(base: Base, entry: Entry, locale: Locale, text: EntryText) -> Iterator[Finding]:
    length = platform_length(text.question)
    cut = [
        f"{limit.where} ({limit.characters})"
        for limit in QUESTION_LIMITS
        if length > limit.characters
    ]
    if cut:
        message = f"the question has {length} characters, too many for {', '.join(cut)}; shorten it"
        yield base.warning(entry.path, (locale, "question"), "long-question", message)


def _answer(base: Base, entry: Entry, locale: Locale, text: EntryText) -> Iterator[Finding]:
    place = (locale, "answer")
    length = platform_length(text.answer)
    whole = length + platform_length(text.question) + _length_of_sources(base, entry)
    for limit, size in ((DISCORD_ANSWER, length), (DISCORD_MESSAGE, whole)):
        if size > limit.characters:
            message = f"{size} characters where {limit.where} holds {limit.characters}; shorten it"
            yield base.error(entry.path, place, "long-answer", message)
            return
    if length > SLACK_ANSWER.characters:
        message = (
            f"the answer has {length} characters; {SLACK_ANSWER.where} holds "
            f"{SLACK_ANSWER.characters}, so it is shown in pieces; shorten it"
        )
        yield base.warning(entry.path, place, "long-answer", message)


def _length_of_sources(base: Base, entry: Entry) -> int:
    found = (base.knowledge.sources.get(key) for key in entry.sources)
    return sum(
        platform_length(f"[{source.publisher}: {source.title}]({source.url}), {source.date}")
        for source in found
        if source is not None
    )


def platform_length(text: str) -> int:
    """Length in UTF-16 units, as browsers and the platforms' clients count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
