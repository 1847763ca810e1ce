import io
from functools import lru_cache
from pathlib import Path

import pytest

from adapters.console import Host, PlainScreen
from bot.service import Faq
from bot.settings import Settings
from tests.dialogs import KNOWLEDGE


@lru_cache(maxsize=4)
def load(knowledge: Path) -> Faq:
    return Faq.load(Settings(knowledge=knowledge, encoder="none"))


class Terminal:
    """A host on a screen that can be read."""

    def __init__(self, knowledge: Path, locale: str | None = "en"):
        self.out = io.StringIO()
        faq = load(knowledge)
        self.host = Host(faq, PlainScreen(self.out, faq.messages), locale=locale)

    def type(self, line: str) -> str:
        """What the screen shows after a line."""
        self.out.seek(0)
        self.out.truncate()
        self.host.handle(line)
        return self.out.getvalue()


@pytest.fixture
def terminal():
    return Terminal(KNOWLEDGE["small"])
