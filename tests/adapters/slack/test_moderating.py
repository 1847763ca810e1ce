"""Moderation over Slack's wire: App Home, the modal, forms; a store and a folder that changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.slack.conftest import Bots
from tests.adapters.slack.moderating import Bench, labels, words
from tests.bot.moderating import HOURS, make_base
from tests.bot.recording import until
from tests.servers.slack import SlackServer, User

MISSED = "what time do the doors of the reading room close"
BROKEN = "en: [unclosed\n"


@pytest.fixture
def mona(slack: SlackServer) -> User:
    """A moderator, as an admin of the workspace."""
    return slack.add_user("mona", is_admin=True)


@pytest.fixture
def ana(slack: SlackServer) -> User:
    return slack.add_user("ana")


@pytest.fixture
async def bench(slack: SlackServer, bot: Bots, tmp_path: Path) -> AsyncIterator[Bench]:
    root = make_base(tmp_path)
    async with bot(knowledge=root, database_url=None, data_dir=tmp_path / "data",
                   reload_seconds=0.05) as app:
        yield Bench(slack, app, root)


async def ask(bench: Bench, user: User, question: str) -> str:
    """The answer to a direct message."""
    [answer] = await bench.slack.answers(await bench.slack.write(user, question))
    return answer.shown


# --- missed questions -----------------------------------------------------------------------


async def test_a_missed_question_becomes_a_variant_and_is_answered(
    bench: Bench, ana: User, mona: User
) -> None:
    """Missed, seen in the queue, added in chat; the file keeps its comments; then answered."""
    hours = bench.app.faq.knowledge.entries["library-hours"].texts["en"].question
    assert not (await ask(bench, ana, MISSED)).startswith(hours)
    before = bench.read()
    group = await bench.missed(mona, MISSED)
    form = await bench.page(group, mona, "Add as a wording")
    done = await bench.send(form, mona, entry="library-hours")
    assert "library-hours" in words(done)
    assert "Back" in words(done)
    after = bench.read()
    assert after.replace(f"    - {MISSED}\n", "") == before
    assert after != before
    assert "# Mind the holidays." in after
    assert "# from the front desk:" in after
    assert (await ask(bench, ana, MISSED)).startswith(hours)
    queue = await bench.page(done, mona, "Back")
    assert MISSED not in words(queue)


async def test_a_wording_that_is_refused_comes_back_to_be_mended(
    bench: Bench, ana: User, mona: User
) -> None:
    """The reason stands above the form; what was typed is still in it; the file is untouched."""
    await ask(bench, ana, MISSED)
    before = bench.read()
    group = await bench.missed(mona, MISSED)
    form = await bench.page(group, mona, "Add as a wording")
    known = "is the library open on Sunday"
    again = await bench.send(form, mona, entry="library-hours", texts=known)
    assert "already has the wording" in words(again)
    assert again["blocks"][-1]["element"]["initial_value"] == known
    assert bench.read() == before


@pytest.mark.parametrize("label", ["Dismiss", "Out of scope"])
async def test_a_group_is_set_aside(bench: Bench, ana: User, mona: User, label: str) -> None:
    """It leaves the queue; out of scope, it joins the regression questions."""
    question = "where do I get the zorgle form"
    await ask(bench, ana, question)
    done = await bench.page(await bench.missed(mona, question), mona, label)
    queue = await bench.page(done, mona, "Back")
    assert question not in words(queue)
    kept = question in bench.read("questions/en.yaml")
    assert kept is (label == "Out of scope")


# --- the state of the base ------------------------------------------------------------------


async def test_a_broken_file_is_told_with_its_line_and_mended(
    bench: Bench, ana: User, mona: User
) -> None:
    """Answers go on from the last good base; App Home names the line, until it is mended."""
    good, said = bench.read(), "when can I go to the library"
    answer = await ask(bench, ana, said)
    bench.write(good + BROKEN)
    await until(lambda: bool(bench.app.reloader.faults))
    assert HOURS + ":" in words(await bench.home(mona))
    assert await ask(bench, ana, said) == answer
    bench.write(good.replace("# Mind the holidays.", "# Mind the feasts."))
    await until(lambda: not bench.app.reloader.faults)
    assert HOURS not in words(await bench.home(mona))


# --- who may --------------------------------------------------------------------------------


async def test_the_section_is_for_moderators_only(bench: Bench, ana: User, mona: User) -> None:
    """Nobody else sees a trace of it."""
    assert "Moderation" in words(await bench.home(mona))
    home = await bench.home(ana)
    assert "Moderation" not in words(home)
    assert not [label for label in labels(home) if label.startswith("faq_admin")]


async def test_a_forged_click_changes_nothing(bench: Bench, ana: User, mona: User) -> None:
    """The permission is looked up anew at every click and at every form."""
    await ask(bench, ana, MISSED)
    before = bench.read()
    group = await bench.missed(mona, MISSED)
    form = await bench.page(group, mona, "Add as a wording")
    refused = [await bench.page(group, ana, "Dismiss"),
               await bench.page(group, ana, "Out of scope"),
               await bench.send(form, ana, entry="library-hours")]
    mona.is_admin = False
    refused.append(await bench.send(form, mona, entry="library-hours"))
    for view in refused:
        assert "Only moderators may do this." in words(view)
        assert MISSED not in words(view)
    assert bench.read() == before
    mona.is_admin = True
    await bench.missed(mona, MISSED)


async def test_moderators_are_those_named(
    slack: SlackServer, bot: Bots, ana: User, mona: User, tmp_path: Path
) -> None:
    """By the setting, as people or by a user group; an admin is then nobody special."""
    eve = slack.add_user("eve")
    slack.scopes.add("usergroups:read")
    slack.groups["S0CURATORS"] = [eve.id]
    async with bot(knowledge=make_base(tmp_path),
                   slack_moderators=f"{ana.id},S0CURATORS") as app:
        bench = Bench(slack, app, tmp_path)
        shown = [words(await bench.home(user)) for user in (ana, eve, mona)]
    assert ["Moderation" in text for text in shown] == [True, True, False]


async def test_a_click_that_comes_twice_is_done_once(bench: Bench, mona: User) -> None:
    """Slack repeats what it thinks was lost."""
    home = await bench.home(mona)
    element, block_id = bench.slack.find(home["blocks"], "Missed questions")
    action = {key: element[key] for key in ("type", "action_id", "value")} | {"block_id": block_id}
    payload = bench.slack._interaction(home, mona, action)
    before = len(bench.slack.shown_views)
    await asyncio.gather(*(bench.slack.deliver("interactive", payload) for _ in range(2)))
    await bench.shown(before)
    assert len(bench.slack.calls.find(lambda call: call.method == "views.open")) == 1
