"""From signals to one score and a calibrated confidence: two small linear models.

The first orders the candidates (a conditional logit over one question's candidates, McFadden
1974). The second says how likely the first candidate is right, from its signals, its lead and
what is known of the question (logistic regression; Platt 1999 for the idea of calibrating so).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Calibration:
    """Weights by signal name; readable, and stored as YAML beside the base."""

    rank: Mapping[str, float]
    """Weight of each signal in the score that orders candidates."""
    trust: Mapping[str, float] = field(default_factory=dict)
    """Weight of each feature in the log-odds that the first candidate is right."""
    intercept: float = 0.0
    """Log-odds when all features are zero."""


DEFAULT = Calibration(
    rank={"words": 6.0, "characters": 6.0, "profile": 4.0, "answer": 1.0, "coverage": 2.0,
          "names": 2.0, "exclusion": 4.0},
    trust={"words": 3.0, "characters": 3.0, "coverage": 3.0, "lead": 1.0},
    intercept=-4.5,
)


def logistic(value: float) -> float:
    """Log-odds to probability, without overflow."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    raised = math.exp(value)
    return raised / (1 + raised)
