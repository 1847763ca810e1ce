"""What clicks and forms of moderators share: who acts, the modal, outcomes and errors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from adapters.slack.admin.controls import Control, Ref
from adapters.slack.admin.page import Page, Say, Window, sentences
from adapters.slack.admin.who import Moderators
from adapters.slack.delivery import sentence
from adapters.slack.desk import Desk
from adapters.slack.home import Home
from adapters.slack.parts import JSON, actions
from adapters.slack.work import Tell
from bot.errors import AifaqError, CurationError
from bot.models import Link, Locale
from bot.moderation import Moderation, Outcome
from bot.permissions import Moderator


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a moderator does, in the modal of this id."""

    by: Moderator
    say: Say
    view_id: str
    about: Ref
    picked: str = ""
    """Value of the option, for a select."""


Work = Callable[[Case], Awaitable[Page]]
"""Does it, and says what the modal shows then."""


class AdminDesk:
    """Shared by all parts of the moderators' modal."""

    def __init__(self, desk: Desk, window: Window, moderators: Moderators, home: Home) -> None:
        self.desk, self.window, self.moderators, self.home = desk, window, moderators, home

    @property
    def moderation(self) -> Moderation:
        """The core's side; it checks the permission at every call."""
        return self.desk.app.moderation

    async def by(self, user: str) -> Moderator:
        """Whoever acts, with what Slack says of them now."""
        return await self.moderators.moderator(await self.desk.people.reader(user))

    async def run(self, work: Work, case: Case) -> None:
        """Do it and show what comes of it; what stands against it is said in words."""
        try:
            page = await work(case)
        except (AifaqError, OSError) as error:
            told = self.moderation.explain(error, case.by.locale)
            page = sentences(told, *actions(_ways_on(error, case.say))).must_reach(told)
        await self.show(case, page)

    async def show(self, case: Case, page: Page) -> None:
        """Show a page in the modal."""
        await self.window.show(case.view_id, page, case.by.locale, case.by.id)

    async def outcome(self, case: Case, outcome: Outcome, *blocks: JSON) -> Page:
        """What became of a change; one that cannot be written comes as a file."""
        if outcome.patch:
            name = f"{outcome.entry_id or 'change'}.patch"
            await self.window.send_file(case.by.id, name, outcome.patch, case.say("patch"))
        try:
            await self.home.publish(case.by.id)
        except SlackApiError as error:
            self.desk.check(str(error.response.get("error")))
        return sentences(outcome.text, *blocks).must_reach(outcome.text)

    def teller(self, user: str) -> Tell:
        """Tells of an unexpected error by a message, as the modal may be closed."""

        async def tell(number: str) -> None:
            locale = (await self.desk.people.reader(user)).locale
            words = self.desk.messages.text("error.text", locale, id=number)
            await self.window.delivery.say(sentence(words), user)

        return tell

    def categories(self, locale: Locale) -> list[tuple[str, str]]:
        """Categories to choose from, with their names."""
        names = {topic.category: topic.label for topic in self.desk.faq.topics(locale)}
        return [(name, names.get(name, name)) for name in self.moderation.categories]

    def link(self, entry_id: str, locale: Locale) -> Link | None:
        """An entry with its question; None for one that is gone."""
        entry = self.desk.faq.knowledge.find(entry_id)
        return Link(entry.id, entry.text(locale).question) if entry else None


def _ways_on(error: Exception, say: Say) -> list[JSON]:
    """A button to the draft in which what was typed is kept."""
    kept = [problem.values.get("draft") for problem in getattr(error, "problems", ())
            if isinstance(error, CurationError) and problem.key == "kept"]
    return [say.button("draft_open", Control.DRAFT, Ref(draft=str(kept[0])))] if kept else []
