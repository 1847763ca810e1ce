"""YAML as people write it: text stays text, and every fault has a line and a remedy."""

from __future__ import annotations

import os

import pytest
import yaml

from bot.knowledge import strict_yaml
from bot.knowledge.strict_yaml import MAX_DEPTH, parse, read


@pytest.fixture(params=["C parser", "Python parser"], autouse=True)
def either_parser(request, monkeypatch):
    """PyYAML may have been built without the C parser; both must read alike."""
    if request.param == "Python parser":
        monkeypatch.setattr(strict_yaml, "_Loader", yaml.SafeLoader)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("id: no", {"id": "no"}),
        ("version: 1.10", {"version": "1.10"}),
        ("time: 12:30", {"time": "12:30"}),
        ("day: 2026-11-01", {"day": "2026-11-01"}),
        ("number: 0o17", {"number": "0o17"}),
        ("answer: null", {"answer": "null"}),
        ("nothing:", {"nothing": None}),
        ("nothing: ~", {"nothing": None}),
        ('empty: ""', {"empty": ""}),
        ('tilde: "~"', {"tilde": "~"}),
        ("text: ! x", {"text": "x"}),
        ("<<: {a: b}", {"<<": {"a": "b"}}),
        ("no: yes", {"no": "yes"}),
        ("- a\n- [b, c]", ["a", ["b", "c"]]),
        ("\ufeffid: x", {"id": "x"}),
        ("", None),
        ("# only a comment\n", None),
        ("a: |\n  one\n\n  two\n", {"a": "one\n\ntwo\n"}),
    ],
)
def test_every_scalar_stays_what_was_written(text, data):
    """No value turns into a number, a date or a truth behind the writer's back."""
    document = parse(text)
    assert document.faults == []
    assert document.data == data


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3", 3, "the key `a` stands here a second time (first on line 1)"),
        ("a: &x 1\nb: *x", 1, "anchors and aliases"),
        ("a: b\n&x c: d", 2, "anchors and aliases"),
        ("variants:\n  - *x", 2, "anchors and aliases"),
        ("a: !!python/object/apply:os.system [x]", 1, "tag"),
        ("!!str a: b", 1, "tag"),
        ("? [a, b]\n: c", 1, "a key must be a plain word"),
        ("a: b\n---\nc: d", 2, "a second document begins here"),
        ("a: b: c", 1, "in quotes"),
        ("a:\n\tb: c", 2, "indent with spaces"),
        ("a: @x", 1, "in quotes"),
        ("a: b\n- c", 2, "check the indentation"),
        ('x: y\na: "never\nclosed\nb: c', 2, "never closed"),
        ("a: b\nc: d\x07e", 2, "U+0007"),
        ("a: \u2028b", 1, "U+2028"),
        ("a: \ud800", 1, "U+D800"),
        ('a: "x\\0y"', 1, "U+0000"),
    ],
)
def test_a_fault_names_its_line_and_what_to_do(text, line, words):
    """What is refused is refused with its line, and in words for people."""
    faults = parse(text, "budget/x.yaml").faults
    assert [(fault.path, fault.line) for fault in faults] == [("budget/x.yaml", line)]
    assert words in faults[0].message


def test_all_repeated_keys_are_named_and_the_first_value_stays():
    """A repeated key does not hide the next one, nor what was written first."""
    document = parse("a: 1\na: 2\nb: {c: 3, c: 4}\n")
    assert [fault.line for fault in document.faults] == [2, 3]
    assert document.data == {"a": "1", "b": {"c": "3"}}
    assert document.whole


def test_lines_are_known_for_every_value():
    """A value's line is that of its key or item; an unknown path falls back to its parent."""
    document = parse("id: x\nen:\n  variants:\n    - one\n    - two\n")
    assert document.line(("en", "variants", 1)) == 5
    assert document.line(("en", "answer")) == 2
    assert document.line(("fr",)) == 1


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_and_not_followed(opening):
    """A hundred thousand brackets cost neither the stack nor the time of a reader."""
    document = parse(opening * 100_000)
    assert not document.whole
    assert len(document.faults) == 1


def test_nesting_as_deep_as_allowed_is_read():
    """The limit refuses nothing below it."""
    assert parse("[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH).faults == []


def test_a_yaml_bomb_is_refused_at_its_first_anchor():
    """Aliases of aliases never unfold."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join(['*' + old] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    document = parse(bomb)
    assert document.data is None
    assert [fault.line for fault in document.faults] == [1]


class TestFiles:
    """Files that are not what they should be are faults, never exceptions."""

    def read(self, path, max_bytes=1000):
        document = read(path, "x.yaml", max_bytes=max_bytes)
        assert not document.whole
        [fault] = document.faults
        return fault

    def test_missing(self, tmp_path):
        assert "cannot be read" in self.read(tmp_path / "x.yaml").message

    def test_folder(self, tmp_path):
        assert "this is a folder" in self.read(tmp_path).message

    def test_pipe_does_not_block(self, tmp_path):
        os.mkfifo(tmp_path / "x.yaml")
        assert "a pipe or a device" in self.read(tmp_path / "x.yaml").message

    def test_device_behind_a_link(self, tmp_path):
        (tmp_path / "x.yaml").symlink_to("/dev/zero")
        assert "a pipe or a device" in self.read(tmp_path / "x.yaml").message

    def test_too_large_is_not_read(self, tmp_path):
        with (tmp_path / "x.yaml").open("wb") as file:
            file.truncate(50 * 1024 * 1024)
        assert "too large (52,428,800 bytes" in self.read(tmp_path / "x.yaml").message

    def test_not_utf8_names_the_line(self, tmp_path):
        (tmp_path / "x.yaml").write_bytes("a: b\nc: été\n".encode("latin-1"))
        fault = self.read(tmp_path / "x.yaml")
        assert fault.line == 2
        assert "UTF-8" in fault.message

    def test_utf16(self, tmp_path):
        (tmp_path / "x.yaml").write_bytes("a: b".encode("utf-16"))
        assert "UTF-8" in self.read(tmp_path / "x.yaml").message

    def test_windows_lines_and_byte_order_mark_are_fine(self, tmp_path):
        (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfa: b\r\nc: |\r\n  d\r\n")
        document = read(tmp_path / "x.yaml", "x.yaml", max_bytes=1000)
        assert document.faults == []
        assert document.data == {"a": "b", "c": "d\n"}
