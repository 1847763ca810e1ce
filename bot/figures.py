"""Numbers as people write them: grouped, abbreviated and with their unit, by language.

The words come from `knowledge/interface/` (`numbers:`, `units:`, `axes:`), so that the terminal,
the charts and every platform say the same.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

from bot.knowledge.messages import Messages
from bot.models import Locale

SCALES = (("trillion", 12), ("billion", 9), ("million", 6))
"""Key of the interface, power of ten; the largest first."""
SIGNIFICANT = 4
"""Digits kept before `million`, `billion` ...; 5 576 000 is 5.576 million."""
ABBREVIATED = 1_000_000
"""From here on numbers are rounded and written with a word."""
CURRENCIES = {"USD", "EUR", "CNY"}
"""Units whose broken amounts have two decimals: $0.60."""


def format_value(value: float, unit: str, locale: Locale, messages: Messages) -> str:
    """A number with its unit: `$5.576 million`, `671 milliards de paramètres`, `58 points`.

    A unit that the interface does not know follows the number as it is.
    """
    if value < 0:
        return "\N{MINUS SIGN}" + format_value(-value, unit, locale, messages)
    number, scaled = _number(value, _least_decimals(value, unit), locale, messages)
    form = "scaled" if scaled else _form(value, locale, messages)
    try:
        return messages.text(f"units.{unit}.{form}", locale, number=number)
    except KeyError:
        return f"{number}\N{NO-BREAK SPACE}{unit}"


def format_number(value: float, locale: Locale, messages: Messages) -> str:
    """A number without unit: `294,000`, `5.576 million`, `671 milliards`."""
    sign = "\N{MINUS SIGN}" if value < 0 else ""
    return sign + _number(abs(value), 0, locale, messages)[0]


def axis_label(unit: str, locale: Locale, messages: Messages) -> str:
    """What numbers of this unit are: `US dollars`, `heures d'un GPU`."""
    try:
        return messages.text(f"axes.{unit}", locale)
    except KeyError:
        return unit


def _number(
    value: float, least_decimals: int, locale: Locale, messages: Messages
) -> tuple[str, bool]:
    """The number in words, and whether a word such as `million` is in it."""
    number = _rounded(Decimal(repr(float(value))))
    for scale, power in SCALES:
        if number < Decimal(10) ** power:
            continue
        scaled = number.scaleb(-power)
        form = _form(float(scaled), locale, messages)
        if messages.text(f"numbers.{scale}.{form}", locale):
            digits = _digits(scaled, 0, locale, messages)
            return messages.text(f"numbers.{scale}.{form}", locale, number=digits), True
    return _digits(number, least_decimals, locale, messages), False


def _rounded(number: Decimal) -> Decimal:
    """To the digits that matter; below a million, whole digits are all kept."""
    decimals = SIGNIFICANT - 1 - number.adjusted()
    if number < ABBREVIATED:
        decimals = max(decimals, 2)
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)


def _digits(number: Decimal, least_decimals: int, locale: Locale, messages: Messages) -> str:
    whole, _, decimals = f"{number:f}".partition(".")
    decimals = decimals.rstrip("0")
    if decimals:
        point = messages.text("numbers.decimal", locale)
        decimals = point + decimals.ljust(least_decimals, "0")
    return f"{int(whole):,}".replace(",", messages.text("numbers.group", locale)) + decimals


def _form(value: float, locale: Locale, messages: Messages) -> str:
    """Singular or plural, by the language's own rule."""
    if messages.text("numbers.plural", locale) == "from-two":
        return "one" if value < 2 else "other"  # noqa: PLR2004
    return "one" if math.isclose(value, 1.0) else "other"


def _least_decimals(value: float, unit: str) -> int:
    return 2 if unit.partition("/")[0] in CURRENCIES and value < ABBREVIATED else 0
