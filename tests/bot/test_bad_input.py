"""Whatever comes in, a person gets a quiet reply and an operator a clear sentence.

No traceback, no hang: neither from what people type nor from what lies in a knowledge folder.
"""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.errors import KnowledgeError
from bot.knowledge import BUNDLED, KnowledgeBase, load_knowledge
from bot.knowledge.strict_yaml import parse
from bot.lint import lint
from bot.models import Question, ReplyKind
from bot.service import Faq
from bot.settings import Settings
from bot.text import clean, fold, reflow, words
from tests.data import clean_base, write_base

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)
"""Every code point, lone surrogates and unassigned ones included."""
FOLDER = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ENTRY = (BUNDLED / "budget/deepseek-training-cost.yaml").read_bytes()
KNOWN = "How much did it cost to train DeepSeek R1?"


@pytest.fixture(scope="module")
def faq() -> Faq:
    """The shipped base, matched by words alone."""
    return Faq.load(Settings(encoder="none"))


# What people type


@given(
    text=ANYTHING,
    locale=st.none() | ANYTHING,
    forced=st.none() | ANYTHING,
    conversation=st.none() | ANYTHING,
    context=st.none() | ANYTHING,
)
@example("", None, None, None, None)
@example("\ud83d", "\udc00", "\udc00", "\udc00", "\udc00")
@example("A" * 200, "fr_CA.UTF-8", "", "", "")
@settings(max_examples=150, deadline=None)
def test_any_question_gets_a_reply_that_can_be_sent(
    faq, text, locale, forced, conversation, context
):
    """Whatever is asked, in whatever language, the reply is one that any platform can encode."""
    question = Question(text, locale, conversation, context, forced)
    reply = faq.respond(question)
    assert reply.kind in ReplyKind
    shown = [reply.text, reply.question, *(link.question for link in reply.suggestions)]
    shown += [answer.text for answer in reply.answers]
    assert "".join(shown).encode("utf-8")
    assert 0 <= reply.confidence <= 1


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "🤔🚀", "?!…", "\u200b\u200d\u2060", "\u202e\u200f", "\x00\x1b\x07", "\ud800",
     "---", "🏴\U000e0067\U000e0062\U000e007f"],
    ids=ascii,
)  # fmt: skip
def test_a_message_without_words_is_met_quietly(faq, text):
    """There is nothing to read in it, and the reply says how to ask."""
    reply = faq.respond(Question(text, "en"))
    assert reply.kind is ReplyKind.FALLBACK
    assert reply.text
    assert reply.candidates == ()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "word " * 20_000,
        "é\u0301" * 50_000,
        "\u200d" * 100_000,
        "🤔" * 100_000,
        "(" * 100_000,
        " ".join(map(str, range(20_000))),
        "deepseek cost " * 7_000,
        "zxqv" * 25_000,
        "\n".join("Traceback (most recent call last):" for _ in range(3_000)),
    ],
    ids=["letters", "words", "accents", "joiners", "emoji", "brackets", "numbers", "field", "noise",
         "lines"],
)  # fmt: skip
def test_a_hundred_thousand_characters_cost_no_more_than_a_page(faq, text):
    """A huge paste is looked at as far as a question goes, and no further."""
    began = time.perf_counter()
    faq.respond(Question(text, "en"))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    "typed",
    [
        KNOWN.upper(),
        f"\u202e{KNOWN}\u202c",
        KNOWN.replace("DeepSeek", "Deep\u200bSeek"),
        KNOWN.replace(" ", "\u00a0\u2009"),
        KNOWN.replace("o", "ｏ"),
        f"  {KNOWN}\x00\ud800 🤔",
        "\u200f".join(KNOWN),
    ],
    ids=["capitals", "direction", "zero width", "spaces", "full width", "debris", "marks"],
)
def test_signs_that_nobody_sees_change_nothing(faq, typed):
    """Direction marks, zero-width characters and wide forms do not hide a question."""
    expected = faq.respond(Question(KNOWN)).answer
    assert expected is not None
    found = faq.respond(Question(typed)).answer
    assert found is not None
    assert found.entry_id == expected.entry_id


@given(entry_id=ANYTHING, locale=ANYTHING, typed=ANYTHING)
@settings(max_examples=100, deadline=None)
def test_buttons_and_completion_take_anything(faq, entry_id, locale, typed):
    """A forged button finds nothing; whatever is typed completes to something or to nothing."""
    assert faq.show(entry_id, locale).kind is ReplyKind.GONE
    assert len(faq.complete(typed, locale)) <= 25
    assert faq.topics(locale)


@given(ANYTHING)
@settings(max_examples=300, deadline=None)
def test_text_functions_take_any_text(text):
    """Cleaning is final, and folding gives words that can be encoded."""
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert cleaned.encode("utf-8") is not None
    assert all(word == fold(word) or word for word in words(cleaned))
    assert reflow(reflow(text)) == reflow(text)


# What lies in a folder


def loaded(folder: Path) -> KnowledgeBase | None:
    """The base, or None when it was refused with faults that a person can read."""
    try:
        return load_knowledge(folder)
    except KnowledgeError as error:
        faults = error.faults
    assert faults
    assert all(fault.line >= 1 and "\n" not in fault.message for fault in faults)
    return None


