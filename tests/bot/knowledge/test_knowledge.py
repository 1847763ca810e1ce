"""A folder becomes a base, or a complete list of what is wrong with it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge import BUNDLED, content_hash, load_knowledge
from bot.knowledge.schema import schema_text
from bot.models import Standing
from tests.data import clean_base, write_base

LEAST = """\
id: {id}
category: c
en:
  question: What is {id}?
  answer: It is {id}.
"""


def faults_of(root: Path) -> list[str]:
    """The faults of a folder as the terminal shows them."""
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(root)
    return [str(fault) for fault in caught.value.faults]


# What is loaded


def test_an_entry_needs_an_id_a_category_and_one_language(tmp_path):
    """Everything else is optional to the loader."""
    write_base(tmp_path, {"c/one.yaml": LEAST.format(id="one")})
    base = load_knowledge(tmp_path)
    entry = base.entries["one"]
    assert entry.texts["en"].question == "What is one?"
    assert (entry.standing, entry.as_of, entry.sources, entry.figures) == (None, None, (), None)
    assert (base.sources, base.questions, base.glossary.names) == ({}, (), {})
    assert base.locales == ("en",)


def test_a_key_with_nothing_after_it_counts_as_absent(tmp_path):
    """`variants:` alone is how a half-finished entry looks."""
    text = LEAST.format(id="one") + "  variants:\n  not:\nsources:\nstanding:\n"
    write_base(tmp_path, {"c/one.yaml": text})
    assert load_knowledge(tmp_path).entries["one"].texts["en"].variants == ()


def test_values_keep_the_text_that_was_written(tmp_path):
    """`no`, `1.10` and `12:30` stay what people wrote; only figures and dates are read."""
    write_base(
        tmp_path,
        {
            "c/no.yaml": """\
            id: no
            category: c
            standing: disputed
            as_of: 2026-11-01
            figures: {unit: USD, values: [{value: 5576000, en: V3}, {value: 1.10, en: 12:30}]}
            en:
              question: no
              variants: [1.10, 12:30, yes, null]
              answer: |
                One
                line.
            """
        },
    )
    entry = load_knowledge(tmp_path).entries["no"]
    assert entry.texts["en"].variants == ("1.10", "12:30", "yes", "null")
    assert entry.texts["en"].answer == "One line."
    assert entry.standing is Standing.DISPUTED
    assert entry.as_of is not None
    assert entry.as_of.isoformat() == "2026-11-01"
    assert [value.value for value in entry.figures.values] == [5576000, 1.1]
    assert entry.figures.values[1].labels == {"en": "12:30"}


def test_a_third_language_needs_only_data(tmp_path):
    """Any two-letter block is a language."""
    text = LEAST.format(id="one").replace("en:", "pt:")
    write_base(tmp_path, {"c/one.yaml": text})
    assert load_knowledge(tmp_path).locales == ("pt",)


def test_any_id_that_a_file_and_a_button_can_carry_is_loaded(tmp_path):
    """Ids of other people's bases have capitals, underscores and signs."""
    ids = ["Refund_not_showing_up", "reverted_payment?", "7", "été"]
    write_base(tmp_path, {f"c/{n}.yaml": LEAST.format(id=one) for n, one in enumerate(ids)})
    assert sorted(load_knowledge(tmp_path).entries) == sorted(ids)


def test_questions_sources_and_glossary_are_read(tmp_path):
    """The shared files are found by their place."""
    files = clean_base() | {
        "glossary.yaml": "names: {bread: [loaf, baguette]}\n"
        "synonyms: {cost: {en: [price], fr: [prix]}}"
    }
    base = load_knowledge(write_base(tmp_path, files))
    assert base.sources["paper"].date == "2025-01"
    assert base.glossary.names == {"bread": ("loaf", "baguette")}
    assert base.glossary.synonyms == {"cost": ("price", "prix")}
    question = next(one for one in base.questions if one.text.startswith("flour"))
    assert question.accept == ("bread-price", "tea-origin")
    assert (question.locale, question.line) == ("en", 6)
    assert [(one.text, one.near, one.line) for one in base.out_of_scope] == [
        ("how long does coffee keep", True, 14),
        ("hello there", False, 16),
    ]


