"""The figures of an entry as a picture."""

import dataclasses
import io
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from matplotlib.image import imread

from bot.charts import entry as charts
from bot.charts.entry import chart_png
from bot.errors import MissingExtra
from bot.knowledge import load_knowledge
from bot.models import Entry, EntryText, Figure, Figures, Standing

BASE = load_knowledge()
WITH_FIGURES = [entry for entry in BASE.entries.values() if entry.figures]


def entry(*values: float, scale: str = "linear", unit: str = "USD", label: str = "x") -> Entry:
    """An entry with one figure per value, and nothing else worth drawing."""
    figures = tuple(Figure(value, Standing.CLAIMED, None, {"en": label}) for value in values)
    return Entry(
        id=f"made-{values}-{scale}-{label}",
        category="made",
        texts={"en": EntryText("How much?", (), (), "So much.")},
        figures=Figures(unit, scale, figures),
    )


def pixels(png: bytes):
    return imread(io.BytesIO(png))


def bars(png: bytes) -> list[int]:
    """Length in pixels of each bar in the colours of `claimed`, from the top."""
    image = pixels(png)[:, :, :3]
    blue = (image[:, :, 2] > 0.5) & (image[:, :, 2] > image[:, :, 0] + 0.2)
    lengths = blue.sum(axis=1)
    rows = [
        length for length, before in zip(lengths[1:], lengths, strict=False) if length > 40 > before
    ]
    return [int(row) for row in rows]


@pytest.mark.parametrize("shipped", WITH_FIGURES[:3], ids=lambda one: one.id)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_shipped_chart_is_readable_at_chat_width(shipped, locale):
    """1,080 pixels wide, not taller than a screen, with more than an empty card on it."""
    image = pixels(chart_png(shipped, locale, sources=BASE.sources))
    height, width = image.shape[:2]
    assert width == 1080
    assert 300 < height < 1800
    assert np.unique(image.reshape(-1, image.shape[2]), axis=0).shape[0] > 100


def test_languages_give_different_pictures():
    """Labels are in the reader's language."""
    one = WITH_FIGURES[0]
    assert chart_png(one, "en") != chart_png(one, "fr")


def test_bars_are_as_long_as_their_numbers():
    """On a linear scale twice the number is twice the bar."""
    short, long = bars(chart_png(entry(50, 100), "en"))
    assert short == pytest.approx(long / 2, rel=0.05)


def test_a_log_scale_spreads_powers_of_ten_evenly():
    """Three decades, three steps."""
    lengths = bars(chart_png(entry(1e3, 1e4, 1e5, scale="log"), "en"))
    steps = np.diff(lengths)
    assert len(lengths) == 3
    assert steps[0] == pytest.approx(steps[1], rel=0.1)


@pytest.mark.parametrize(
    "values",
    [(0,), (0, 0), (-5, 5), (-5,), (1e-9, 1e12), (5, 5), (0, 1)],
)
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_odd_numbers_can_be_drawn(values, scale):
    """Zero, negative, equal and far apart: a picture all the same, also where a log fails."""
    assert chart_png(entry(*values, scale=scale), "en").startswith(b"\x89PNG")


@pytest.mark.filterwarnings("ignore:Glyph")
def test_dollar_signs_and_odd_labels_are_text():
    """`$` is no formula, and a long word without spaces does not stop the drawing."""
    assert chart_png(entry(1, 2, label="from $5 to $6 ^_{x}"), "en")
    assert chart_png(entry(1, label="x" * 200), "en")
    assert chart_png(entry(1, label="\u202e 🙂 \u4e2d"), "en")


def test_no_figures_no_picture():
    """An entry without figures has no chart."""
    assert chart_png(dataclasses.replace(entry(1), figures=None), "en") is None


def test_the_second_time_comes_from_memory(monkeypatch):
    """Drawn once per revision and language; a new revision is drawn anew."""
    drawn = []
    monkeypatch.setattr(charts, "_draw", lambda *given: drawn.append(given) or b"png")
    one = dataclasses.replace(entry(7), id="cached", revision="a")
    assert [chart_png(one, "en") for _ in range(3)] == [b"png"] * 3
    chart_png(one, "fr")
    chart_png(dataclasses.replace(one, revision="b"), "en")
    assert len(drawn) == 3


def test_many_threads_may_ask_at_once():
    """The same pictures come out as from one thread."""
    wanted = [(one, locale) for one in WITH_FIGURES[:4] for locale in ("en", "fr")]
    charts._cache.clear()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pair: chart_png(*pair), wanted))
    charts._cache.clear()
    assert together == [chart_png(*pair) for pair in wanted]


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    """The message says what to install."""
    monkeypatch.setattr("bot.charts.drawing.find_spec", lambda name: None)
    charts._cache.clear()
    with pytest.raises(MissingExtra, match=r"aifaq\[charts\]"):
        chart_png(entry(3), "en")


def test_pyplot_is_not_used():
    """Pyplot keeps figures in a global state that no server wants."""
    chart_png(entry(4), "en")
    assert "matplotlib.pyplot" not in sys.modules