@given(ANYTHING | st.text(":-#&*!|>'\"%@`[]{}?,\n\t ab", max_size=80))
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused_with_a_line(text):
    """A reader never raises, and each fault is a sentence with a line of the text."""
    document = parse(text, "x.yaml")
    lines = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    for fault in document.faults:
        assert 1 <= fault.line <= lines + 1
        assert "\n" not in fault.message
        assert fault.message.strip()
    assert document.whole or document.faults


@given(raw=st.binary(max_size=300))
@FOLDER
def test_any_bytes_in_a_file_are_refused_in_words(tmp_path, raw):
    """No file is broken enough for a traceback."""
    write_base(tmp_path, {"c/x.yaml": raw})
    with pytest.raises(KnowledgeError, match=r"c/x\.yaml:\d+: "):
        load_knowledge(tmp_path)


@given(data=st.data())
@FOLDER
def test_a_damaged_entry_is_loaded_or_refused_in_words(tmp_path, data):
    """Lines lost, doubled or overwritten: the rest is a base, or a list of faults."""
    lines = ENTRY.split(b"\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.integers(0, len(lines) - 1))
        damage = data.draw(st.sampled_from(["lose", "double", "overwrite", "indent", "bytes"]))
        if damage == "lose":
            lines[at] = b""
        elif damage == "double":
            lines.insert(at, lines[other])
        elif damage == "overwrite":
            lines[at] = lines[other]
        elif damage == "indent":
            lines[at] = b"  " + lines[at]
        else:
            lines[at] += data.draw(st.binary(max_size=5))
    files = clean_base() | {"budget/deepseek-training-cost.yaml": b"\n".join(lines)}
    write_base(tmp_path, files)
    knowledge = loaded(tmp_path)
    if knowledge is not None:
        findings = lint(knowledge, today=date(2026, 11, 23), replay=False)
        assert all(finding.line >= 1 and finding.message for finding in findings)


@given(
    st.recursive(
        st.sampled_from(["x", "no", "1.10", "", "2026-01-01", "-1e400", "a: b"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "category", "en", "fr", "figures", "values", "value",
                                 "question", "variants", "not", "answer", "texts", "labels",
                                 "sources", "standing", "as_of", "<<", ""]),
                inner, max_size=4,
            )
        ),
        max_leaves=12,
    )
)  # fmt: skip
@FOLDER
def test_known_keys_with_the_wrong_kind_of_value_are_refused_in_words(tmp_path, value):
    """A list for a text, a text for a block: each place says what belongs there."""
    body = f"id: x\ncategory: c\nen: {{question: q, answer: a}}\nfr: {json.dumps(value)}\n"
    shared = json.dumps({"paper": value})
    write_base(
        tmp_path,
        {"c/x.yaml": body, "sources.yaml": shared, "glossary.yaml": json.dumps({"names": value}),
         "questions/en.yaml": json.dumps({"entries": value, "out_of_scope": value})},
    )  # fmt: skip
    loaded(tmp_path)


def test_a_file_of_fifty_megabytes_is_refused_at_once(tmp_path):
    """Its size is enough to know."""
    write_base(tmp_path, clean_base())
    for name in ("food/huge.yaml", "sources.yaml"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(50 * 1024 * 1024)
    began = time.perf_counter()
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(tmp_path)
    assert time.perf_counter() - began < 5
    assert [fault.path for fault in caught.value.faults] == ["food/huge.yaml", "sources.yaml"]
    assert all("too large" in fault.message for fault in caught.value.faults)


def test_a_cycle_of_related_entries_answers(tmp_path):
    """Bread leads to tea and tea to bread, once each."""
    write_base(tmp_path, clean_base())
    faq = Faq.load(Settings(knowledge=tmp_path, encoder="none"))
    answer = faq.show("bread-price", "en").answer
    assert answer is not None
    assert [link.entry_id for link in answer.related] == ["tea-origin"]


def test_a_base_of_one_entry_answers(tmp_path):
    """The smallest base is a base."""
    text = "id: x\ncategory: c\nen: {question: What is bread?, answer: Food.}\n"
    write_base(tmp_path, {"c/x.yaml": text})
    faq = Faq.load(Settings(knowledge=tmp_path, encoder="none"))
    assert [one.entry.id for one in faq.respond(Question("what is bread")).candidates] == ["x"]
    assert faq.respond(Question("🤔")).kind is ReplyKind.FALLBACK


def test_an_entry_whose_phrasings_have_no_words_breaks_nothing(tmp_path):
    """`???` as a question matches nothing, and costs nobody else an answer."""
    odd = "id: odd\ncategory: c\nen: {question: '???', answer: '!', variants: ['…', '🤔']}\n"
    write_base(tmp_path, clean_base() | {"c/odd.yaml": odd})
    faq = Faq.load(Settings(knowledge=tmp_path, encoder="none"))
    reply = faq.respond(Question("What does a loaf of bread cost?"))
    assert [one.entry.id for one in reply.candidates][:1] == ["bread-price"]