def test_a_renamed_entry_is_found_by_its_former_id(tmp_path):
    """Old buttons keep working."""
    text = LEAST.format(id="new") + "formerly: [old]\n"
    base = load_knowledge(write_base(tmp_path, {"c/new.yaml": text}))
    assert base.find("old") is base.entries["new"]
    assert base.find("older") is None


def test_the_fingerprint_follows_the_content_and_not_its_layout(tmp_path):
    """A comment changes nothing; a word does."""
    path = write_base(tmp_path, {"c/one.yaml": LEAST.format(id="one")}) / "c/one.yaml"
    before = load_knowledge(tmp_path)
    path.write_text("# a comment\n" + path.read_text())
    assert load_knowledge(tmp_path).fingerprint == before.fingerprint
    path.write_text(path.read_text().replace("It is", "It was"))
    after = load_knowledge(tmp_path)
    assert after.fingerprint != before.fingerprint
    assert after.entries["one"].revision != before.entries["one"].revision


# What is refused


def test_all_faults_of_all_files_come_at_once(tmp_path):
    """Nobody mends one fault to be told the next."""
    write_base(
        tmp_path,
        {
            "a/broken.yaml": "id: broken\ncategory: [a\n",
            "a/typos.yaml": """\
            id: typos
            category: a
            standing: certain
            as_of: 2026-13-01
            relatd: [broken]
            en:
              question: ""
              variant: [x]
              answer: x
            """,
            "a/good.yaml": LEAST.format(id="good"),
            "b/good.yaml": LEAST.format(id="good"),
            "sources.yaml": "paper: {publisher: P, title: T, url: example.org, date: yesterday}",
            "questions/en.yaml": "entries: {good: [{text: x, acept: [y]}]}",
            "glossary.yaml": "names: {x: y}\nsynonym: {}",
        },
    )
    assert faults_of(tmp_path) == [
        (
            "a/broken.yaml:3: not readable as YAML: did not find expected ',' or ']'; check the "
            "indentation and the quotes of this line and the one above"
        ),
        "a/typos.yaml:3: `standing` must be one of confirmed, claimed, disputed (found `certain`)",
        (
            "a/typos.yaml:4: `as_of` must be a day of the calendar such as 2026-11-01 "
            "(found `2026-13-01`)"
        ),
        "a/typos.yaml:5: unknown key `relatd`; did you mean `related`?",
        "a/typos.yaml:7: `en.question` must not be empty (found ``)",
        "a/typos.yaml:8: unknown key `variant`; did you mean `variants`?",
        "b/good.yaml:1: the id `good` is already used by a/good.yaml; choose another",
        "glossary.yaml:1: `names.x` must be a list, one `- item` per line (found `y`)",
        "glossary.yaml:2: unknown key `synonym`; did you mean `synonyms`?",
        "questions/en.yaml:1: unknown key `acept`; did you mean `accept`?",
        (
            "sources.yaml:1: `paper.date` must be a date such as 2025, 2025-01 or 2025-01-29 "
            "(found `yesterday`)"
        ),
        (
            "sources.yaml:1: `paper.url` must be a full address that begins with https:// or "
            "http:// (found `example.org`)"
        ),
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("id: one\nid: two", "1: the key `id`"),
        ("Category: c", "unknown key `Category`; did you mean `category`?"),
        ("fr-FR: {question: q, answer: a}", "unknown key `fr-FR`; did you mean `fr`?"),
        ("zzz: 1", "unknown key `zzz`; known here are `as_of`, `category`, `en`,"),
        ("texts: {en: {question: q, answer: a}}", "unknown key `texts`; write the languages"),
        ("as_of: 0", "`as_of`: must be a date such as 2026-11-01 (found `0`)"),
        ("as_of: [2026-11-01]", "`as_of` must be a day of the calendar"),
        ("related: other", "`related` must be a list, one `- item` per line (found `other`)"),
        ("fr: {question: q}", "`fr.answer` is missing; add it"),
        ("fr: bonjour", "`fr` must be a block of `key: value` lines (found `bonjour`)"),
        ("fr: {question: q, answer: a, variants: [x: y]}", "in quotes, since it contains `: `"),
        ("fr: {question: [q], answer: a}", "`fr.question` must be a text"),
        ("figures: {unit: USD, values: []}", "`figures.values` needs at least one item"),
        ("figures: {unit: USD, values: [{value: many}]}", "must be a plain number such as 5576000"),
        ("figures: {unit: USD, values: [{value: inf}]}", "must be a finite number"),
        ("figures: {unit: USD, values: [{value: 1, soure: x}]}", "did you mean `source`?"),
        ("figures: {unit: USD, scale: ln, values: [{value: 1}]}", "must be one of linear, log"),
        ("formerly: [other]", "`formerly: other` is also an id of other"),
    ],
)
def test_a_fault_says_what_to_do(tmp_path, change, fault):
    """Each mistake gets a sentence with its remedy."""
    text = "id: one\ncategory: c\nen: {question: q, answer: a}\n" + change + "\n"
    write_base(tmp_path, {"c/one.yaml": text, "c/other.yaml": LEAST.format(id="other")})
    found = faults_of(tmp_path)
    assert len(found) == 1 + change.startswith("id:")
    assert fault.split(":", 1)[-1] in found[0]


