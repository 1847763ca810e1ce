"""Whatever the core replies fits Slack's limits, for every entry and for texts that try not to."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.blocks import Place, Rendered, Setting, to_blocks
from adapters.slack.handles import Handle
from bot.knowledge import BUNDLED
from bot.knowledge.messages import load_messages
from bot.models import Answer, Figure, Figures, Link, Reply, ReplyKind, Source, Standing
from bot.service import Faq
from bot.settings import Settings
from tests.hostile import hostile_texts
from tests.servers.slack import limits
from tests.servers.slack.world import texts

MESSAGES = load_messages()
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
LONG = st.one_of(
    TEXT,
    st.builds(lambda part, times: (part * times)[:20_000], TEXT, st.integers(1, 400)),
    st.sampled_from(["&" * 20_000, "<!channel> " * 1000, "**" * 5000, "`" * 9000, "x" * 20_000,
                     "| a | b |\n|---|---|\n| 1 | 2 |", "[a](https://x.org/" + "b" * 3000 + ")"]),
)
IDS = st.from_regex(r"[a-z0-9]{1,20}(-[a-z0-9]{1,20}){0,2}", fullmatch=True)
LINKS = st.lists(st.builds(Link, IDS, LONG), max_size=30).map(tuple)
SOURCES = st.lists(
    st.builds(Source, IDS, LONG, LONG, st.sampled_from(["https://x.org", "", "javascript:x",
              "https://x.org/?" + "a&" * 240]), TEXT, st.just("en")), max_size=50).map(tuple)
FIGURES = st.none() | st.builds(
    Figures, st.sampled_from(["USD", "points", "moons"]), st.just("log"),
    st.lists(st.builds(Figure, st.floats(-1e15, 1e15), st.none() | st.sampled_from(Standing),
                       st.none(), st.fixed_dictionaries({"en": LONG})),
             min_size=1, max_size=20).map(tuple))
ANSWERS = st.builds(
    Answer, entry_id=IDS, revision=IDS, category=IDS, locale=st.sampled_from(["en", "fr"]),
    question=LONG, text=LONG, standing=st.none() | st.sampled_from(Standing),
    as_of=st.none() | st.just(date(2026, 11, 1)), review_due=st.booleans(), sources=SOURCES,
    figures=FIGURES, related=LINKS, other_locales=st.sampled_from([(), ("fr",), ("en", "de")]))
REPLIES = st.builds(
    Reply, kind=st.just(ReplyKind.ANSWER), locale=st.sampled_from(["en", "fr", "de"]),
    answers=st.lists(ANSWERS, min_size=1, max_size=2).map(tuple), question=LONG,
) | st.builds(
    Reply, kind=st.sampled_from([k for k in ReplyKind if k is not ReplyKind.ANSWER]),
    locale=st.sampled_from(["en", "fr"]), text=LONG, question=LONG,
    suggestions=LINKS.map(lambda links: links[:3]))
SETTINGS = st.builds(
    Setting, place=st.sampled_from(Place), asker=st.just("U0000001"),
    thread=st.sampled_from(["", "1700000000.000100"]), shareable=st.booleans(),
    shared_by=st.sampled_from(["", "U0000002"]))


def breaches(rendered: Rendered, place: Place) -> list[str]:
    if place is Place.VIEW:
        return list(limits.blocks(rendered.blocks, 98, limits.IN_VIEWS))
    body = {"text": rendered.text, "blocks": rendered.blocks}
    return [*limits.message(body), *limits.message(body, update=True)]


@given(REPLIES, SETTINGS)
@settings(max_examples=150, deadline=None)
def test_every_reply_fits(reply: Reply, setting: Setting) -> None:
    """Blocks, texts, options and ids, with and without what is only decoration."""
    rendered = to_blocks(reply, MESSAGES, setting)
    for made in (rendered, rendered.plain()):
        assert breaches(made, setting.place) == []
        shown = "\n".join([made.text, *texts(made.blocks)])
        assert "<!" not in "\n".join(
            part["text"] for block in made.blocks for part in _mrkdwn(block)) + made.text
        assert shown.strip()


def _mrkdwn(part: object) -> list[dict[str, str]]:
    if isinstance(part, dict):
        own = [part] if part.get("type") == "mrkdwn" else []
        return own + [found for value in part.values() for found in _mrkdwn(value)]
    return [found for item in part for found in _mrkdwn(item)] if isinstance(part, list) else []


@pytest.fixture(scope="module")
def faq() -> Faq:
    return Faq.load(Settings(encoder="none"))


@pytest.mark.parametrize("place", list(Place))
@pytest.mark.parametrize("chart", [True, False])
def test_every_shipped_answer_fits_whole(faq: Faq, place: Place, chart: bool) -> None:
    """In both languages, everywhere, and not one word of the answer is cut."""
    for entry in faq.knowledge.entries.values():
        for locale in faq.messages.locales:
            reply = faq.show(entry.id, locale)
            charts = {entry.id: "F00000001"} if chart else {}
            rendered = to_blocks(reply, faq.messages, Setting(place, "U1", charts=charts))
            assert breaches(rendered, place) == [], entry.id
            assert reply.answer
            sections = " ".join(
                block["text"]["text"] for block in rendered.blocks if block["type"] == "section")
            words = re.findall(r"\w+", reply.answer.text)
            assert set(words) <= set(re.findall(r"\w+", sections)), entry.id
            has_image = any(block["type"] == "image" for block in rendered.blocks)
            assert has_image is (chart and entry.figures is not None)


@pytest.mark.parametrize("place", list(Place))
def test_hostile_entries_ping_nobody(place: Place) -> None:
    """In questions, answers, labels, sources, related questions and what was asked alike."""
    for text in hostile_texts():
        shown = text.strip() or "-"
        figures = Figures("USD", "linear", (Figure(1, None, None, {"en": shown}),))
        source = Source("x", shown, shown, "https://x.org", "", "en")
        answer = Answer("an-entry", "r", "c", "en", shown, shown, None, None, False, (source,),
                        figures, (Link("other", shown),), ("fr",))
        replies = [
            Reply(ReplyKind.ANSWER, "en", answers=(answer,), question=text),
            Reply(ReplyKind.SUGGESTIONS, "en", text=text, question=text,
                  suggestions=(Link("an-entry", shown),)),
        ]
        for reply in replies:
            rendered = to_blocks(reply, MESSAGES, Setting(place, "U0000001"))
            assert breaches(rendered, place) == [], text
            for marked in [rendered.text, *(part["text"] for part in _mrkdwn(rendered.blocks))]:
                assert not re.search(r"<(?!https?://[^\s<>|]+(?:\|[^<>]*)?>|mailto:)", marked), text


def test_every_topic_and_completion_fits(faq: Faq) -> None:
    """Options of selects, in both languages."""
    from adapters.slack.search import option

    for locale in faq.messages.locales:
        for topic in faq.topics(locale):
            assert not list(limits.options([option(link) for link in topic.links], "topic"))


NAME = st.text(st.characters(exclude_categories=["C"]), max_size=40)


@given(st.builds(Handle, *[NAME] * 4, st.text(max_size=3000), NAME,
                 st.sampled_from(["", "up", "down"])))
@settings(max_examples=300, deadline=None)
def test_a_handle_survives_the_journey(handle: Handle) -> None:
    """All but the end of a very long question comes back."""
    back = Handle.decode(handle.encode())
    assert back.question == re.sub(r"[\x00-\x1f]", " ", handle.question)[:500]
    assert len(handle.encode()) <= 2000
    assert (back.entry_id, back.locale, back.asker, back.rating) == (
        handle.entry_id, handle.locale, handle.asker, handle.rating)


def test_every_phrase_exists_in_both_languages() -> None:
    """And with the same placeholders."""
    for key in MESSAGES.keys("en"):
        if key.startswith("slack."):
            assert MESSAGES.has(key, "fr"), key
            names = [re.findall(r"\{\w*\}", " ".join(MESSAGES.items(key, locale)))
                     for locale in ("en", "fr")]
            assert sorted(names[0]) == sorted(names[1]), key
    assert {k for k in MESSAGES.keys("fr") if k.startswith("slack.")} == {
        k for k in MESSAGES.keys("en") if k.startswith("slack.")}
    assert BUNDLED.is_dir()
