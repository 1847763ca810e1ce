"""Messages that still carry an old text, as moderators see and mend them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.moderation import corrections
from bot.moderation.corrections import CorrectionReport, Edit, Outdated
from bot.moderation.desk import Desk
from bot.permissions import Moderator, require


class Correcting(Desk):
    """Corrections of what was posted."""

    async def outdated(self, by: Moderator, *, days: int = 14) -> list[Outdated]:
        """Entries whose old text still stands in messages of the last days, with how many."""
        require(by)
        return await corrections.outdated(self._store, self._app.faq, days, by.locale)

    async def correct(
        self, by: Moderator, platform: str, edit: Edit, *, entry_ids: Sequence[str] = (),
        days: int = 14,
    ) -> CorrectionReport:
        """Edit those messages in place, one by one; picks up where an earlier run stopped.

        `edit` is the adapter's: see `bot.moderation.corrections.Edit`.
        """
        require(by)
        report = await corrections.correct(
            self._store, self._app.faq, platform, edit,
            entry_ids=entry_ids, days=days, locale=by.locale,
        )
        await self._audit(by, "correct", ", ".join(entry_ids) or "all", platform=platform,
                          edited=report.edited, gone=report.gone, left=report.left)
        return report