@pytest.mark.parametrize("entry_id", ["a b", "a:b", "a/b", "..\\x", '""', "~"])
def test_an_id_that_no_file_can_have_is_refused(tmp_path, entry_id):
    """Ids travel in file names and buttons."""
    write_base(tmp_path, {"c/x.yaml": LEAST.replace("id: {id}", f"id: {entry_id}")})
    [fault] = faults_of(tmp_path)
    assert fault.startswith("c/x.yaml:1: `id` must")


def test_an_entry_without_a_language_is_refused(tmp_path):
    """There is nothing to show."""
    write_base(tmp_path, {"c/x.yaml": "id: x\ncategory: c\n"})
    assert faults_of(tmp_path) == [
        "c/x.yaml:1: no language yet: add a block such as `en:` with `question` and `answer`"
    ]


@pytest.mark.parametrize("content", ["- a\n- b\n", "just a text", "42"])
def test_a_file_that_is_no_block_is_refused(tmp_path, content):
    """A list or a text at the top is no entry."""
    write_base(tmp_path, {"c/x.yaml": content})
    [fault] = faults_of(tmp_path)
    assert fault.startswith("c/x.yaml:1: the file must be a block of `key: value` lines")


@pytest.mark.parametrize("name", ["nothing-here", "a-file"])
def test_no_folder_is_no_base(tmp_path, name):
    """A wrong --knowledge names both ways to set it."""
    (tmp_path / "a-file").write_text("x")
    [fault] = faults_of(tmp_path / name)
    assert "--knowledge or AIFAQ_KNOWLEDGE" in fault


def test_an_empty_folder_is_never_an_empty_base(tmp_path):
    """What vanished must not go into service."""
    assert faults_of(tmp_path) == [".:1: no entries found; add files such as budget/my-entry.yaml"]


def test_a_folder_named_like_a_file_is_a_fault(tmp_path):
    """It would otherwise be passed over in silence."""
    write_base(tmp_path, {"c/one.yaml": LEAST.format(id="one")})
    (tmp_path / "c/two.yaml").mkdir()
    (tmp_path / "sources.yaml").mkdir()
    assert faults_of(tmp_path) == [
        "c/two.yaml:1: this is a folder, but a file is expected here; rename it",
        "sources.yaml:1: this is a folder, but a file is expected here; rename it",
    ]


def test_a_folder_that_cannot_be_listed_is_a_fault(tmp_path, monkeypatch):
    """Half a base must not go into service as if it were the whole."""
    write_base(
        tmp_path, {"a/one.yaml": LEAST.format(id="one"), "b/two.yaml": LEAST.format(id="two")}
    )
    listing = os.scandir

    def scandir(path):
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", scandir)
    [fault] = faults_of(tmp_path)
    assert fault == (
        "b:1: the folder cannot be read: Permission denied; check that aifaq may read it"
    )
    with pytest.raises(PermissionError):
        content_hash(tmp_path)


