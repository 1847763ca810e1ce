"""What is on the disk goes into service whole or not at all, and each fault is told once."""

import asyncio
import shutil

import pytest

from bot.models import Question
from bot.reload import Reloader
from tests.bot.moderating import HOURS, make_base, make_faq

ASKED = Question("When does the library open?", locale="en")


@pytest.fixture
def root(tmp_path):
    return make_base(tmp_path)


@pytest.fixture
def faq(root):
    return make_faq(root)


@pytest.fixture
def reports():
    return []


@pytest.fixture
async def reloader(faq, root, reports):
    made = Reloader(faq, root, 0, shrink=1000)
    made.subscribe(reports.append)
    assert await made.check()
    return made


def edit(root, old, new, path=HOURS):
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), encoding="utf-8")


async def test_an_edit_is_in_service_at_the_next_look(reloader, faq, root, reports):
    edit(root, "9 a.m.", "7 a.m.")
    assert await reloader.check()
    assert "7 a.m." in faq.respond(ASKED).answer.text
    assert reloader.swaps == 1
    assert reports == []


async def test_what_the_program_began_with_is_not_loaded_again(reloader):
    assert await reloader.check()
    assert reloader.swaps == 0


async def test_a_broken_file_is_told_once_with_its_line_and_answers_go_on(
    reloader, faq, root, reports
):
    good = (root / HOURS).read_bytes()
    version = faq.version
    edit(root, "sources: [town-rules]", "sources: [town-rules")
    for _ in range(3):
        assert not await reloader.check()
    assert [report.ok for report in reports] == [False]
    assert reports[0].faults[0].startswith(f"{HOURS}:")
    assert reloader.faults == reports[0].faults
    assert faq.version == version
    assert faq.respond(ASKED).answer is not None
    (root / HOURS).write_bytes(good)
    assert await reloader.check()
    assert [report.ok for report in reports] == [False, True]
    assert reloader.faults == ()


async def test_each_new_broken_state_is_told(reloader, root, reports):
    edit(root, "sources: [town-rules]", "sources: [town-rules")
    await reloader.check()
    edit(root, "standing: disputed", "standing: perhaps")
    await reloader.check()
    edit(root, "sources: [town-rules", "sources: [town-rules]")
    await reloader.check()
    assert [report.ok for report in reports] == [False, False]
    assert "perhaps" in reports[-1].faults[0]


async def test_a_report_is_written_in_the_moderators_language(reloader, faq, root, reports):
    edit(root, "sources: [town-rules]", "sources: [town-rules")
    await reloader.check()
    text = reports[0].text(faq.messages, "fr")
    assert text.splitlines()[0].startswith("Les fichiers de connaissances")
    assert f"{HOURS}:" in text


async def test_an_error_of_the_linter_keeps_the_last_good_base(reloader, faq, root, reports):
    edit(root, "related: [library-card-price]", "related: [no-such-entry]")
    assert not await reloader.check()
    assert "no-such-entry" in reports[0].faults[0]
    assert faq.knowledge.entries["library-hours"].related == ("library-card-price",)


async def test_a_broken_interface_file_keeps_the_last_good_phrases(reloader, root, reports):
    (root / "interface").mkdir()
    (root / "interface" / "en.yaml").write_text("fallback: [", encoding="utf-8")
    assert not await reloader.check()
    assert reports[0].faults[0].startswith("interface/en.yaml:2")


@pytest.mark.parametrize("how", ["vanished", "emptied", "a file"])
async def test_a_folder_that_is_not_there_never_becomes_an_empty_base(
    reloader, faq, root, reports, how
):
    aside = root.with_name("aside")
    root.rename(aside)
    if how == "emptied":
        root.mkdir()
    elif how == "a file":
        root.write_text("x")
    assert not await reloader.check()
    assert len(faq.knowledge.entries) == 4
    assert faq.respond(ASKED).answer is not None
    assert len(reports) == 1
    if how == "emptied":
        root.rmdir()
    elif how == "a file":
        root.unlink()
    aside.rename(root)
    assert await reloader.check()
    assert [report.ok for report in reports] == [False, True]


