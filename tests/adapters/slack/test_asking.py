"""Mentions, direct messages and follow-ups; who is answered, how often, and where."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.records import QuestionRecord, SentRecord
from tests.adapters.slack.conftest import Bots, records_of
from tests.hostile import hostile_texts
from tests.servers.slack import SlackServer
from tests.servers.slack.world import BOT, BOT_USER, elements

COST = "How much did it cost to train DeepSeek R1?"
COUT = "Combien a coûté l'entraînement de DeepSeek R1 ?"
COUT_SHOWN = COUT.replace(" ?", "\N{NO-BREAK SPACE}?")


async def test_a_mention_is_answered_once_in_its_thread(slack: SlackServer, bot: Bots) -> None:
    """Header, answer, standing, date, sources and controls, in the thread; links do not unfurl."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        asked = await slack.ask(general, ana, COST)
        [answer] = await slack.answers(asked)
        entry = app.faq.knowledge.entries["deepseek-training-cost"]
        source = app.faq.knowledge.sources[entry.sources[0]]
    assert answer.thread_ts == asked.ts
    assert answer.text.startswith(f"*{COST}*")
    assert [block["type"] for block in answer.blocks][:2] == ["header", "section"]
    for part in (COST, "*294,000 dollars*", "Standing", "as of", f"<{source.url}|"):
        assert part in answer.shown
    labels = [part["action_id"] for part, _ in elements(answer.blocks)]
    assert {"faq_language:fr", "faq_feedback", "faq_delete", "faq_related:0"} <= set(labels)
    assert len(slack.calls.find(lambda call: call.method == "chat.postMessage")) == 1


async def test_a_mention_in_french_is_answered_in_french(slack: SlackServer, bot: Bots) -> None:
    """The question's own language decides, whatever the profile says."""
    general, ana = slack.add_channel("general"), slack.add_user("ana", locale="en-US")
    async with bot():
        [answer] = await slack.answers(await slack.ask(general, ana, COUT))
    assert COUT_SHOWN in answer.shown
    assert "Lire" not in answer.shown
    assert "Read in English" in answer.shown


async def test_the_profile_decides_where_the_question_does_not(
    slack: SlackServer, bot: Bots
) -> None:
    """A French person who says nothing readable is answered in French."""
    general, ana = slack.add_channel("general"), slack.add_user("ana", locale="fr-FR")
    async with bot() as app:
        [answer] = await slack.answers(await slack.ask(general, ana, "?!"))
        start = app.faq.messages.text("fallback.empty", "fr").partition("{")[0]
    assert answer.shown.startswith(start)


async def test_a_direct_message_is_answered_in_its_thread(slack: SlackServer, bot: Bots) -> None:
    """The agent view shows each message with its thread."""
    ana = slack.add_user("ana")
    async with bot():
        asked = await slack.write(ana, COST)
        [answer] = await slack.answers(asked)
    assert answer.thread_ts == asked.ts
    assert COST in answer.shown


async def test_a_figure_comes_as_a_chart(slack: SlackServer, bot: Bots) -> None:
    """Figures are listed at once, and replaced by a chart that nobody else's message can show."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    slack.file_refusals = 1
    async with bot():
        [answer] = await slack.answers(await slack.ask(general, ana, COST))
        first = answer.body["blocks"]
        await slack.calls.wait(lambda call: call.method == "chat.update" and call.ok)
        [second] = await slack.answers(await slack.ask(general, ana, COST))
    assert "$294,000" in str(first)
    [image] = [block for block in answer.blocks if block["type"] == "image"]
    file = slack.files[image["slack_file"]["id"]]
    assert file["data"].startswith(b"\x89PNG")
    assert file["channel"] is None
    assert "$294,000" in image["alt_text"]
    assert any(block["type"] == "image" for block in second.blocks)
    assert len(slack.files) == 1


# --- once, and not at all -------------------------------------------------------------------


async def test_twin_events_and_retries_are_answered_once(slack: SlackServer, bot: Bots) -> None:
    """`message` and `app_mention` for one text, each delivered three times at once: one answer."""
    general, ana, ben = slack.add_channel("general"), slack.add_user("ana"), slack.add_user("ben")
    async with bot():
        asked = slack.say(general, ana, f"<@{BOT_USER}> {COST}")
        twins = [slack.event_of(asked, "message"), slack.event_of(asked, "app_mention")]
        await asyncio.gather(*(
            slack.send_event(event, event_id=f"Ev{number}")
            for number, event in enumerate(twins) for _ in range(3)
        ))
        # A second person's answer comes after whatever else the first question has set off.
        await slack.answers(await slack.ask(general, ben, COST))
    assert len(await slack.answers(asked)) == 1
    posted = slack.calls.find(lambda call: call.method == "chat.postMessage")
    assert sorted(call.body["thread_ts"] == asked.ts for call in posted) == [False, True]


async def test_a_mention_is_not_lost_behind_a_message_not_meant_for_the_bot(
    slack: SlackServer, bot: Bots
) -> None:
    """What is not for the bot leaves no trace that could make its twin look like a repetition."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        asked = slack.say(general, ana, f"<@{BOT_USER}> {COST}")
        stripped = slack.event_of(asked, "message", text=COST)
        await slack.send_event(stripped, event_id="Ev1")
        await slack.send_event(slack.event_of(asked, "app_mention"), event_id="Ev1")
        assert len(await slack.answers(asked)) == 1


