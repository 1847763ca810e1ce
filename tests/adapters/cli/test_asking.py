"""ask, explain, chat from a pipe, topics, show, chart."""

import json
import os
import shutil

import pytest

PNG = b"\x89PNG\r\n"


def test_ask_prints_all_of_an_answer(aifaq):
    """Question, text, standing, date, figures, sources and related questions, in plain text."""
    result = aifaq("ask", "Is a library card free of charge?")
    assert result.code == 0
    for part in (
        "Is a library card free of charge?",
        "12 euros",
        "confirmed, as of 15 January 2026",
        "€12",
        "€48",
        "https://example.org/prices",
        "1. When does the library open?",
    ):
        assert part in result.out
    assert "**" not in result.out
    assert "\x1b" not in result.out


def test_ask_takes_words_without_quotes(aifaq):
    """Unquoted words are one question."""
    assert "9 a.m." in aifaq("ask", "when", "does", "the", "library", "open").out


def test_ask_answers_in_the_language_asked_for(aifaq):
    """`--locale fr` beats the language of the question."""
    result = aifaq("ask", "--locale", "fr", "Is a library card free of charge?")
    assert (
        "La carte de bibliothèque coûte" in result.out or "la carte de bibliothèque" in result.out
    )
    assert "12\xa0euros" in result.out
    assert "confirmé, au 15 janvier 2026" in result.out


def test_ask_json_has_what_a_program_needs(aifaq):
    """The JSON carries decision, answer, sources and candidates."""
    data = json.loads(aifaq("ask", "--json", "Is a library card free of charge?").out)
    assert data["decision"] == "answer"
    assert data["answers"][0]["id"] == "library-card-price"
    assert data["answers"][0]["figures"]["values"][0]["value"] == 12
    assert data["candidates"][0]["id"] == "library-card-price"


def test_suggestions_are_a_numbered_list(aifaq):
    """A question that fits two entries alike is asked back."""
    out = aifaq("ask", "what is the yearly price of a pass?").out
    assert "1. How much does a museum pass cost?" in out
    assert "2. How much does a stadium pass cost?" in out


def test_explain_says_why(aifaq):
    """Language, cutoffs, decision, and each candidate with its signals."""
    out = aifaq("explain", "Is a library card free of charge?").out
    assert "detected: English" in out
    assert "answer from" in out
    assert "1. library-card-price" in out
    assert "characters 1.00" in out


def test_explain_json_has_the_signals(aifaq):
    """The JSON form has every signal of every candidate."""
    data = json.loads(aifaq("explain", "--json", "quand ouvre la bibliothèque").out)
    assert data["detected"] == "fr"
    assert data["candidates"][0]["id"] == "library-hours"
    assert {"words", "characters"} <= set(data["candidates"][0]["signals"])


@pytest.mark.parametrize(
    "question", ["", "   ", "🙂", "x" * 100_000, "\u202e\u200d\x07", "-", "\\ud800"]
)
def test_odd_questions_get_a_quiet_reply(aifaq, question):
    """Nothing that can be typed ends in an error."""
    result = aifaq("ask", "--", question)
    assert result.code == 0
    assert result.err == ""


def test_chat_answers_lines_of_a_pipe(aifaq):
    """Piped lines are asked one after the other, commands included."""
    lines = "Is a library card free of charge?\n1\n/fr\n/quit\nnever asked\n"
    out = aifaq("chat", stdin=lines.encode()).out
    assert "12 euros" in out
    assert "9 a.m." in out
    assert "Désormais je réponds en français." in out
    assert "9 heures" in out
    assert "never asked" not in out


def test_chat_survives_bytes_that_are_no_text(aifaq):
    """Invalid UTF-8 is a question like any other."""
    assert aifaq("chat", stdin=b"\xff\xfe\x00\nhello\n").code == 0


def test_chat_takes_changed_files_and_names_the_line_of_a_broken_one(
    aifaq, monkeypatch, tmp_path
):
    """As in the running bot: the last good state answers until the files are in order again."""
    base = tmp_path / "base"
    shutil.copytree(os.environ["AIFAQ_KNOWLEDGE"], base)
    entry = next(base.rglob("library-card-price.yaml"))
    good = entry.read_text(encoding="utf-8")
    question = b"Is a library card free of charge?\n"
    edits = {
        1: lambda: entry.write_text(good.replace("12 euros", "13 euros"), encoding="utf-8"),
        2: lambda: entry.write_text(
            good.replace("standing: confirmed", "standing: sure"), encoding="utf-8"
        ),
        3: lambda: entry.write_text(good.replace("12 euros", "14 euros"), encoding="utf-8"),
    }

    def lines():
        for turn in range(4):
            edits.get(turn, lambda: None)()
            yield question

    monkeypatch.setattr("adapters.cli.asking._piped_lines", lambda: map(bytes.decode, lines()))
    out = aifaq("chat", "--knowledge", str(base)).out
    turns = out.split("Is a library card free of charge?")
    assert ["12 euros" in turns[1], "13 euros" in turns[2], "13 euros" in turns[3]] == [True] * 3
    assert "14 euros" in turns[4]
    line = good.splitlines().index("standing: confirmed") + 1
    assert f"library-card-price.yaml:{line}: " in out
    assert "in order again" in out


def test_topics_lists_every_entry(aifaq):
    """Ids and questions, in the language asked for."""
    out = aifaq("topics", "--locale", "fr").out
    assert "library-hours" in out
    assert "Quand la bibliothèque ouvre-t-elle\xa0?" in out


def test_topics_json(aifaq):
    """The JSON form is a list of ids with categories."""
    data = json.loads(aifaq("topics", "--json").out)
    assert {
        "id": "library-hours",
        "category": "services",
        "question": "When does the library open?",
    } in data


def test_show_one_entry(aifaq):
    """An entry by its id, with a due review pointed out."""
    out = aifaq("show", "library-hours").out
    assert "disputed" in out
    assert "due for review" in out


def test_show_names_the_nearest_id(aifaq):
    """A misspelt id gets the right one proposed."""
    result = aifaq("show", "library-hour")
    assert result.code == 1
    assert "Did you mean library-hours?" in result.err


def test_chart_writes_a_picture(aifaq, tmp_path):
    """`-o` names the file; without it the id does."""
    assert aifaq("chart", "library-card-price", "-o", "out.png").code == 0
    assert (tmp_path / "out.png").read_bytes().startswith(PNG)
    aifaq("chart", "library-card-price", "--locale", "fr")
    assert (tmp_path / "library-card-price-fr.png").read_bytes().startswith(PNG)


def test_chart_of_an_entry_without_figures(aifaq):
    """It says that there is nothing to draw."""
    result = aifaq("chart", "library-hours")
    assert result.code == 1
    assert "no figures" in result.err


def test_chart_into_a_missing_folder(aifaq):
    """The path at fault is named."""
    result = aifaq("chart", "library-card-price", "-o", "no/where.png")
    assert result.code == 1
    assert "no/where.png" in result.err
