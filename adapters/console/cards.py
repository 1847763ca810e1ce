"""Replies as cards for a terminal, drawn by rich."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import ROUNDED, SIMPLE
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.style import Style
from rich.table import Table
from rich.text import Text

from adapters.console.explaining import SHOWN, number, signal_names, summary
from adapters.console.plain import figure_rows, source_title, standing_line
from bot.messages import Messages
from bot.models import Answer, Link, Locale, Reply, Source, Standing
from bot.service import Explanation, Topic

STANDING_STYLES = {
    Standing.CONFIRMED: "green",
    Standing.CLAIMED: "blue",
    Standing.DISPUTED: "yellow",
    None: "white",
}
SAFE_SCHEMES = ("https://", "http://")
"""Only these become something to click on."""


def reply_card(reply: Reply, messages: Messages) -> RenderableType:
    """Any reply: cards for answers, a phrase and a numbered list for the rest."""
    parts: list[RenderableType] = []
    start = 1
    for answer in reply.answers:
        parts.append(answer_card(answer, messages, start))
        start += len(answer.related)
    if reply.text:
        parts.append(Text(reply.text))
    if reply.suggestions:
        parts.append(_numbered(reply.suggestions))
    return Group(*parts)


def answer_card(answer: Answer, messages: Messages, start: int = 1) -> Panel:
    """One answer with all that belongs to it; `start` is the number of its first related one."""
    locale = answer.locale
    style = STANDING_STYLES[answer.standing]
    parts: list[RenderableType] = [
        Text(answer.question, style="bold"),
        Text(),
        Markdown(answer.text, hyperlinks=True),
    ]
    if answer.review_due and answer.as_of:
        day = messages.format_date(answer.as_of, locale)
        due = messages.text("label.review_due", locale, date=day)
        parts += [Text(), Text(due, style="yellow")]
    if answer.figures:
        parts += [Text(), _figures(answer, messages)]
    if answer.sources:
        parts += [Text(), _section(messages.text("label.sources", locale))]
        parts += [_source(source) for source in answer.sources]
    if answer.related:
        parts += [Text(), _section(messages.text("label.related", locale))]
        parts.append(_numbered(answer.related, start))
    return Panel(
        Group(*parts),
        box=ROUNDED,
        border_style=style,
        padding=(0, 1),
        subtitle=Text(standing_line(answer, messages), style=style) if answer.standing else None,
        subtitle_align="right",
    )


def _section(title: str) -> Text:
    return Text(title, style="bold dim")


def _figures(answer: Answer, messages: Messages) -> Table:
    assert answer.figures is not None
    table = Table(box=SIMPLE, padding=(0, 1), show_header=False, show_edge=False)
    table.add_column()
    table.add_column(justify="right", style="bold", no_wrap=True)
    table.add_column()
    rows = figure_rows(answer.figures, answer.locale, messages)
    for figure, (what, value, standing) in zip(answer.figures.values, rows, strict=True):
        table.add_row(
            Text(what), Text(value), Text(standing, style=STANDING_STYLES[figure.standing])
        )
    return table


def _source(source: Source) -> Text:
    link = source.url if source.url.startswith(SAFE_SCHEMES) else None
    return Text.assemble("• ", (source_title(source), Style(link=link, underline=bool(link))))


def _numbered(links: Iterable[Link], start: int = 1) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="cyan", width=3)
    table.add_column()
    for at, link in enumerate(links, start):
        table.add_row(str(at), Text(link.question))
    return table


def topics_list(topics: Sequence[Topic]) -> RenderableType:
    """All questions by topic, numbered through."""
    parts: list[RenderableType] = []
    at = 1
    for topic in topics:
        parts.append(Text(topic.label, style="bold"))
        parts.append(Padding(_numbered(topic.links, at), (0, 0, 1, 0)))
        at += len(topic.links)
    return Group(*parts)


def help_table(commands: Sequence[tuple[str, ...]]) -> RenderableType:
    """Commands and what they do."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    for command in commands:
        table.add_row(*(Text(part) for part in command))
    return table


def explanation_table(
    explanation: Explanation, locale: Locale, messages: Messages
) -> RenderableType:
    """Why a question got its reply, with each signal of the best candidates."""
    head = Table.grid(padding=(0, 2))
    head.add_column(style="dim", no_wrap=True)
    head.add_column()
    for label, value in summary(explanation, locale, messages):
        head.add_row(Text(label), Text(value))
    shown = explanation.candidates[:SHOWN]
    if not shown:
        return Group(head, Text(messages.text("explain.no_candidates", locale)))
    return Group(head, Text(), *_candidates(explanation, locale, messages))


def _candidates(
    explanation: Explanation, locale: Locale, messages: Messages
) -> Iterable[RenderableType]:
    """One table with a column per candidate: many signals, few candidates."""
    shown = explanation.candidates[:SHOWN]
    table = Table(box=SIMPLE, show_edge=False, padding=(0, 1))
    table.add_column(messages.text("explain.entry", locale), style="dim", no_wrap=True)
    for at, candidate in enumerate(shown):
        table.add_column(
            Text(candidate.entry.id),
            justify="right",
            overflow="fold",
            style="bold" if at == 0 else "",
        )
    table.add_row(
        messages.text("explain.confidence", locale),
        *(number(found.confidence) for found in shown),
        end_section=True,
    )
    for name in signal_names(shown):
        table.add_row(
            name, *(number(found.signals[name]) if name in found.signals else "" for found in shown)
        )
    yield table
    yield Text()
    yield _section(messages.text("explain.variant", locale))
    for found in shown:
        yield Text.assemble((found.entry.id, "bold"), "  ", found.variant.text)
