"""Moderation over Discord's wire: a store, a folder that changes, moderators and others."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.discord import run
from bot.app import App
from bot.curation import write as writing
from bot.settings import Settings
from tests.adapters.discord.conftest import Secret
from tests.bot.moderating import HOURS, make_base
from tests.servers.discord import (
    Channel,
    DiscordServer,
    Exchange,
    Guild,
    User,
    faults,
    find_component,
)
from tests.servers.discord.world import JSON, MANAGE_MESSAGES

MISSED = "what time do the doors of the reading room close"
FALLBACK = "where do I get the zorgle form"
BROKEN = "en: [unclosed\n"


@dataclass
class Bench:
    """A running bot, its folder, and what is done to both."""

    server: DiscordServer
    app: App
    root: Path
    channel: Channel
    stop: asyncio.Event
    task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        seen = len(self.server.gateway.ready.items)
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(run(self.app, stop=self.stop))
        await self.server.gateway.ready.wait(lambda _: True, count=seen + 1)

    async def end(self) -> None:
        self.stop.set()
        assert self.task is not None
        await asyncio.wait_for(self.task, 15)

    async def ask(self, user: User, question: str) -> JSON:
        return await self.server.answer_to(await self.server.ask(self.channel, user, question))

    async def admin(self, user: User, page: str, **options: Any) -> Exchange:
        return await self.server.command(self.channel, user, f"faq-admin {page}", **options)

    async def page(self, user: User, page: str, **options: Any) -> JSON:
        used = await self.admin(user, page, **options)
        message = await used.message()
        assert used.ephemeral
        return message

    async def missed(self, moderator: User, text: str) -> JSON:
        """The page of the group that a question is in, once the record is written."""
        for _ in range(100):
            queue = await self.page(moderator, "misses")
            if any(text in str(embed) for embed in queue["embeds"]):
                option = find_component(queue, 3, "Open a group")["options"][0]
                opened = await self.server.pick(queue, moderator, option["value"])
                return await opened.message()
            await asyncio.sleep(0.05)  # the log is written behind the answers
        raise AssertionError(f"{text!r} does not reach the queue")

    def read(self, path: str = HOURS) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, text: str, path: str = HOURS) -> None:
        (self.root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def mona(server: DiscordServer, guild: Guild) -> User:
    """A moderator by Manage Messages."""
    user = server.add_user("mona")
    guild.give(user, guild.add_role("moderators", MANAGE_MESSAGES))
    return user


@pytest.fixture
def desk_channel(guild: Guild) -> Channel:
    return guild.add_channel("moderators")


@pytest.fixture
def curators(guild: Guild) -> str:
    """A role that moderates by the settings, without Manage Messages."""
    return guild.add_role("curators")


@pytest.fixture
async def bench(
    server: DiscordServer, channel: Channel, desk_channel: Channel, curators: str, tmp_path: Path
) -> AsyncIterator[Bench]:
    root = make_base(tmp_path)
    known = Settings(encoder="none").model_dump() | {
        "discord_token": Secret(server.token),
        "discord_api_base": server.api_base,
        "discord_gateway_url": server.gateway_url,
        "discord_moderator_roles": (curators,),
        "discord_moderator_channel": desk_channel.id,
        "knowledge": root,
        "database_url": None,
        "data_dir": tmp_path / "data",
        "reload_seconds": 0.05,
    }
    app = App.create(Settings.model_construct(**known))
    await app.start()
    made = Bench(server, app, root, channel, asyncio.Event())
    await made.start()
    yield made
    await made.end()
    await app.close()


# --- misses ---------------------------------------------------------------------------------


async def test_a_missed_question_becomes_a_variant_and_is_answered(
    bench: Bench, ana: User, mona: User
) -> None:
    """Missed, seen in the queue, added in chat; the file keeps its comments; then answered."""
    asked = await bench.ask(ana, MISSED)
    assert not asked["embeds"]
    group = await bench.missed(mona, MISSED)
    modal = await bench.server.pick(group, mona, "library-hours", select="Add as another")
    shown = (await modal.first())["data"]
    assert MISSED in str(shown["components"])
    done = await (await bench.server.submit(modal, {})).message()
    assert "library-hours" in done["content"]
    text = bench.read()
    assert MISSED in text
    assert "# Mind the holidays." in text
    assert "# from the front desk:" in text
    answer = await bench.ask(ana, MISSED)
    assert answer["embeds"][0]["title"] == "When does the library open?"
    queue = await bench.page(mona, "misses")
    assert "Nothing is waiting" in queue["content"]


async def test_a_change_that_harms_is_refused_and_what_was_typed_comes_back(
    bench: Bench, ana: User, mona: User
) -> None:
    """Another entry's question as a variant: both entries are named, nothing is written."""
    await bench.ask(ana, MISSED)
    group = await bench.missed(mona, MISSED)
    before = bench.read()
    modal = await bench.server.pick(group, mona, "library-hours", select="Add as another")
    stolen = "what does a stadium pass cost"
    label = "Wordings, one a line (English)"
    used = await bench.server.submit(modal, {label: stolen})
    refused = await used.message()
    assert "stadium-pass-price" in refused["content"]
    assert stolen in used.files["what-you-typed.txt"].decode()
    assert bench.read() == before


