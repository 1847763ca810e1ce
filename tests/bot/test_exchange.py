"""Entries go out and come back without loss; an import changes what differs and nothing else."""

import csv
import io
import json

import pytest

from bot.curation.editor import write_first
from bot.curation.files import Files
from bot.errors import KnowledgeError
from bot.exchange.files import export, read_file
from bot.exchange.merging import merge
from bot.exchange.records import ExchangeError
from bot.exchange.tables import read_csv
from bot.knowledge import BUNDLED, Glossary, KnowledgeBase, load_knowledge
from tests.bot.moderating import HOURS, make_base, make_faq


@pytest.fixture
def root(tmp_path):
    return make_base(tmp_path)


def taken_in(path, root, *, locale="en", category=None):
    files = Files(root)
    changed = merge(read_file(path, locale), files, load_knowledge(root), category)
    for edit in files.edits:
        (root / edit.path).parent.mkdir(parents=True, exist_ok=True)
        (root / edit.path).write_bytes(edit.after)
    return changed


def nothing(root):
    return KnowledgeBase(root=root, entries={}, sources={}, glossary=Glossary(), questions=(),
                         out_of_scope=(), fingerprint="")


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_what_was_exported_and_is_imported_changes_nothing(form, root, tmp_path):
    path = tmp_path / f"all.{form}"
    path.write_bytes(export(make_faq(root), form, "en").encode("utf-8-sig"))
    assert taken_in(path, root) == []


@pytest.mark.parametrize("form", ["csv", "json", "md"])
def test_an_export_makes_the_same_base_anew(form, tmp_path):
    """The shipped base, out and into an empty folder: every entry is equal, revision included."""
    faq = make_faq(BUNDLED)
    path = tmp_path / f"all.{form}"
    path.write_text(export(faq, form, "en"), encoding="utf-8", newline="")
    files = Files(tmp_path / "new")
    merge(read_file(path, "en"), files, nothing(files.root), None)
    files.root.mkdir()
    write_first(files)
    assert load_knowledge(files.root).entries == faq.knowledge.entries


def test_a_corrected_cell_changes_its_field_only(root, tmp_path):
    rows = list(csv.DictReader(io.StringIO(export(make_faq(root), "csv", "en"))))
    row = next(row for row in rows if row["id"] == "library-hours")
    row["variants en"] += "\nmay I come in on a Monday"
    row["standing"] = "confirmed"
    path = tmp_path / "edited.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row), delimiter=";")
        writer.writeheader()
        writer.writerow(row)
    before = (root / HOURS).read_text(encoding="utf-8")
    assert taken_in(path, root) == ["library-hours"]
    after = (root / HOURS).read_text(encoding="utf-8")
    assert after == before.replace("standing: disputed", "standing: confirmed").replace(
        "  # often\n", "  # often\n    - may I come in on a Monday\n")


def test_columns_that_are_not_there_touch_nothing(root, tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("id,answer fr\nlibrary-hours,Elle ouvre à 10 heures.\n", encoding="utf-8")
    before = load_knowledge(root).entries["library-hours"]
    assert taken_in(path, root) == ["library-hours"]
    after = load_knowledge(root).entries["library-hours"]
    assert after.texts["fr"].answer == "Elle ouvre à 10 heures."
    assert after.texts["fr"].variants == before.texts["fr"].variants
    assert after.texts["en"] == before.texts["en"]


def test_a_plain_french_spreadsheet_becomes_entries(root, tmp_path):
    path = tmp_path / "faq.csv"
    path.write_bytes('Question;Réponse\n"Où est le zoo ?";"Au nord.\n\nOu au sud."\n'.encode(
        "utf-8-sig"))
    assert taken_in(path, root, locale="fr", category="services") == ["zoo"]
    entry = load_knowledge(root).entries["zoo"]
    assert entry.texts["fr"].question == "Où est le zoo ?"
    assert entry.texts["fr"].answer == "Au nord.\n\nOu au sud."
    assert taken_in(path, root, locale="fr", category="services") == []


def test_headings_and_texts_of_any_document_become_entries(root, tmp_path):
    path = tmp_path / "faq.md"
    path.write_text("# Zoo\n\n## Is there a zoo?\n\nYes.\n\n## Is it free?\n\n- no\n- never\n")
    taken_in(path, root, category="services")
    assert load_knowledge(root).entries["free"].texts["en"].answer == "- no\n- never"


def test_an_answer_that_looks_like_the_format_comes_back_as_it_was(tmp_path):
    files = Files(tmp_path)
    answer = "# a heading\n\n\\# not one\n\n- variants\n\n### fr: oops"
    merge([{"id": "x", "category": "c", "en": {"question": "Q", "answer": answer}}],
          files, nothing(tmp_path), None)
    write_first(files)
    faq = make_faq(tmp_path)
    for form in ("csv", "json", "md"):
        path = tmp_path.parent / f"{tmp_path.name}.{form}"
        path.write_text(export(faq, form, "en"), encoding="utf-8", newline="")
        assert taken_in(path, tmp_path) == []


def test_cells_that_a_spreadsheet_would_run_are_made_text_and_come_back(root):
    faq = make_faq(root)
    assert read_csv("id,question\nx,\"'=1+1\"\n", "en")[0]["en"]["question"] == "=1+1"
    for row in csv.reader(io.StringIO(export(faq, "csv", "en"))):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(("name", "text", "message"), [
    ("a.csv", "colour,size\n1,2\n", "line 1: no column `question`"),
    ("a.csv", "id,figures\nx,{\n", "line 2: `figures`"),
    ("a.json", "{", "not readable as JSON"),
    ("a.json", '[{"id": "x", "en": {"question": 5}}]', "entry 1: `question` must be text"),
    ("a.md", "just text", "write each as a heading"),
    ("a.md", "<!-- aifaq: entries -->\n## x\nwhat\n", "line 3: expected"),
    ("a.pdf", "x", "only .csv, .json and .md"),
])
def test_faults_of_a_file_are_named_with_their_place(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ExchangeError, match=message):
        read_file(tmp_path / name, "en")


def test_an_entry_twice_or_without_a_category_is_named(root, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,question,answer\nx,Q,A\nx,Q,A\n")
    with pytest.raises(ExchangeError, match="line 2: x is new and has no category"):
        taken_in(path, root)
    with pytest.raises(ExchangeError, match="line 3: x stands there twice"):
        taken_in(path, root, category="services")


def test_what_would_not_load_is_not_written(tmp_path):
    files = Files(tmp_path)
    merge([{"id": "x", "category": "c", "standing": "perhaps",
            "en": {"question": "Q", "answer": "A"}}], files, nothing(tmp_path), None)
    with pytest.raises(KnowledgeError, match="perhaps"):
        write_first(files)
    assert not list(tmp_path.rglob("*.yaml"))


def test_the_page_escapes_what_could_be_markup(root):
    page = export(make_faq(root), "html", "en")
    assert "&lt;sometimes&gt;" in page
    assert "<sometimes>" not in page
    assert 'id="library-hours"' in page
    assert 'lang="fr"' in export(make_faq(root), "html", "fr")


def test_json_is_the_files_own_shape(root):
    first = json.loads(export(make_faq(root), "json", "en"))[0]
    assert {"id", "category", "standing", "as_of", "sources", "en", "fr"} <= set(first)
