"""Moderation over Slack's wire: App Home, the modal, forms; a store and a folder that changes."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.slack.admin.controls import Ref
from bot.curation import write as writing
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


# --- drafts, texts, reviews -----------------------------------------------------------------


async def test_two_moderators_who_edit_one_entry_lose_nothing(
    bench: Bench, mona: User
) -> None:
    """The second is told, and what was typed is kept as a draft that can be taken up again."""
    max_ = bench.slack.add_user("max", is_admin=True)
    first, second = [
        await bench.page(await bench.page(await bench.home(user), user, "Edit an answer"),
                         user, "faq_admin_entry", option={"value": "library-hours"})
        for user in (mona, max_)
    ]
    done = await bench.send(first, mona, **{"answer:en": "From nine to five."})
    assert "in service" in words(done)
    both = {"answer:en": "From ten to six.", "answer:fr": "De dix à dix-huit heures."}
    told = await bench.send(second, max_, **both)
    assert "changed by somebody else" in words(told)
    assert "From nine to five." in bench.read()
    draft = await bench.page(told, max_, "Open the draft")
    assert "From ten to six." in words(draft)
    form = await bench.page(draft, max_, "Complete")
    await bench.send(form, max_)
    text = bench.read()
    assert "From ten to six." in text
    assert "De dix à dix-huit heures." in text
    assert "# Mind the holidays." in text
    assert bench.app.faq.knowledge.entries["library-hours"].texts["en"].answer.startswith("From ten")
    assert "No open drafts." in words(await bench.page(await bench.home(max_), max_, "Drafts"))


async def test_a_new_entry_that_lacks_an_answer_waits_as_a_draft(
    bench: Bench, ana: User, mona: User
) -> None:
    """It can be read, sent as a patch, completed or rejected."""
    question = "where do I get the zorgle form"
    await ask(bench, ana, question)
    form = await bench.page(await bench.missed(mona, question), mona, "New entry")
    told = await bench.send(form, mona)
    assert "is kept as draft" in words(told)
    draft = await bench.page(told, mona, "Open the draft")
    assert "zorgle" in words(draft)
    rejected = await bench.page(draft, mona, "Reject")
    assert "is closed" in words(rejected)


async def test_read_only_files_give_a_patch(
    bench: Bench, ana: User, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change comes as a file in direct messages, and waits as a draft."""
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(writing.tempfile, "mkstemp", refuse)
    await ask(bench, ana, MISSED)
    form = await bench.page(await bench.missed(mona, MISSED), mona, "Add as a wording")
    told = await bench.send(form, mona, entry="library-hours")
    assert "git apply" in words(told)
    [file] = [file for file in bench.slack.files.values() if file.get("complete")]
    assert file["channel"] == bench.slack.dm(mona).id
    assert f"+    - {MISSED}" in file["data"].decode()
    drafts = await bench.page(await bench.home(mona), mona, "Drafts")
    assert MISSED in words(drafts)
    one = await bench.page(drafts, mona, "Look")
    await bench.page(one, mona, "Get as a patch")
    assert len([file for file in bench.slack.files.values() if file.get("complete")]) == 2


async def test_an_answer_that_still_holds_is_dated(bench: Bench, mona: User) -> None:
    """From the list of what is due, with the day of the next review."""
    due = await bench.page(await bench.home(mona), mona, "Due for review")
    form = await bench.page(due, mona, "Still holds")
    await bench.send(form, mona, review_by="2031-02-03")
    entry = bench.app.faq.knowledge.entries[Ref.decode(form["private_metadata"]).entry]
    assert str(entry.review_by) == "2031-02-03"


# --- figures and corrections ----------------------------------------------------------------


async def test_the_figures_come_with_their_chart(bench: Bench, ana: User, mona: User) -> None:
    """In words at once; the picture as soon as Slack has looked at it."""
    bench.slack.file_refusals = 1
    await ask(bench, ana, MISSED)
    home = await bench.home(mona)
    await bench.page(home, mona, "Statistics")
    [pictured] = await bench.slack.shown_views.wait(
        lambda view: any(block["type"] == "image" for block in view["blocks"]), timeout=30)
    assert "30" in words(pictured)


