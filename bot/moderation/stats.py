"""Figures for moderators: what is asked, what is missed, what is due for review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from bot.knowledge import KnowledgeBase
from bot.models import Entry, Locale
from bot.service import Faq
from bot.store.rows import Stats

MOST = 5
OUTCOMES = ("answer", "suggestions", "fallback")


def due_entries(
    knowledge: KnowledgeBase, asked: Mapping[str, int], *, today: date, days: int = 0
) -> list[tuple[Entry, int]]:
    """Entries due for review by `today` or within `days`, with how often they were shown.

    The most urgent first: days late (a month is granted to all) times how often it is read.
    """
    until = today + timedelta(days=days)
    due = [
        (entry, asked.get(entry.id, 0)) for entry in knowledge.entries.values()
        if entry.review_by is not None and entry.review_by <= until
    ]

    def urgency(item: tuple[Entry, int]) -> float:
        entry, count = item
        late = (today - (entry.review_by or today)).days
        return max(1, late + days + 1) * (1 + count)

    return sorted(due, key=lambda item: (-urgency(item), item[0].review_by, item[0].id))


def stats_lines(stats: Stats, faq: Faq, locale: Locale, days: int) -> list[str]:
    """The figures in sentences."""
    return list(_lines(stats, faq, locale, days))


def _lines(stats: Stats, faq: Faq, locale: Locale, days: int) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return faq.messages.text(f"moderation.stats.{key}", locale, **values)

    if not stats.questions:
        yield say("none", days=days)
        return
    yield say("asked", days=days, count=stats.questions, people=stats.people)
    shares = {name: round(100 * stats.outcomes.get(name, 0) / stats.questions) for name in OUTCOMES}
    yield say("outcomes", **shares)
    if stats.asked:
        yield say("top", entries=", ".join(f"{key} ({count})" for key, count in stats.asked[:MOST]))
    disliked = [one for one in stats.feedback if one.unhelpful][:MOST]
    if disliked:
        yield say("unhelpful", entries=", ".join(
            f"{one.entry_id} ({one.unhelpful}/{one.helpful + one.unhelpful})" for one in disliked))
    yield say("languages", languages=", ".join(
        f"{key} {round(100 * count / stats.questions)} %" for key, count in stats.locales.items()))