async def test_a_group_can_be_out_of_scope_or_dismissed(
    bench: Bench, ana: User, mona: User
) -> None:
    """Both take it from the queue; out of scope joins the regression questions."""
    await bench.ask(ana, FALLBACK)
    group = await bench.missed(mona, FALLBACK)
    done = await (await bench.server.click(group, mona, "Out of scope")).message()
    assert "no answer" in done["content"]
    assert FALLBACK in bench.read("questions/en.yaml")
    await bench.ask(ana, MISSED)
    group = await bench.missed(mona, MISSED)
    await (await bench.server.click(group, mona, "Dismiss")).message()
    assert "Nothing is waiting" in (await bench.page(mona, "misses"))["content"]


async def test_a_new_entry_is_drafted_completed_and_answers(
    bench: Bench, ana: User, mona: User
) -> None:
    """From a group: a draft, its texts written in a form, in service at once."""
    await bench.ask(ana, FALLBACK)
    group = await bench.missed(mona, FALLBACK)
    draft = await (await bench.server.click(group, mona, "New entry")).message()
    modal = await bench.server.click(draft, mona, "Write")
    filled = {
        "Category/id": "services/zorgle-form",
        "Question (English)": "Where do I get the zorgle form?",
        "Answer, Markdown (English)": "The zorgle form is at the town hall, room 3.",
        "Question (French)": "Où trouver le formulaire zorgle ?",
        "Answer, Markdown (French)": "Le formulaire zorgle est à la mairie, salle 3.",
    }
    done = await (await bench.server.submit(modal, filled)).message()
    assert "zorgle-form" in done["content"]
    assert "in service" in done["content"]
    answer = await bench.ask(ana, FALLBACK)
    assert "room 3" in answer["embeds"][0]["description"]
    assert "No draft" in (await bench.page(mona, "drafts"))["content"]


async def test_a_draft_is_applied_when_complete_exported_and_rejected(
    bench: Bench, ana: User, mona: User
) -> None:
    """What is missing is named; rejected, its question is back in the queue."""
    await bench.ask(ana, FALLBACK)
    group = await bench.missed(mona, FALLBACK)
    made = await (await bench.server.click(group, mona, "New entry")).message()
    refused = await (await bench.server.click(made, mona, "Apply")).message()
    assert "still to be written" in refused["content"]
    drafts = await (await bench.server.click(refused, mona, "Drafts")).message()
    used = await bench.server.click(drafts, mona, "All as a patch")
    exported = await used.message()
    assert "No open draft fits" in exported["content"]
    assert "draft 1 is left out" in used.files["changes.patch"].decode()
    drafts = await bench.page(mona, "drafts")
    draft = await (await bench.server.pick(drafts, mona, "1")).message()
    closed = await (await bench.server.click(draft, mona, "Reject")).message()
    assert "Draft 1 is closed" in closed["content"]
    assert await bench.missed(mona, FALLBACK)


async def test_a_picked_suggestion_is_a_candidate_until_a_moderator_adds_it(
    bench: Bench, ana: User, mona: User
) -> None:
    """The queue names the entry that was picked; the file changes only by the moderator."""
    vague = "can I read novels on Monday evening"
    asked, before = await bench.ask(ana, vague), bench.read()
    await (await bench.server.click(asked, ana, "When does the library open?")).message()
    await bench.missed(mona, "library-hours was picked")
    assert bench.read() == before


# --- edits ----------------------------------------------------------------------------------


async def open_editor(bench: Bench, user: User) -> Exchange:
    return await bench.admin(user, "edit", entry="library-hours")


