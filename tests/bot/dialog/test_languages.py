"""Which language a question is in, and when that is undecided."""

from __future__ import annotations

import pytest

from bot.dialog.languages import LanguageDetector, resolve_locale
from bot.knowledge import load_knowledge
from bot.knowledge.messages import load_messages


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector.build(load_knowledge(), load_messages())


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("How much did it cost?", "en"),
        ("Combien ça coûte ?", "fr"),
        ("c koi deepseek", "fr"),
        ("le jailbreak de R1, ça marche ?", "fr"),
        ("is the open source licence ok", "en"),
        ("deepseek piraté", "fr"),
        ("DEEPSEEK PIRATÉ", "fr"),
        ("how do I write a résumé with it", "en"),
        ("DeepSeek", None),
        ("GPT-4 ?", None),
        ("", None),
        ("Москва", None),
    ],
)
def test_detect(detector: LanguageDetector, text: str, locale: str | None) -> None:
    """Function words and the base's own words decide; a bare name decides nothing."""
    assert detector.detect(text) == locale


@pytest.mark.parametrize("text", ["prompt injection", "AI Act", "open source"])
def test_a_term_of_the_field_is_not_taken_for_french(detector: LanguageDetector, text: str) -> None:
    """French people use these words too, so that the person's own locale may decide."""
    assert detector.detect(text) != "fr"


def test_the_person_comes_before_the_text_and_the_text_before_the_platform() -> None:
    """A chosen language wins; then the question's; then the person's; then the default."""
    assert resolve_locale(forced="fr", detected="en", hint="en", default="en") == "fr"
    assert resolve_locale(forced=None, detected="en", hint="fr", default="fr") == "en"
    assert resolve_locale(forced=None, detected=None, hint="fr", default="en") == "fr"
    assert resolve_locale(forced=None, detected=None, hint=None, default="en") == "en"
