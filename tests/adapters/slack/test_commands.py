"""The slash command, the shortcuts and the search."""

from __future__ import annotations

import json

from adapters.slack.handles import ANSWER_SHORTCUT, SEARCH_SHORTCUT
from tests.adapters.slack.conftest import Bots
from tests.servers.slack import SlackServer, api_error
from tests.servers.slack.world import BOT_USER, elements, texts

COST = "How much did it cost to train DeepSeek R1?"


async def test_a_command_is_answered_privately(slack: SlackServer, bot: Bots) -> None:
    """Only who asks sees the answer, with a button to share it."""
    general, ana = slack.add_channel("general", member=False), slack.add_user("ana")
    async with bot():
        ack = await slack.command(general, ana, COST)
        answer = await slack.private(ana)
    assert ack.payload == {}
    assert COST in answer.shown
    assert "faq_share" in [part["action_id"] for part, _ in elements(answer.blocks)]
    assert not slack.calls.find(lambda call: call.method == "chat.postMessage")


async def test_a_private_answer_is_shared_in_the_channel(slack: SlackServer, bot: Bots) -> None:
    """It appears for all, with who shared it, and the private copy goes."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        await slack.command(general, ana, COST)
        answer = await slack.private(ana)
        await slack.click(answer, ana, "faq_share")
        [shared] = await slack.messages.wait(lambda m: m.author == BOT_USER and m.to is None)
        await slack.calls.wait(lambda call: call.body.get("delete_original") is True)
    assert shared.channel is general
    assert shared.thread_ts is None
    assert COST in shared.shown
    assert f"<@{ana.id}>" in shared.shown
    assert answer.deleted


async def test_sharing_works_where_the_bot_is_no_member(slack: SlackServer, bot: Bots) -> None:
    """The command's own way into the channel is open to it."""
    away, ana = slack.add_channel("away", member=False), slack.add_user("ana")
    async with bot():
        await slack.command(away, ana, COST)
        answer = await slack.private(ana)
        await slack.click(answer, ana, "faq_share")
        [shared] = await slack.messages.wait(lambda m: m.author == BOT_USER and m.to is None)
    assert shared.channel is away
    assert COST in shared.shown


async def test_the_command_alone_opens_help_and_search(slack: SlackServer, bot: Bots) -> None:
    """A modal in the person's language, with the type-ahead."""
    general, ana = slack.add_channel("general"), slack.add_user("ana", locale="fr-FR")
    async with bot() as app:
        await slack.command(general, ana, "  ")
        [view] = await slack.shown_views.wait(lambda view: view["type"] == "modal")
        help_text = app.faq.messages.text("slack.help", "fr", name="@aifaq")
    assert view["title"]["text"] == "Chercher dans la FAQ"
    assert help_text in texts(view["blocks"])
    assert [part["type"] for part, _ in elements(view["blocks"])] == ["external_select"]


async def test_the_search_finds_despite_typos_and_shows_the_answer(
    slack: SlackServer, bot: Bots
) -> None:
    """Options come with what is typed; a pick shows the answer in the modal, ready to share."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot() as app:
        await slack.command(general, ana)
        [view] = await slack.shown_views.wait(lambda view: view["type"] == "modal")
        options = await slack.suggest(view, ana, "faq_find", "how much did it cst to trian")
        option = next(o for o in options if o["value"] == "deepseek-training-cost")
        await slack.click(view, ana, "faq_find", option=option)
        [shown] = await slack.shown_views.wait(lambda view: "294,000" in str(view))
        await slack.click(shown, ana, "faq_share")
        [shared] = await slack.messages.wait(lambda m: m.author == BOT_USER)
        [last] = await slack.shown_views.wait(
            lambda view: app.faq.messages.text("slack.note.shared", "en") in str(view))
    assert shown["id"] == view["id"] == last["id"]
    assert shared.channel is general
    assert COST in shared.shown


async def test_the_search_offers_something_before_anything_is_typed(
    slack: SlackServer, bot: Bots
) -> None:
    """At most 25 entries with short names; for what matches nothing, an empty list."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        await slack.command(general, ana)
        [view] = await slack.shown_views.wait(lambda view: view["type"] == "modal")
        some = await slack.suggest(view, ana, "faq_find", "")
        for typed in ("<!channel>", "\ud800", "x" * 5000, "zzzzqqqq"):
            odd = await slack.suggest(view, ana, "faq_find", typed)
            assert len(odd) <= 25
    assert 0 < len(some) <= 25
    assert all(0 < len(option["text"]["text"]) <= 75 for option in some)


