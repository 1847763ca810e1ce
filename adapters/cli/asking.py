"""chat, ask, explain: questions in the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli.common import (
    JsonOption,
    KnowledgeOption,
    LocaleOption,
    is_terminal,
    known_locale,
    load_faq,
    load_settings,
    print_json,
    terminal_locale,
)

if TYPE_CHECKING:
    from adapters.console import Host, Screen
    from adapters.console.watching import Watch
    from bot.service import Faq

cli = typer.Typer()

QuestionArgument = Annotated[
    list[str], typer.Argument(metavar="QUESTION", help="The question, with or without quotes.")
]


@cli.command(epilog='Example: aifaq ask "How much did it cost to train DeepSeek R1?"')
def ask(
    question: QuestionArgument,
    locale: LocaleOption = None,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Answer one question and leave."""
    from bot.models import Question

    faq = load_faq(knowledge)
    asked = Question(
        " ".join(question), locale=terminal_locale(faq), forced_locale=known_locale(faq, locale)
    )
    reply = faq.respond(asked)
    if as_json:
        from adapters.cli.serial import reply_data

        print_json(reply_data(reply))
    else:
        make_screen(faq).reply(reply)


@cli.command(epilog='Example: aifaq explain "is R1 open source?"')
def explain(
    question: QuestionArgument,
    locale: LocaleOption = None,
    as_json: JsonOption = False,
    knowledge: KnowledgeOption = None,
) -> None:
    """Show why a question gets its reply.

    Its language, each signal for the best candidates, the lead over the runner-up, the cutoffs.
    """
    from bot.models import Question

    faq = load_faq(knowledge)
    forced = known_locale(faq, locale)
    found = faq.explain(
        Question(" ".join(question), locale=terminal_locale(faq), forced_locale=forced)
    )
    if as_json:
        from adapters.cli.serial import explanation_data

        print_json(explanation_data(found))
    else:
        make_screen(faq).explanation(found, forced or terminal_locale(faq) or "en")


@cli.command(epilog="Example: aifaq chat --locale fr")
def chat(locale: LocaleOption = None, knowledge: KnowledgeOption = None) -> None:
    """Chat in the terminal.

    Inside, /help lists what else it can do. From a pipe it answers line by line in plain text.
    Changed files of the base count from the next question on.
    """
    from adapters.console import Host
    from adapters.console.watching import Watch
    from bot.service import Faq

    settings = load_settings(knowledge)
    faq = Faq.load(settings)
    watch = Watch(faq, settings.knowledge)
    host = Host(
        faq, make_screen(faq), locale=terminal_locale(faq), forced=known_locale(faq, locale)
    )
    interactive = is_terminal() and sys.stdin.isatty()
    if interactive:
        host.welcome()
    for line in _typed_lines(host) if interactive else _piped_lines():
        _take_changes(watch, host)
        if not host.handle(line):
            break


def _take_changes(watch: Watch, host: Host) -> None:
    """Take changed files into service, and say what is wrong with them."""
    phrases = host.faq.messages
    reports = watch.look()
    if host.faq.messages is not phrases:
        host.screen = make_screen(host.faq)
    for report in reports:
        host.screen.say(report.text(host.faq.messages, host.locale))


def make_screen(faq: Faq) -> Screen:
    """Cards for a person, plain lines for a pipe."""
    from adapters.console import CardScreen, PlainScreen

    if is_terminal():
        return CardScreen(faq.messages)
    return PlainScreen(sys.stdout, faq.messages)


def _piped_lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace")


def _typed_lines(host: Host) -> Iterator[str]:
    """Lines with editing, history and completion; Ctrl-C clears a line, Ctrl-D leaves."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.formatted_text import FormattedText

    from adapters.console.typing import HostCompleter, open_history

    session: PromptSession[str] = PromptSession(
        FormattedText([("bold ansicyan", "› ")]),
        history=open_history(_history_path()),
        auto_suggest=AutoSuggestFromHistory(),
        completer=HostCompleter(host),
        complete_while_typing=False,  # Tab asks for it; a list under each letter disturbs
    )
    while True:
        try:
            yield session.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def _history_path() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "aifaq" / "chat-history"
