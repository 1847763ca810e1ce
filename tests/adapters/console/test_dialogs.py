"""The dialogs that every platform must hold, in the terminal."""

import pytest

from tests.adapters.console.conftest import Terminal
from tests.dialogs import Turn, load_dialogs

NOT_HERE = {"helpful", "unhelpful", "delete"}
"""Controls that a terminal does not have."""


def typed(turn: Turn) -> str:
    """What a person types for a turn."""
    if turn.click is None:
        return turn.say
    return f"/{turn.click.which}" if turn.click.what == "language" else turn.click.which


@pytest.mark.parametrize("dialog", load_dialogs(), ids=str)
def test_dialog(dialog):
    """Each turn gets what the dialog expects, and the screen shows it."""
    terminal = Terminal(dialog.knowledge)
    for turn in dialog.turns:
        if turn.click and turn.click.what in NOT_HERE:
            continue
        if turn.locale:
            terminal.host.hint = turn.locale
        shown = terminal.type(typed(turn))
        reply = terminal.host.reply
        if turn.expect:
            entry = reply.answer.entry_id if reply.answer else None
            turn.expect.check(str(reply.kind), entry, reply.locale)
        visible = reply.answer.question if reply.answer else reply.text
        assert visible in shown
