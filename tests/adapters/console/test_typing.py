"""Completion and history of the line editor."""

from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, InMemoryHistory

from adapters.console.typing import HostCompleter, open_history


def complete(host, typed):
    found = HostCompleter(host).get_completions(Document(typed), CompleteEvent())
    return [one.text for one in found]


def test_commands_after_a_slash(terminal):
    """`/to` completes to `/topics`."""
    assert complete(terminal.host, "/to") == ["/topics"]


def test_questions_as_one_types(terminal):
    """The beginning of a question offers the whole of it."""
    assert complete(terminal.host, "when does the li")[0] == "When does the library open?"


def test_history_is_kept_in_a_file(tmp_path):
    """The folder is made when it is missing."""
    history = open_history(tmp_path / "state" / "aifaq" / "history")
    assert isinstance(history, FileHistory)
    history.append_string("when does the library open")
    again = open_history(tmp_path / "state" / "aifaq" / "history")
    assert list(again.load_history_strings()) == ["when does the library open"]


def test_a_place_that_cannot_be_written_costs_only_the_history(tmp_path):
    """A file where a folder should be: this chat's lines are remembered, and nothing fails."""
    (tmp_path / "state").write_text("in the way")
    assert isinstance(open_history(tmp_path / "state" / "history"), InMemoryHistory)
