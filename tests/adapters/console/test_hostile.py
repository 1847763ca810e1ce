"""Hostile texts in the terminal: nothing but the program itself moves the cursor or sets a title."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from adapters.console import cards, plain
from bot.dialog.responder import Responder
from bot.errors import KnowledgeError
from bot.knowledge import load_knowledge
from bot.knowledge.messages import load_messages
from bot.models import Question, Reply
from bot.service import Faq
from bot.settings import Settings
from tests.dialogs import KNOWLEDGE
from tests.hostile import hostile_texts

OWN = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;(?:id=\d+;[^\x00-\x20\x7f-\x9f]*|;)\x1b\\")
"""What rich writes: colours and links."""
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
MESSAGES = load_messages()


def written(reply: Reply) -> str:
    """A reply as a card on a terminal with colours and links, and as plain text."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, color_system="truecolor")
    console.print(cards.reply_card(reply, MESSAGES))
    return OWN.sub("", stream.getvalue()) + plain.reply_text(reply, MESSAGES)


@pytest.mark.parametrize("text", hostile_texts())
def test_an_entry_sends_no_controls_to_a_terminal(text: str, tmp_path: Path) -> None:
    """A text with controls is refused when it is loaded; any other is drawn without them."""
    entry = {"question": f"What is it? {text}", "variants": [f"it {text}"], "answer": f"It: {text}"}
    file = tmp_path / "budget" / "it.yaml"
    file.parent.mkdir()
    file.write_text(f"id: it\ncategory: budget\nen: {json.dumps(entry)}\n")
    try:
        knowledge = load_knowledge(tmp_path)
    except KnowledgeError:
        return
    reply = Responder(knowledge, MESSAGES).answers([knowledge.entries["it"]], "en")
    assert CONTROL.search(written(reply)) is None


@pytest.mark.parametrize("text", hostile_texts())
def test_a_question_comes_back_without_controls(text: str) -> None:
    """Whatever is echoed of it."""
    faq = Faq.load(Settings(knowledge=KNOWLEDGE["small"], encoder="none"))
    explanation = faq.explain(Question(text))
    assert CONTROL.search(written(explanation.reply)) is None
    assert CONTROL.search(plain.explanation_text(explanation, "en", MESSAGES)) is None
