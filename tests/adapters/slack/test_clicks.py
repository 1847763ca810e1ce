"""What people click on: in public, in private and in direct messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.slack.handles import Handle
from bot.app import App
from bot.models import Question, Reply
from bot.records import ChoiceRecord, FeedbackRecord
from tests.adapters.slack.conftest import Bots, records_of
from tests.servers.slack import Channel, Message, SlackServer, User
from tests.servers.slack.world import elements

COST = "How much did it cost to train DeepSeek R1?"
COUT = "Combien a coûté l'entraînement de DeepSeek R1\N{NO-BREAK SPACE}?"


async def answered(slack: SlackServer, channel: Channel, person: User) -> Message:
    [answer] = await slack.answers(await slack.ask(channel, person, COST))
    return answer


@pytest.fixture
def unsure(monkeypatch: pytest.MonkeyPatch) -> object:
    """Makes the core answer every question with two suggestions."""

    def make(app: App) -> None:
        def respond(question: Question) -> Reply:
            candidates = app.faq.matcher.rank("DeepSeek cost", "en")
            return app.faq._state.responder.suggestions(candidates, "en", question.text)

        monkeypatch.setattr(app.faq, "respond", respond)

    return make


async def test_the_asker_switches_the_language_in_place(slack: SlackServer, bot: Bots) -> None:
    """The message itself changes, once and back."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        answer = await answered(slack, general, ana)
        await slack.click(answer, ana, "Lire en français")
        await slack.calls.wait(lambda call: call.method == "chat.update" and COUT in call.shown)
        assert COUT in answer.shown
        before = len(slack.calls)
        await slack.click(answer, ana, "Read in English")
        await slack.calls.wait(
            lambda call: call.method == "chat.update" and COST in call.shown, after=before)
    assert COST in answer.shown


