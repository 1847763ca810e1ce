"""Replies as Discord messages: whatever the core decides fits Discord's limits."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.handles import MAX_LENGTH, Action, Handle
from adapters.discord.messages import Audience, Chart, Outgoing, to_message, to_text
from adapters.discord.questions import plain, to_locale
from adapters.discord.views import clip
from adapters.discord.wording import alt_text, source_links
from bot.knowledge.messages import Messages, load_messages
from bot.models import Answer, Figure, Figures, Link, Reply, ReplyKind, Source, Standing
from tests.servers.discord import limits
from tests.servers.discord.people import find_component

ASKER = 1_234_567_890_123_456_789
LONG_ID = "a" * 80


@pytest.fixture(scope="module")
def messages() -> Messages:
    return load_messages()


def answer(
    number: int = 1, *, text: str = "Some text.", sources: int = 2, **changes: Any
) -> Answer:
    """An answer whose other fields are as long as can be."""
    fields: dict[str, Any] = {
        "entry_id": f"{LONG_ID[:-2]}{number:02}",
        "revision": "r1",
        "category": "c",
        "locale": "en",
        "question": "Why? " * 51,
        "text": text,
        "standing": Standing.DISPUTED,
        "as_of": date(2026, 11, 23),
        "review_due": True,
        "sources": tuple(
            Source(f"s{n}", "A (big) house", "T" * 90, f"https://example.org/({n})", "2025", "en")
            for n in range(sources)
        ),
        "figures": None,
        "related": tuple(Link(f"r{number}-{n}", "Related? " * 30) for n in range(30)),
        "other_locales": ("fr",),
    }
    return Answer(**fields | changes)


def wire(outgoing: Outgoing) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The body that discord.py makes of it, and its files."""
    fields = outgoing.fields()
    files = {file.filename: file.fp.read() for file in fields.get("files", [])}
    body = {
        "content": fields.get("content"),
        "embeds": [embed.to_dict() for embed in outgoing.embeds],
        "components": outgoing.view.to_components() if outgoing.view else [],
    }
    return body, files


def breaches(outgoing: Outgoing) -> list[str]:
    return list(limits.message(*wire(outgoing)))


async def test_the_longest_answer_fits(messages: Messages) -> None:
    """4,096 characters of text, 40 sources, 30 related questions, the longest ids."""
    reply = Reply(ReplyKind.ANSWER, "en", answers=(answer(text="x" * 4096, sources=40),))
    chart = Chart(b"png", "alt " * 500)
    made = to_message(reply, messages, Audience(ASKER, post_to=ASKER), chart)
    assert breaches(made) == []
    assert made.embeds[0].description == "x" * 4096
    for poorer in (made.without_chart(), made.as_text()):
        assert breaches(poorer) == []


async def test_two_answers_are_shown_together_while_they_fit(messages: Messages) -> None:
    """Two questions in one message: two embeds, and buttons that concern both."""
    two = (answer(1, entry_id="one"), answer(2, entry_id="two"))
    made = to_message(Reply(ReplyKind.ANSWER, "en", answers=two), messages, Audience(ASKER))
    body, _ = wire(made)
    assert [embed["description"] for embed in body["embeds"]] == ["Some text.", "Some text."]
    handle = Handle.parse(find_component(body, 2, "👍")["custom_id"])
    assert handle
    assert handle.entries == ("one", "two")


async def test_a_second_answer_that_does_not_fit_is_offered_instead(messages: Messages) -> None:
    """Nothing is cut: the second becomes the first related question."""
    two = (answer(1, text="x" * 4000), answer(2, text="y" * 4000))
    made = to_message(Reply(ReplyKind.ANSWER, "en", answers=two), messages, Audience(ASKER))
    body, _ = wire(made)
    assert breaches(made) == []
    assert len(body["embeds"]) == 1
    assert find_component(body, 3, "Related")["options"][0]["value"] == two[1].entry_id


@pytest.mark.parametrize("kind", [ReplyKind.SUGGESTIONS, ReplyKind.FALLBACK, ReplyKind.SMALLTALK])
async def test_every_other_reply_fits(kind: ReplyKind, messages: Messages) -> None:
    """More and longer suggestions than there should ever be."""
    links = tuple(Link(f"{LONG_ID[:-2]}{n:02}", "Did you mean? " * 40) for n in range(9))
    made = to_message(
        Reply(kind, "en", suggestions=links, text="x" * 3000), messages, Audience(ASKER)
    )
    assert breaches(made) == []


