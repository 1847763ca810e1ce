"""A change is tried beside what is in service, then written whole, or refused with reasons."""

import errno
import threading
from datetime import date

import pytest

from bot.curation import git as knowledge_git
from bot.curation import write as writing
from bot.curation.changes import (
    AddVariants,
    EditTexts,
    NewEntry,
    OutOfScope,
    Reviewed,
    make_change,
    read_change,
)
from bot.curation.editor import Editor
from bot.curation.files import FileEdit, Files
from bot.curation.patch import unified_patch
from bot.curation.typed import text_hash, typed_markdown, typed_title
from bot.errors import ChangeRefused, CurationError, EditConflict, PermissionDenied
from bot.knowledge import load_knowledge
from bot.models import Question
from tests.bot.moderating import (
    ANN,
    HOURS,
    VISITOR,
    git,
    make_base,
    make_faq,
    make_repository,
    make_settings,
)


@pytest.fixture
def root(tmp_path):
    return make_base(tmp_path)


@pytest.fixture
def editor(root):
    return Editor(make_faq(root), make_settings(root))


def variant(*texts, entry="library-hours", locale="en"):
    return AddVariants(entry_id=entry, locale=locale, texts=texts)


def answer(text, *, old, locale="en", entry="library-hours"):
    edits = [{"locale": locale, "field": "answer", "text": text, "old": old}]
    return make_change(EditTexts, entry_id=entry, edits=edits)


def problems(error):
    return [problem.key for problem in error.value.problems]


# What goes into the files


def test_a_variant_goes_into_its_file_and_the_comments_stay(editor, root):
    before = (root / HOURS).read_text(encoding="utf-8")
    applied = editor.apply(variant("may I come  in on a Monday"), ANN)
    after = (root / HOURS).read_text(encoding="utf-8")
    line = "    - may I come in on a Monday\n"
    assert line in after
    assert after.replace(line, "") == before
    assert applied.written
    assert applied.paths == (HOURS,)
    assert load_knowledge(root).entries["library-hours"].texts["en"].variants[-1] == (
        "may I come in on a Monday")


def test_a_known_wording_is_refused_whatever_its_case(editor):
    with pytest.raises(ChangeRefused) as refused:
        editor.apply(variant("LIBRARY  opening hours"), ANN)
    assert problems(refused) == ["known_variant"]


def test_only_moderators_may_change_anything(editor, root):
    before = (root / HOURS).read_bytes()
    with pytest.raises(PermissionDenied):
        editor.apply(variant("may I come in"), VISITOR)
    assert (root / HOURS).read_bytes() == before


def test_an_edited_answer_keeps_the_rest_of_its_file(editor, root):
    entry = load_knowledge(root).entries["library-hours"]
    old = text_hash(entry.texts["fr"].answer)
    editor.apply(answer("Elle ouvre à 10 heures ; c'est sûr ?", old=old, locale="fr"), ANN)
    text = (root / HOURS).read_text(encoding="utf-8")
    assert "    Elle ouvre à 10 heures\u00a0; c'est sûr\u00a0?\n" in text
    assert "# Mind the holidays." in text
    assert load_knowledge(root).entries["library-hours"].texts["en"] == entry.texts["en"]


def test_an_answer_that_somebody_else_changed_is_a_conflict(editor, root):
    old = text_hash(load_knowledge(root).entries["library-hours"].texts["en"].answer)
    editor.apply(answer("It opens at ten.", old=old), ANN)
    before = (root / HOURS).read_bytes()
    with pytest.raises(EditConflict) as conflict:
        editor.apply(answer("It opens at eleven.", old=old), ANN)
    assert problems(conflict) == ["conflict"]
    assert (root / HOURS).read_bytes() == before


