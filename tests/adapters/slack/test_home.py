"""App Home and the suggested prompts."""

from __future__ import annotations

import pytest

from adapters.slack.home import Home, Visit
from adapters.slack.parts import section
from tests.adapters.slack.conftest import Bots
from tests.servers.slack import SlackServer
from tests.servers.slack.world import elements, texts

COST = "How much did it cost to train DeepSeek R1?"


async def test_the_home_tab_has_everything_to_find_an_answer(
    slack: SlackServer, bot: Bots
) -> None:
    """Search, all topics with all their questions, most asked, recently updated, language."""
    ana = slack.add_user("ana", locale="fr-FR")
    async with bot() as app:
        await slack.open_home(ana)
        await slack.shown_views.wait(lambda view: view["type"] == "home")
        home = slack.homes[ana.id]
        topics = app.faq.topics("fr")
    labels = [part["action_id"] for part, _ in elements(home["blocks"])]
    assert labels[0] == "faq_find"
    assert [f"faq_topic:{topic.category}" for topic in topics] == [
        label for label in labels if label.startswith("faq_topic")]
    offered = [option["value"] for part, _ in elements(home["blocks"])
               for option in part.get("options", []) if part["action_id"].startswith("faq_topic")]
    assert offered == [link.entry_id for topic in topics for link in topic.links]
    shown = texts(home["blocks"])
    for title in ("Thèmes", "Les plus demandées", "Mises à jour récentes", "Langue"):
        assert title in shown


async def test_a_question_picked_at_home_opens_its_answer(slack: SlackServer, bot: Bots) -> None:
    """From a topic, from the search and from the lists alike."""
    ana = slack.add_user("ana")
    async with bot():
        await slack.open_home(ana)
        await slack.shown_views.wait(lambda view: view["type"] == "home")
        home = slack.homes[ana.id]
        select, _ = slack.find(home["blocks"], "faq_topic:budget")
        option = next(o for o in select["options"] if o["value"] == "deepseek-training-cost")
        await slack.click(home, ana, "faq_topic:budget", option=option)
        [modal] = await slack.shown_views.wait(lambda view: view["type"] == "modal")
        await slack.click(home, ana, "faq_related:popular0")
        await slack.shown_views.wait(lambda view: view["type"] == "modal", count=2)
    assert COST in texts(modal["blocks"])


@pytest.mark.parametrize(("choice", "locale"), [("fr", "fr"), ("en", "en"), ("auto", None)])
async def test_the_language_is_chosen_at_home(
    slack: SlackServer, bot: Bots, choice: str, locale: str | None
) -> None:
    """The choice beats the question's own language, and the tab follows it at once."""
    general, ana = slack.add_channel("general"), slack.add_user("ana", locale="en-US")
    async with bot() as app:
        await slack.open_home(ana)
        await slack.shown_views.wait(lambda view: view["type"] == "home")
        home = slack.homes[ana.id]
        select, _ = slack.find(home["blocks"], "faq_my_language")
        option = next(o for o in select["options"] if o["value"] == choice)
        await slack.click(home, ana, "faq_my_language", option=option)
        await slack.shown_views.wait(lambda view: view["type"] == "home", count=2)
        [answer] = await slack.answers(await slack.ask(general, ana, COST))
        assert await app.records.locale_of("slack", ana.id) == locale
    chosen, _ = slack.find(slack.homes[ana.id]["blocks"], "faq_my_language")
    assert chosen["initial_option"]["value"] == choice
    assert ("Thèmes" in texts(slack.homes[ana.id]["blocks"])) is (choice == "fr")
    assert (COST in answer.shown) is (choice != "fr")


async def test_prompts_are_the_questions_asked_most(slack: SlackServer, bot: Bots) -> None:
    """Up to four, in the person's language, anew at every visit and without a thread."""
    general, ana, ben = (slack.add_channel("general"), slack.add_user("ana"),
                         slack.add_user("ben", locale="fr-FR"))
    async with bot() as app:
        await slack.open_home(ben, tab="messages")
        await slack.calls.wait(lambda call: call.method.endswith("setSuggestedPrompts"))
        first = slack.prompts[slack.dm(ben).id]
        await slack.answers(await slack.ask(general, ana, COST))
        while not app.records.popular(1):
            await slack.answers(await slack.ask(general, ana, COST))
        await slack.open_home(ben, tab="messages")
        await slack.calls.wait(lambda call: call.method.endswith("setSuggestedPrompts"), count=2)
        second = slack.prompts[slack.dm(ben).id]
        question = app.faq.knowledge.entries["deepseek-training-cost"].texts["fr"].question
    assert len(first) == len(second) == 4
    assert second[0] == {"title": question, "message": question}
    assert not slack.shown_views.items


async def test_another_part_of_the_bot_adds_its_own_section(
    slack: SlackServer, bot: Bots, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tab is a list of sections, and stays within Slack's limit of blocks."""

    async def extra(visit: Visit) -> list[dict[str, object]]:
        return [section(f"for {visit.reader.id}") for _ in range(200)]

    make = Home.__init__

    def with_extra(home: Home, *args: object) -> None:
        make(home, *args)  # type: ignore[arg-type]
        home.add(extra, first=True)

    monkeypatch.setattr(Home, "__init__", with_extra)
    ana = slack.add_user("ana")
    async with bot():
        await slack.open_home(ana)
        await slack.shown_views.wait(lambda view: view["type"] == "home")
    assert slack.homes[ana.id]["blocks"][0]["text"]["text"] == f"for {ana.id}"