async def test_two_moderators_editing_the_same_answer_lose_nothing(
    bench: Bench, guild: Guild, mona: User
) -> None:
    """The first is in service; the second is told, and finds what they wrote as a draft."""
    other = bench.server.add_user("otto")
    guild.give(other, guild.add_role("too", MANAGE_MESSAGES))
    first, second = await open_editor(bench, mona), await open_editor(bench, other)
    label = "Answer, Markdown (English)"
    done = await bench.server.submit(first, {label: "It opens at 8 a.m. every day."})
    assert "in service" in (await done.message())["content"]
    late = await bench.server.submit(second, {label: "It opens at noon every day."})
    told = (await late.message())["content"]
    assert "changed by somebody else" in told
    assert "8 a.m. every day" in bench.read()
    drafts = await bench.page(other, "drafts")
    draft = await (await bench.server.pick(drafts, other, "1")).message()
    assert "noon" in draft["embeds"][0]["description"]


async def test_a_form_is_taken_after_a_restart(bench: Bench, mona: User) -> None:
    """Its custom_ids tell all: the bot needs no memory of having shown it."""
    modal = await open_editor(bench, mona)
    await modal.first()
    await bench.end()
    await bench.start()
    label = "Answer, Markdown (French)"
    done = await bench.server.submit(modal, {label: "Ouverte à 8 heures."})
    assert "in service" in (await done.message())["content"]
    assert "Ouverte à 8 heures." in bench.read()


async def test_completion_offers_entries_to_moderators_only(
    bench: Bench, ana: User, mona: User
) -> None:
    """A visitor's client that asks anyway is offered nothing."""
    offered = await bench.server.complete(bench.channel, mona, "faq-admin edit", "entry", "library")
    assert "library-hours" in {choice["value"] for choice in offered}
    assert not await bench.server.complete(bench.channel, ana, "faq-admin edit", "entry", "lib")


# --- rights ---------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["status", "misses", "drafts", "stats", "due", "corrections",
                                  "auto-channels"])
async def test_a_visitor_sees_no_page(bench: Bench, ana: User, page: str) -> None:
    """Discord hides the command; who gets at it anyway is refused."""
    message = await bench.page(ana, page)
    assert message["content"] == "Only moderators may do this."
    assert not message["embeds"]


async def test_a_forged_click_changes_nothing(bench: Bench, ana: User, mona: User) -> None:
    """A moderator's buttons in a visitor's hands are refused, and so is a forged form."""
    await bench.ask(ana, FALLBACK)
    group = await bench.missed(mona, FALLBACK)
    before = {path: path.read_bytes() for path in bench.root.rglob("*.yaml")}
    for label in ("Out of scope", "Dismiss", "New entry"):
        custom_id = find_component(group, 2, label)["custom_id"]
        refused = await (await bench.server.press(group, ana, custom_id)).message()
        assert refused["content"] == "Only moderators may do this."
    modal = await open_editor(bench, mona)
    await modal.first()
    modal.user = ana
    forged = await bench.server.submit(modal, {"Answer, Markdown (English)": "Hacked."})
    assert (await forged.message())["content"] == "Only moderators may do this."
    assert before == {path: path.read_bytes() for path in bench.root.rglob("*.yaml")}
    assert await bench.missed(mona, FALLBACK)


async def test_a_role_of_the_settings_moderates(
    bench: Bench, guild: Guild, ana: User, curators: str
) -> None:
    """Without Manage Messages."""
    guild.give(ana, curators)
    assert "Open drafts: 0" in (await bench.page(ana, "status"))["embeds"][0]["description"]


async def test_rights_that_are_gone_count_at_once(
    bench: Bench, guild: Guild, ana: User, mona: User
) -> None:
    """A page opened as a moderator is of no use after that."""
    await bench.ask(ana, FALLBACK)
    group = await bench.missed(mona, FALLBACK)
    guild.member_roles[mona.id] = []
    refused = await (await bench.server.click(group, mona, "Dismiss")).message()
    assert refused["content"] == "Only moderators may do this."


async def test_the_command_is_for_those_who_manage_messages_in_servers(bench: Bench) -> None:
    """By default; a server's admins can open it to other roles."""
    command = bench.server.commands.find("faq-admin", 1, None)
    assert command["default_member_permissions"] == str(MANAGE_MESSAGES)
    assert (command["contexts"], command["integration_types"]) == ([0], [0])


# --- files that break -----------------------------------------------------------------------


async def test_a_broken_file_is_told_and_answers_go_on(
    bench: Bench, ana: User, mona: User, desk_channel: Channel
) -> None:
    """The channel and the status name the line; once mended, the new base is in service."""

    def told(message: JSON) -> bool:
        return bool(message["channel_id"] == desk_channel.id)

    good = bench.read()
    bench.write(good + BROKEN)
    [alarm] = await bench.server.sent.wait(told, seconds=15)
    assert f"{HOURS}:" in alarm["content"]
    answer = await bench.ask(ana, "When does the library open?")
    assert "9 a.m." in answer["embeds"][0]["description"]
    status = await bench.page(mona, "status")
    assert HOURS.split("/")[1] in status["embeds"][0]["description"].replace("\\", "")
    bench.write(good.replace("9 a.m.", "7 a.m."))
    alarms = await bench.server.sent.wait(told, count=2, seconds=15)
    assert "in order again" in alarms[1]["content"]
    used = await bench.server.command(
        bench.channel, ana, "faq", question="When does the library open?", private=True
    )
    assert "7 a.m." in (await used.message())["embeds"][0]["description"]