def test_a_new_entry_is_a_complete_file(editor, root):
    change = make_change(
        NewEntry, entry_id="zoo-hours", category="services", as_of=date(2026, 11, 1),
        texts={"fr": {"question": "Quand le zoo ouvre-t-il ?", "answer": "À midi : à 12 h.",
                      "variants": ["horaires du zoo", "Horaires du  zoo"]}},
    )
    editor.apply(change, ANN)
    text = (root / "services" / "zoo-hours.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../entry.schema.json\nid: zoo-hours\n")
    entry = load_knowledge(root).entries["zoo-hours"]
    assert entry.texts["fr"].question == "Quand le zoo ouvre-t-il\u00a0?"
    assert entry.texts["fr"].answer == "À midi\u00a0: à 12 h."
    assert entry.as_of == date(2026, 11, 1)


def test_a_new_entry_without_its_answer_waits(editor, root):
    change = make_change(NewEntry, entry_id="zoo-hours", category="services",
                         as_of=date(2026, 11, 1), texts={"en": {"question": "When?"}})
    with pytest.raises(ChangeRefused) as refused:
        editor.apply(change, ANN)
    assert problems(refused) == ["missing_text"]
    patch, found = editor.preview([change])
    assert "question: When?" in patch
    assert [problem.key for problem in found] == ["missing_text"]


@pytest.mark.parametrize(
    "entry_id", ["../evil", "a/b", "..", ".hidden", "a\\b", "a\nb", "x" * 200, ""]
)
def test_an_id_that_could_leave_the_folder_is_no_id(entry_id):
    with pytest.raises(CurationError):
        make_change(NewEntry, entry_id=entry_id, category="services", as_of=date(2026, 1, 1),
                    texts={})
    with pytest.raises(CurationError):
        make_change(NewEntry, entry_id="fine", category=entry_id, as_of=date(2026, 1, 1), texts={})


def test_out_of_scope_joins_the_regression_questions(editor, root):
    change = make_change(OutOfScope, texts=[
        {"locale": "en", "text": "who paints the walls", "near": False},
        {"locale": "fr", "text": "qui peint les murs", "near": True},
    ])
    editor.apply(change, ANN)
    base = load_knowledge(root)
    assert {(one.text, one.locale, one.near) for one in base.out_of_scope} >= {
        ("who paints the walls", "en", False), ("qui peint les murs", "fr", True)}
    text = (root / "questions" / "en.yaml").read_text(encoding="utf-8")
    assert "# asked every spring" in text


def test_a_question_that_is_answered_cannot_be_out_of_scope(editor):
    change = make_change(OutOfScope, texts=[
        {"locale": "en", "text": "When does the library open?", "near": True}])
    with pytest.raises(ChangeRefused) as refused:
        editor.apply(change, ANN)
    assert problems(refused) == ["still_answered"]
    assert "library-hours" in str(refused.value)


def test_a_review_moves_the_dates_only(editor, root):
    before = (root / HOURS).read_text(encoding="utf-8")
    editor.apply(make_change(Reviewed, entry_id="library-hours", as_of=date(2026, 11, 1),
                             review_by=date(2027, 5, 1)), ANN)
    after = (root / HOURS).read_text(encoding="utf-8")
    assert after == before.replace("as_of: 2025-09-01", "as_of: 2026-11-01").replace(
        "review_by: 2025-12-31", "review_by: 2027-05-01")


def test_a_change_survives_its_way_through_a_draft():
    change = variant("one", "two")
    assert read_change(change.content()) == change
    with pytest.raises(CurationError):
        read_change({"kind": "variant", "entry_id": "a"})
    with pytest.raises(CurationError):
        read_change({"kind": "from the future"})


# The trial


def test_a_variant_that_steals_is_refused_with_both_entries_named(editor, root):
    before = (root / "services" / "museum-pass-price.yaml").read_bytes()
    stolen = "how much is a stadium pass"
    with pytest.raises(ChangeRefused) as refused:
        editor.apply(variant(stolen, "what does a stadium pass cost", entry="museum-pass-price"),
                     ANN)
    assert "steals" in problems(refused)
    assert "stadium-pass-price" in str(refused.value)
    assert "museum-pass-price" in str(refused.value)
    assert (root / "services" / "museum-pass-price.yaml").read_bytes() == before


