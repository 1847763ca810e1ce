"""`aifaq eval` on a file and on the base's own questions."""

import json

import pytest

LINES = [
    {"text": "Is a library card free of charge?", "lang": "en", "id": "library-card-price"},
    {"text": "Quand la bibliothèque ouvre-t-elle ?", "lang": "fr", "id": "museum-pass-price"},
    {"text": "xylophone quartets", "lang": "en", "id": None},
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in LINES) + "\n\n", encoding="utf-8")
    return path


def test_a_table_by_language(aifaq, file):
    """One column per language and one for all; confusions by name."""
    out = aifaq("eval", str(file)).out
    assert out.split()[:3] == ["en", "fr", "all"]
    assert "accuracy at 5% false answers" in out
    assert "museum-pass-price → library-hours" in out


def test_json_for_programs(aifaq, file):
    """Measures by language; one that cannot be taken is null."""
    data = json.loads(aifaq("eval", str(file), "--json").out)
    assert data["by_locale"]["en"]["accuracy_at_1"] == 1.0
    assert data["by_locale"]["fr"]["accuracy_at_1"] == 0.0
    assert data["by_locale"]["fr"]["false_answers"] is None
    assert data["overall"]["in_scope"] == 2


def test_plots(aifaq, file, tmp_path):
    """`--plot` writes a picture."""
    assert aifaq("eval", str(file), "--plot", "plot.png").code == 0
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_a_wrong_line_is_named(aifaq, tmp_path):
    """The message has file and line."""
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "x", "id": null}\n{"text": 5}\n')
    result = aifaq("eval", str(path))
    assert result.code == 1
    assert f"{path}:2" in result.err


@pytest.mark.parametrize("content", [b"", b"\xff\xff", b"{"])
def test_unusable_files(aifaq, tmp_path, content):
    """An empty file, bytes that are no text, a broken line: one sentence each."""
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    result = aifaq("eval", str(path))
    assert result.code == 1
    assert len(result.err.splitlines()) == 1


def test_a_base_without_questions(aifaq):
    """Without a file and without regression questions there is nothing to measure."""
    result = aifaq("eval")
    assert result.code == 1
    assert "no questions" in result.err


def test_plot_into_a_missing_folder(aifaq, file):
    """The path at fault is named before any question is asked."""
    result = aifaq("eval", str(file), "--plot", "no/where.png")
    assert result.code == 1
    assert "no/where.png" in result.err
