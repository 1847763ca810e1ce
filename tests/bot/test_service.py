"""Faq as a whole, on the shipped base by words alone: follow-ups, double questions, completion."""

from __future__ import annotations

import pytest

from bot.models import Question, Reply, ReplyKind
from bot.service import Faq
from bot.settings import Settings


@pytest.fixture(scope="module")
def faq() -> Faq:
    return Faq.load(Settings(encoder="none"))


def converse(faq: Faq, key: str, *texts: str) -> Reply:
    """The reply to the last of several messages in one conversation."""
    reply = None
    for text in texts:
        reply = faq.respond(Question(text, conversation=key))
    assert reply is not None
    return reply


def shown(reply: Reply) -> list[str]:
    return [answer.entry_id for answer in reply.answers]


def test_a_follow_up_takes_the_question_and_changes_the_name(faq: Faq) -> None:
    """After a cost question, "et pour GPT-4 ?" asks for GPT-4's cost."""
    first = "Combien a coûté l'entraînement de DeepSeek R1 ?"
    assert shown(converse(faq, "a", first, "et pour GPT-4 ?")) == ["gpt4-training-cost"]


def test_a_complete_question_ignores_what_was_before(faq: Faq) -> None:
    """A question that stands on its own is answered on its own."""
    asked = ["How much did it cost to train DeepSeek R1?", "What is a mixture of experts?"]
    assert shown(converse(faq, "b", *asked)) == ["mixture-of-experts"]


def test_a_bare_why_is_answered_with_what_lies_near(faq: Faq) -> None:
    """ "Why?" alone has nothing to match: what is near the entry before is suggested."""
    first = "How much did it cost to train DeepSeek R1?"
    reply = converse(faq, "c", first, "why?")
    assert reply.kind is ReplyKind.SUGGESTIONS
    assert "deepseek-training-cost" not in {link.entry_id for link in reply.suggestions}
    assert converse(faq, "nobody", "why?").kind is ReplyKind.FALLBACK


@pytest.mark.parametrize("bare", ["why so much?", "and why is that?", "mais pourquoi ?", "how so"])
def test_a_few_small_words_are_as_bare_as_one(faq: Faq, bare: str) -> None:
    """ "Why so much?" says no more than "why?": words that every question has match nothing."""
    first = "How much did it cost OpenAI to train GPT-4?"
    reply = converse(faq, f"bare {bare}", first, bare)
    assert reply.kind is ReplyKind.SUGGESTIONS
    assert "gpt4-training-cost" not in {link.entry_id for link in reply.suggestions}
    assert converse(faq, f"nobody {bare}", bare).kind is ReplyKind.FALLBACK


def test_conversations_are_kept_apart(faq: Faq) -> None:
    """Somebody else's follow-up does not use this person's entry."""
    converse(faq, "d", "Combien a coûté l'entraînement de DeepSeek R1 ?")
    assert converse(faq, "e", "pourquoi ?").kind is ReplyKind.FALLBACK
    assert converse(faq, "d", "pourquoi ?").kind is ReplyKind.SUGGESTIONS


def test_two_questions_get_both_answers(faq: Faq) -> None:
    """One message, two questions, two answers in their order."""
    reply = converse(faq, "f", "Why did Nvidia crash? And is DeepSeek banned in Italy?")
    assert shown(reply) == ["nvidia-stock-drop", "deepseek-bans"]


def test_the_chosen_language_wins(faq: Faq) -> None:
    """Who chose French gets French, whatever the question is in."""
    reply = faq.respond(Question("What is a mixture of experts?", forced_locale="fr"))
    assert reply.locale == "fr"
    assert reply.answer is not None
    assert reply.answer.locale == "fr"


def test_a_former_or_unknown_entry_is_told_politely(faq: Faq) -> None:
    """An old button of a deleted entry gets words, not an error."""
    assert faq.show("no-such-entry", "fr").kind is ReplyKind.GONE


@pytest.mark.parametrize(
    ("typed", "locale", "entry"),
    [
        ("who is li", "en", "liang-wenfeng"),
        ("r1 vs v", "en", "r1-vs-v3"),
        ("jailbrak", "en", "deepseek-jailbreaks"),
        ("quels pays interd", "fr", "deepseek-bans"),
        ("entrainement gpt4", "fr", "gpt4-training-cost"),
    ],
)
def test_completion_finds_what_is_being_typed(
    faq: Faq, typed: str, locale: str, entry: str
) -> None:
    """Beginnings, slips and missing accents find the entry among the first three."""
    assert entry in [link.entry_id for link in faq.complete(typed, locale, limit=3)]


def test_completion_of_nothing_offers_what_is_popular(faq: Faq) -> None:
    """Popular entries come first, each once, and no more than asked for."""
    found = faq.complete("", "en", limit=5, popular=["what-is-r1", "jevons-paradox"])
    assert [link.entry_id for link in found[:2]] == ["what-is-r1", "jevons-paradox"]
    assert len({link.entry_id for link in found}) == 5


def test_a_long_question_is_cut_and_answered(faq: Faq) -> None:
    """What follows two thousand characters is not looked at, and costs nothing."""
    text = "Where is DeepSeek banned? " + "x" * 100_000
    assert faq.respond(Question(text)).kind in set(ReplyKind)


def test_an_entrys_own_question_finds_it(faq: Faq) -> None:
    """A `not:` phrasing that differs by one short word does not shut the entry out."""
    assert shown(converse(faq, "g", "Qu'est-ce que DeepSeek ?")) == ["what-is-deepseek"]


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_only_a_bot_that_keeps_questions_says_that_moderators_will_see_them(locale: str) -> None:
    """In the terminal, or without a store, nobody would."""
    faq = Faq.load(Settings(encoder="none"))
    question = Question("xylophone zebra waltz", forced_locale=locale)
    text, noted = (faq.messages.text(f"fallback.{key}", locale) for key in ("text", "noted"))
    assert faq.respond(question).text == text
    faq.keeps_misses = True
    assert faq.respond(question).text == f"{text} {noted}"
