"""A question on its way through the scorers."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.matching.corpus import Floats
from bot.matching.index import Vector
from bot.matching.lexicon import Analysis
from bot.models import Locale


@dataclass
class Query:
    """One question, taken apart once and shared by all scorers."""

    text: str
    """Cleaned, cut to a bounded length."""
    locale: Locale | None
    """Its language, if decided."""
    analysis: Analysis
    """After spelling correction."""
    corrections: dict[str, str] = field(default_factory=dict)
    """Word as typed -> word it was taken for."""
    unknown: frozenset[str] = frozenset()
    """Words that the base does not know and that resemble none."""
    vector: Floats | None = None
    """Of the sentence encoder, L2-normalised; None without one."""
    topic: Floats | None = None
    """The same with the base's subjects taken out: what is asked about them."""
    cache: dict[str, Floats] = field(default_factory=dict)
    """Scores over all entries by signal, computed once."""
    vectors: dict[str, Vector] = field(default_factory=dict)
    """Its vector by index, computed once."""
