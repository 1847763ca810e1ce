"""The moderators' section of App Home."""

from __future__ import annotations

from adapters.slack.admin.controls import Control, Ref
from adapters.slack.admin.page import Say
from adapters.slack.admin.who import Moderators
from adapters.slack.home import Visit
from adapters.slack.mrkdwn import cut, escape
from adapters.slack.parts import JSON, SECTION, header, section
from bot.moderation import Status

BUTTONS = (
    ("misses", Control.MISSES),
    ("drafts", Control.DRAFTS),
    ("edit", Control.EDIT),
    ("new", Control.NEW),
    ("due", Control.DUE),
    ("stats", Control.STATS),
    ("outdated", Control.OUTDATED),
)


class Panel:
    """State of the base, and what a moderator can do; nothing for anybody else."""

    def __init__(self, moderators: Moderators) -> None:
        self.moderators = moderators

    async def section(self, visit: Visit) -> list[JSON]:
        """The section, for `Home.add`."""
        by = await self.moderators.moderator(visit.reader)
        if not by.allowed:
            return []
        say = Say(visit.desk, by.locale)
        status = await visit.desk.app.moderation.status(by)
        controls = [say.button(key, control, Ref()) for key, control in BUTTONS]
        return [header(say("title")), section(_lines(status)),
                {"type": "actions", "elements": controls}, {"type": "divider"}]


def _lines(status: Status) -> str:
    mark = "🟢" if status.ok else "🔴"
    lines = [f"`{escape(line).replace('`', chr(39))}`" if line in status.faults else escape(line)
             for line in status.lines]
    return cut(f"{mark} " + "\n".join(lines), SECTION)
