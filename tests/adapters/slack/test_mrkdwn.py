"""Markdown becomes Slack's markup, and nothing in a text can become markup by accident."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.mrkdwn import cut, cut_bytes, escape, link, split, to_mrkdwn
from bot.knowledge import load_knowledge

MARKUP = re.compile(r"<(?![a-z]+:[^\s<>|]*(?:\|[^<>]*)?>)")
"""A `<` that does not begin a link."""
SIGNS = "ab é*_~`[]()<>&!|#-+>1.\n\\@:/'\"\u200b😀"
MARKDOWN = st.text(alphabet=st.sampled_from(SIGNS), max_size=120)


@pytest.mark.parametrize(("markdown", "expected"), [
    ("**bold** and *slanted*, ~~gone~~, `code`", "*bold* and _slanted_, ~gone~, `code`"),
    ("__bold__ and _slanted_", "*bold* and _slanted_"),
    ("***both***", "_*both*_"),
    ("[a link](https://x.org/?a=1&b=2)", "<https://x.org/?a=1&amp;b=2|a link>"),
    ("[**bold** link](https://x.org)", "<https://x.org|bold link>"),
    ("<https://x.org>", "<https://x.org|https://x.org>"),
    ("[not a link](javascript:alert(1))", "[not a link](javascript:alert(1))"),
    ("[odd](ftp://x.org)", "odd"),
    ("![a chart](https://x.org/a.png)", "<https://x.org/a.png|a chart>"),
    ("# Title\n\ntext", "*Title*\n\ntext"),
    ("## **Title**", "*Title*"),
    ("- one\n- two\n    - three", "• one\n• two\n    • three"),
    ("1. one\n2. two", "1. one\n2. two"),
    ("7. seven\n8. eight", "7. seven\n8. eight"),
    ("> quoted\n> text", "> quoted\n> text"),
    ("```\na < b & c\n```", "```\na &lt; b &amp; c\n```"),
    ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
    ("<!channel> <@U1> <#C1>", "&lt;!channel&gt; &lt;@U1&gt; &lt;#C1&gt;"),
    ("<b>no HTML</b>", "&lt;b&gt;no HTML&lt;/b&gt;"),
    ("in**side**word", "in\u200b*side*\u200bword"),
    ("l'**IA** est", "l'\u200b*IA* est"),
    ("| a | b |\n|---|---|\n| 1 | **2** |", "```\na  b\n1  2\n```"),
    ("snake_case_name and 2*3*4", "snake_case_name and 2\u200b_3_\u200b4"),
    ("two  \nlines", "two\nlines"),
    ("first\n\nsecond", "first\n\nsecond"),
    ("", ""),
])
def test_markdown(markdown: str, expected: str) -> None:
    """What entries are written in, sign by sign."""
    assert to_mrkdwn(markdown) == expected


@given(MARKDOWN)
@settings(max_examples=500, deadline=None)
def test_no_text_becomes_a_mention(markdown: str) -> None:
    """Whatever is written: no `<` but those of links, no `>` but those of links and quotes."""
    shown = to_mrkdwn(markdown)
    assert not MARKUP.search(shown), shown
    assert "<!" not in shown
    assert "<@" not in shown
    assert "<#" not in shown


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_escaping_hides_nothing(text: str) -> None:
    """What is escaped reads the same, and has no sign of its own."""
    shown = escape(text)
    assert not set("<>") & set(shown)
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


@given(st.text(max_size=300), st.integers(20, 100))
@settings(max_examples=300, deadline=None)
def test_parts_are_short_and_lose_nothing(text: str, most: int) -> None:
    """A long text in parts is the same text, but for the spaces between them."""
    parts = split(text, most)
    assert all(len(part) <= most for part in parts)
    assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)


@given(st.text(max_size=300), st.integers(10, 400))
@settings(max_examples=300, deadline=None)
def test_a_cut_is_never_too_long(text: str, most: int) -> None:
    """In characters, and in bytes after escaping, without half an entity."""
    assert len(cut(text, most)) <= most
    short = cut_bytes(escape(text), most)
    assert len(short.encode()) <= most
    assert not re.search(r"&(?!amp;|lt;|gt;)", short)


def test_links_keep_their_words_apart() -> None:
    """A bar or an angle in a label cannot end the link."""
    assert link("https://x.org", "a|b>c") == "<https://x.org|a¦b&gt;c>"
    assert link("https://x.org/<", "label") == "label"


def test_no_shipped_answer_loses_a_word() -> None:
    """All words of all answers are there, in order."""
    for entry in load_knowledge().entries.values():
        for text in entry.texts.values():
            shown = to_mrkdwn(text.answer)
            plain = shown.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
            assert re.findall(r"\w+", plain) == re.findall(r"\w+", text.answer), entry.id
