"""Asking by mention, DM, thread and reply, at the level of what goes over the wire."""

from __future__ import annotations

from tests.adapters.discord.conftest import StartBot, sends
from tests.adapters.discord.test_dialogs import handles_of
from tests.servers.discord import Channel, DiscordServer, Guild, User, find_component


async def test_a_mention_is_answered_by_a_reply_that_pings_nobody(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The answer refers to the question, carries a nonce, and notifies nobody."""
    await start_bot()
    question = await server.ask(channel, ana, "When does the library open?")
    answer = await server.answer_to(question)
    (sent,) = sends(server)
    assert answer["embeds"][0]["title"] == "When does the library open?"
    assert sent.body["message_reference"]["message_id"] == int(question["id"])
    assert sent.body["message_reference"]["fail_if_not_exists"] is False
    assert sent.body["allowed_mentions"] == {"parse": [], "replied_user": False}
    assert (sent.body["nonce"], sent.body["enforce_nonce"]) == (question["id"], True)


async def test_an_answer_shows_standing_date_and_sources(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The embed says by colour and word how firm it is, since when, and from where."""
    await start_bot(knowledge="shipped")
    question = await server.ask(channel, ana, "How much did it cost to train DeepSeek R1?")
    embed = (await server.answer_to(question))["embeds"][0]
    assert embed["footer"]["text"].startswith(("Claimed", "Confirmed", "Disputed"))
    assert "2026" in embed["footer"]["text"]
    assert embed["color"] > 0
    assert embed["fields"][0]["name"] == "Sources"
    assert "](https://" in embed["fields"][0]["value"]


async def test_an_answer_carries_its_controls(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Related questions in a select; thumbs, the other language and delete as buttons."""
    await start_bot()
    answer = await server.answer_to(await server.ask(channel, ana, "When does the library open?"))
    assert find_component(answer, 3, "Related")["options"]
    for label in ("👍", "👎", "Français", "🗑"):
        assert find_component(answer, 2, label)


async def test_figures_come_as_a_picture_with_a_description(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """The embed's image is the attached PNG, which has a text for those who cannot see it."""
    await start_bot(knowledge="shipped")
    question = await server.ask(channel, ana, "How much did it cost to train DeepSeek R1?")
    answer = await server.answer_to(question)
    (sent,) = sends(server)
    assert sent.files["figures.png"].startswith(b"\x89PNG")
    assert sent.body["embeds"][0]["image"]["url"] == "attachment://figures.png"
    assert "million" in sent.body["attachments"][0]["description"]
    assert answer["attachments"][0]["filename"] == "figures.png"


async def test_a_direct_message_needs_no_mention(
    server: DiscordServer, ana: User, start_bot: StartBot
) -> None:
    """Everything said in a DM is for the bot."""
    await start_bot()
    question = await server.say(server.dm(ana), ana, "Quand la bibliothèque ouvre-t-elle ?")
    answer = await server.answer_to(question)
    assert answer["embeds"][0]["title"].startswith("Quand")


async def test_a_mention_in_a_thread_is_answered_there(
    server: DiscordServer, guild: Guild, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Threads are channels of their own."""
    thread = guild.add_thread(channel, "reading")
    await start_bot()
    answer = await server.answer_to(await server.ask(thread, ana, "When does the library open?"))
    assert answer["channel_id"] == thread.id


async def test_a_reply_to_an_answer_is_a_follow_up(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """"et pour GPT-4 ?" in reply to a cost answer finds GPT-4's cost, also for somebody else."""
    await start_bot(knowledge="shipped")
    question = await server.ask(channel, ana, "Combien a coûté l'entraînement de DeepSeek R1 ?")
    answer = await server.answer_to(question)
    second = await server.say(channel, bob, "et pour GPT-4 ?", reply_to=answer)
    shown = [handle.entries for _, handle in handles_of(await server.answer_to(second))]
    assert ("gpt4-training-cost",) in shown


async def test_a_bare_mention_in_reply_to_a_person_asks_what_they_wrote(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """Somebody points the bot at another person's question."""
    await start_bot()
    question = await server.say(channel, ana, "Is a library card free of charge?")
    pointing = await server.say(channel, bob, server.bot.mention, reply_to=question)
    answer = await server.answer_to(pointing)
    assert "card" in answer["embeds"][0]["title"]


async def test_everyone_in_a_question_pings_nobody(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """Whatever the question mentions, the answer notifies nobody (checked for every test)."""
    await start_bot()
    text = f"@everyone {bob.mention} When does the library open?"
    answer = await server.answer_to(await server.ask(channel, ana, text))
    assert answer["embeds"]
    assert not answer["mention_everyone"]


async def test_what_is_not_found_is_said_with_topics_to_start_from(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """No answer is made up; the topics can be opened from there."""
    await start_bot()
    answer = await server.answer_to(await server.ask(channel, ana, "best apple pie recipe?"))
    assert "not in this FAQ" in answer["content"]
    browser = await (await server.click(answer, ana, "Browse topics")).message()
    assert find_component(browser, 3, "Choose a topic")["options"]


async def test_bots_webhooks_and_the_bot_itself_are_not_answered(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Nobody who is not a person gets an answer: no loops."""
    await start_bot()
    machine = server.add_user("machine", bot=True)
    text = "When does the library open?"
    await server.ask(channel, machine, text)
    await server.say(channel, ana, f"{server.bot.mention} {text}", webhook_id="42")
    own = {"content": f"{server.bot.mention} {text}", "allowed_mentions": {"parse": []}}
    await server.post(channel, server.bot, own)
    await server.say(channel, ana, f"{server.bot.mention} {text}", type=7)
    question = await server.ask(channel, ana, text)
    await server.answer_to(question)
    assert len(sends(server)) == 1


async def test_chatter_that_is_not_for_the_bot_is_left_alone(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """Without a mention, a channel is not listened to."""
    await start_bot()
    said = await server.say(channel, ana, "When does the library open?")
    await server.say(channel, bob, "At ten, I think", reply_to=said)
    await server.answer_to(await server.ask(channel, ana, "When does the library open?"))
    assert len(sends(server)) == 1


async def test_two_questions_in_one_message_get_two_answers(
    server: DiscordServer, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Two embeds, and buttons that concern both: the language switch turns both."""
    await start_bot()
    text = "When does the library open? And how much does a museum pass cost?"
    answer = await server.answer_to(await server.ask(channel, ana, text))
    assert len(answer["embeds"]) == 2
    switched = await (await server.click(answer, ana, "Français")).message()
    titles = [embed["title"] for embed in switched["embeds"]]
    second = "Combien coûte un pass musée\u00a0?"
    assert titles == ["Quand la bibliothèque ouvre-t-elle\u00a0?", second]


async def test_the_same_answer_is_not_posted_twice_within_a_minute(
    server: DiscordServer, channel: Channel, ana: User, bob: User, start_bot: StartBot
) -> None:
    """The second asker gets a link to the answer just above; once it is deleted, an answer."""
    await start_bot()
    text = "When does the library open?"
    answer = await server.answer_to(await server.ask(channel, ana, text))
    again = await server.answer_to(await server.ask(channel, bob, text))
    assert not again["embeds"]
    assert answer["id"] in again["content"]
    await server.delete(answer)
    third = await server.answer_to(await server.ask(channel, bob, text))
    assert third["embeds"]


async def test_a_person_is_limited_and_told_privately(
    server: DiscordServer, guild: Guild, channel: Channel, ana: User, start_bot: StartBot
) -> None:
    """Five questions in ten seconds; the sixth gets one hint by DM, the seventh none."""
    await start_bot()
    channels = [guild.add_channel(f"room-{number}") for number in range(7)]
    for other in channels:
        await server.gateway.dispatch("CHANNEL_CREATE", other.payload(), guild_id=guild.id)
        await server.ask(other, ana, "When does the library open?")
    hints = await server.sent.wait(lambda m: m["channel_id"] == server.dm(ana).id)
    assert "10 seconds" in hints[0]["content"]
    bob = server.add_user("bob")
    await server.answer_to(await server.ask(channel, bob, "When does the library open?"))
    assert len(sends(server)) == 5 + 1 + 1


async def test_a_channel_is_limited_too(
    server: DiscordServer, channel: Channel, start_bot: StartBot
) -> None:
    """Of twelve people at once in one channel, ten are answered there and two told privately."""
    await start_bot()
    people = [server.add_user(f"person{number}") for number in range(12)]
    for person in people:
        await server.ask(channel, person, "hello")
    await server.sent.wait(lambda m: m["channel_id"] != channel.id, count=2)
    await server.sent.wait(lambda m: m["channel_id"] == channel.id, count=10)
    assert len(sends(server)) == 12


async def test_the_guilds_language_decides_where_the_text_does_not(
    server: DiscordServer, ana: User, start_bot: StartBot
) -> None:
    """In a French guild, a question without words is answered in French."""
    channel = server.add_guild("Labo", locale="fr").add_channel("general")
    await start_bot()
    answer = await server.answer_to(await server.ask(channel, ana, "???"))
    assert "message" in answer["content"]
    assert "Posez-moi" in answer["content"]
