"""Cards on a terminal: nothing broken in two, nothing taken for markup."""

import dataclasses
import io

import pytest
from rich.console import Console

from adapters.console import CardScreen, Host
from bot.models import Question
from tests.adapters.console.conftest import load
from tests.dialogs import KNOWLEDGE


class Card:
    """A card screen of a given width whose text can be read."""

    def __init__(self, width: int = 80, *, colours: bool = False):
        self.faq = load(KNOWLEDGE["small"])
        self.console = Console(
            file=io.StringIO(),
            width=width,
            highlight=False,
            force_terminal=colours,
            color_system="truecolor" if colours else None,
            legacy_windows=False,
        )
        self.screen = CardScreen(self.faq.messages, self.console)

    @property
    def text(self) -> str:
        return self.console.file.getvalue()

    def answer(self, text: str):
        return self.faq.respond(Question(text))


def test_an_answer_has_all_its_parts():
    """Question, text, figures, sources, related, standing and date stand on the card."""
    card = Card()
    card.screen.reply(card.answer("Is a library card free of charge?"))
    for part in (
        "Is a library card free of charge?",
        "12 euros",
        "€48",
        "claimed",
        "Price list of the public services",
        "1 When does the library open?",
        "confirmed, as of 15 January 2026",
    ):
        assert part in card.text
    assert "**" not in card.text


@pytest.mark.parametrize("width", range(24, 100, 3))
def test_no_line_is_broken_at_a_no_break_space(width):
    """`12 euros` and `gratuite ?` stay whole, and the spaces are still there, at any width."""
    card = Card(width)
    card.screen.reply(card.answer("La carte de bibliothèque est-elle gratuite ?"))
    assert "12\N{NO-BREAK SPACE}euros" in card.text
    assert "gratuite\N{NO-BREAK SPACE}?" in card.text
    assert "\ue000" not in card.text


def test_sources_are_links_where_the_terminal_can():
    """The title is clickable; only web addresses are."""
    card = Card(colours=True)
    reply = card.answer("Is a library card free of charge?")
    card.screen.reply(reply)
    assert "\x1b]8;" in card.text
    assert "https://example.org/prices" in card.text
    harmful = dataclasses.replace(reply.answers[0].sources[0], url="javascript:alert(1)")
    answer = dataclasses.replace(reply.answers[0], sources=(harmful,))
    other = Card(colours=True)
    other.screen.reply(dataclasses.replace(reply, answers=(answer,)))
    assert "javascript" not in other.text


def test_rich_markup_in_an_entry_is_text():
    """Square brackets of an entry are shown, not obeyed."""
    card = Card()
    reply = card.answer("Is a library card free of charge?")
    answer = dataclasses.replace(reply.answers[0], question="[bold]x[/bold] [link=y]", text="a [b]")
    card.screen.reply(dataclasses.replace(reply, answers=(answer,)))
    assert "[bold]x[/bold] [link=y]" in card.text
    assert "a [b]" in card.text


def test_every_screen_can_be_drawn():
    """Help, topics, explanation, sources and small talk print in both languages."""
    card = Card()
    for locale in ("en", "fr"):
        host = Host(card.faq, card.screen, locale=locale, forced=locale)
        for line in (
            "hello",
            "When does the library open?",
            "/explain",
            "/topics",
            "/sources",
            "/help",
            "/explain xylophone",
            "/explain 🙂",
        ):
            host.handle(line)
    assert "Formulation la plus proche" in card.text
    assert "library-hours" in card.text