def test_force_writes_all_the_same_but_never_what_would_not_load(editor, root):
    change = variant("what does a stadium pass cost", entry="museum-pass-price")
    assert editor.apply(change, ANN, force=True).written
    broken = root / "services" / "stadium-pass-price.yaml"
    broken.write_text(broken.read_text(encoding="utf-8") + "oops: 1\n", encoding="utf-8")
    with pytest.raises(ChangeRefused, match=r"stadium-pass-price\.yaml:\d+"):
        editor.apply(variant("may I come in"), ANN, force=True)


def test_an_out_of_scope_question_must_stay_unanswered(editor):
    with pytest.raises(ChangeRefused) as refused:
        editor.apply(variant("how much is a cinema ticket", entry="museum-pass-price"), ANN)
    assert "answers_out_of_scope" in problems(refused)


def test_the_trial_leaves_what_is_in_service_alone(root):
    faq = make_faq(root)
    version = faq.version
    Editor(faq, make_settings(root)).preview([variant("may I come in on a Monday")])
    assert faq.version == version
    assert faq.respond(Question("When does the library open?")).answer is not None


# Writing


def test_a_file_that_changes_during_the_trial_is_never_overwritten(editor, root, monkeypatch):
    """Somebody saves the file in an editor after it was read and before it is written."""
    theirs = (root / HOURS).read_bytes() + b"# theirs\n"

    def meanwhile(*_arguments):
        (root / HOURS).write_bytes(theirs)
        return []

    monkeypatch.setattr(editor._trials, "problems", meanwhile)
    with pytest.raises(EditConflict) as conflict:
        editor.apply(variant("may I come in on a Monday"), ANN)
    assert problems(conflict) == ["file_changed"]
    assert (root / HOURS).read_bytes() == theirs
    assert not list(root.rglob("*.tmp"))


def test_two_moderators_at_once_lose_nothing(root):
    """Each in a process of their own: what the lock and the hash check must withstand."""
    editors = [Editor(make_faq(root), make_settings(root)) for _ in range(2)]
    errors = []

    def add(number):
        for each in range(3):
            try:
                editors[number].apply(variant(f"wording {number} {'abc'[each]} of mine"), ANN)
            except Exception as error:  # noqa: BLE001
                errors.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    variants = load_knowledge(root).entries["library-hours"].texts["en"].variants
    assert {text for text in variants if text.startswith("wording")} == {
        f"wording {number} {letter} of mine" for number in range(2) for letter in "abc"}


def test_a_full_disk_leaves_the_old_file_whole(editor, root, monkeypatch):
    before = {path: path.read_bytes() for path in root.rglob("*.yaml")}

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        editor.apply(variant("may I come in on a Monday"), ANN)
    assert {path: path.read_bytes() for path in root.rglob("*")
            if path.is_file()} == before


def test_a_read_only_folder_gives_a_patch_that_git_takes(tmp_path, monkeypatch):
    root = make_repository(tmp_path)
    editor = Editor(make_faq(root), make_settings(root))

    def read_only(*_arguments, **_options):
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(writing.tempfile, "mkstemp", read_only)
        applied = editor.apply(variant("may I come in on a Monday"), ANN)
    assert not applied.written
    assert git(tmp_path, "status", "--porcelain") == ""
    (tmp_path / "change.patch").write_text(applied.patch, encoding="utf-8", newline="")
    git(tmp_path, "apply", "--check", "change.patch")
    git(tmp_path, "apply", "change.patch")
    assert "may I come in on a Monday" in (root / HOURS).read_text(encoding="utf-8")


def test_patches_hold_new_files_windows_lines_and_missing_last_newlines(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "a.yaml").write_bytes(b"one\r\ntwo\r\nthree")
    git(tmp_path, "add", "-A")
    edits = [
        FileEdit("a.yaml", b"one\r\ntwo\r\nthree", b"one\r\nTWO\r\nthree\r\nfour"),
        FileEdit("new/b.yaml", None, "é\n-- x\n++ y".encode()),
    ]
    (tmp_path / "p").write_bytes(unified_patch(edits).encode())
    git(tmp_path, "apply", "p")
    assert (tmp_path / "a.yaml").read_bytes() == edits[0].after
    assert (tmp_path / "new" / "b.yaml").read_bytes() == edits[1].after


