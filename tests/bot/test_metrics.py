"""The front of the figures: silent without a sink, exact with one; and health."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot import metrics
from bot.health import Health
from bot.models import Question
from bot.records import Records
from bot.service import Faq
from bot.settings import Settings


class Kept:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def asked(self, platform: str, locale: str, outcome: str, seconds: float) -> None:
        self.told.append(("asked", platform, locale, outcome, seconds))

    def matched(self, seconds: float) -> None:
        self.told.append(("matched", seconds > 0))

    def waited(self, platform: str, seconds: float) -> None:
        self.told.append(("waited", platform, seconds))


@pytest.fixture
def kept() -> Iterator[Kept]:
    sink = Kept()
    metrics.install(sink)
    yield sink
    metrics.install(None)


def ask(text: str) -> None:
    faq = Faq.load(Settings(encoder="none"))
    question = Question(text, "fr")
    reply = faq.respond(question)
    Records().asked(platform="slack", person="p", channel="c", question=question, reply=reply,
                    seconds=0.25)


def test_a_question_is_counted_and_timed(kept: Kept) -> None:
    """By platform, language and outcome, with the time of the search and of the reply."""
    ask("Combien a coûté l'entraînement de DeepSeek R1 ?")
    assert kept.told == [("matched", True), ("asked", "slack", "fr", "answer", 0.25)]


def test_waits_are_told(kept: Kept) -> None:
    """Seconds that a platform asked for."""
    metrics.waited("discord", 1.5)
    assert kept.told == [("waited", "discord", 1.5)]


def test_without_a_sink_nothing_happens() -> None:
    """The same calls, and nobody listens."""
    metrics.install(None)
    ask("Combien a coûté l'entraînement de DeepSeek R1 ?")
    metrics.waited("discord", 1.5)


def test_ready_when_all_parts_are() -> None:
    """One part that is down is enough; a forgotten one no longer counts."""
    health = Health()
    assert health.ready
    health.set("discord", True, "1 of 1 shards connected")
    health.set("slack", False, "starting")
    assert not health.ready
    health.set("slack", True)
    assert health.ready
    health.set("slack", False, "no connection")
    health.forget("slack")
    assert health.ready
    assert list(health.parts) == ["discord"]


def test_since_is_the_last_change() -> None:
    """A new detail does not make it a new state."""
    health = Health()
    health.set("slack", False, "starting")
    began = health.parts["slack"].since
    health.set("slack", False, "no connection")
    assert health.parts["slack"].since is began
    health.set("slack", True)
    assert health.parts["slack"].since > began