@pytest.mark.parametrize(
    "name", ["questions/english.yaml", "questions/fr/a.yaml", "questions/en.yml"]
)
def test_a_questions_file_is_named_after_its_language(tmp_path, name):
    """Its name is the only place that says the language."""
    write_base(tmp_path, {"c/one.yaml": LEAST.format(id="one"), name: "entries: {}\n"})
    [fault] = faults_of(tmp_path)
    assert fault == f"{name}:1: name the file after its language, such as questions/en.yaml"


def test_a_shared_file_stands_there_once(tmp_path):
    """Two bibliographies would hide one another."""
    write_base(
        tmp_path,
        {"c/one.yaml": LEAST.format(id="one"), "sources.yaml": "", "sources.yml": ""},
    )
    assert faults_of(tmp_path) == ["sources.yml:1: sources.yaml is there as well; keep one of them"]


def test_hidden_files_and_mount_internals_are_left_out(tmp_path):
    """Kubernetes mounts a ConfigMap through `..data`; editors leave `.x.yaml.swp` and the like."""
    write_base(
        tmp_path,
        {
            "..2026_11/one.yaml": LEAST.format(id="one"),
            ".git/x.yaml": "broken: [",
            "c/.one.yaml": "broken: [",
            "c/notes.txt": "broken: [",
        },
    )
    (tmp_path / "c/one.yaml").symlink_to(tmp_path / "..2026_11/one.yaml")
    assert list(load_knowledge(tmp_path).entries) == ["one"]


# What decides whether to reload


def test_the_content_hash_follows_names_and_bytes(tmp_path):
    """Any change of a YAML file counts, a change of another file does not."""
    write_base(tmp_path, {"c/one.yaml": LEAST.format(id="one"), "c/notes.txt": "x"})
    hashes = [content_hash(tmp_path)]
    (tmp_path / "c/notes.txt").write_text("y")
    assert content_hash(tmp_path) == hashes[0]
    (tmp_path / "c/one.yaml").rename(tmp_path / "c/two.yaml")
    hashes.append(content_hash(tmp_path))
    (tmp_path / "c/two.yaml").write_text("")
    hashes.append(content_hash(tmp_path))
    assert len(set(hashes)) == 3


def test_the_content_hash_does_not_wait_for_a_pipe(tmp_path):
    """What is no file is looked at, not read."""
    write_base(tmp_path, {"c/one.yaml": LEAST.format(id="one")})
    before = content_hash(tmp_path)
    os.mkfifo(tmp_path / "c/pipe.yaml")
    assert content_hash(tmp_path) != before


# The shipped base, and large ones


def test_the_shipped_base_loads():
    """56 topics in both languages, each with its sources, and figures where numbers compare."""
    base = load_knowledge()
    assert len(base.entries) == 56
    assert {tuple(sorted(entry.texts)) for entry in base.entries.values()} == {("en", "fr")}
    assert all(entry.sources for entry in base.entries.values())
    assert sum(entry.figures is not None for entry in base.entries.values()) >= 10
    assert {question.locale for question in base.questions} == {"en", "fr"}


def test_answers_of_the_shipped_base_have_no_stray_line_breaks():
    """A wrapped line that begins with "2026." once became a list item."""
    for entry in load_knowledge().entries.values():
        for text in entry.texts.values():
            assert "\n" not in text.answer.replace("\n\n", ""), entry.id


def test_the_editors_schema_is_current():
    """After a change of bot/knowledge/schema.py: python -m bot.knowledge.schema > knowledge/entry.schema.json"""
    assert (BUNDLED / "entry.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_editors_schema_knows_the_keys_of_the_shipped_entries():
    """Whatever the loader takes, the editor must not underline."""
    schema = json.loads(schema_text())
    assert {"id", "category", "figures", "formerly"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["LanguageBlock"]["required"] == ["question", "answer"]


def test_two_thousand_entries_load_in_seconds(tmp_path):
    """Ten times as many must still fit a reload."""
    folder = tmp_path / "c"
    folder.mkdir()
    for number in range(2000):
        text = f"id: e{number}\ncategory: c\nen: {{question: What is {number}?, answer: It is.}}\n"
        (folder / f"e{number}.yaml").write_text(text)
    began = time.perf_counter()
    assert len(load_knowledge(tmp_path).entries) == 2000
    assert time.perf_counter() - began < 10
