"""Pages of the moderators' modal, and the modal itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.admin.controls import Control, Form, Ref
from adapters.slack.client import error_code
from adapters.slack.delivery import Delivery, sentence
from adapters.slack.desk import Desk
from adapters.slack.mrkdwn import cut, escape
from adapters.slack.parts import BUTTON, JSON, SECTION, plain, section
from bot.models import Locale

TITLE, BLOCKS = 24, 100
CODE = 2_900


@dataclass(frozen=True, slots=True)
class Say:
    """Phrases of `slack.admin` in one language."""

    desk: Desk
    locale: Locale

    def __call__(self, key: str, **values: object) -> str:
        """A phrase, not escaped."""
        return self.desk.messages.text(f"slack.admin.{key}", self.locale, **values)

    def language(self, locale: Locale) -> str:
        """A language's name."""
        key = f"language.{locale}"
        messages = self.desk.messages
        return messages.text(key, self.locale) if messages.has(key, self.locale) else locale

    def button(self, key: str, control: Control, about: Ref, **more: Any) -> JSON:
        """A button."""
        return {"type": "button", "text": plain(self(f"button.{key}"), BUTTON),
                "action_id": control.id(), "value": about.encode(), **more}

    def confirm(self, key: str) -> JSON:
        """A question that a click asks first."""
        return {"confirm": {
            "title": plain(self(f"button.{key}"), 100),
            "text": plain(self(f"confirm.{key}"), 300),
            "confirm": plain(self(f"button.{key}"), 30),
            "deny": plain(self("button.cancel"), 30),
        }}


@dataclass(frozen=True, slots=True)
class Page:
    """What the modal shows."""

    blocks: list[JSON]
    form: Form | None = None
    """What its submit button sends in; none without inputs."""
    about: Ref = field(default_factory=Ref)
    """What a form is about."""
    told: str = ""
    """What the person must get to know even if the modal was closed meanwhile."""

    def must_reach(self, text: str) -> Page:
        """The page with something that is told even if the modal was closed meanwhile."""
        return replace(self, told=text)

    def noted(self, text: str) -> Page:
        """The page with a remark above."""
        blocks = [section(cut(escape(text), SECTION)), *self.blocks]
        return replace(self, blocks=blocks, told=text)


def sentences(text: str, *blocks: JSON) -> Page:
    """A page that says something; `text` is plain."""
    return Page([section(cut(escape(text), SECTION)), *blocks])


def code(text: str) -> JSON:
    """Something to be read letter by letter, cut where it is too long."""
    words = escape(text.strip().replace("```", "` ` `"))
    return section(f"```\n{cut(words, CODE)}\n```")


class Window:
    """The modal in which moderators work."""

    def __init__(self, desk: Desk, delivery: Delivery) -> None:
        self.desk, self.delivery = desk, delivery

    def view(self, page: Page, locale: Locale) -> JSON:
        """The page as Slack wants it."""
        say = Say(self.desk, locale)
        view: JSON = {
            "type": "modal", "title": plain(say("title"), TITLE),
            "close": plain(say("button.close"), TITLE), "blocks": page.blocks[:BLOCKS],
            "private_metadata": page.about.encode(),
        }
        if page.form is not None:
            view |= {"callback_id": str(page.form), "submit": plain(say("button.send"), TITLE)}
        return view

    def waiting(self, locale: Locale) -> JSON:
        """What is shown until the page is ready."""
        return self.view(sentences(Say(self.desk, locale)("waiting")), locale)

    async def open(self, trigger: str, locale: Locale) -> str:
        """Open the modal at once, as a trigger lasts three seconds; returns its id.

        Raises:
            SlackApiError: if the trigger is older than that, for example.
        """
        answer = await self.desk.client.views_open(trigger_id=trigger, view=self.waiting(locale))
        return str((answer.get("view") or {}).get("id"))

    async def show(self, view_id: str, page: Page, locale: Locale, user: str) -> None:
        """Show a page; where the modal was closed, a message tells `user` what must reach them.

        Raises:
            SlackApiError: if Slack does not let it.
        """
        try:
            await self.desk.client.views_update(view_id=view_id, view=self.view(page, locale))
        except SlackApiError as error:
            if error_code(error) not in ("not_found", "view_not_found"):
                raise
            if page.told:
                await self.delivery.say(sentence(page.told), user)

    async def send_file(self, user: str, name: str, content: str, words: str) -> None:
        """Send a file as a direct message."""
        channel, _ = await self.delivery.say(sentence(words), user)
        await self.desk.client.files_upload_v2(channel=channel, filename=name, content=content,
                                               title=name)