def test_changes_are_exported_on_top_of_each_other(tmp_path):
    root = make_repository(tmp_path)
    editor = Editor(make_faq(root), make_settings(root))
    patch = editor.export([variant("wording one of mine"), variant("wording two of mine")])
    assert patch.count("diff --git a/knowledge/services/library-hours.yaml") == 1
    (tmp_path / "p").write_text(patch, encoding="utf-8")
    git(tmp_path, "apply", "p")
    assert {"wording one of mine", "wording two of mine"} <= set(
        load_knowledge(root).entries["library-hours"].texts["en"].variants)


# git


def test_each_change_is_a_commit_by_its_moderator_and_of_its_file_only(tmp_path):
    root = make_repository(tmp_path)
    other = root / "services" / "museum-pass-price.yaml"
    other.write_text(other.read_text(encoding="utf-8") + "# unsaved thought\n", encoding="utf-8")
    git(tmp_path, "add", "-A")
    editor = Editor(make_faq(root), make_settings(root, knowledge_git="commit"))
    applied = editor.apply(variant("may I come in on a Monday"), ANN)
    log = git(tmp_path, "log", "-1", "--format=%h|%an|%ae|%cn", "--name-only").split()
    assert log[0].split("|") == [applied.commit, "Ann", "ann@example.org", "aifaq"]
    assert log[1:] == [f"knowledge/{HOURS}"]
    assert "museum-pass-price" in git(tmp_path, "diff", "--cached", "--name-only")


def test_a_commit_that_a_hook_refuses_is_said_and_the_file_is_written(tmp_path):
    root = make_repository(tmp_path)
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no commits today >&2\nexit 1\n")
    hook.chmod(0o755)
    editor = Editor(make_faq(root), make_settings(root, knowledge_git="commit"))
    applied = editor.apply(variant("may I come in on a Monday"), ANN)
    assert applied.written
    assert not applied.commit
    assert "no commits today" in applied.git_error


def test_a_name_made_to_forge_an_author_is_defused():
    from dataclasses import replace

    forged = replace(ANN, name="Eve <root@example.org>\nDate: now", email="a>\n b@c")
    assert knowledge_git.author(forged) == "Eve root@example.org Date: now <ab@c>"
    assert knowledge_git.author(replace(ANN, name="", email="")) == "42 <42@discord.invalid>"


# What people type


def test_typed_lines_stay_lines_and_french_gets_its_spaces():
    assert typed_markdown("one\r\ntwo\n- a\n- b", "en") == "one\n\ntwo\n- a\n- b"
    assert typed_markdown("C'est « sûr » ?\u200b", "fr") == "C'est «\u00a0sûr\u00a0»\u00a0?"
    assert typed_title("Quel\nprix ?", "fr") == "Quel prix\u00a0?"
    assert typed_title("Why ?", "en") == "Why ?"


def test_no_break_spaces_that_a_platform_drops_are_no_change():
    assert text_hash("C'est sûr\u00a0?") == text_hash("C'est  sûr ?\n")
    assert text_hash("C'est sûr?") != text_hash("C'est sûr ?")


@pytest.mark.parametrize("path", ["../x.yaml", "a/../../x.yaml", "/etc/x", ".git/x", "a//b"])
def test_no_edit_leads_out_of_the_folder(root, path):
    with pytest.raises(CurationError):
        Files(root).put(path, "x")


def test_files_on_top_of_the_folder_are_read_from_there(root):
    files = Files(root)
    assert files.read("nothing.yaml") is None
    files.put("nothing.yaml", "a: b\n")
    assert files.read("nothing.yaml") == "a: b\n"
    assert [(edit.path, edit.before) for edit in files.edits] == [("nothing.yaml", None)]
    assert not (root / "nothing.yaml").exists()
