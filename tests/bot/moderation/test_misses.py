"""Missed questions come in groups that mean the same, without what tells who asked."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.knowledge.messages import load_messages
from bot.moderation.grouping import group
from bot.moderation.misses import ClusterKind, Misses, is_question, unhelpful_key
from bot.moderation.scrub import Scrubber
from bot.store.rows import ChoiceRow, MissRow, ThumbRow, text_key
from tests.bot.moderating import make_base, make_faq

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def faq(tmp_path_factory):
    return make_faq(make_base(tmp_path_factory.mktemp("base")))


@pytest.fixture
def misses(faq):
    return Misses(faq, "en")


def miss(text, person="a", *, days=0, locale="en", decision="fallback"):
    return MissRow(key=text_key(text), text=text, locale=locale, platform="discord",
                   at=NOW - timedelta(days=days), decision=decision, confidence=0.1, entry_ids=(),
                   person=person)


def choice(text, entry_id, person="a"):
    return ChoiceRow(key=text_key(text), text=text, entry_id=entry_id, locale="en",
                     platform="slack", at=NOW, person=person)


def test_wordings_that_mean_the_same_stand_together_most_asked_first(misses):
    found = misses.clusters([
        miss("where is the swimming pool", "a"),
        miss("the swimming pool, where is it?", "b"),
        miss("do you sell stamps", "c"),
        miss("where is the swimming pool", "d"),
    ])
    assert [cluster.title for cluster in found] == [
        "where is the swimming pool", "do you sell stamps"]
    assert (found[0].asked, found[0].people, len(found[0].texts)) == (3, 3, 2)
    assert found[0].kind is ClusterKind.MISS


def test_one_person_asking_again_on_one_day_counts_once(misses):
    rows = [miss("do you sell stamps", "a")] * 3 + [miss("do you sell stamps", "a", days=1)]
    [cluster] = misses.clusters(rows)
    assert (cluster.asked, cluster.people) == (2, 1)


def test_greetings_links_and_spam_are_set_aside(misses):
    noise = ["hello", "!!!", "https://example.org/x", "buy buy buy buy buy buy now", "a"]
    assert misses.clusters([miss(text, str(at)) for at, text in enumerate(noise)]) == []
    repeated = [miss("join my channel please", "spammer") for _ in range(30)]
    assert misses.clusters(repeated) == []
    assert is_question("do you sell stamps", load_messages())


def test_what_the_base_answers_by_now_is_left_out(misses):
    assert misses.clusters([miss("When does the library open?")]) == []


def test_a_picked_suggestion_names_its_entry(misses):
    text = "can I read there at night"
    [cluster] = misses.clusters([miss(text, decision="suggestions")],
                                [choice(text, "library-hours")])
    assert (cluster.kind, cluster.entry_id, cluster.asked) == (
        ClusterKind.CHOICE, "library-hours", 1)


def test_thumbs_down_on_the_present_text_are_shown_and_on_an_older_one_not(faq, misses):
    entry = faq.knowledge.entries["library-hours"]

    def thumb(revision, person, *, text=None, helpful=False):
        return ThumbRow(NOW, "discord", person, entry.id, revision, "fr", helpful, text)

    [cluster] = misses.clusters([], [], [
        thumb(entry.revision, "a", text="c'est ouvert lundi ?"), thumb(entry.revision, "b"),
        thumb("old", "c"), thumb(entry.revision, "d", helpful=True)])
    assert (cluster.kind, cluster.entry_id, cluster.asked) == (
        ClusterKind.UNHELPFUL, "library-hours", 2)
    assert cluster.key == unhelpful_key(entry.id, entry.revision)
    assert [text.text for text in cluster.texts] == ["c'est ouvert lundi ?"]


def test_the_nearest_entries_say_why_they_fell_short(faq):
    [cluster] = Misses(faq, "fr").clusters([miss("is the swimming pool heated")])
    near = Misses(faq, "fr").with_near(cluster).near
    assert near
    assert all(one.why and one.question == faq.knowledge.entries[one.entry_id].texts["fr"].question
               for one in near)
    assert any("%" in one.why or "Mots" in one.why for one in near)


def test_any_key_of_a_group_finds_it(misses):
    [cluster] = misses.clusters([
        miss("where is the swimming pool"), miss("where's the swimming pool", "b")])
    assert {text.key for text in cluster.texts} <= set(cluster.keys)


def test_names_that_differ_keep_groups_apart(tmp_path):
    root = make_base(tmp_path)
    (root / "glossary.yaml").write_text("names: {gpt-4: [], gpt-5: []}\n", encoding="utf-8")
    faq = make_faq(root)
    assert group(faq.matcher, ["is gpt-4 any good", "is gpt-5 any good"]) == [[0], [1]]
    assert group(faq.matcher, []) == []


@pytest.mark.parametrize(("text", "shown"), [
    ("mail me: jo.doe+x@example.org", "mail me: [address]"),
    ("<@U123|bob> and @jane, is it open", "[person] and [person], is it open"),
    ("call +33 6 12 34 56 78 or (555) 123-4567", "call [number] or [number]"),
    ("see https://example.org/x?token=abc", "see [link]"),
    ("see https://example.org/page", "see https://example.org/page"),
    ("Hi Martin, is it open", "Hi [name], is it open"),
    ("je m'appelle Jean Dupont, c'est ouvert ?", "je m'appelle [name], c'est ouvert ?"),
    ("Is it open? Regards, Ann Lee", "Is it open? Regards, [name]"),
    ("from 10.1.2.3, key sk-abcdefgh1234567890abcd", "from [number], key [number]"),
    ("Hello DeepSeek, is R1 open", "Hello DeepSeek, is R1 open"),
    ("5.576.000 or 294 000 $ on 2025-01-27, v2.0.1", "5.576.000 or 294 000 $ on 2025-01-27, v2.0.1"),
    ("1 000 000 000 euros", "1 000 000 000 euros"),
])
def test_names_and_addresses_are_trimmed_and_figures_stay(text, shown):
    scrubber = Scrubber(load_messages(), "en", ["DeepSeek"])
    assert scrubber.scrub(text) == shown
    assert scrubber.is_clean(text) == (text == shown)


def test_a_trimmed_wording_is_marked(misses):
    [cluster] = misses.clusters([miss("do you sell stamps? mail jo@example.org")])
    assert cluster.texts[0].trimmed
    assert "jo@" not in cluster.title
