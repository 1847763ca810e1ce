"""The terminal chat: one person, one conversation, no network; development starts here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from adapters.console.screens import Screen
from bot.models import Link, Locale, Question, Reply
from bot.service import Explanation, Faq
from bot.text import clean

_conversations = count(1)


class Host:
    """Takes lines, shows replies; remembers what the person can refer to.

    Args:
        faq: what answers.
        screen: where replies are shown.
        locale: the person's own language, if the terminal tells.
        forced: the language the person asked for; None answers in that of the question.
    """

    def __init__(
        self,
        faq: Faq,
        screen: Screen,
        *,
        locale: Locale | None = None,
        forced: Locale | None = None,
    ) -> None:
        self.faq = faq
        self.screen = screen
        self.hint = locale
        self.forced = forced
        self.reply: Reply | None = None
        """What was shown last."""
        self.links: tuple[Link, ...] = ()
        """What a number refers to."""
        self._explanation: Explanation | None = None
        self._conversation = f"console:{next(_conversations)}:you"
        self._commands: Mapping[str, Callable[[str], None]] = {
            "/topics": self._topics,
            "/explain": self._explain,
            "/sources": self._sources,
            "/auto": lambda _: self._speak(None),
            "/help": self._help,
            "/?": self._help,
        }

    @property
    def locale(self) -> Locale:
        """The language of the host's own phrases."""
        shown = self.reply.locale if self.reply else None
        return self.forced or shown or self.hint or "en"

    @property
    def commands(self) -> tuple[str, ...]:
        """All commands, for completion."""
        languages = (f"/{locale}" for locale in self.faq.messages.locales)
        return (*self._commands, *languages, "/quit")

    def welcome(self) -> None:
        """Say what this is."""
        self._say("welcome", count=len(self.faq.knowledge.entries))

    def handle(self, line: str) -> bool:
        """Do what a line says; False when the person wants to leave."""
        line = line.strip() if not line.lstrip().startswith("/") else clean(line)
        if line in ("/quit", "/exit", "/q"):
            self._say("goodbye")
            return False
        if line.startswith("/"):
            self._command(line)
        elif line.isascii() and line.isdigit() and self.links:
            self._pick(line)
        elif line:
            self.ask(line)
        return True

    def ask(self, text: str) -> Reply:
        """Answer a question."""
        self._explanation = self.faq.explain(self._question(text, self._conversation))
        return self._show(self._explanation.reply)

    def open(self, link: Link) -> Reply:
        """Show an entry that was offered."""
        return self._show(
            self.faq.show(link.entry_id, self.locale, conversation=self._conversation)
        )

    def _question(self, text: str, conversation: str | None) -> Question:
        return Question(
            text, locale=self.hint, conversation=conversation, forced_locale=self.forced
        )

    def _show(self, reply: Reply) -> Reply:
        self.reply = reply
        related = tuple(link for answer in reply.answers for link in answer.related)
        self.links = related or reply.suggestions or self.links
        self.screen.reply(reply)
        return reply

    def _pick(self, number: str) -> None:
        if len(number) < 4 and 1 <= int(number) <= len(self.links):  # noqa: PLR2004
            self.open(self.links[int(number) - 1])
        else:
            self._say("bad_number", number=number[:20])

    # Commands

    def _command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        if name in self._commands:
            self._commands[name](rest.strip())
        elif name[1:] in self.faq.messages.locales:
            self._speak(name[1:])
        else:
            self._say("unknown_command", command=name[:40])

    def _speak(self, locale: Locale | None) -> None:
        self.forced = locale
        self._say("language_set" if locale else "language_auto")
        if locale and self.reply and self.reply.answer:
            answer = self.reply.answer
            self._show(self.faq.show(answer.entry_id, locale, conversation=self._conversation))

    def _topics(self, _: str) -> None:
        topics = self.faq.topics(self.locale)
        self.links = tuple(link for topic in topics for link in topic.links)
        self.screen.topics(topics, self.locale)
        self._say("pick")

    def _explain(self, text: str) -> None:
        if text:  # outside the conversation, so that explaining changes nothing
            self.screen.explanation(self.faq.explain(self._question(text, None)), self.locale)
        elif self._explanation:
            self.screen.explanation(self._explanation, self.locale)
        else:
            self._say("nothing_yet")

    def _sources(self, _: str) -> None:
        if self.reply is None or not self.reply.answers:
            self._say("no_sources_yet")
            return
        for answer in self.reply.answers:
            self.screen.sources(answer)

    def _help(self, _: str) -> None:
        lines = self.faq.messages.items("console.help", self.locale)
        self.screen.help([tuple(line.partition("|")[::2]) for line in lines])

    def _say(self, key: str, **values: object) -> None:
        self.screen.say(self.faq.messages.text(f"console.{key}", self.locale, **values))
