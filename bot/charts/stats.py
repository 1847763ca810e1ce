"""The moderators' figures as one picture: how it goes, what is asked, what is missing."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.errors import MissingExtra
from bot.models import Locale
from bot.moderation.misses import Cluster, ClusterKind
from bot.service import Faq
from bot.store.rows import Stats

SIZE = (12.0, 8.0)  # inches
DPI = 110
BARS = 8
LABEL = 34  # characters of a line
INK, FAINT, PAPER = "#2b2d33", "#d9dbe0", "#ffffff"
COLOURS = {
    "answer": "#3b7a57", "suggestions": "#e0a526", "fallback": "#b5483a", "smalltalk": "#9aa3b2",
}


def stats_chart(
    stats: Stats, clusters: Sequence[Cluster], faq: Faq, locale: Locale, days: int
) -> bytes:
    """A PNG of 1320 by 880 pixels: questions a day, most asked, misses, feedback.

    Raises:
        MissingExtra: without matplotlib.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("The charts", "charts") from error
    figure = Figure(figsize=SIZE, dpi=DPI, facecolor=PAPER)
    figure.set_layout_engine("constrained", w_pad=0.2, h_pad=0.15, wspace=0.03, hspace=0.04)
    canvas = FigureCanvasAgg(figure)
    (top_left, top_right), (low_left, low_right) = figure.subplots(2, 2)
    drawing = _Drawing(faq, locale)
    today = datetime.now(UTC).date()
    title = drawing.say("chart_title", days=days, count=stats.questions,
                        date=faq.messages.format_date(today, locale))
    figure.suptitle(title, fontsize=15, color=INK, fontweight="bold")
    drawing.days(top_left, stats, today, days)
    drawing.asked(top_right, stats)
    drawing.missed(low_left, clusters)
    drawing.feedback(low_right, stats)
    out = io.BytesIO()
    canvas.print_png(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


class _Drawing:
    def __init__(self, faq: Faq, locale: Locale) -> None:
        self._faq, self._locale = faq, locale

    def say(self, key: str, **values: object) -> str:
        return self._faq.messages.text(f"moderation.stats.{key}", self._locale, **values)

    def days(self, axes: Any, stats: Stats, today: date, days: int) -> None:
        """Stacked bars, one a day."""
        shown = [today - timedelta(days=back) for back in range(min(days, 90) - 1, -1, -1)]
        at = {day: index for index, day in enumerate(shown)}
        bottom = [0] * len(shown)
        for outcome, colour in COLOURS.items():
            counts = [0] * len(shown)
            for row in stats.days:
                if row.decision == outcome and row.day in at:
                    counts[at[row.day]] += row.count
            axes.bar(range(len(shown)), counts, bottom=bottom, color=colour, width=0.85,
                     label=self.say(outcome))
            bottom = [below + count for below, count in zip(bottom, counts, strict=True)]
        self._frame(axes, "chart_days")
        step = max(1, len(shown) // 6)
        ticks = list(range(len(shown) - 1, -1, -step))[::-1]
        axes.set_xticks(ticks, [f"{shown[tick]:%d.%m}" for tick in ticks])
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.set_ylim(0, max(4, *bottom) * 1.25)
        axes.grid(axis="y", color=FAINT, linewidth=0.7)
        axes.legend(loc="upper left", ncols=4, frameon=False, fontsize=8, labelcolor=INK,
                    handlelength=1.0, columnspacing=1.0)

    def asked(self, axes: Any, stats: Stats) -> None:
        """Entries by how often they were shown."""
        rows = [(self._question(key), count, COLOURS["answer"])
                for key, count in stats.asked[:BARS]]
        self._bars(axes, rows)
        self._frame(axes, "chart_asked")

    def missed(self, axes: Any, clusters: Sequence[Cluster]) -> None:
        """Groups of misses by how often they were asked."""
        rows = [
            (_quoted(cluster.title, self._locale), cluster.asked,
             COLOURS["suggestions" if cluster.kind is ClusterKind.CHOICE else "fallback"])
            for cluster in clusters if cluster.kind is not ClusterKind.UNHELPFUL
        ]
        self._bars(axes, rows[:BARS])
        self._frame(axes, "chart_misses")

    def feedback(self, axes: Any, stats: Stats) -> None:
        """Thumbs of each entry to both sides of a middle line."""
        rows = sorted(stats.feedback, key=lambda one: -(one.helpful + one.unhelpful))[:BARS][::-1]
        self._frame(axes, "chart_feedback")
        if not rows:
            self._nothing(axes)
            return
        places = range(len(rows))
        axes.barh(places, [-one.unhelpful for one in rows], color=COLOURS["fallback"], height=0.6)
        axes.barh(places, [one.helpful for one in rows], color=COLOURS["answer"], height=0.6)
        widest = max(max(one.helpful, one.unhelpful) for one in rows)
        for place, one in zip(places, rows, strict=True):
            for value, side in ((one.helpful, 1), (-one.unhelpful, -1)):
                if value:
                    axes.annotate(str(abs(value)), (value, place), (4 * side, 0),
                                  textcoords="offset points", va="center", fontsize=8, color=INK,
                                  ha="left" if side > 0 else "right")
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlim(-widest * 1.2, widest * 1.2)
        axes.set_xticks([-widest * 0.6, widest * 0.6],
                        [self.say("unhelpful_short"), self.say("helpful")])
        self._labels(axes, [self._question(one.entry_id) for one in rows])

    def _bars(self, axes: Any, rows: Sequence[tuple[str, int, str]]) -> None:
        if not rows:
            self._nothing(axes)
            return
        labels, counts, colours = zip(*reversed(rows), strict=True)
        bars = axes.barh(range(len(rows)), counts, color=colours, height=0.6)
        axes.bar_label(bars, padding=4, fontsize=8, color=INK)
        axes.set_xlim(0, max(counts) * 1.15)
        axes.set_xticks([])
        self._labels(axes, labels)

    @staticmethod
    def _labels(axes: Any, labels: Sequence[str]) -> None:
        lines = [
            "\n".join(textwrap.wrap(
                label, LABEL, max_lines=2, placeholder="…", break_on_hyphens=False
            )) for label in labels
        ]
        # A text with $ signs is a price here, not mathematics.
        axes.set_yticks(range(len(lines)), [line.replace("$", r"\$") for line in lines],
                        fontsize=8)

    def _nothing(self, axes: Any) -> None:
        axes.text(0.5, 0.5, self.say("nothing"), ha="center", va="center",
                  transform=axes.transAxes, color="#8a8f9a", fontsize=11)
        axes.set_xticks([])
        axes.set_yticks([])

    def _frame(self, axes: Any, key: str) -> None:
        axes.set_title(self.say(key), loc="left", fontsize=11, color=INK, fontweight="bold")
        axes.set_axisbelow(True)
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0, colors=INK, labelsize=8)

    def _question(self, entry_id: str) -> str:
        entry = self._faq.knowledge.find(entry_id)
        return entry.text(self._locale).question if entry is not None else entry_id


def _quoted(text: str, locale: Locale) -> str:
    """In the language's quotation marks; in French no line begins with a sign."""
    if locale != "fr":
        return f"“{text}”"
    return f"«\u00a0{text}\u00a0»".replace(" ?", "\u00a0?").replace(" !", "\u00a0!")