async def test_read_only_files_give_a_patch(
    bench: Bench, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change comes as a file for `git apply`, and stays as a draft."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(writing.tempfile, "mkstemp", refuse)
    before = bench.read()
    modal = await open_editor(bench, mona)
    used = await bench.server.submit(modal, {"Answer, Markdown (English)": "It opens at ten."})
    assert "git apply" in (await used.message())["content"]
    assert "+    It opens at ten." in used.files["changes.patch"].decode()
    assert bench.read() == before


# --- corrections, reviews, figures ----------------------------------------------------------


async def test_an_old_answer_is_corrected_where_it_stands(
    bench: Bench, ana: User, mona: User
) -> None:
    """The same message shows the new text and says since when; its asker can still delete it."""
    answer = await bench.ask(ana, "When does the library open?")
    modal = await open_editor(bench, mona)
    label = "Answer, Markdown (English)"
    await (await bench.server.submit(modal, {label: "It opens at 8 a.m. every day."})).message()
    for _ in range(100):
        page = await bench.page(mona, "corrections")
        if page["embeds"]:
            break
        await asyncio.sleep(0.05)  # the log is written behind the answers
    report = await (await bench.server.click(page, mona, "Correct all")).message()
    assert "brought up to date: 1" in report["content"]
    shown = bench.server.messages[answer["id"]]
    assert "8 a.m. every day" in shown["embeds"][0]["description"]
    assert "Updated on" in shown["content"]
    await bench.server.click(shown, ana, "🗑")
    await bench.server.requests.wait(lambda _: shown["id"] in bench.server.deleted)


async def test_a_deleted_message_is_counted_as_gone(bench: Bench, ana: User, mona: User) -> None:
    """Nothing is left to do then."""
    answer = await bench.ask(ana, "When does the library open?")
    await bench.server.delete(answer)
    modal = await open_editor(bench, mona)
    await (await bench.server.submit(modal, {"Question (English)": "When is it open?"})).message()
    for _ in range(100):
        page = await bench.page(mona, "corrections")
        if page["embeds"]:
            break
        await asyncio.sleep(0.05)
    picked = await bench.server.pick(page, mona, "library-hours")
    assert "No longer there: 1. Still to do: 0" in (await picked.message())["content"]


async def test_a_review_dates_the_answer(bench: Bench, mona: User) -> None:
    """`It still holds` writes both dates into the file."""
    due = await bench.page(mona, "due")
    review = await (await bench.server.pick(due, mona, "library-hours")).message()
    assert "9 a.m." in review["embeds"][0]["description"]
    done = await (await bench.server.pick(review, mona, "180")).message()
    assert "due again on" in done["content"]
    assert "review_by: 2025-12-31" not in bench.read()


async def test_stats_come_with_a_picture(bench: Bench, ana: User, mona: User) -> None:
    """The figures as text, the chart as a PNG."""
    await bench.ask(ana, "When does the library open?")
    used = await bench.admin(mona, "stats")
    message = await used.message(seconds=30)
    assert message["embeds"][0]["image"]["url"].endswith("figures.png")
    assert used.files["figures.png"].startswith(b"\x89PNG")


async def test_pages_are_in_the_moderators_language(
    bench: Bench, guild: Guild, mona: User
) -> None:
    """A French client gets French pages."""
    mona.locale = "fr"
    status = await bench.page(mona, "status")
    assert status["embeds"][0]["title"] == "La FAQ en ce moment"
    find_component(status, 2, "Brouillons")


# --- privacy --------------------------------------------------------------------------------


async def test_forget_me_erases_ones_records(bench: Bench, ana: User, mona: User) -> None:
    """What is kept is told; the button erases it, and the queue loses the question."""
    await bench.ask(ana, FALLBACK)
    await bench.missed(mona, FALLBACK)
    used = await bench.server.command(bench.channel, ana, "faq-privacy")
    told = await used.message()
    assert used.ephemeral
    assert "90 days" in told["content"]
    done = await (await bench.server.click(told, ana, "Forget me")).message()
    assert "Erased: 1" in done["content"]
    assert "Nothing is waiting" in (await bench.page(mona, "misses"))["content"]


async def test_forgetting_reaches_only_whoever_presses(
    bench: Bench, ana: User, bob: User, mona: User
) -> None:
    """Somebody else's button erases one's own records, never theirs."""
    await bench.ask(ana, FALLBACK)
    await bench.missed(mona, FALLBACK)
    told = await (await bench.server.command(bench.channel, ana, "faq-privacy")).message()
    done = await (await bench.server.click(told, bob, "Forget me")).message()
    assert "Erased: 0" in done["content"]
    assert await bench.missed(mona, FALLBACK)


# --- faults and hostile texts ---------------------------------------------------------------

OPENING, PASS = "When does the library open?", "How much does a stadium pass cost?"
EDITED = "/channels/{channel_id}/messages/{message_id}"


async def corrections(bench: Bench, user: User) -> JSON:
    """The page of corrections, once it has something to correct."""
    for _ in range(100):
        page = await bench.page(user, "corrections")
        if page["embeds"]:
            return page
        await asyncio.sleep(0.05)  # the log is written behind the answers
    raise AssertionError("nothing to correct")


async def test_corrections_cut_short_go_on_where_they_stopped(
    bench: Bench, ana: User, mona: User
) -> None:
    """Discord fails for a while: the report says what is left, and the next run does it."""
    answer = await bench.ask(ana, OPENING)
    bench.write(bench.read().replace("9 a.m.", "7 a.m."))
    await corrections(bench, mona)
    bench.server.faults.add("PATCH", EDITED, faults.server_error(503), times=4)
    page = await corrections(bench, mona)
    report = await (await bench.server.click(page, mona, "Correct all")).message(seconds=20)
    assert "Still to do: 1" in report["content"]
    page = await corrections(bench, mona)
    report = await (await bench.server.click(page, mona, "Correct all")).message(seconds=20)
    assert "brought up to date: 1" in report["content"]
    shown = bench.server.messages[answer["id"]]
    assert "7 a.m." in shown["embeds"][0]["description"]


async def test_a_correction_keeps_the_other_answer_of_a_message(
    bench: Bench, ana: User, mona: User
) -> None:
    """Two questions answered at once: both answers are still there, one of them new."""
    answer = await bench.ask(ana, f"{OPENING} {PASS}")
    before = [embed["title"] for embed in answer["embeds"]]
    assert len(before) == 2
    bench.write(bench.read().replace("9 a.m.", "7 a.m."))
    page = await corrections(bench, mona)
    report = await (await bench.server.click(page, mona, "Correct all")).message()
    assert "brought up to date: 1" in report["content"]
    shown = bench.server.messages[answer["id"]]
    assert [embed["title"] for embed in shown["embeds"]] == before
    assert "7 a.m." in str(shown["embeds"])


async def test_a_withdrawn_answer_is_taken_from_where_it_stands(
    bench: Bench, ana: User, mona: User
) -> None:
    """The entry is deleted: its message says so, and since when."""
    answer = await bench.ask(ana, PASS)
    card = bench.root / "services" / "library-card-price.yaml"
    questions = bench.root / "questions" / "en.yaml"
    questions.unlink()
    for path in (bench.root / "services").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("stadium-pass-price", "library-hours"), encoding="utf-8")
    (bench.root / "services" / "stadium-pass-price.yaml").unlink()
    assert card.exists()
    page = await corrections(bench, mona)
    await (await bench.server.click(page, mona, "Correct all")).message()
    shown = bench.server.messages[answer["id"]]
    assert not shown["embeds"]
    assert "Withdrawn on" in shown["content"]


@pytest.mark.parametrize(
    "text",
    [
        "zorgle ``` **bold** _x_ [a](https://example.org) ||spoiler|| " * 6,
        "zorgle @everyone <@&1> # heading\n> quote\n- list",
        "zorgle " + "ß" * 1500,
    ],
    ids=["markdown", "mentions", "long"],
)
async def test_a_hostile_question_is_shown_within_the_limits(
    text: str, bench: Bench, ana: User, mona: User
) -> None:
    """Whatever was asked, its page breaks no rule, pings nobody and can be used."""
    await bench.ask(ana, text)
    for _ in range(100):
        queue = await bench.page(mona, "misses")
        if queue["embeds"]:
            break
        await asyncio.sleep(0.05)  # the log is written behind the answers
    option = find_component(queue, 3, "Open a group")["options"][0]
    group = await (await bench.server.pick(queue, mona, option["value"])).message()
    draft = await (await bench.server.click(group, mona, "New entry")).message()
    assert "zorgle" in str(draft["embeds"]), draft["content"]