async def test_old_answers_are_brought_up_to_date_in_place(
    bench: Bench, ana: User, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that carry the old text, one that is gone included; twice changes nothing."""
    monkeypatch.setattr("adapters.slack.admin.correcting.PAUSE", 0)
    said = "when can I go to the library"
    kept, gone = [(await bench.slack.answers(await bench.slack.write(user, said)))[0]
                  for user in (ana, bench.slack.add_user("ben"))]
    gone.deleted = True
    text = bench.read()
    bench.write(text.replace("opens at 9 a.m.", "opens at 8 a.m."))
    await until(lambda: "at 8 a.m." in
                bench.app.faq.knowledge.entries["library-hours"].texts["en"].answer)
    home = await _bring_up_to_date(bench, mona, "messages on Slack: 2", "Bring all up to date")
    assert "opens at 8 a.m." in kept.shown
    assert "Updated on" in kept.shown
    assert "carries an old text" in words(await bench.page(home, mona, "Corrections"))


async def _bring_up_to_date(
    bench: Bench, user: User, listed: str, button: str
) -> dict[str, object]:
    """Press a button of the corrections once the page says `listed`; the moderator's home."""
    home = await bench.home(user)
    await _listed(bench, home, user, listed)
    page = await bench.page(home, user, "Corrections")
    await bench.page(page, user, button)
    await bench.slack.shown_views.wait(lambda view: "brought up to date: 1" in words(view))
    return home


async def _listed(bench: Bench, home: dict[str, object], user: User, text: str) -> None:
    for _ in range(100):
        if text in words(await bench.page(home, user, "Corrections")):
            return
        await asyncio.sleep(0.05)  # the log is written behind the answers
    raise AssertionError(f"{text!r} is not listed")


async def test_the_channel_is_told_of_a_broken_file_once(
    slack: SlackServer, bot: Bots, tmp_path: Path
) -> None:
    """And once more when it is mended."""
    desk, root = slack.add_channel("moderators"), make_base(tmp_path)
    async with bot(knowledge=root, reload_seconds=0.02, slack_moderator_channel=desk.id) as app:
        bench = Bench(slack, app, root)
        good = bench.read()
        bench.write(good + BROKEN)
        await slack.messages.wait(lambda message: HOURS + ":" in message.shown)
        bench.write(good)
        await slack.messages.wait(lambda message: "in order again" in message.shown)
    assert len(slack.messages) == 2
    assert all(message.channel is desk for message in slack.messages)


async def test_a_corrected_message_keeps_its_other_answer(
    bench: Bench, ana: User, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that answers two questions changes in the one only."""
    faq = bench.app.faq
    shown = [faq.show(one, "en") for one in ("library-hours", "stadium-pass-price")]
    both = replace(shown[0], answers=shown[0].answers + shown[1].answers)
    monkeypatch.setattr(faq, "respond", lambda _: both)
    [message] = await bench.slack.answers(await bench.slack.write(ana, "both"))
    bench.write(bench.read().replace("opens at 9 a.m.", "opens at 8 a.m."))
    await until(lambda: "at 8 a.m." in faq.knowledge.entries["library-hours"].texts["en"].answer)
    await _bring_up_to_date(bench, mona, "messages on Slack: 1", "Bring up to date")
    assert "opens at 8 a.m." in message.shown
    assert shown[1].answers[0].question in message.shown


async def test_an_unexpected_error_is_told_by_its_number(
    bench: Bench, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a direct message; the modal would wait for ever otherwise."""

    async def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(bench.app.moderation), "due", fail)
    home = await bench.home(mona)
    await bench.slack.click(home, mona, "Due for review")
    [told] = await bench.slack.messages.wait(lambda message: message.author != mona.id)
    assert told.channel is bench.slack.dm(mona)
