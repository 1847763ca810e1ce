"""Numbers with units, as each language writes them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures import axis_label, format_number, format_value
from bot.knowledge.messages import load_messages

MESSAGES = load_messages()


@pytest.mark.parametrize(
    ("value", "unit", "english", "french"),
    [
        (294_000, "USD", "$294,000", "294 000 dollars"),
        (5_600_000, "USD", "$5.6 million", "5,6 millions de dollars"),
        (5_576_000, "USD", "$5.576 million", "5,576 millions de dollars"),
        (1_600_000_000, "USD", "$1.6 billion", "1,6 milliard de dollars"),
        (671e9, "parameters", "671 billion parameters", "671 milliards de paramètres"),
        (1e12, "USD", "$1 trillion", "1 000 milliards de dollars"),
        (999_999_999, "USD", "$1 billion", "1 milliard de dollars"),
        (0.6, "USD/M tokens", "$0.60 / M tokens", "0,60 $ / M de tokens"),
        (118.5, "USD", "$118.50", "118,50 dollars"),
        (2_664_000, "GPU-hours", "2.664 million GPU-hours", "2,664 millions d'heures de GPU"),
        (1, "months", "1 month", "1 mois"),
        (1.5, "points", "1.5 points", "1,5 point"),
        (79.8, "%", "79.8%", "79,8 %"),
        (-3.2, "USD", "−$3.20", "−3,20 dollars"),
        (400, "GB/s", "400 GB/s", "400 Go/s"),
        (0, "GPU", "0 GPUs", "0 GPU"),
        (1234.5, "furlongs", "1,234.5 furlongs", "1 234,5 furlongs"),
    ],
)
def test_value_with_unit(value, unit, english, french):
    """Abbreviated from a million on, grouped, in the language's own words and signs."""

    def shown(locale):
        return format_value(value, unit, locale, MESSAGES).replace("\N{NO-BREAK SPACE}", " ")

    assert shown("en") == english
    assert shown("fr") == french


def test_french_numbers_hold_together():
    """Digits are grouped by no-break spaces, and a unit does not leave its number."""
    assert format_value(294_000, "USD", "fr", MESSAGES) == "294\xa0000\xa0dollars"


def test_axis_label_names_the_unit():
    """In words; an unknown unit stands for itself."""
    assert axis_label("USD/M tokens", "fr", MESSAGES) == "dollars américains par million de tokens"
    assert axis_label("furlongs", "en", MESSAGES) == "furlongs"


def test_every_language_has_the_same_units():
    """A unit that one language knows, all know."""
    keys = {
        locale: {key for key in MESSAGES.keys(locale) if key.startswith(("units.", "axes."))}
        for locale in MESSAGES.locales
    }
    assert keys["en"] == keys["fr"]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_any_number_can_be_written(value):
    """Whatever a YAML file holds has a written form that reads back nearly as large."""
    text = format_number(value, "en", MESSAGES)
    digits, _, word = text.replace("\N{MINUS SIGN}", "-").replace(",", "").partition(" ")
    scale = {"": 1.0, "million": 1e6, "billion": 1e9, "trillion": 1e12}[word]
    assert math.isclose(float(digits) * scale, value, rel_tol=1e-3, abs_tol=0.006)
