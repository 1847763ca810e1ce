"""What a follow-up refers to: the entry that a person was shown last, for ten minutes."""

from __future__ import annotations

from bot.recent import Recent

REMEMBER_SECONDS = 600


class Conversations:
    """The last entry shown in each conversation (person and channel or thread), in memory."""

    def __init__(self, seconds: float = REMEMBER_SECONDS) -> None:
        self._shown: Recent[str, str] = Recent(seconds)

    def last(self, conversation: str | None) -> str | None:
        """Id of the entry shown last, if it was recent."""
        return self._shown.get(conversation) if conversation else None

    def shown(self, conversation: str | None, entry_id: str) -> None:
        """Remember what was shown."""
        if conversation:
            self._shown.set(conversation, entry_id)
