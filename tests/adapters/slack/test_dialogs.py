"""The shared dialogs, driven through Slack: direct messages and clicks over the wire."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from adapters.slack import people
from adapters.slack.handles import Handle
from bot.knowledge.messages import Messages
from bot.models import ReplyKind
from bot.service import Faq
from tests.adapters.slack.conftest import Bots
from tests.dialogs import Click, Dialog, Turn, load_dialogs
from tests.servers.slack import Message, SlackServer, User
from tests.servers.slack.world import elements

LABELS = {"suggestion": "pick", "helpful": "feedback", "unhelpful": "feedback"}
LOCALES = {"en": "en-GB", "fr": "fr-FR", None: "de-DE"}


@dataclass(frozen=True)
class Seen:
    """What a message of the bot shows."""

    kind: str
    entry: str | None
    locale: str | None


@pytest.mark.parametrize("dialog", load_dialogs(), ids=str)
async def test_the_shared_dialogs(
    dialog: Dialog, slack: SlackServer, bot: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person says and clicks gets what the dialog says."""
    monkeypatch.setattr(people, "HOUR", 0)  # a dialog may change the profile as it goes
    person = slack.add_user("ana")
    async with bot(knowledge=dialog.knowledge) as app:
        driver = Driver(slack, person, app.faq)
        for turn in dialog.turns:
            await driver.take(turn)


class Driver:
    """One person in their direct messages with the bot."""

    def __init__(self, slack: SlackServer, person: User, faq: Faq) -> None:
        self.slack, self.person, self.faq = slack, person, faq
        self.last: Message | None = None

    async def take(self, turn: Turn) -> None:
        self.person.locale = LOCALES[turn.locale]
        if turn.say is not None:
            asked = await self.slack.write(self.person, turn.say)
            [self.last] = await self.slack.answers(asked)
        elif turn.click is not None:
            await self._click(turn.click)
            if turn.expect and turn.expect.kind == "silent":
                return
        if turn.expect:
            assert self.last
            seen = look(self.last, self.faq)
            turn.expect.check(seen.kind, seen.entry, seen.locale)

    async def _click(self, click: Click) -> None:
        assert self.last
        before, calls = len(self.slack.messages), len(self.slack.calls)
        label = f"faq_{LABELS.get(click.what, click.what)}"
        if click.which:
            label += f":{click.number if click.which.isdigit() else click.which}"
        await self.slack.click(self.last, self.person, label, positive=click.what == "helpful")
        done = {"suggestion": "chat.update", "language": "chat.update", "delete": "chat.delete",
                "related": "chat.postMessage"}.get(click.what, "response_url")
        await self.slack.calls.wait(lambda call: call.method == done, after=calls)
        if click.what == "related":
            self.last = self.slack.messages[before]


def look(message: Message, faq: Faq) -> Seen:
    """Kind, entry and language of what a message shows."""
    feedback = [part for part, _ in elements(message.blocks) if part["action_id"] == "faq_feedback"]
    if feedback:
        handle = Handle.decode(feedback[0]["positive_button"]["value"])
        assert faq.knowledge.entries[handle.entry_id].texts[handle.locale].question in (
            message.shown)
        return Seen("answer", handle.entry_id, handle.locale)
    return Seen(*phrase_of(message.shown, faq.messages))


def phrase_of(shown: str, messages: Messages) -> tuple[str, None, str]:
    """Which of the bot's own phrases is shown, and in which language."""
    kinds = {"suggestions.intro": ReplyKind.SUGGESTIONS, "fallback.text": ReplyKind.FALLBACK,
             "gone.text": ReplyKind.GONE}
    kinds |= {key: ReplyKind.SMALLTALK for key in messages.keys("en")
              if key.startswith("smalltalk.") and key.endswith(".reply")}
    for locale in messages.locales:
        for key, kind in kinds.items():
            if messages.text(key, locale) in shown:
                return kind, None, locale
        if messages.text("fallback.empty", locale).partition("{")[0] in shown:
            return ReplyKind.FALLBACK, None, locale
    raise AssertionError(f"no phrase of the bot in {shown!r}")
