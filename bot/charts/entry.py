"""The figures of an entry as a picture that can be posted in a chat.

Each figure is a line of text, what it is and how much, above a bar of the full width: labels stay
readable on a phone, however long they are. Standing shows by colour and by hatch.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from bot.charts.drawing import (
    BACKGROUND,
    LINE,
    MARGIN,
    MUTED,
    POINT,
    ROOM,
    TRACK,
    Page,
    require_matplotlib,
    text_width,
    wrap,
)
from bot.figures import axis_label, format_number, format_value
from bot.knowledge.messages import Messages, load_messages
from bot.models import Entry, Figure, Figures, Locale, Source, Standing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CACHE_SIZE = 256

HATCH = (0.0, 0.0, 0.0, 0.28)
STYLES: Mapping[Standing | None, tuple[str, str]] = {
    Standing.CONFIRMED: ("#45c4a0", ""),
    Standing.CLAIMED: ("#5ea3f0", "////"),
    Standing.DISPUTED: ("#f0a04b", "xxxx"),
    None: ("#8f99ab", ""),
}
"""Colour and hatch by standing."""

TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 11.0, 9.0, 7.5
BAR, GAP = 0.15, 0.16
"""Inches: height of a bar, and the space below it."""
TICKS = 0.18
"""Inches that the line of powers of ten takes."""
MAX_SOURCES = 4

_cache: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
_lock = Lock()


def chart_png(
    entry: Entry,
    locale: Locale,
    *,
    messages: Messages | None = None,
    sources: Mapping[str, Source] | None = None,
) -> bytes | None:
    """The figures of an entry as a PNG, cached; safe to call from any thread.

    Args:
        entry: the entry; its own language is used when it lacks `locale`.
        locale: language of the labels.
        messages: the phrases in service; the bundled ones by default.
        sources: the bibliography, so that the footer can name the publishers.

    Returns:
        The picture, or None when the entry has no figures.

    Raises:
        MissingExtra: if matplotlib is not installed.
    """
    if entry.figures is None or not entry.figures.values:
        return None
    named = _publishers(entry.figures, sources or {})
    key = (entry.id, entry.revision, locale, named)
    with _lock:  # matplotlib shares font caches among figures, so one picture at a time
        if key not in _cache:
            _cache[key] = _draw(entry, entry.figures, locale, messages or load_messages(), named)
            while len(_cache) > CACHE_SIZE:
                _cache.popitem(last=False)
        _cache.move_to_end(key)
        return _cache[key]


def _publishers(figures: Figures, sources: Mapping[str, Source]) -> tuple[str, ...]:
    keys = dict.fromkeys(figure.source for figure in figures.values if figure.source)
    return tuple(dict.fromkeys(sources[key].publisher for key in keys if key in sources))


@dataclass(frozen=True)
class _Row:
    """One figure, ready to be drawn."""

    figure: Figure
    label: Sequence[str]
    """Lines."""
    value: str

    @property
    def height(self) -> float:
        """In inches."""
        return len(self.label) * TEXT_SIZE * POINT * LINE + BAR + GAP


def _draw(
    entry: Entry, figures: Figures, locale: Locale, messages: Messages, named: Sequence[str]
) -> bytes:
    require_matplotlib()
    locale = entry.locale_for(locale)
    title = wrap(entry.texts[locale].question, TITLE_SIZE, ROOM, "bold")
    rows = [_row(figure, figures.unit, locale, messages) for figure in figures.values]
    footer = _footer(entry, locale, messages, named)
    ticks = TICKS if _is_log(figures) else 0.0
    head = (len(title) * TITLE_SIZE + SMALL_SIZE) * POINT * LINE + 0.16
    foot = (1 + len(footer)) * SMALL_SIZE * POINT * LINE + 0.04
    page = Page(2 * MARGIN + head + sum(row.height for row in rows) + ticks + foot)

    page.lines(title, TITLE_SIZE, weight="bold")
    page.lines([_subtitle(figures, locale, messages)], SMALL_SIZE, MUTED)
    page.y += 0.16
    _draw_rows(page, rows, figures)
    if _is_log(figures):
        page.y -= GAP / 2
        _draw_ticks(page, figures, locale, messages)
        page.y += GAP / 2
    _draw_legend(page, figures, locale, messages)
    page.y += 0.08
    page.lines(footer, SMALL_SIZE, MUTED)
    return page.png()


def _row(figure: Figure, unit: str, locale: Locale, messages: Messages) -> _Row:
    label = figure.labels.get(locale) or next(iter(figure.labels.values()), "")
    value = format_value(figure.value, unit, locale, messages)
    room = max(ROOM - text_width(value, TEXT_SIZE, "bold") - 0.2, ROOM / 3)
    return _Row(figure, wrap(label, TEXT_SIZE, room), value)


def _subtitle(figures: Figures, locale: Locale, messages: Messages) -> str:
    unit = axis_label(figures.unit, locale, messages)
    unit = unit[:1].upper() + unit[1:]
    if _is_log(figures):
        unit += f" · {messages.text('label.log_scale', locale)}"
    return unit


def _footer(entry: Entry, locale: Locale, messages: Messages, named: Sequence[str]) -> list[str]:
    parts = []
    if named:
        more = " …" if len(named) > MAX_SOURCES else ""
        parts.append(", ".join(named[:MAX_SOURCES]) + more)
    if entry.as_of is not None:
        day = messages.format_date(entry.as_of, locale)
        parts.append(messages.text("label.as_of", locale, date=day))
    return wrap(" · ".join(parts), SMALL_SIZE, ROOM)


# The bars


def _draw_rows(page: Page, rows: Sequence[_Row], figures: Figures) -> None:
    limits, log = _limits(figures), _is_log(figures)
    for row in rows:
        page.write(row.value, TEXT_SIZE, right=True, weight="bold")
        page.lines(row.label, TEXT_SIZE)
        axes = page.axes(BAR)
        axes.barh(0, 1, 1, color=TRACK, zorder=0)
        if log:
            for power in _decades(*limits):
                axes.axvline(_place(10.0**power, *limits, log=True), color=BACKGROUND, linewidth=1)
        zero = _place(0.0, *limits, log=log)
        _draw_bar(axes, row.figure.standing, zero, _place(row.figure.value, *limits, log=log))
        page.y += BAR + GAP


def _draw_bar(axes: Axes, standing: Standing | None, start: float, end: float) -> None:
    colour, hatch = STYLES[standing]
    for bar in axes.barh(
        0, end - start, 1, left=start, color=colour, hatch=hatch, linewidth=0, zorder=3
    ):
        bar.set_edgecolor(HATCH)


def _decades(low: float, high: float) -> list[int]:
    """Powers of ten to mark: at most five or six."""
    first, last = round(math.log10(low)), round(math.log10(high))
    return list(range(first, last + 1, max(1, math.ceil((last - first) / 4))))


def _draw_ticks(page: Page, figures: Figures, locale: Locale, messages: Messages) -> None:
    """The powers of ten in words, below the bars."""
    limits = _limits(figures)
    axes = page.axes(SMALL_SIZE * POINT)
    for power in _decades(*limits):
        at = _place(10.0**power, *limits, log=True)
        align = "left" if at < 0.01 else "right" if at > 0.99 else "center"  # noqa: PLR2004
        axes.text(
            at,
            0.5,
            format_number(10.0**power, locale, messages),
            size=SMALL_SIZE,
            color=MUTED,
            ha=align,
            va="top",
            parse_math=False,
        )
    page.y += TICKS


def _is_log(figures: Figures) -> bool:
    """A logarithm needs numbers above zero, whatever the entry asks for."""
    return figures.scale == "log" and all(figure.value > 0 for figure in figures.values)


def _limits(figures: Figures) -> tuple[float, float]:
    """The values at both ends of the track."""
    values = [figure.value for figure in figures.values]
    if _is_log(figures):
        low = math.floor(math.log10(min(values)))
        if math.log10(min(values)) - low < 0.15:  # noqa: PLR2004
            low -= 1  # else the smallest bar would have no length
        return 10.0**low, 10.0 ** max(math.ceil(math.log10(max(values))), low + 1)
    least, most = min(0.0, *values), max(0.0, *values)
    return least, most if most > least else least + 1.0


def _place(value: float, low: float, high: float, *, log: bool) -> float:
    """Where a value lies on the track, 0 to 1."""
    if log:
        return math.log10(max(value, low) / low) / math.log10(high / low)
    return (value - low) / (high - low)


def _draw_legend(page: Page, figures: Figures, locale: Locale, messages: Messages) -> None:
    standings = [kind for kind in Standing if any(f.standing is kind for f in figures.values)]
    axes = page.axes(SMALL_SIZE * POINT)
    at = 0.0
    for standing in standings:
        name = messages.text(f"standing.{standing}", locale)
        _draw_bar(axes, standing, at / ROOM, (at + 0.16) / ROOM)
        axes.text(
            (at + 0.22) / ROOM,
            -0.05,
            name,
            size=SMALL_SIZE,
            color=MUTED,
            va="center",
            parse_math=False,
        )
        at += 0.22 + text_width(name, SMALL_SIZE) + 0.2
    page.y += SMALL_SIZE * POINT * LINE
