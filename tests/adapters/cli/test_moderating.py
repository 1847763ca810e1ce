"""misses, drafts, stats, due, new, variant, import, export at the terminal."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from bot.settings import Settings
from bot.store import QuestionRecord, create_store
from tests.bot.moderating import HOURS, git, make_repository

POOL = "where is the swimming pool"


@pytest.fixture
def root(tmp_path, monkeypatch):
    root = make_repository(tmp_path / "work")
    monkeypatch.setenv("AIFAQ_KNOWLEDGE", str(root))
    monkeypatch.setenv("AIFAQ_DATABASE_URL", f"sqlite:///{tmp_path}/aifaq.sqlite3")
    monkeypatch.setenv("AIFAQ_DATA_DIR", str(tmp_path))
    return root


@pytest.fixture
def missed(root):
    """Two people asked for the swimming pool."""

    async def write():
        store = create_store(Settings())
        await store.open()
        await store.write([
            QuestionRecord(datetime.now(UTC), "slack", f"slack:{person}", "c", "en", "fallback",
                           0.1, (), text, 0.01)
            for person, text in enumerate((POOL, f"{POOL}?"))])
        await store.close()

    asyncio.run(write())


@pytest.mark.usefixtures("missed")
def test_a_miss_is_listed_shown_and_becomes_a_variant(aifaq, root):
    listed = aifaq("misses")
    key, line = listed.out.split()[0], listed.out
    assert POOL in line
    assert "2×" in line
    shown = aifaq("misses", "show", key)
    assert "nearest entries:" in shown.out
    done = aifaq("variant", "library-hours", "--miss", key)
    assert done.code == 0, done.err
    assert f"- {POOL}" in (root / HOURS).read_text(encoding="utf-8")
    assert aifaq("misses", "--json").out.strip() == "[]"


@pytest.mark.usefixtures("missed")
def test_a_miss_can_be_dismissed_or_put_out_of_scope(aifaq, root):
    key = aifaq("misses").out.split()[0]
    assert aifaq("misses", "out-of-scope", key).code == 0
    assert POOL in (root / "questions" / "en.yaml").read_text(encoding="utf-8")
    again = aifaq("misses", "dismiss", key)
    assert again.code == 1
    assert "dealt with" in again.err


def test_a_variant_that_steals_is_refused_in_a_sentence(aifaq, root):
    before = git(root, "status", "--porcelain")
    done = aifaq("variant", "museum-pass-price", "what does a stadium pass cost")
    assert done.code == 1
    assert "stadium-pass-price" in done.err
    assert "museum-pass-price" in done.err
    assert git(root, "status", "--porcelain") == before


def test_a_variants_language_is_seen_from_its_words(aifaq, root):
    text = "jusqu'à quelle heure peut-on emprunter des livres à la bibliothèque"
    assert aifaq("variant", "library-hours", text).code == 0
    french = (root / HOURS).read_text(encoding="utf-8").partition("\nfr:\n")[2]
    assert text in french


def test_a_new_entry_is_made_from_options_and_files(aifaq, root, tmp_path):
    (tmp_path / "a.md").write_text("By the river.\n\nIt is free.\n")
    done = aifaq("new", "zoo-place", "--category", "services", "--question", "en=Where is the zoo?",
                 "--answer", f"en=@{tmp_path / 'a.md'}", "--variant", "en=is there a zoo")
    assert done.code == 0, done.err
    text = (root / "services" / "zoo-place.yaml").read_text(encoding="utf-8")
    assert "    By the river.\n\n    It is free.\n" in text
    assert "By the river." in aifaq("ask", "is there a zoo").out
    lacking = aifaq("new", "zoo-two", "--category", "services", "--question", "en=And the aquarium?")
    assert lacking.code == 1
    assert "still to be written" in lacking.err


def test_drafts_are_listed_shown_exported_applied_and_rejected(aifaq, root, tmp_path):
    async def propose():
        from bot.app import App
        from bot.permissions import terminal_moderator

        app = App.create(Settings())
        app.store = create_store(Settings())
        await app.store.open()
        for text in ("may I come in on a Monday", "may I bring my dog along"):
            await app.moderation.propose_variant(
                terminal_moderator(), entry_id="library-hours", locale="en", texts=[text])
        await app.store.close()

    asyncio.run(propose())
    assert "may I come in on a Monday" in aifaq("drafts").out
    assert "+    - may I come in on a Monday" in aifaq("drafts", "show", "1").out
    patch = tmp_path / "drafts.patch"
    patch.write_text(aifaq("drafts", "export").out, encoding="utf-8")
    git(root.parent, "apply", "--check", str(patch))
    assert aifaq("drafts", "apply", "1").code == 0
    again = aifaq("drafts", "apply", "1")
    assert (again.code, "applied" in again.err) == (1, True)
    assert aifaq("drafts", "reject", "2", "--note", "no dogs").code == 0
    states = {one["id"]: one["status"] for one in json.loads(
        aifaq("drafts", "list", "--status", "all", "--json").out)}
    assert states == {1: "applied", 2: "rejected"}
    assert aifaq("drafts", "show", "99").code == 1
    assert aifaq("drafts", "list", "--status", "lost").code == 2


@pytest.mark.usefixtures("missed")
def test_stats_are_said_and_drawn(aifaq, tmp_path):
    done = aifaq("stats", "--since", "2w", "--png", str(tmp_path / "stats.png"))
    assert "Questions in 14 days: 2" in done.out
    assert (tmp_path / "stats.png").read_bytes().startswith(b"\x89PNG")
    assert aifaq("stats", "--since", "soon").code == 2


@pytest.mark.usefixtures("root")
def test_overdue_answers_are_listed_and_fail_the_command(aifaq):
    done = aifaq("due")
    assert "library-hours" in done.out
    assert done.code == 1


@pytest.mark.usefixtures("root")
def test_a_spreadsheet_goes_out_and_in_without_a_change(aifaq, tmp_path):
    path = tmp_path / "all.csv"
    assert aifaq("export", "--format", "csv", "-o", str(path)).code == 0
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "Nothing differs" in aifaq("import", str(path)).err


def test_an_import_is_shown_as_a_patch_then_written_unless_it_steals(aifaq, root, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("id,category,question,answer,variants\n"
                    "zoo-place,services,Where is the zoo?,By the river.,is there a zoo\n")
    patch = aifaq("import", str(path), "--dry-run").out
    assert "+++ b/knowledge/services/zoo-place.yaml" in patch
    assert not (root / "services" / "zoo-place.yaml").exists()
    assert aifaq("import", str(path)).out.strip() == "services/zoo-place.yaml"
    path.write_text("id,category,question,answer\n"
                    "thief,services,what does a stadium pass cost,Nothing.\n")
    stolen = aifaq("import", str(path))
    assert stolen.code == 1
    assert "stadium-pass-price" in stolen.err
    assert not (root / "services" / "thief.yaml").exists()


def test_a_first_import_makes_a_base(aifaq, tmp_path):
    path = tmp_path / "faq.md"
    path.write_text("## Where is the zoo?\n\nBy the river.\n\n## Is it free?\n\nYes.\n")
    folder = tmp_path / "fresh"
    done = aifaq("import", str(path), "--category", "zoo", "--knowledge", str(folder))
    assert done.code == 0, done.err
    assert len(list(folder.rglob("*.yaml"))) == 2
