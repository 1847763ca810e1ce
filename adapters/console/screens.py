"""Where the host shows things: cards on a terminal, plain lines in a file or a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from adapters.console import plain
from bot.knowledge.messages import Messages
from bot.models import Answer, Locale, Reply
from bot.service import Explanation, Topic

if TYPE_CHECKING:
    from rich.console import Console

MAX_WIDTH = 100
"""Columns: longer lines are hard to read."""


class Screen(Protocol):
    """What a host needs to show."""

    def say(self, text: str) -> None:
        """A phrase of the host itself."""
        ...

    def reply(self, reply: Reply) -> None:
        """A reply of the bot."""
        ...

    def topics(self, topics: Sequence[Topic], locale: Locale) -> None:
        """All questions by topic, numbered."""
        ...

    def explanation(self, explanation: Explanation, locale: Locale) -> None:
        """Why a question got its reply."""
        ...

    def sources(self, answer: Answer) -> None:
        """The sources of an answer with their addresses."""
        ...

    def help(self, commands: Sequence[tuple[str, ...]]) -> None:
        """Commands and what they do."""
        ...


class PlainScreen:
    """Plain lines, the same whatever the terminal."""

    def __init__(self, out: TextIO, messages: Messages) -> None:
        self._out, self._messages = out, messages

    def say(self, text: str) -> None:
        """A phrase of the host itself."""
        self._write(text)

    def reply(self, reply: Reply) -> None:
        """A reply of the bot."""
        self._write(plain.reply_text(reply, self._messages))

    def topics(self, topics: Sequence[Topic], locale: Locale) -> None:  # noqa: ARG002
        """All questions by topic, numbered."""
        self._write(plain.topics_text(topics))

    def explanation(self, explanation: Explanation, locale: Locale) -> None:
        """Why a question got its reply."""
        self._write(plain.explanation_text(explanation, locale, self._messages))

    def sources(self, answer: Answer) -> None:
        """The sources of an answer with their addresses."""
        self._write("\n".join(plain.source_line(source) for source in answer.sources))

    def help(self, commands: Sequence[tuple[str, ...]]) -> None:
        """Commands and what they do."""
        self._write("\n".join("  ".join(line) for line in commands))

    def _write(self, text: str) -> None:
        self._out.write(text + "\n\n")
        self._out.flush()


class CardScreen:
    """Cards drawn by rich."""

    def __init__(self, messages: Messages, console: Console | None = None) -> None:
        from rich.console import Console

        self.console = console or Console(highlight=False)
        if console is None:
            self.console.width = min(self.console.width, MAX_WIDTH)
        self._messages = messages

    def say(self, text: str) -> None:
        """A phrase of the host itself."""
        self._print(text, style="dim")

    def reply(self, reply: Reply) -> None:
        """A reply of the bot."""
        from adapters.console.cards import reply_card

        self._print(reply_card(reply, self._messages))

    def topics(self, topics: Sequence[Topic], locale: Locale) -> None:  # noqa: ARG002
        """All questions by topic, numbered."""
        from adapters.console.cards import topics_list

        self._print(topics_list(topics))

    def explanation(self, explanation: Explanation, locale: Locale) -> None:
        """Why a question got its reply."""
        from adapters.console.cards import explanation_table

        self._print(explanation_table(explanation, locale, self._messages))

    def sources(self, answer: Answer) -> None:
        """The sources of an answer with their addresses."""
        self._print("\n".join(plain.source_line(source) for source in answer.sources))

    def help(self, commands: Sequence[tuple[str, ...]]) -> None:
        """Commands and what they do."""
        from adapters.console.cards import help_table

        self._print(help_table(commands))

    def _print(self, what: Any, **style: Any) -> None:
        self.console.print(what, markup=False, **style)
        self.console.print()
