"""Slash commands, completion, and the message menu, as people's clients use them."""

from __future__ import annotations

import pytest

from adapters.discord.handles import Action, Handle
from tests.adapters.discord.conftest import StartBot, sends
from tests.adapters.discord.test_dialogs import handles_of
from tests.servers.discord import Channel, DiscordServer, Guild, User, find_component
from tests.servers.discord.world import GROUP_DM, MANAGE_MESSAGES, SEND_MESSAGES

MENU = "Answer from the FAQ"
OPENING = "When does the library open?"


# --- /faq -----------------------------------------------------------------------------------


async def test_faq_answers_in_public_at_once(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Free text is answered by the first response, without deferring."""
    await start_bot()
    used = await server.command(channel, ana, "faq", question=OPENING)
    message = await used.message()
    assert used.response is not None
    assert (used.response["type"], used.ephemeral) == (4, False)
    assert message["embeds"][0]["title"] == OPENING
    assert (used.responded_after or 9) < 3


async def test_faq_private_is_seen_by_the_asker_alone(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """`private:` makes the answer ephemeral, with nothing to delete."""
    await start_bot()
    used = await server.command(channel, ana, "faq", question=OPENING, private=True)
    actions = {handle.action for _, handle in handles_of(await used.message())}
    assert used.ephemeral
    assert Action.DELETE not in actions


async def test_completion_forgives_typing_errors_and_carries_the_entry(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """A choice shows the question; picking it answers with exactly that entry."""
    await start_bot()
    choices = await server.complete(channel, ana, "faq", "question", "libary opning")
    assert choices[0]["name"] == OPENING
    used = await server.command(channel, ana, "faq", question=choices[0]["value"])
    assert (await used.message())["embeds"][0]["title"] == OPENING


async def test_completion_is_in_the_persons_language(
    server: DiscordServer, channel: Channel, start_bot: StartBot
) -> None:
    """A French client is offered French questions, also before anything is typed."""
    camille = server.add_user("camille", locale="fr")
    await start_bot(knowledge="shipped")
    for typed in ("", "combien"):
        choices = await server.complete(channel, camille, "faq", "question", typed)
        assert 0 < len(choices) <= 25
        assert any("\u00a0?" in choice["name"] for choice in choices)


async def test_completion_offers_what_is_asked_most_first(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """With nothing typed, the popular questions lead."""
    await start_bot()
    await (await server.command(channel, ana, "faq", question=OPENING)).message()
    choices = await server.complete(channel, ana, "faq", "question", "")
    assert choices[0]["name"] == OPENING


async def test_an_entry_that_is_gone_is_said_to_be_gone(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """A completion picked while the entry was deleted does not fail."""
    await start_bot()
    used = await server.command(channel, ana, "faq", question="entry:no-such-entry")
    assert "no longer" in (await used.message())["content"]


async def test_a_user_installed_app_answers_privately(
    server: DiscordServer, ana: User, bob: User, start_bot: StartBot
) -> None:
    """In a guild without the bot and in other people's DMs, only the person sees the answer."""
    elsewhere = server.add_guild("Elsewhere", installed=False).add_channel("general")
    group = server.add_private(GROUP_DM, ana, bob)
    await start_bot()
    for place in (elsewhere, group):
        used = await server.command(place, ana, "faq", user_app=True, question=OPENING)
        assert (await used.message())["embeds"]
        assert used.ephemeral


async def test_faq_in_a_dm_is_an_ordinary_message(
    server: DiscordServer, ana: User, start_bot: StartBot
) -> None:
    """In the DM with the bot nothing needs to be hidden."""
    await start_bot()
    used = await server.command(server.dm(ana), ana, "faq", question=OPENING)
    assert (await used.message())["embeds"]
    assert not used.ephemeral


async def test_an_answer_that_stands_above_is_repeated_privately(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """The channel sees an answer once a minute; the second asker gets it all the same."""
    await start_bot()
    await (await server.command(channel, ana, "faq", question=OPENING)).message()
    again = await server.command(channel, bob, "faq", question=OPENING)
    assert (await again.message())["embeds"]
    assert again.ephemeral


async def test_a_third_language_is_answered_in_the_guilds(
    server: DiscordServer, start_bot: StartBot
) -> None:
    """A German client in a French guild: the bot's own words are French."""
    channel = server.add_guild("Labo", locale="fr").add_channel("general")
    german = server.add_user("jo", locale="de")
    await start_bot()
    used = await server.command(channel, german, "faq", question="???")
    assert "Posez-moi" in (await used.message())["content"]


async def test_a_sixth_question_in_ten_seconds_gets_a_private_hint(
    server: DiscordServer, ana: User, start_bot: StartBot
) -> None:
    """The limit holds for commands too."""
    await start_bot()
    for _ in range(5):
        used = await server.command(server.dm(ana), ana, "faq", question=OPENING)
        assert (await used.message())["embeds"]
    sixth = await server.command(server.dm(ana), ana, "faq", question=OPENING)
    assert "10 seconds" in (await sixth.message())["content"]
    assert sixth.ephemeral


# --- /faq-topics, /faq-language -------------------------------------------------------------


async def test_topics_lead_to_an_answer(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Category, then question, then answer; the browser stays open and private."""
    await start_bot()
    browser = await (await server.command(channel, ana, "faq-topics")).message()
    opened = await (await server.pick(browser, ana, "services")).message()
    assert opened["id"] == browser["id"]
    used = await server.pick(opened, ana, OPENING, select="Choose a question")
    assert (await used.message())["embeds"][0]["title"] == OPENING
    assert used.ephemeral


async def test_every_entry_of_the_shipped_base_can_be_browsed_to(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """However many entries a category has, its selects list them all."""
    bot = await start_bot(knowledge="shipped")
    used = await server.command(channel, ana, "faq-topics")
    browser, found = await used.message(), set()
    for option in find_component(browser, 3, "Choose a topic")["options"]:
        opened = await (await server.pick(browser, ana, option["value"])).message()
        for row in opened["components"][1:]:
            found |= {choice["value"] for choice in row["components"][0]["options"]}
    assert found == set(bot.app.faq.knowledge.entries)


async def test_a_chosen_language_is_remembered(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """After /faq-language French, an English question gets a French answer; automatic undoes it."""
    await start_bot()
    chosen = await server.command(channel, ana, "faq-language", language="fr")
    assert "français" in (await chosen.message())["content"]
    answer = await server.answer_to(await server.ask(channel, ana, OPENING))
    assert answer["embeds"][0]["title"].startswith("Quand")
    await (await server.command(channel, ana, "faq-language", language="auto")).message()
    answer = await server.answer_to(await server.ask(channel, ana, OPENING))
    assert answer["embeds"][0]["title"] == OPENING


# --- the message menu -----------------------------------------------------------------------


async def test_the_menu_previews_privately_and_posts_as_a_reply(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """Bob looks at what the bot would say to Ana, then posts it under her message."""
    await start_bot()
    question = await server.say(channel, ana, OPENING)
    used = await server.message_command(channel, bob, MENU, question)
    preview = await used.message()
    assert used.ephemeral
    posted = await server.click(preview, bob, "Post as a reply")
    assert "Posted" in (await posted.message())["content"]
    answer = await server.answer_to(question)
    owners = {h.owner for _, h in handles_of(answer) if h.action is Action.DELETE}
    assert owners == {int(bob.id)}


async def test_a_preview_can_be_posted_in_the_other_language(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """Switching a preview's language keeps its post button."""
    await start_bot()
    question = await server.say(channel, ana, OPENING)
    preview = await (await server.message_command(channel, bob, MENU, question)).message()
    french = await (await server.click(preview, bob, "Français")).message()
    await (await server.click(french, bob, "Publier en réponse")).message()
    assert (await server.answer_to(question))["embeds"][0]["title"].startswith("Quand")


async def test_a_preview_is_posted_even_if_the_message_is_gone(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """The answer then stands alone."""
    await start_bot()
    question = await server.say(channel, ana, OPENING)
    preview = await (await server.message_command(channel, bob, MENU, question)).message()
    await server.delete(question)
    await (await server.click(preview, bob, "Post as a reply")).message()
    assert sends(server)[0].status == 200


async def test_a_preview_cannot_be_posted_where_the_bot_may_not_write(
    server: DiscordServer, guild: Guild, ana: User, bob: User, start_bot: StartBot
) -> None:
    """It says so instead of failing."""
    closed = guild.add_channel("closed", bot_denied=1 << 11)
    await start_bot()
    question = await server.say(closed, ana, OPENING)
    preview = await (await server.message_command(closed, bob, MENU, question)).message()
    posted = await (await server.click(preview, bob, "Post as a reply")).message()
    assert "not allowed to write" in posted["content"]


async def test_a_preview_cannot_be_posted_by_who_may_not_write_there(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """The bot does not speak for the muted."""
    await start_bot()
    question = await server.say(channel, ana, OPENING)
    preview = await (await server.message_command(channel, bob, MENU, question)).message()
    assert channel.guild
    channel.guild.member_permissions &= ~SEND_MESSAGES
    refused = await server.click(preview, bob, "Post as a reply")
    assert "You are not allowed" in (await refused.message())["content"]
    assert not sends(server)


async def test_a_user_installed_menu_only_previews(
    server: DiscordServer, ana: User, bob: User, start_bot: StartBot
) -> None:
    """Where the bot is no member there is nothing to post with."""
    elsewhere = server.add_guild("Elsewhere", installed=False).add_channel("general")
    await start_bot()
    question = await server.say(elsewhere, ana, OPENING)
    used = await server.message_command(elsewhere, bob, MENU, question, user_app=True)
    with pytest.raises(AssertionError, match="no component"):
        find_component(await used.message(), 2, "Post as a reply")
    assert used.ephemeral


async def test_the_menu_on_a_picture_says_that_there_is_no_text(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """Nothing to look up is no error."""
    await start_bot()
    picture = await server.say(channel, ana, "")
    used = await server.message_command(channel, bob, MENU, picture)
    assert "no text" in (await used.message())["content"]


# --- buttons --------------------------------------------------------------------------------


async def test_another_person_switches_the_language_for_themselves_only(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """The asker's switch changes the answer in place; anyone else's is a private copy."""
    await start_bot()
    answer = await server.answer_to(await server.ask(channel, ana, OPENING))
    copy = await server.click(answer, bob, "Français")
    assert (await copy.message())["id"] != answer["id"]
    assert copy.ephemeral
    switched = await (await server.click(answer, ana, "Français")).message()
    assert switched["id"] == answer["id"]
    assert answer["embeds"][0]["title"].startswith("Quand")


async def test_a_suggestion_picked_by_another_person_is_shown_to_them_alone(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """What the asker was asked back stays until the asker picks; then it becomes the answer."""
    await start_bot()
    asked_back = await server.answer_to(await server.ask(channel, ana, "hello"))
    pick = next(c for c, h in handles_of(asked_back) if h.action is Action.PICK)
    copy = await server.press(asked_back, bob, pick)
    assert (await copy.message())["id"] != asked_back["id"]
    assert copy.ephemeral
    picked = await (await server.press(asked_back, ana, pick)).message()
    assert picked["id"] == asked_back["id"]
    assert asked_back["embeds"]


async def test_only_the_asker_and_moderators_delete_an_answer(
    *,
    server: DiscordServer,
    guild: Guild,
    channel: Channel,
    ana: User,
    bob: User,
    start_bot: StartBot,
) -> None:
    """Others are told so; Manage Messages or a named role makes a moderator."""
    helper = guild.add_role("helpers")
    moderator, second = server.add_user("mod"), server.add_user("second")
    guild.give(moderator, guild.add_role("mods", MANAGE_MESSAGES))
    guild.give(second, helper)
    await start_bot(discord_moderator_roles=(helper,))
    for number, (person, allowed) in enumerate(
        [(bob, False), (moderator, True), (second, True), (ana, True)]
    ):
        room = guild.add_channel(f"room-{number}")
        await server.gateway.dispatch("CHANNEL_CREATE", room.payload(), guild_id=guild.id)
        answer = await server.answer_to(await server.ask(room, ana, OPENING))
        used = await server.click(answer, person, "🗑")
        if allowed:
            await server.requests.wait(lambda _, a=answer: a["id"] in server.deleted)
        else:
            assert "Only the person who asked" in (await used.message())["content"]
            assert answer["id"] in server.messages


async def test_thumbs_are_recorded_with_the_revision(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """Anybody may rate; the record names entry, revision, language and person."""
    bot = await start_bot()
    answer = await server.answer_to(await server.ask(channel, ana, OPENING))
    for person, thumb in ((bob, "👎"), (ana, "👍")):
        used = await server.click(answer, person, thumb)
        assert "Thank you" in (await used.message())["content"]
        assert used.ephemeral
    rated = [r for r in bot.app.records.queue if type(r).__name__ == "FeedbackRecord"]
    assert [(r.entry_id, r.helpful) for r in rated] == [
        ("library-hours", False),
        ("library-hours", True),
    ]
    assert rated[0].revision == bot.app.faq.knowledge.entries["library-hours"].revision


async def test_buttons_work_after_a_restart(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """All a button needs is in its custom_id: another process serves it."""
    first = await start_bot()
    answer = await server.answer_to(await server.ask(channel, ana, OPENING))
    await first.end()
    await start_bot()
    await server.gateway.ready.wait(lambda _: True, count=2)
    assert (await (await server.click(answer, bob, "👍")).message())["content"]
    related = find_component(answer, 3, "Related")["options"][0]
    shown = await server.pick(answer, bob, related["value"])
    assert (await shown.message())["embeds"][0]["title"] == related["label"]
    assert shown.ephemeral
    switched = await (await server.click(answer, ana, "Français")).message()
    assert switched["id"] == answer["id"]


async def test_a_button_of_a_deleted_entry_answers_politely(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The entry is gone, the old message is not."""
    await start_bot()
    answer = await server.answer_to(await server.ask(channel, ana, OPENING))
    old = Handle(Action.LANGUAGE, "fr", int(ana.id), ("long-gone",)).encode()
    answer["components"][-1]["components"][0]["custom_id"] = old
    used = await server.press(answer, ana, old)
    assert "n'est plus dans la FAQ" in (await used.message())["content"]


async def test_a_picked_suggestion_is_recorded_with_what_was_asked(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Moderators learn what people meant: the question as typed, and the entry picked."""
    bot = await start_bot()
    answer = await server.answer_to(await server.ask(channel, ana, "hello"))
    picks = [h for _, h in handles_of(answer) if h.action is Action.PICK]
    used = await server.press(answer, ana, picks[0].encode())
    assert (await used.message())["embeds"]
    chosen = [r for r in bot.app.records.queue if type(r).__name__ == "ChoiceRecord"]
    assert [(r.text, r.entry_id) for r in chosen] == [("hello", picks[0].entries[0])]