@pytest.mark.parametrize("noise", [
    {"subtype": "message_changed"}, {"subtype": "message_deleted"}, {"subtype": "bot_message"},
    {"subtype": "channel_join"}, {"subtype": "file_share"}, {"subtype": "thread_broadcast"},
    {"bot_id": "B0OTHERBOT"}, {"bot_id": BOT}, {"user": BOT_USER}, {"user": None},
    {"edited": {"user": "U1", "ts": "1.0"}},
], ids=str)
async def test_what_no_person_has_just_written_is_ignored(
    slack: SlackServer, bot: Bots, noise: dict[str, Any]
) -> None:
    """Edits, joins, bots and the bot itself get no answer; the next person does."""
    ana = slack.add_user("ana")
    async with bot():
        for kind in ("message", "app_mention"):
            ignored = slack.say(slack.dm(ana), ana, f"<@{BOT_USER}> {COST}")
            await slack.send_event(slack.event_of(ignored, kind, **noise))
        await slack.answers(await slack.write(ana, COST))
    assert len(slack.calls.find(lambda call: call.method == "chat.postMessage")) == 1


async def test_talk_among_people_is_left_alone(slack: SlackServer, bot: Bots) -> None:
    """A channel message that mentions somebody else is nobody's question to the bot."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        talk = slack.say(general, ana, f"<@U0SOMEBODY> {COST}")
        await slack.send_event(slack.event_of(talk, "message"))
        await slack.answers(await slack.ask(general, ana, COST))
    assert len(slack.calls.find(lambda call: call.method == "chat.postMessage")) == 1


async def test_everything_is_acknowledged_before_any_call(slack: SlackServer, bot: Bots) -> None:
    """A Web API that takes its time does not delay the acknowledgement."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        slack.faults.add("*", slack_late(), times=50)
        asked = slack.say(general, ana, f"<@{BOT_USER}> {COST}")
        ack = await slack.send_event(slack.event_of(asked, "app_mention"))
        assert not slack.calls.find(lambda call: call.method != "auth.test" and "apps" not in
                                    call.method)
        command = await slack.command(general, ana, COST)
        slack.faults.clear()
        await slack.answers(asked)
    assert ack.seconds < 1
    assert command.seconds < 1


def slack_late() -> Any:
    from tests.servers.slack import late

    return late(0.5)


# --- follow-ups -----------------------------------------------------------------------------


async def test_a_thread_is_understood_by_whoever_joins(slack: SlackServer, bot: Bots) -> None:
    """What was answered in a thread is the context of the next question there."""
    general, ana, ben = slack.add_channel("general"), slack.add_user("ana"), slack.add_user("ben")
    async with bot() as app:
        asked = await slack.ask(general, ana, COST)
        await slack.answers(asked)
        contexts: list[str | None] = []
        respond = app.faq.respond
        app.faq.respond = lambda question: (  # type: ignore[method-assign]
            contexts.append(question.context), respond(question))[1]
        try:
            again = await slack.ask(general, ben, "and who owns it?", thread=asked)
            await slack.answers(again)
        finally:
            app.faq.respond = respond  # type: ignore[method-assign]
    assert contexts == ["deepseek-training-cost"]


