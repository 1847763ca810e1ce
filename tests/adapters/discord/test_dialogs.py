"""The shared dialogs, driven through Discord's wire by mentions, buttons and selects."""

from __future__ import annotations

import re

import pytest

from adapters.discord.handles import Action, Handle
from bot.knowledge import BUNDLED
from bot.models import ReplyKind
from bot.service import Faq
from tests.adapters.discord.conftest import StartBot
from tests.dialogs import Click, Dialog, Expected, load_dialogs
from tests.servers.discord import DiscordServer, Exchange
from tests.servers.discord.limits import walk
from tests.servers.discord.world import JSON, Channel, User

DIALOGS = load_dialogs()
LOCALES = {"en": "en-US", "fr": "fr"}


@pytest.mark.parametrize("place", ["dm", "channel"])
@pytest.mark.parametrize("dialog", DIALOGS, ids=str)
async def test_a_shared_dialog(
    dialog: Dialog, place: str, server: DiscordServer, faqs: dict[str, Faq], start_bot: StartBot
) -> None:
    """Each turn is shown what the dialog expects."""
    knowledge = "shipped" if dialog.knowledge == BUNDLED else "small"
    person = Person(server, faqs[knowledge], place)
    await start_bot(knowledge=knowledge)
    for turn in dialog.turns:
        await person.use_client_in(LOCALES[turn.locale or "en"])
        if turn.say is not None:
            await person.say(turn.say)
        elif turn.click is not None:
            await person.click(turn.click)
        if turn.expect:
            await person.check(turn.expect)


class Person:
    """Somebody in a DM, or mentioning the bot in a channel, who sees the bot's last message."""

    def __init__(self, server: DiscordServer, faq: Faq, place: str) -> None:
        self.server, self.faq = server, faq
        self.user: User = server.add_user("ana")
        self.channel: Channel = server.dm(self.user)
        self.before = ""
        if place == "channel":
            self.channel = server.add_guild("Lab").add_channel("general")
            self.before = f"{server.bot.mention} "
        self.shown: JSON = {}

    async def use_client_in(self, locale: str) -> None:
        """Set the client's language; the bot learns it from interactions, never from messages."""
        if locale != self.user.locale or not self.shown:
            self.user.locale = locale
            await self.server.complete(self.channel, self.user, "faq", "question", "")

    async def say(self, text: str) -> None:
        asked = await self.server.say(self.channel, self.user, self.before + text)
        self.shown = await self.server.answer_to(asked)

    async def click(self, click: Click) -> None:
        button = {"helpful": "👍", "unhelpful": "👎", "delete": "🗑"}.get(click.what)
        if click.what == "delete":
            await self._settled(await self.server.click(self.shown, self.user, button or ""))
            await self.server.requests.wait(lambda r: self.shown["id"] in self.server.deleted)
        elif button:
            used = await self.server.click(self.shown, self.user, button)
            assert (await used.message())["content"]
        else:
            used = await self._show(click)
            self.shown = await used.message()

    async def _show(self, click: Click) -> Exchange:
        handles = list(handles_of(self.shown))
        if click.what == "language":
            wanted = next(
                c for c, h in handles if h.action is Action.LANGUAGE and h.locale == click.which
            )
            return await self.server.press(self.shown, self.user, wanted)
        if click.what == "suggestion":
            picks = [custom_id for custom_id, h in handles if h.action is Action.PICK]
            return await self.server.press(self.shown, self.user, picks[click.number])
        menu = next(p for p in walk(self.shown["components"]) if p["type"] == 3)
        value = menu["options"][click.number]["value"]
        return await self.server.pick(self.shown, self.user, value)

    @staticmethod
    async def _settled(used: Exchange) -> None:
        assert (await used.first())["type"] == 6

    async def check(self, expected: Expected) -> None:
        kind, entry, locale = self._observed()
        expected.check(str(kind), entry, locale)

    def _observed(self) -> tuple[ReplyKind, str | None, str]:
        """What a reader sees: an answer by its embed, the rest by the bot's own phrases."""
        handles = [handle for _, handle in handles_of(self.shown)]
        if self.shown["embeds"]:
            rating = next(h for h in handles if h.action is Action.HELPFUL)
            entry = self.faq.knowledge.find(rating.entries[0])
            assert entry is not None
            assert self.shown["embeds"][0]["description"] == entry.text(rating.locale).answer
            return ReplyKind.ANSWER, entry.id, rating.locale
        locale = next(h.locale for h in handles)
        return self._phrase(self.shown["content"], locale), None, locale

    def _phrase(self, text: str, locale: str) -> ReplyKind:
        messages = self.faq.messages
        keys = {
            "suggestions.intro": ReplyKind.SUGGESTIONS,
            "fallback.text": ReplyKind.FALLBACK,
            "fallback.empty": ReplyKind.FALLBACK,
            "gone.text": ReplyKind.GONE,
        }
        text = text.removesuffix(" " + messages.text("fallback.noted", locale))
        for key, kind in keys.items():
            pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(messages.text(key, locale)))
            if re.fullmatch(pattern, text):
                return kind
        return ReplyKind.SMALLTALK


def handles_of(message: JSON) -> list[tuple[str, Handle]]:
    """The custom_ids of a message with their meaning."""
    found = []
    for part in walk(message.get("components") or []):
        handle = Handle.parse(part.get("custom_id") or "")
        if handle:
            found.append((part["custom_id"], handle))
    return found
