"""A bot with a store and a folder that changes, and moderators in App Home."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from bot.app import App
from tests.bot.moderating import HOURS
from tests.servers.slack import SlackServer, User
from tests.servers.slack.world import JSON, elements, texts


@dataclass
class Bench:
    """A running bot, its folder, and what is done to both."""

    slack: SlackServer
    app: App
    root: Path

    async def home(self, user: User) -> JSON:
        """The home tab as it is now."""
        before = len(self.slack.shown_views)
        await self.slack.open_home(user)
        await self.slack.shown_views.wait(lambda view: view["type"] == "home", after=before)
        return self.slack.homes[user.id]

    async def page(self, where: JSON, user: User, label: str, option: JSON | None = None) -> JSON:
        """What the modal shows after a click, once there is more than "One moment …"."""
        before = len(self.slack.shown_views)
        await self.slack.click(where, user, label, option=option)
        return await self.shown(before)

    async def send(self, form: JSON, user: User, **values: str) -> JSON:
        """What the modal shows after a form is sent in; `values` replace what it holds."""
        held = {}
        for block in form["blocks"]:
            if block["type"] != "input":
                continue
            name = block["block_id"]
            held[name] = {block["element"]["action_id"]: _held(block["element"], values.get(name))}
        before = len(self.slack.shown_views)
        ack = await self.slack.submit(form, user, held)
        assert ack.payload["response_action"] == "update"
        return await self.shown(before)

    async def shown(self, before: int) -> JSON:
        """The next modal that says something."""
        [view] = await self.slack.shown_views.wait(
            lambda view: view["type"] == "modal" and "One moment" not in str(view["blocks"]),
            after=before)
        return view

    async def missed(self, moderator: User, text: str) -> JSON:
        """The page of the group that a question is in, once the record is written."""
        home = await self.home(moderator)
        for _ in range(100):
            queue = await self.page(home, moderator, "Missed questions")
            if text in words(queue):
                return await self.page(queue, moderator, "Look")
            await asyncio.sleep(0.05)  # the log is written behind the answers
        raise AssertionError(f"{text!r} does not reach the queue")

    def read(self, path: str = HOURS) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, text: str, path: str = HOURS) -> None:
        (self.root / path).write_text(text, encoding="utf-8")


def words(view: JSON) -> str:
    """What a reader reads in a view."""
    return "\n".join(texts(view["blocks"]))


def labels(view: JSON) -> list[str]:
    """The action ids of a view."""
    return [part["action_id"] for part, _ in elements(view["blocks"])]


def _held(element: JSON, value: str | None) -> JSON:
    kind = {"type": element["type"]}
    if element["type"].endswith("select"):
        first = element.get("initial_option")
        chosen = {"value": value, "text": {"type": "plain_text", "text": value}} if value else first
        return kind | {"selected_option": chosen}
    if element["type"] == "datepicker":
        return kind | {"selected_date": value or element.get("initial_date")}
    return kind | {"value": element.get("initial_value") if value is None else value or None}
