"""aifaq's core: text in, Reply out. It knows no chat platform.

The public names are imported lazily, so that `import bot` costs nothing.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

# Numpy's products here are small: on many threads, which wait for each other, a question takes
# several times as long on a busy machine. Read when numpy is imported; a setting from outside wins.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

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
