"""The terminal chat: commands, numbers, languages."""

import pytest


def test_a_number_opens_a_line_of_the_last_list(terminal):
    """Related questions, suggestions and topics are all opened by number."""
    terminal.type("Is a library card free of charge?")
    assert "9 a.m." in terminal.type("1")
    terminal.type("/topics")
    assert "48 euros" in terminal.type("3")


@pytest.mark.parametrize("number", ["0", "99", "9" * 50])
def test_a_number_that_is_not_there(terminal, number):
    """It says so, and the conversation goes on."""
    terminal.type("Is a library card free of charge?")
    assert "There is no number" in terminal.type(number)
    assert "9 a.m." in terminal.type("1")


def test_a_number_before_any_list_is_a_question(terminal):
    """Nothing to open yet: the number is asked."""
    terminal.type("7")
    assert terminal.host.reply is not None


def test_switching_the_language_shows_the_answer_anew(terminal):
    """/fr turns the last answer over and stays; /auto goes back to the question's language."""
    terminal.type("When does the library open?")
    assert "9 heures" in terminal.type("/fr")
    assert "9 heures" in terminal.type("When does the library open?")
    terminal.type("/auto")
    assert "9 a.m." in terminal.type("When does the library open?")


def test_explain_is_about_the_last_question(terminal):
    """Without a question of its own it explains the last one, in the conversation it was in."""
    assert "Ask something first" in terminal.type("/explain")
    terminal.type("When does the library open?")
    shown = terminal.type("/explain")
    assert "1. library-hours" in shown
    assert "1. library-card-price" in terminal.type("/explain Is a library card free of charge?")
    assert terminal.host.reply.answer.entry_id == "library-hours"


def test_sources_with_their_addresses(terminal):
    """/sources lists what the last answer rests on."""
    assert "no answer yet" in terminal.type("/sources")
    terminal.type("When does the library open?")
    assert "https://example.org/reglement" in terminal.type("/sources")


def test_help_lists_every_command(terminal):
    """What /help says and what the host does are the same."""
    shown = terminal.type("/help")
    for command in set(terminal.host.commands) - {"/?"}:
        assert command in shown


def test_an_unknown_command_is_named(terminal):
    """Escape characters in it are not repeated to the terminal."""
    shown = terminal.type("/nonsense\x1b[31m more")
    assert "/nonsense" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("line", ["/quit", "/exit", "/q", "  /quit  "])
def test_leaving(terminal, line):
    """The host says goodbye and tells its caller to stop."""
    assert terminal.host.handle(line) is False
    assert "Goodbye." in terminal.out.getvalue()


@pytest.mark.parametrize("line", ["", "   ", "\t"])
def test_an_empty_line_does_nothing(terminal, line):
    """Pressing return is no question."""
    assert terminal.type(line) == ""


def test_phrases_follow_the_language_in_use(terminal):
    """After a French answer the host's own phrases are French."""
    terminal.type("Quand la bibliothèque ouvre-t-elle ?")
    assert "Je ne connais pas /foo" in terminal.type("/foo")
