"""Replies as cards for a terminal, drawn by rich."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.box import ROUNDED, SIMPLE
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from adapters.console.explaining import SHOWN, number, signal_names, summary
from adapters.console.plain import figure_rows, source_title, standing_line
from bot.knowledge.messages import Messages
from bot.models import Answer, Candidate, Link, Locale, Reply, Source, Standing
from bot.service import Explanation, Topic

STANDING_STYLES = {
    Standing.CONFIRMED: "green",
    Standing.CLAIMED: "blue",
    Standing.DISPUTED: "yellow",
    None: "white",
}
BLANK = "\ue000"
"""Stands for a no-break space while lines are broken: rich would break there."""
SAFE_SCHEMES = ("https://", "http://")
"""Only these become something to click on."""


class Unbroken:
    """What it holds, with the no-break spaces that `kept` has protected put back."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The segments of what it holds, mended."""
        for segment in console.render(self._inner, options):
            text = segment.text.replace(BLANK, "\N{NO-BREAK SPACE}")
            yield Segment(text, segment.style, segment.control)


def kept(text: str) -> str:
    """The text with its no-break spaces protected until it is printed."""
    return text.replace("\N{NO-BREAK SPACE}", BLANK)


def reply_card(reply: Reply, messages: Messages) -> RenderableType:
    """Any reply: cards for answers, a phrase and a numbered list for the rest."""
    parts: list[RenderableType] = []
    start = 1
    for answer in reply.answers:
        parts.append(answer_card(answer, messages, start))
        start += len(answer.related)
    if reply.text:
        parts.append(Text(kept(reply.text)))
    if reply.suggestions:
        parts.append(_numbered(reply.suggestions))
    return Unbroken(Group(*parts))


def answer_card(answer: Answer, messages: Messages, start: int = 1) -> Panel:
    """One answer with all that belongs to it; `start` is the number of its first related one."""
    locale = answer.locale
    style = STANDING_STYLES[answer.standing]
    parts: list[RenderableType] = [
        Text(kept(answer.question), style="bold"),
        Text(),
        Markdown(kept(answer.text), hyperlinks=True),
    ]
    if answer.review_due and answer.as_of:
        day = messages.format_date(answer.as_of, locale)
        due = messages.text("label.review_due", locale, date=day)
        parts += [Text(), Text(kept(due), style="yellow")]
    if answer.figures:
        parts += [Text(), _figures(answer, messages)]
    if answer.sources:
        parts += [Text(), _section(messages.text("label.sources", locale))]
        parts.append(_sources(answer.sources))
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
            Text(kept(what)),
            Text(kept(value)),
            Text(standing, style=STANDING_STYLES[figure.standing]),
        )
    return table


def _sources(sources: Iterable[Source]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim")
    table.add_column()
    for source in sources:
        link = source.url if source.url.startswith(SAFE_SCHEMES) else None
        style = Style(link=link, color="bright_blue" if link else None)
        table.add_row("•", Text.assemble((kept(source_title(source)), style)))
    return table


def _numbered(links: Iterable[Link], start: int = 1) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="cyan", width=3)
    table.add_column()
    for at, link in enumerate(links, start):
        table.add_row(str(at), Text(kept(link.question)))
    return table


def topics_list(topics: Sequence[Topic]) -> RenderableType:
    """All questions by topic, numbered through."""
    parts: list[RenderableType] = []
    at = 1
    for topic in topics:
        parts.append(Text(kept(topic.label), style="bold"))
        parts.append(Padding(_numbered(topic.links, at), (0, 0, 1, 0)))
        at += len(topic.links)
    return Unbroken(Group(*parts))


def help_table(commands: Sequence[tuple[str, ...]]) -> RenderableType:
    """Commands and what they do."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column()
    for command in commands:
        table.add_row(*(Text(kept(part)) for part in command))
    return Unbroken(table)


def explanation_table(
    explanation: Explanation, locale: Locale, messages: Messages
) -> RenderableType:
    """Why a question got its reply, with each signal of the best candidates."""
    head = Table.grid(padding=(0, 2))
    head.add_column(style="dim", no_wrap=True)
    head.add_column()
    for label, value in summary(explanation, locale, messages):
        head.add_row(Text(kept(label)), Text(kept(value)))
    shown = explanation.candidates[:SHOWN]
    if not shown:
        return Unbroken(Group(head, Text(kept(messages.text("explain.no_candidates", locale)))))
    return Unbroken(Group(head, Text(), _entries(shown, locale, messages), Text(), _signals(shown)))


def _entries(shown: Sequence[Candidate], locale: Locale, messages: Messages) -> Table:
    """Who the candidates are, numbered."""
    table = Table(box=SIMPLE, show_edge=False, padding=(0, 1))
    table.add_column("", style="cyan")
    table.add_column(messages.text("explain.entry", locale), no_wrap=True)
    table.add_column(messages.text("explain.confidence", locale), justify="right")
    table.add_column(messages.text("explain.variant", locale))
    for at, found in enumerate(shown, 1):
        table.add_row(
            str(at),
            found.entry.id,
            number(found.confidence),
            Text(kept(found.variant.text)),
            style="bold" if at == 1 else "",
        )
    return table


def _signals(shown: Sequence[Candidate]) -> Table:
    """Each signal by candidate: many signals, few candidates."""
    table = Table(box=SIMPLE, show_edge=False, padding=(0, 1))
    table.add_column("", style="dim", no_wrap=True)
    for at in range(1, len(shown) + 1):
        table.add_column(str(at), justify="right", header_style="cyan")
    for name in signal_names(shown):
        cells = (number(found.signals[name]) if name in found.signals else "" for found in shown)
        table.add_row(name, *cells)
    return table