async def test_a_half_copied_folder_waits(faq, root, reports):
    """Most entries gone at once: that is a copy under way far more often than a decision."""
    reloader = Reloader(faq, root, 0, shrink=1000)
    reloader.subscribe(reports.append)
    await reloader.check()
    for name in ("museum-pass-price", "stadium-pass-price", "library-card-price"):
        (root / "services" / f"{name}.yaml").unlink()
    edit(root, "related: [library-card-price]", "related: []")
    (root / "questions" / "en.yaml").unlink()
    (root / "sources.yaml").write_text(
        (root / "sources.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert not await reloader.check()
    assert len(faq.knowledge.entries) == 4
    assert "only 1 of 4 entries" in reports[0].faults[0]
    reloader._shrink = 0  # the time is over
    assert await reloader.check()
    assert len(faq.knowledge.entries) == 1
    assert [report.ok for report in reports] == [False, True]


async def test_a_state_that_is_still_being_written_is_not_loaded(faq, root, monkeypatch):
    reloader = Reloader(faq, root, 0, settle=0)
    await reloader.check()
    edit(root, "9 a.m.", "7 a.m.")
    written = iter(["7 a.m.", "6 a.m."])

    async def write_on(_seconds):
        edit(root, next(written), "6 a.m.")

    monkeypatch.setattr("bot.reload.asyncio.sleep", write_on)
    assert not await reloader.check(settled=False)
    assert reloader.swaps == 0


async def test_a_file_written_during_the_load_is_looked_at_again(reloader, faq, root, monkeypatch):
    real = reloader._load

    def load_then_write():
        loaded = real()
        edit(root, "7 a.m.", "6 a.m.")
        return loaded

    edit(root, "9 a.m.", "7 a.m.")
    monkeypatch.setattr(reloader, "_load", load_then_write)
    assert not await reloader.check()
    monkeypatch.setattr(reloader, "_load", real)
    assert await reloader.check()
    assert "6 a.m." in faq.respond(ASKED).answer.text


async def test_answers_go_on_while_a_base_is_being_built(reloader, faq, root, monkeypatch):
    import threading

    loading, go_on = threading.Event(), threading.Event()
    real = reloader._load

    def slow():
        loading.set()
        assert go_on.wait(10)
        return real()

    monkeypatch.setattr(reloader, "_load", slow)
    edit(root, "9 a.m.", "7 a.m.")
    check = asyncio.create_task(reloader.check())
    await asyncio.to_thread(loading.wait, 10)
    assert "9 a.m." in faq.respond(ASKED).answer.text
    go_on.set()
    assert await check
    assert "7 a.m." in faq.respond(ASKED).answer.text


async def test_a_running_reloader_looks_by_itself_and_when_poked(faq, root):
    told = asyncio.Event()
    reloader = Reloader(faq, root, 3600, settle=0)
    reloader.subscribe(lambda _report: told.set())
    await reloader.start()
    try:
        edit(root, "sources: [town-rules]", "sources: [town-rules")
        reloader.poke()
        await asyncio.wait_for(told.wait(), 10)
    finally:
        await reloader.close()


async def test_a_swapped_link_as_a_config_map_makes_is_noticed(tmp_path):
    """A ConfigMap mount changes by swapping one symbolic link; no file event tells of it."""
    first = make_base(tmp_path / "1")
    second = make_base(tmp_path / "2")
    edit(second, "9 a.m.", "7 a.m.")
    mount = tmp_path / "mount"
    mount.symlink_to(first, target_is_directory=True)
    faq = make_faq(mount)
    reloader = Reloader(faq, mount, 0)
    await reloader.check()
    swapped = tmp_path / "swapped"
    swapped.symlink_to(second, target_is_directory=True)
    swapped.replace(mount)
    assert await reloader.check()
    assert "7 a.m." in faq.respond(ASKED).answer.text


async def test_a_hundred_half_written_states_never_leave_the_bot_without_its_base(
    faq, root, tmp_path
):
    good = tmp_path / "good"
    shutil.copytree(root, good)
    reloader = Reloader(faq, root, 0, shrink=1000)
    await reloader.check()
    raw = (root / HOURS).read_bytes()
    for number in range(100):
        (root / HOURS).write_bytes(raw[: len(raw) * number // 100])
        await reloader.check()
        assert faq.respond(ASKED).answer is not None
    (root / HOURS).write_bytes(raw)
    assert await reloader.check()


async def test_a_renamed_entry_keeps_its_old_buttons(reloader, faq, root):
    text = (root / HOURS).read_text(encoding="utf-8")
    (root / HOURS).unlink()
    (root / "services" / "opening-hours.yaml").write_text(
        text.replace("id: library-hours", "id: opening-hours\nformerly: [library-hours]"),
        encoding="utf-8")
    for path in [*root.glob("services/*.yaml"), root / "questions" / "en.yaml"]:
        old = path.read_text(encoding="utf-8")
        path.write_text(old.replace("related: [library-hours", "related: [opening-hours")
                        .replace(", library-hours]", ", opening-hours]")
                        .replace("  library-hours:", "  opening-hours:"), encoding="utf-8")
    assert await reloader.check(), reloader.faults
    assert faq.show("library-hours", "en").answer.entry_id == "opening-hours"
