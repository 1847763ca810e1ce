"""`aifaq rank`: what other programs build on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.cli import ranking

ROOT = Path(__file__).parents[3]


def ask(aifaq, *lines: bytes, options=()):
    """One answer per line."""
    result = aifaq("rank", *options, stdin=b"\n".join(lines))
    assert result.code == 0
    assert result.err == ""
    return [json.loads(line) for line in result.out.splitlines()]


def test_an_answer_has_the_documented_shape(aifaq):
    """Decision, confidence, locale, and candidates best first."""
    (found,) = ask(aifaq, b'{"text": "Is a library card free of charge?", "locale": "fr"}')
    assert set(found) == {"decision", "confidence", "locale", "candidates"}
    assert found["decision"] == "answer"
    assert found["locale"] == "en"
    assert found["candidates"][0] == {"id": "library-card-price", "confidence": found["confidence"]}
    confidences = [one["confidence"] for one in found["candidates"]]
    assert confidences == sorted(confidences, reverse=True)


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("what is the yearly price of a pass?", "suggest"),
        ("xylophone quartets in Vienna", "none"),
        ("hello", "none"),
    ],
)
def test_candidates_come_whatever_the_decision(aifaq, text, decision):
    """Suggestions, silence and small talk rank all the same."""
    (found,) = ask(aifaq, json.dumps({"text": text}).encode())
    assert found["decision"] == decision
    assert found["candidates"]


def test_no_line_knows_of_the_line_before(aifaq):
    """The same question gets the same answer wherever it stands."""
    line = b'{"text": "and on Sunday?"}'
    alone = ask(aifaq, line)
    after = ask(aifaq, b'{"text": "When does the library open?"}', line)
    assert after[1:] == alone


def test_the_option_gives_lines_a_locale(aifaq):
    """`--locale` is the person's language where a line names none and the text tells none."""
    undecided = b'{"text": "zzz"}'
    assert ask(aifaq, undecided, options=["--locale", "fr"])[0]["locale"] == "fr"
    assert ask(aifaq, undecided)[0]["locale"] == "en"


BAD = {
    b"": "empty",
    b"   ": "empty",
    b"no json": "not JSON",
    b"[1]": "object",
    b"null": "object",
    b"{}": "missing",
    b'{"text": 5}': "string",
    b'{"text": null}': "string",
    b'{"text": "x", "locale": 7}': "locale",
    b"\xff\xfe{": "UTF-8",
    b'{"text": "x"': "not JSON",
    b"[" * 100_000: "not JSON",
    b'{"text": ' + b"9" * 10_000 + b"}": "JSON",
}


def test_a_bad_line_costs_itself_only(aifaq):
    """Each bad line gets an error that says why; the good ones around it are answered."""
    good = b'{"text": "When does the library open?"}'
    lines = [line for bad in BAD for line in (bad, good)]
    found = ask(aifaq, *lines)
    assert len(found) == 2 * len(BAD)
    for answer, reason in zip(found[::2], BAD.values(), strict=True):
        assert reason in answer["error"]
    assert {answer["candidates"][0]["id"] for answer in found[1::2]} == {"library-hours"}


@pytest.mark.parametrize(
    "line",
    [
        b'\xef\xbb\xbf{"text": "When does the library open?"}',
        b'{"text": "When does the library open?", "locale": "tlh"}\r',
        b'{"text": "When does the library open? \\ud83d \\ud800"}',
        b'{"text": "When does \\u0000 the\\u200b library\\u202e open?"}',
        b'{"text": "When does the library open?", "more": [1, {"a": null}]}',
    ],
)
def test_odd_lines_are_answered(aifaq, line):
    """A BOM, an unknown locale, lone surrogates, control characters, more keys: no error."""
    (found,) = ask(aifaq, line)
    assert found["candidates"][0]["id"] == "library-hours"


def test_a_huge_text_is_answered(aifaq):
    """100,000 characters are cut, not refused."""
    text = "When does the library open? " + "x " * 50_000
    (found,) = ask(aifaq, json.dumps({"text": text}).encode())
    assert found["candidates"]


def test_a_line_beyond_the_limit_is_skipped(aifaq, monkeypatch):
    """What is too long to be held is named, and the next line is answered."""
    monkeypatch.setattr(ranking, "MAX_LINE", 1000)
    long = b'{"text": "' + b"x" * 5000 + b'"}'
    found = ask(aifaq, long, b'{"text": "When does the library open?"}')
    assert "longer" in found[0]["error"]
    assert found[1]["candidates"][0]["id"] == "library-hours"


def test_a_broken_engine_costs_one_line(aifaq, monkeypatch):
    """Whatever goes wrong inside is reported on the line's own answer."""
    from bot.service import Faq

    def broken(self, question):
        raise RuntimeError("cogwheel")

    monkeypatch.setattr(Faq, "explain", broken)
    found = ask(aifaq, b'{"text": "a"}', b'{"text": "b"}')
    assert ["cogwheel" in one["error"] for one in found] == [True, True]


def test_it_streams():
    """An answer comes before the next question is sent."""
    environment = os.environ | {
        "AIFAQ_ENCODER": "none",
        "AIFAQ_KNOWLEDGE": str(ROOT / "tests/dialogs/small"),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "adapters", "rank"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        for text in ("When does the library open?", "Combien coûte un pass musée ?"):
            process.stdin.write(json.dumps({"text": text}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["decision"] == "answer"
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("count", [1, 2])
def test_the_least_base_ranks(aifaq, tmp_path, count):
    """One language, one entry, no glossary, sources or questions: it works."""
    folder = tmp_path / "least" / "things"
    folder.mkdir(parents=True)
    for at in range(count):
        (folder / f"thing-{at}.yaml").write_text(
            f"id: thing-{at}\ncategory: things\n"
            f"fr:\n  question: Où est la chose {at} ?\n  answer: Ici, sous la table {at}.\n",
        )
    (found,) = ask(
        aifaq,
        '{"text": "où est la chose 0"}'.encode(),
        options=["--knowledge", str(tmp_path / "least")],
    )
    assert found["candidates"][0]["id"] == "thing-0"
    assert len(found["candidates"]) == count