async def test_the_global_shortcut_opens_the_search(slack: SlackServer, bot: Bots) -> None:
    """From anywhere; with no channel, nothing is offered to be shared."""
    ana = slack.add_user("ana")
    async with bot():
        await slack.shortcut(ana, SEARCH_SHORTCUT)
        [view] = await slack.shown_views.wait(lambda view: view["type"] == "modal")
        options = await slack.suggest(view, ana, "faq_find", "cost")
        await slack.click(view, ana, "faq_find", option=options[0])
        [shown] = await slack.shown_views.wait(lambda view: view["type"] == "modal", after=1)
    assert json.loads(shown["private_metadata"])["channel"] == ""
    assert "faq_share" not in [part["action_id"] for part, _ in elements(shown["blocks"])]


async def test_a_message_is_answered_by_its_shortcut(slack: SlackServer, bot: Bots) -> None:
    """A private preview first; posted, it stands in the message's thread."""
    general, ana, ben = slack.add_channel("general"), slack.add_user("ana"), slack.add_user("ben")
    asked = slack.say(general, ben, COST)
    async with bot():
        await slack.shortcut(ana, ANSWER_SHORTCUT, message=asked)
        preview = await slack.private(ana)
        await slack.click(preview, ana, "Post in thread")
        [posted] = await slack.messages.wait(lambda m: m.author == BOT_USER and m.to is None)
    assert COST in preview.shown
    assert posted.thread_ts == asked.ts
    assert COST in posted.shown


async def test_a_message_without_words_is_said_to_be_empty(slack: SlackServer, bot: Bots) -> None:
    """A picture or a file alone has nothing to look up."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    asked = slack.say(general, ana, "")
    async with bot() as app:
        await slack.shortcut(ana, ANSWER_SHORTCUT, message=asked)
        told = await slack.private(ana)
        assert told.shown == app.faq.messages.text("slack.note.empty_message", "en")


async def test_posting_where_the_bot_is_no_member_says_what_to_do(
    slack: SlackServer, bot: Bots
) -> None:
    """A thread needs membership: the person is told how to invite the bot."""
    away, ana = slack.add_channel("away", member=False), slack.add_user("ana")
    asked = slack.say(away, ana, COST)
    async with bot() as app:
        await slack.shortcut(ana, ANSWER_SHORTCUT, message=asked)
        preview = await slack.private(ana)
        before = len(slack.messages)
        await slack.click(preview, ana, "faq_post")
        told = await slack.private(ana, after=before)
        assert told.shown == app.faq.messages.text(
            "slack.problem.not_in_channel", "en", name="@aifaq")
    assert not preview.deleted


async def test_a_trigger_that_came_too_late_is_explained(slack: SlackServer, bot: Bots) -> None:
    """Slack opens no modal after three seconds; the person hears of it."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    slack.faults.add("views.open", api_error("expired_trigger_id"))
    async with bot() as app:
        await slack.command(general, ana)
        told = await slack.private(ana)
        assert told.shown == app.faq.messages.text("slack.problem.too_late", "en")


async def test_a_command_that_arrives_twice_is_answered_once(
    slack: SlackServer, bot: Bots
) -> None:
    """The trigger id tells a repetition from a second command."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        body = {"command": "/faq", "text": COST, "channel_id": general.id, "user_id": ana.id,
                "team_id": "T0LABTEAM1", "trigger_id": slack.trigger(ana)}
        for _ in range(3):
            url = slack.response_url(general, ana)
            await slack.deliver("slash_commands", body | {"response_url": url})
        await slack.command(general, ana, COST)
        await slack.calls.wait(lambda call: call.method == "response_url", count=2)
    assert len(slack.calls.find(lambda call: call.method == "response_url")) == 2
