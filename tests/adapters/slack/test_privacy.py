"""What is kept about a person, and "forget me"."""

from __future__ import annotations

import pytest

from tests.adapters.slack.conftest import Bots
from tests.servers.slack import SlackServer
from tests.servers.slack.world import texts


@pytest.mark.parametrize(("locale", "word", "done"), [
    ("en-US", "privacy", "Done: what was kept about you is erased."),
    ("fr-FR", " Confidentialité ",
     "C'est fait\N{NO-BREAK SPACE}: ce qui était conservé à votre sujet est effacé."),
])
async def test_forget_me_erases_by_command(
    slack: SlackServer, bot: Bots, locale: str, word: str, done: str
) -> None:
    """The command tells privately what is kept; the button erases it and says so in its place."""
    general, ana = slack.add_channel("general"), slack.add_user("ana", locale=locale)
    async with bot() as app:
        await app.records.set_locale("slack", ana.id, locale[:2])
        await slack.command(general, ana, word)
        told = await slack.private(ana)
        await slack.click(told, ana, "faq_forget")
        await slack.calls.wait(lambda call: call.body.get("replace_original") is True)
        assert await app.records.locale_of("slack", ana.id) is None
    assert told.shown == done


async def test_forget_me_is_at_the_end_of_the_home_tab(slack: SlackServer, bot: Bots) -> None:
    """A modal tells what is kept; only what is kept about whoever clicks is erased."""
    ana, ben = slack.add_user("ana"), slack.add_user("ben")
    async with bot() as app:
        for person in (ana, ben):
            await app.records.set_locale("slack", person.id, "fr")
        await slack.open_home(ana)
        await slack.shown_views.wait(lambda view: view["type"] == "home")
        await slack.click(slack.homes[ana.id], ana, "faq_privacy")
        [modal] = await slack.shown_views.wait(lambda view: view["type"] == "modal")
        await slack.click(modal, ana, "faq_forget")
        await slack.shown_views.wait(lambda view: view["type"] == "modal", count=2)
        assert await app.records.locale_of("slack", ana.id) is None
        assert await app.records.locale_of("slack", ben.id) == "fr"
    assert "Rien n'est enregistré" in " ".join(texts(modal["blocks"]))


async def test_a_question_about_privacy_is_still_a_question(slack: SlackServer, bot: Bots) -> None:
    """Only the word alone leads there."""
    general, ana = slack.add_channel("general"), slack.add_user("ana")
    async with bot():
        await slack.command(general, ana, "is DeepSeek a privacy risk?")
        told = await slack.private(ana)
    assert "faq_forget" not in str(told.blocks)
