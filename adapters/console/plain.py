"""Replies as plain text: for pipes, files and terminals that can do no more."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adapters.console.explaining import SHOWN, number, signal_names, summary
from bot.figures import format_value
from bot.knowledge.messages import Messages
from bot.models import Answer, Figures, Link, Locale, Reply, Source
from bot.service import Explanation, Topic

_BOLD = re.compile(r"\*\*(\S.*?)\*\*")


def reply_text(reply: Reply, messages: Messages) -> str:
    """Any reply, with its lists numbered."""
    parts = [answer_text(answer, messages) for answer in reply.answers]
    if reply.text:
        parts.append(reply.text)
    if reply.suggestions:
        parts.append(numbered(reply.suggestions))
    elif links := [link for answer in reply.answers for link in answer.related]:
        parts.append(f"{messages.text('label.related', reply.locale)}\n{numbered(links)}")
    return "\n\n".join(parts)


def answer_text(answer: Answer, messages: Messages) -> str:
    """One answer: question, text, standing and date, figures, sources."""
    parts = [answer.question, _BOLD.sub(r"\1", answer.text)]
    if line := standing_line(answer, messages):
        parts.append(line)
    if answer.review_due and answer.as_of:
        day = messages.format_date(answer.as_of, answer.locale)
        parts.append(messages.text("label.review_due", answer.locale, date=day))
    if answer.figures:
        parts.append(_figures(answer.figures, answer.locale, messages))
    if answer.sources:
        lines = (f"  - {source_line(source)}" for source in answer.sources)
        parts.append("\n".join([messages.text("label.sources", answer.locale), *lines]))
    return "\n\n".join(parts)


def standing_line(answer: Answer, messages: Messages) -> str:
    """`claimed, as of 23 November 2026`; empty if the entry says neither."""
    parts = []
    if answer.standing:
        parts.append(messages.text(f"standing.{answer.standing}", answer.locale))
    if answer.as_of:
        day = messages.format_date(answer.as_of, answer.locale)
        parts.append(messages.text("label.as_of", answer.locale, date=day))
    return ", ".join(parts)


def figure_rows(figures: Figures, locale: Locale, messages: Messages) -> list[tuple[str, str, str]]:
    """What, value with unit, and standing of each figure, in words."""
    return [
        (
            figure.labels.get(locale) or next(iter(figure.labels.values()), ""),
            format_value(figure.value, figures.unit, locale, messages),
            messages.text(f"standing.{figure.standing}", locale) if figure.standing else "",
        )
        for figure in figures.values
    ]


def _figures(figures: Figures, locale: Locale, messages: Messages) -> str:
    rows = figure_rows(figures, locale, messages)
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = (
        f"  {what:<{widths[0]}}  {value:>{widths[1]}}  {standing}".rstrip()
        for what, value, standing in rows
    )
    return "\n".join([messages.text("label.figures", locale), *lines])


def source_line(source: Source) -> str:
    """Publisher, title, date and address of a source."""
    return f"{source_title(source)} {source.url}"


def source_title(source: Source) -> str:
    """Publisher, title and date of a source."""
    date = f" ({source.date})" if source.date else ""
    return f"{source.publisher} · {source.title}{date}"


def numbered(links: Sequence[Link], start: int = 1) -> str:
    """Questions to choose from."""
    return "\n".join(f"  {at}. {link.question}" for at, link in enumerate(links, start))


def topics_text(topics: Sequence[Topic]) -> str:
    """All questions by topic, numbered through."""
    parts, at = [], 1
    for topic in topics:
        parts.append(f"{topic.label}\n{numbered(topic.links, at)}")
        at += len(topic.links)
    return "\n\n".join(parts)


def explanation_text(explanation: Explanation, locale: Locale, messages: Messages) -> str:
    """Why a question got its reply, with each signal of the best candidates."""
    lines = [f"{label}: {value}" for label, value in summary(explanation, locale, messages)]
    shown = explanation.candidates[:SHOWN]
    if not shown:
        return "\n".join([*lines, messages.text("explain.no_candidates", locale)])
    for at, candidate in enumerate(shown, 1):
        signals = "  ".join(
            f"{name} {number(candidate.signals[name])}"
            for name in signal_names(shown)
            if name in candidate.signals
        )
        lines += [
            "",
            f"{at}. {candidate.entry.id}  {number(candidate.confidence)}",
            f"   {messages.text('explain.variant', locale)}: {candidate.variant.text}",
            f"   {signals}",
        ]
    return "\n".join(lines)