async def test_two_answers_change_their_language_together(
    slack: SlackServer, bot: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that answers two questions has one switch for both."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        both = [app.faq.show(one, "en") for one in ("deepseek-training-cost", "what-is-deepseek")]
        reply = replace(both[0], answers=both[0].answers + both[1].answers)
        monkeypatch.setattr(app.faq, "respond", lambda _: reply)
        answer = await answered(slack, general, ana)
        switches = [part for part, _ in elements(answer.blocks)
                    if part["action_id"].startswith("faq_language")]
        await slack.click(answer, ana, "faq_language:fr")
        await slack.calls.wait(lambda call: call.method == "chat.update" and COUT in call.shown)
        other = app.faq.knowledge.entries["what-is-deepseek"].texts["fr"].question
    assert len(switches) == 1
    assert other in answer.shown


async def test_others_get_the_other_language_for_themselves(
    slack: SlackServer, bot: Bots
) -> None:
    """A click of somebody else does not change what all see."""
    general, ana, ben = slack.add_channel("general"), slack.add_user("ana"), slack.add_user("ben")
    async with bot():
        answer = await answered(slack, general, ana)
        await slack.click(answer, ben, "faq_language:fr")
        own = await slack.private(ben)
    assert COUT in own.shown
    assert COST in answer.shown


async def test_a_suggestion_takes_the_place_of_the_list(
    slack: SlackServer, bot: Bots, unsure: object
) -> None:
    """For who asked; and what they had asked is kept as another way of asking it."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        unsure(app)  # type: ignore[operator]
        [asked_back] = await slack.answers(await slack.ask(general, ana, "the price thing"))
        element, _ = slack.find(asked_back.blocks, "faq_pick:1")
        await slack.click(asked_back, ana, "faq_pick:1")
        await slack.calls.wait(lambda call: call.method == "chat.update")
        picked = [r for r in await records_of(app, 3) if isinstance(r, ChoiceRecord)]
    assert element["text"]["text"].rstrip("…") in asked_back.shown
    assert (picked[0].text, picked[0].entry_id) == (
        "the price thing", Handle.decode(element["value"]).entry_id)


async def test_others_see_a_suggestion_for_themselves(
    slack: SlackServer, bot: Bots, unsure: object
) -> None:
    """The list stays for who asked."""
    general, ana, ben = slack.add_channel("general"), slack.add_user("ana"), slack.add_user("ben")
    async with bot() as app:
        unsure(app)  # type: ignore[operator]
        [asked_back] = await slack.answers(await slack.ask(general, ana, "the price thing"))
        shown = asked_back.shown
        await slack.click(asked_back, ben, "faq_pick:0")
        await slack.private(ben)
    assert asked_back.shown == shown


async def test_a_related_question_is_answered_privately_in_a_channel(
    slack: SlackServer, bot: Bots
) -> None:
    """The thread is not flooded; from the private answer one can go on, in its place."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        answer = await answered(slack, general, ana)
        await slack.click(answer, ana, "faq_related:0")
        own = await slack.private(ana)
        first = own.shown
        await slack.click(own, ana, "faq_related:0")
        await slack.calls.wait(lambda call: call.body.get("replace_original") is True)
    assert own.shown != first
    assert len(slack.messages.find(lambda m: m.to is ana)) == 1


async def test_a_related_question_in_direct_messages_is_a_new_answer(
    slack: SlackServer, bot: Bots
) -> None:
    """The conversation goes on in the same thread."""
    ana = slack.add_user("ana")
    async with bot():
        asked = await slack.write(ana, COST)
        [answer] = await slack.answers(asked)
        await slack.click(answer, ana, "faq_related:0")
        answers = await slack.answers(asked, count=2)
    assert answers[1].thread_ts == asked.ts
    assert answers[1].shown != answer.shown


@pytest.mark.parametrize("helpful", [True, False])
async def test_a_thumb_is_noted_and_thanked_for(
    slack: SlackServer, bot: Bots, helpful: bool
) -> None:
    """Anybody may rate; they are thanked privately."""
    general, ana, ben = slack.add_channel("general"), slack.add_user("ana"), slack.add_user("ben")
    async with bot() as app:
        answer = await answered(slack, general, ana)
        await slack.click(answer, ben, "faq_feedback", positive=helpful)
        told = await slack.private(ben)
        [rated] = [r for r in await records_of(app, 3) if isinstance(r, FeedbackRecord)]
        name = "slack.note.thanks" if helpful else "slack.note.sorry"
        assert told.shown == app.faq.messages.text(name, "en")
    assert (rated.entry_id, rated.helpful) == ("deepseek-training-cost", helpful)


async def test_only_the_asker_deletes(slack: SlackServer, bot: Bots) -> None:
    """The bin is shown to the asker only, and works for nobody else even so."""
    general, ana, ben = slack.add_channel("general"), slack.add_user("ana"), slack.add_user("ben")
    async with bot() as app:
        answer = await answered(slack, general, ana)
        element, _ = slack.find(answer.blocks, "faq_delete")
        await slack.click(answer, ben, "faq_delete")
        told = await slack.private(ben)
        assert told.shown == app.faq.messages.text("slack.note.not_yours", "en")
        assert not answer.deleted
        await slack.click(answer, ana, "faq_delete")
        await slack.calls.wait(lambda call: call.method == "chat.delete")
    assert element["visible_to_user_ids"] == [ana.id]
    assert answer.deleted


async def test_a_private_answer_is_hidden(slack: SlackServer, bot: Bots) -> None:
    """It goes without a trace."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        await slack.command(general, ana, COST)
        own = await slack.private(ana)
        await slack.click(own, ana, "Hide")
        await slack.calls.wait(lambda call: call.body.get("delete_original") is True)
    assert own.deleted


async def test_a_click_that_arrives_twice_counts_once(slack: SlackServer, bot: Bots) -> None:
    """The same trigger id is the same click."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        answer = await answered(slack, general, ana)
        element, block_id = slack.find(answer.blocks, "faq_feedback")
        action = {"type": element["type"], "action_id": element["action_id"], "action_ts": "1.0",
                  "block_id": block_id, "value": element["positive_button"]["value"]}
        payload = slack._interaction(answer, ana, action)
        for _ in range(3):
            await slack.deliver("interactive", payload)
        await slack.private(ana)
        await slack.answers(await slack.ask(general, ana, COST))
        rated = [r for r in await records_of(app, 5) if isinstance(r, FeedbackRecord)]
    assert len(rated) == 1


async def test_buttons_of_before_a_restart_work(slack: SlackServer, bot: Bots) -> None:
    """What a button needs stands in it, not in the bot's memory."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        answer = await answered(slack, general, ana)
    async with bot():
        await slack.click(answer, ana, "faq_language:fr")
        await slack.calls.wait(lambda call: call.method == "chat.update" and COUT in call.shown)
    assert COUT in answer.shown


@pytest.mark.parametrize("value", [
    "", "{", "null", "[1]", '"x"', '{"entry_id": 7}', '{"entry_id": "no-such-entry"}',
    '{"entry_id": "no-such-entry", "locale": "xx"}',
])
async def test_a_button_of_another_age_gets_a_polite_answer(
    slack: SlackServer, bot: Bots, value: str
) -> None:
    """An entry that is gone, or a value that cannot be read, is said to be gone."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        answer = await answered(slack, general, ana)
        element, _ = slack.find(answer.blocks, "faq_related:0")
        element["value"] = value
        await slack.click(answer, ana, "faq_related:0")
        own = await slack.private(ana)
        assert app.faq.messages.text("gone.text", "en") in own.shown


async def test_an_answer_whose_message_is_gone_is_said_to_be(
    slack: SlackServer, bot: Bots
) -> None:
    """A click races with a deletion; the person is told."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        answer = await answered(slack, general, ana)
        answer.deleted = True
        await slack.click(answer, ana, "faq_language:fr")
        told = await slack.private(ana)
        assert told.shown == app.faq.messages.text("slack.problem.message_gone", "fr")


def test_every_control_has_a_label(slack: SlackServer) -> None:
    """`elements` finds what the server's people click on; none is without a name."""
    assert elements([{"type": "actions", "elements": [
        {"type": "button", "action_id": "x", "text": {"type": "plain_text", "text": "y"}}]}])
