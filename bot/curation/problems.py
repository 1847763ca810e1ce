"""What stands against a change, as a phrase that each moderator reads in their language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from bot.knowledge.messages import Messages, load_messages
from bot.models import Locale


@dataclass(frozen=True)
class Problem:
    """One reason; its phrase is `moderation.problem.<key>` of the interface files."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    """What the phrase's placeholders are filled with."""

    def text(self, messages: Messages, locale: Locale) -> str:
        """The reason in a language."""
        return messages.text(f"moderation.problem.{self.key}", locale, **self.values)

    def __str__(self) -> str:
        return self.text(_bundled(), "en")


@lru_cache(maxsize=1)
def _bundled() -> Messages:
    return load_messages()
