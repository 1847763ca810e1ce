"""Texts made to make a bot misbehave: as questions over the wire, and as texts of entries."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from adapters.discord.messages import Audience, Chart, to_message
from bot.knowledge.messages import load_messages
from bot.models import Link, Reply, ReplyKind, Source
from tests.adapters.discord.conftest import StartBot
from tests.adapters.discord.test_messages import ASKER, answer, breaches
from tests.hostile import hostile_texts
from tests.servers.discord import Channel, DiscordServer


async def test_hostile_questions_are_answered_like_any_other(
    server: DiscordServer, channel: Channel, start_bot: StartBot
) -> None:
    """Each gets exactly one reply, which pings nobody, breaks no limit and echoes nothing."""
    await start_bot(knowledge="shipped")

    async def ask(number: int, text: str) -> None:
        person = server.add_user(f"person{number}")
        question = await server.say(server.dm(person), person, text)
        reply = await server.answer_to(question, seconds=30)
        assert text.strip()[:30] not in reply["content"] or len(text.strip()) < 3, text

    await asyncio.gather(*(ask(n, text) for n, text in enumerate(hostile_texts())))
    assert len(server.sent) == len(hostile_texts())


async def test_hostile_questions_survive_a_command(
    server: DiscordServer, channel: Channel, start_bot: StartBot
) -> None:
    """As the text of /faq, and while it is typed."""
    await start_bot()
    for number, text in enumerate(text for text in hostile_texts() if 0 < len(text) <= 500):
        person = server.add_user(f"person{number}")
        choices = await server.complete(channel, person, "faq", "question", text)
        assert len(choices) <= 25
        used = await server.command(server.dm(person), person, "faq", question=text)
        assert await used.message()


async def test_hostile_texts_of_entries_break_no_limit() -> None:
    """In question, answer, sources, related questions and suggestions."""
    messages = load_messages()
    for text in hostile_texts():
        source = Source("s", text[:500], text[:500], "https://example.org/a b(c)", "2025", "en")
        shown = answer(
            question=text[:500],
            text=text[:4000] or "-",
            related=(Link("other", text[:500] or "-"),),
        )
        changed = Reply(ReplyKind.ANSWER, "en", answers=(shown,), text=text)
        asked_back = Reply(ReplyKind.SUGGESTIONS, "en", suggestions=shown.related, text=text)
        sourced = Reply(ReplyKind.ANSWER, "en", answers=(replace(shown, sources=(source,)),))
        for reply in (changed, asked_back, sourced):
            chart = Chart(b"png", text)
            made = to_message(reply, messages, Audience(ASKER), chart)
            assert [b for b in breaches(made) if "empty" not in b] == [], text
            assert [b for b in breaches(made.as_text()) if "empty" not in b] == [], text