@pytest.mark.parametrize("where", ["thread", "channel", "direct"])
async def test_a_follow_up_is_understood(slack: SlackServer, bot: Bots, where: str) -> None:
    """In the thread of the answer, in the same channel again, and in direct messages."""
    general, ana = slack.add_channel("general"), slack.add_user("ana", locale="fr-FR")
    async with bot():
        if where == "direct":
            await slack.answers(await slack.write(ana, COUT))
            again = await slack.write(ana, "et pour GPT-4 ?")
        else:
            asked = await slack.ask(general, ana, COUT)
            await slack.answers(asked)
            thread = asked if where == "thread" else None
            again = await slack.ask(general, ana, "et pour GPT-4 ?", thread=thread)
        [answer] = await slack.answers(again)
    [thumbs] = [part for part, _ in elements(answer.blocks) if part["action_id"] == "faq_feedback"]
    assert "gpt4-training-cost" in thumbs["positive_button"]["value"]


# --- the log --------------------------------------------------------------------------------


async def test_question_and_answer_are_noted(slack: SlackServer, bot: Bots) -> None:
    """Who asked what and got which answer; and where it stands, so that a correction finds it."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        [answer] = await slack.answers(await slack.ask(general, ana, COST))
        records = await records_of(app, 2)
    asked = next(record for record in records if isinstance(record, QuestionRecord))
    sent = next(record for record in records if isinstance(record, SentRecord))
    assert (asked.platform, asked.text, asked.decision) == ("slack", COST, "answer")
    assert asked.channel == general.id
    assert 0 < asked.seconds < 10
    assert (sent.channel, sent.message, sent.entry_id) == (
        general.id, answer.ts, "deepseek-training-cost")


# --- limits and problems --------------------------------------------------------------------


async def test_who_asks_too_fast_is_asked_to_wait(slack: SlackServer, bot: Bots) -> None:
    """After ten questions in a row comes a private hint instead of an answer, once."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        for _ in range(13):
            await slack.ask(general, ana, COST)
        hint = await slack.private(ana)
        assert hint.shown == app.faq.messages.text("limit.hint", "en", seconds=20)
        await slack.calls.wait(lambda call: call.method == "chat.postMessage", count=10)
    assert len(slack.messages.find(lambda m: m.to is ana)) == 1


async def test_where_the_bot_may_not_write_it_answers_directly(
    slack: SlackServer, bot: Bots
) -> None:
    """The person gets the reason and the answer in their direct messages."""
    away, ana = slack.add_channel("away", member=False), slack.add_user("ana", locale="fr-FR")
    async with bot() as app:
        await slack.ask(away, ana, COUT)
        told = await slack.messages.wait(
            lambda m: m.channel.user is ana and m.author == BOT_USER, count=2)
        why = app.faq.messages.text("slack.problem.not_in_channel", "fr", name="@aifaq")
    assert told[0].shown == why
    assert COUT_SHOWN in told[1].shown


async def test_an_error_of_ones_own_is_told_with_its_number(
    slack: SlackServer, bot: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is not left without a word, and the log has the number."""
    ana = slack.add_user("ana")

    def fails(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    async with bot() as app:
        monkeypatch.setattr(app.faq, "respond", fails)
        [told] = await slack.answers(await slack.write(ana, COST))
        begin = app.faq.messages.text("error.text", "en", id="").strip()
        monkeypatch.undo()
    assert told.shown.startswith(begin)


async def test_hostile_texts_get_a_quiet_reply(slack: SlackServer, bot: Bots) -> None:
    """Whatever is sent, one answer comes, within all limits, and it pings nobody."""
    general = slack.add_channel("general")
    async with bot():
        for number, text in enumerate(hostile_texts()):
            asked = await slack.ask(general, slack.add_user(f"p{number}"), text)
            await slack.answers(asked)
            person = slack.add_user(f"q{number}")
            before = len(slack.messages)
            await slack.command(general, person, text.strip() or "x")
            await slack.private(person, after=before)
    assert slack.pings == []


async def test_nothing_that_a_person_writes_can_ping_a_channel(
    slack: SlackServer, bot: Bots
) -> None:
    """Pings, links and markup in a question come back as plain words, or not at all."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        for text in ("<!channel> what is DeepSeek?", "&lt;!channel&gt; zzz", "<!here|@here> *R1*",
                     "<https://evil.example|<!everyone>> cost"):
            await slack.answers(await slack.ask(general, ana, text))
    assert slack.pings == []
