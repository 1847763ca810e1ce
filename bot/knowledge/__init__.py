"""A folder of YAML files becomes a KnowledgeBase, or a complete list of what is wrong with it.

Loading is all or nothing: a caller that has a base in service keeps it when this raises.
"""

from __future__ import annotations

from pathlib import Path

from bot.knowledge.base import Glossary, KnowledgeBase, OutOfScope, RegressionQuestion
from bot.knowledge.files import (
    BUNDLED,
    MAX_ENTRY_BYTES,
    MAX_LIST_BYTES,
    content_hash,
    knowledge_files,
)
from bot.knowledge.strict_yaml import Fault

__all__ = [
    "BUNDLED",
    "MAX_ENTRY_BYTES",
    "MAX_LIST_BYTES",
    "Fault",
    "Glossary",
    "KnowledgeBase",
    "OutOfScope",
    "RegressionQuestion",
    "content_hash",
    "knowledge_files",
    "load_knowledge",
]


def load_knowledge(root: Path | str = BUNDLED) -> KnowledgeBase:
    """Load a knowledge folder.

    Raises:
        KnowledgeError: with every fault of every file, when there is at least one.
    """
    # The loader brings pydantic along, which takes longer to import than a command takes to start.
    from bot.knowledge.loading import Loading

    return Loading(Path(root)).run()