async def test_a_text_without_standing_date_or_sources_is_shown(messages: Messages) -> None:
    """What an entry does not say is left out."""
    bare = answer(standing=None, as_of=None, review_due=False, sources=0, related=())
    made = to_message(Reply(ReplyKind.ANSWER, "en", answers=(bare,)), messages, Audience(ASKER))
    assert breaches(made) == []
    assert made.embeds[0].footer.text is None
    assert made.embeds[0].fields == []


def test_figures_are_described_for_those_who_do_not_see_them(messages: Messages) -> None:
    """The picture's text names each figure."""
    values = (Figure(5576000, None, None, {"en": "V3"}), Figure(1e8, None, None, {"en": "G"}))
    figures = Figures("USD", "log", values)
    told = alt_text(answer(figures=figures), messages)
    assert told == "V3: $5.576 million; G: $100 million"


def test_all_sources_are_linked_where_space_is_short() -> None:
    """By publisher and title while they fit, else by publisher alone; never half a link."""
    few, many = answer(sources=2).sources, answer(sources=9).sources
    assert "TTT" in source_links(few, 1024)
    shown = source_links(many, 1024).splitlines()
    assert len(shown) == 9
    assert all(line.startswith("[A (big) house (2025)](https://") for line in shown)
    assert source_links(many, 100).count("](https://") == source_links(many, 100).count("[")


def test_links_in_plain_text_are_not_unfolded(messages: Messages) -> None:
    """A plain answer stays small: its addresses are in angle brackets."""
    assert "<https://example.org/(0)>" in to_text(answer(question="Why?"), messages)


# --- custom_ids -----------------------------------------------------------------------------

ids = st.from_regex(r"[a-z0-9]{1,20}(?:[-_.][a-z0-9]{1,15}){0,3}", fullmatch=True)
owners = st.integers(0, 2**63 - 1)


@given(st.sampled_from(Action), st.sampled_from(["en", "fr"]), owners, ids)
def test_a_handle_survives_its_custom_id(
    action: Action, locale: str, owner: int, entry: str
) -> None:
    """One entry of up to 80 characters, its owner and language always fit."""
    handle = Handle(action, locale, owner, (entry,))
    assert len(handle.encode()) <= MAX_LENGTH
    assert Handle.parse(handle.encode()) == handle


@given(owners, st.lists(st.just(LONG_ID), min_size=2, max_size=3))
def test_what_does_not_fit_is_left_out(owner: int, entries: list[str]) -> None:
    """Of several long entries the first stays."""
    made = Handle(Action.HELPFUL, "en", owner, tuple(entries)).encode()
    parsed = Handle.parse(made)
    assert parsed
    assert parsed.entries == (LONG_ID,)


@given(st.text(max_size=100))
def test_a_foreign_custom_id_is_nobodys(text: str) -> None:
    """Another application's ids, or garbage, are not taken for ours; nothing fails."""
    handle = Handle.parse(text)
    assert handle is None or text.startswith("f:")


# --- texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<@1> how much?", "how much?"),
        ("<@!1>how <@&2> much <#3>", "how much"),
        ("<:fire:1> is it <a:wave:2> safe?", "is it safe?"),
        ("what is <b>?", "what is <b>?"),
        ("at <t:1700000000:R> or </faq:12>", "at or"),
        ("  \n ", ""),
    ],
)
def test_mentions_and_emoji_are_no_part_of_a_question(content: str, text: str) -> None:
    """What people type stays; what Discord's client inserts goes."""
    assert plain(content) == text


@pytest.mark.parametrize(
    ("code", "locale"),
    [("fr", "fr"), ("en-GB", "en"), ("en-US", "en"), ("de", None), (None, None), ("", None)],
)
def test_discords_locales_are_the_bots_or_none(code: str | None, locale: str | None) -> None:
    """A language that the bot does not speak is no hint."""
    assert to_locale(code, ("en", "fr")) == locale


@given(st.text(max_size=200), st.integers(5, 100))
def test_a_clipped_label_fits(text: str, limit: int) -> None:
    """Never longer than allowed, unchanged when short."""
    assert len(clip(text, limit)) <= limit
    assert len(text) > limit or clip(text, limit) == text
