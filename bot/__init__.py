"""aifaq's core: text in, Reply out. It knows no chat platform.

The public names are imported lazily, so that `import bot` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "App": "bot.app",
    "AifaqError": "bot.errors",
    "Faq": "bot.service",
    "KnowledgeBase": "bot.knowledge",
    "Question": "bot.models",
    "Reply": "bot.models",
    "ReplyKind": "bot.models",
    "Settings": "bot.settings",
    "load_knowledge": "bot.knowledge",
}

__all__ = sorted(_HOME)  # noqa: PLE0605 - sorted() does give a list


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'bot' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
