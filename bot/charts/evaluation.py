"""Two plots of an evaluation: is a confidence what it says, and what does answering more cost."""

from __future__ import annotations

import io

import numpy as np

from bot.charts.drawing import require_matplotlib
from bot.evaluation import Report, reliability, risk_coverage

COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#6b46c1")


def quality_png(report: Report) -> bytes:
    """Reliability on the left, risk against coverage on the right, a line per language.

    Raises:
        MissingExtra: if matplotlib is not installed.
    """
    require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 4.4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    left.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    for at, locale in enumerate(report.by_locale):
        some = [one for one in report.outcomes if one.question.locale == locale]
        confidences = np.array([one.confidence for one in some])
        hits = np.array([one.right for one in some], dtype=bool)
        style = {"color": COLOURS[at % len(COLOURS)], "label": f"{locale} ({len(some)})"}
        bins = reliability(confidences, hits)
        left.plot([one[0] for one in bins], [one[1] for one in bins], marker="o", **style)
        coverage, risk = risk_coverage(confidences, hits)
        right.plot(coverage, risk, **style)
    left.set(
        title="Reliability",
        xlabel="confidence of the first candidate",
        ylabel="share that is right",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    right.set(
        title="Risk against coverage",
        xlabel="share of all questions answered",
        ylabel="share of the answers that is wrong",
        xlim=(0, 1),
        ylim=(0, None),
    )
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
