"""Edits of YAML texts change what they say and nothing else."""

import difflib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.curation.yaml_edit import Append, Drop, Put, edit
from bot.errors import CurationError
from bot.knowledge import BUNDLED
from bot.knowledge.strict_yaml import parse
from bot.text import clean, reflow

ENTRY = """\
# Mind the holidays.
id: a-b   # the file's name
category: c
en:
  question: "Is it open?"   # asked daily
  variants:
  - one # first
  # from the desk
  - 'two'

  answer: |
      First paragraph that
      goes on here.

      Second one.

# between the languages
fr:
  question: C'est ouvert ?
  answer: >-
    Oui.
"""

phrases = st.text(min_size=1, max_size=60).map(clean).filter(bool)
entries = [
    path for path in sorted(BUNDLED.rglob("*.yaml"))
    if path.parent.parent == BUNDLED and path.parent.name not in ("interface", "questions")
]


def changed_lines(before, after):
    return [
        line for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0)
        if line[0] in "+-" and not line.startswith(("+++", "---"))
    ]


def test_a_variant_is_one_more_line_and_nothing_else():
    after = edit(ENTRY, [Append(("en", "variants"), "three: really?")], "x")
    assert changed_lines(ENTRY, after) == ['+  - "three: really?"']
    assert after.index("'two'") < after.index("three")


def test_a_missing_list_is_made_at_its_place():
    changes = [Append(("fr", "variants"), "c'est fermé"), Append(("en", "not"), "x")]
    after = edit(ENTRY, changes, "x")
    data = parse(after).data
    assert list(data["fr"]) == ["question", "variants", "answer"]
    assert data["fr"]["variants"] == ["c'est fermé"]
    assert list(data["en"]) == ["question", "variants", "not", "answer"]
    assert [line[0] for line in changed_lines(ENTRY, after)] == ["+"] * 4


def test_paragraphs_of_an_answer_that_stay_keep_their_lines():
    new = "First paragraph that goes on here.\n\nAnother second one."
    after = edit(ENTRY, [Put(("en", "answer"), new)], "x")
    assert changed_lines(ENTRY, after) == ["-      Second one.", "+      Another second one."]
    assert reflow(parse(after).data["en"]["answer"]) == new


def test_a_long_answer_is_wrapped_and_reads_the_same():
    new = "word " * 100 + "\n\n- a list\n- stays\n\n1. so\n2. does this"
    new = new.strip().replace(" \n", "\n")
    after = edit(ENTRY, [Put(("fr", "answer"), new)], "x")
    assert reflow(parse(after).data["fr"]["answer"]) == new
    assert max(map(len, after.splitlines())) <= 104


def test_replaced_items_keep_the_comments_of_those_that_stay():
    after = edit(ENTRY, [Put(("en", "variants"), ["zero", "two"])], "x")
    assert parse(after).data["en"]["variants"] == ["zero", "two"]
    assert "# from the desk\n  - 'two'" in after


def test_a_key_is_dropped_with_its_lines_only():
    after = edit(ENTRY, [Drop(("en", "variants"))], "x")
    assert "variants" not in parse(after).data["en"]
    assert "# asked daily" in after
    assert "# between the languages" in after


def test_windows_line_ends_and_byte_order_mark_stay():
    text = "\ufeff" + ENTRY.replace("\n", "\r\n")
    after = edit(text, [Append(("en", "variants"), "x"), Put(("fr", "answer"), "Non.\n\nSi.")], "x")
    assert after.startswith("\ufeff#")
    assert after.count("\n") == after.count("\r\n")


def test_a_file_in_one_line_is_rewritten_with_its_comment():
    text = "# top\n{id: x, en: {question: Q, variants: [a, 'b, c'], answer: A}}\n"
    after = edit(text, [Append(("en", "variants"), "d, e"), Append(("en", "not"), "f: g")], "x")
    data = parse(after).data
    assert data["en"]["variants"] == ["a", "b, c", "d, e"]
    assert data["en"]["not"] == ["f: g"]
    assert after.startswith("# top\n")


def test_a_broken_file_is_named_with_its_line():
    with pytest.raises(CurationError, match=r"x\.yaml:3: not readable"):
        edit("a: b\nc: [\n", [Append(("c",), "d")], "x.yaml")


def test_a_place_that_does_not_exist_is_named():
    with pytest.raises(CurationError, match=r"de\.variants"):
        edit(ENTRY, [Append(("de", "variants"), "x")], "x.yaml")


@pytest.mark.parametrize("path", entries, ids=lambda path: path.stem)
def test_every_shipped_entry_takes_a_variant_and_a_sentence(path):
    """What holds for a small example holds for the files that people really wrote."""
    text = path.read_bytes().decode()
    after = edit(text, [Append(("fr", "variants"), 'est-ce que : "oui" ? #x')], path.name)
    assert len(changed_lines(text, after)) == 1
    answer = reflow(parse(text).data["en"]["answer"]) + "\n\nOne more sentence."
    after = edit(text, [Put(("en", "answer"), answer)], path.name)
    assert [line.strip("+ ") for line in changed_lines(text, after)] == ["", "One more sentence."]


@settings(max_examples=200, deadline=None)
@given(phrase=phrases)
def test_any_phrase_goes_in_and_comes_out_also_for_other_readers(phrase):
    """`no`, `2026`, quotes, colons, emoji: text stays text, in YAML 1.1 readers too."""
    after = edit(ENTRY, [Append(("en", "variants"), phrase)], "x")
    assert parse(after).data["en"]["variants"][-1] == phrase
    assert yaml.safe_load(after)["en"]["variants"][-1] == phrase
    flow = edit("en: {variants: [a]}\n", [Append(("en", "variants"), phrase)], "x")
    assert parse(flow).data["en"]["variants"] == ["a", phrase]


@settings(max_examples=200, deadline=None)
@given(lines=st.lists(st.text(max_size=120).map(clean), min_size=1, max_size=6))
def test_any_answer_reads_as_it_was_typed(lines):
    from bot.curation.typed import typed_markdown

    text = typed_markdown("\n".join(lines), "en")
    if not text:
        return
    after = edit(ENTRY, [Put(("en", "answer"), text)], "x")
    assert reflow(parse(after).data["en"]["answer"]).strip() == reflow(text).strip()
