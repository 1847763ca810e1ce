"""A card that is filled from the top, for pictures posted in a chat; drawn by matplotlib.

It has its own dark background, so that it looks the same in light and dark themes. Matplotlib is
used through its objects only (no pyplot), and is imported when the first picture is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bot.errors import MissingExtra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

WIDTH, DPI = 5.4, 200
"""Inches and dots per inch: 1,080 pixels wide, sharp where a chat shows it at half of that."""
MARGIN = 0.28
ROOM = WIDTH - 2 * MARGIN
"""Inches from margin to margin."""
POINT = 1 / 72
"""Inches in a typographic point."""
LINE = 1.35
"""Line height as a multiple of the font size."""

FULL = 0.97
"""Share of the room that a line may fill, since glyphs are placed on whole pixels."""

BACKGROUND, TEXT, MUTED, TRACK = "#252a34", "#f3f5f9", "#a8b0c0", "#3a4252"


def require_matplotlib() -> None:
    """Raise MissingExtra if matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise MissingExtra("matplotlib, which draws the charts,", "charts")


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Inches that a text takes."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(size=size, weight=weight)
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0]) * POINT


def wrap(text: str, size: float, room: float, weight: str = "normal") -> list[str]:
    """Lines of at most `room` inches; a word that is longer than that stands alone."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, weight) > FULL * room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


class Page:
    """A picture of a given height in inches; `y` is where the next thing goes, from the top."""

    def __init__(self, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Canvas

        self.height = height
        self.canvas: Canvas = Canvas(figsize=(WIDTH, height), dpi=DPI, facecolor=BACKGROUND)
        FigureCanvasAgg(self.canvas)
        self.y = MARGIN

    def write(
        self, line: str, size: float, colour: str = TEXT, *, right: bool = False, **style: Any
    ) -> None:
        """Write at the present height, without moving on."""
        self.canvas.text(
            (WIDTH - MARGIN if right else MARGIN) / WIDTH,
            1 - self.y / self.height,
            line,
            size=size,
            color=colour,
            ha="right" if right else "left",
            va="top",
            parse_math=False,
            **style,  # "$5 million to $6 million" is no formula
        )

    def lines(self, lines: Sequence[str], size: float, colour: str = TEXT, **style: Any) -> None:
        """Write lines one below the other and move on."""
        for line in lines:
            self.write(line, size, colour, **style)
            self.y += size * POINT * LINE

    def axes(self, height: float) -> Axes:
        """Bare axes of the full width at the present height; x is 0 to 1, y -0.5 to 0.5."""
        bottom = 1 - (self.y + height) / self.height
        axes: Axes = self.canvas.add_axes(
            (MARGIN / WIDTH, bottom, ROOM / WIDTH, height / self.height)
        )
        axes.set_axis_off()
        axes.set_xlim(0, 1)
        axes.set_ylim(-0.5, 0.5)
        return axes

    def png(self) -> bytes:
        """The finished picture."""
        buffer = io.BytesIO()
        self.canvas.savefig(buffer, format="png", facecolor=BACKGROUND, metadata={"Software": ""})
        return buffer.getvalue()
