"""Which answers stand in which channel, for the minute in which they are not posted again."""

from __future__ import annotations

from bot.models import Locale
from bot.recent import Recent

SECONDS = 60.0


class Posted:
    """Answers of the last minute."""

    def __init__(self) -> None:
        self._messages: Recent[tuple[int, str, Locale], int] = Recent(SECONDS)
        self._deleted: Recent[int, bool] = Recent(SECONDS)

    def note(self, channel_id: int, entry_id: str, locale: Locale, message_id: int) -> None:
        """An answer was posted."""
        self._messages.set((channel_id, entry_id, locale), message_id)

    def find(self, channel_id: int, entry_id: str, locale: Locale) -> int | None:
        """The message that shows this entry there since less than a minute."""
        found = self._messages.get((channel_id, entry_id, locale))
        return None if found is None or self._deleted.get(found) else found

    def deleted(self, message_id: int) -> None:
        """A message went away."""
        self._deleted.set(message_id, True)
