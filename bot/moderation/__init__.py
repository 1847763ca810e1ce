"""Moderation: what a moderator can do, the same for Discord, Slack and the terminal.

    moderation = Moderation(app)
    for cluster in await moderation.clusters(by): ...
    outcome = await moderation.add_variant(by, entry_id=..., locale="fr", texts=[...])

Every method takes the `Moderator` who acts and checks the permission itself. Texts come back in
the moderator's language. `moderation.explain(error, locale)` puts each of these into words:

    PermissionDenied   the person may not
    StoreError         the store is away: misses, drafts and statistics need it
    ChangeRefused      the change would break what the base answers today; entries are named
    EditConflict       the text changed underneath; what was typed at length is kept as a draft
    CurationError      anything else that stands against a change
    OSError            the disk failed; nothing was written
"""

from __future__ import annotations

from bot.moderation.correcting import Correcting
from bot.moderation.drafting import Drafting
from bot.moderation.looking import Looking
from bot.moderation.views import DraftView, Due, EntryForm, Outcome, Status

__all__ = ["DraftView", "Due", "EntryForm", "Moderation", "Outcome", "Status"]


class Moderation(Looking, Drafting, Correcting):
    """The moderators' side of a running bot."""
