"""How a text becomes words that can be compared."""

from __future__ import annotations

import pytest

from bot.text import MAX_QUESTION, clean, fold, has_words, reflow, stem, words


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  what \t\n is  R1 ", "what is R1"),
        ("R1\u200b\u200d\u202e?\ufeff", "R1?"),
        ("R1\x00\x07?", "R1 ?"),
        ("R1 \ud83d?", "R1 ?"),
        ("\u200b\u200d\u200e", ""),
        ("", ""),
    ],
)
def test_clean_leaves_what_a_person_sees(text, cleaned):
    """Control, zero-width and direction marks and lone surrogates are gone."""
    assert clean(text) == cleaned


def test_clean_is_bounded():
    """A huge paste is cut before it costs anything."""
    assert len(clean("word " * 100_000)) <= 4 * MAX_QUESTION


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Où est l'ŒUVRE ?", "ou est l'oeuvre ?"),
        ("Straße", "strasse"),
        ("№1 ﬁnal ＡＩ", "no1 final ai"),
        ("l’été", "l'ete"),
    ],
)
def test_fold_forgets_case_accents_and_forms(text, folded):
    """Two spellings of one word fold to the same text."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Combien ça coûte, l'IA ?", ["combien", "ca", "coute", "l", "ia"]),
        ("gpt-4o costs 5,6 or 5.6 M", ["gpt", "4o", "costs", "5,6", "or", "5.6", "m"]),
        ("whaaaaat", ["whaat"]),
        ("10000 is not 1000000", ["10000", "is", "not", "1000000"]),
        ("🤔!?…", []),
    ],
)
def test_words(text, found):
    """Letters and digits count, stretched letters are shortened, numbers stay what they are."""
    assert words(text) == found


@pytest.mark.parametrize(
    ("one", "other"), [("costs", "cost"), ("modèles", "modèle"), ("entraînement", "entraînements")]
)
def test_stem_joins_forms_of_a_word(one, other):
    """Singular and plural do not separate."""
    assert stem(words(one)[0]) == stem(words(other)[0])


def test_short_words_and_numbers_are_not_stemmed():
    """`r1`, `o3` and `as` are names, not inflections."""
    assert [stem(word) for word in ("r1", "o3", "as", "5.6")] == ["r1", "o3", "as", "5.6"]


@pytest.mark.parametrize(
    ("text", "answer"), [("🤔", False), ("?!", False), ("a", True), ("7", True)]
)
def test_has_words(text, answer):
    """Emoji and signs alone are nothing to match."""
    assert has_words(text) is answer


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("one\ntwo\n\nthree\nfour", "one two\n\nthree four"),
        ("until February\n2026. Then on", "until February 2026. Then on"),
        ("R1 (January\n2025) is out", "R1 (January 2025) is out"),
        ("intro:\n- one\n  more\n- two", "intro:\n- one more\n- two"),
        ("1. one\n2. two\n   more\n10. ten", "1. one\n2. two more\n10. ten"),
        ("> quote\n> more\n\ntext", "> quote\n> more\n\ntext"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("# Title\ntext\nmore", "# Title\ntext more"),
        ("```\na\n\nb\n```\nc\nd", "```\na\n\nb\n```\nc d"),
        ("hard  \nbreak\nsoft", "hard\nbreak soft"),
        ("#hashtag\nmore", "#hashtag more"),
        ("prix\u00a0: 5\u00a0millions\net plus", "prix\u00a0: 5\u00a0millions et plus"),
    ],
)
def test_reflow_joins_wrapped_lines_only(written, shown):
    """A paragraph becomes one line; whatever Markdown keeps apart stays apart."""
    assert reflow(written) == shown
