"""From signals to one score and a calibrated confidence: two small linear models.

The first orders the candidates: a conditional logit over one question's candidates (McFadden
1974). The second says how likely the first candidate is right, from its signals, its lead and
what is known of the question: logistic regression, whose output is a calibrated probability
when the model fits (Platt 1999). Both are fitted offline (see `calibrate`) and read from a file.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import CalibrationError
from bot.knowledge.strict_yaml import read

log = logging.getLogger(__name__)

ENGINE = "1"
"""Changes when the meaning of a signal changes, so that old files are not misread."""
BUNDLED = Path(__file__).resolve().parent.parent / "data" / "calibration.yaml"
MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class Profile:
    """Weights for one set of available signals."""

    needs: frozenset[str]
    """Optional parts that must be there: meaning, classifier, scope."""
    rank: Mapping[str, float]
    """Weight of each signal in the score that orders candidates."""
    trust: Mapping[str, float]
    """Weight of each feature in the log-odds that the first candidate is right."""
    intercept: float
    """Log-odds when all features are zero."""


@dataclass(frozen=True)
class Calibration:
    """What a calibration file holds."""

    profiles: tuple[Profile, ...]
    fingerprint: str = ""
    """Of the content it was fitted on; empty for the bundled one."""
    encoder: str = ""
    """Name of the encoder it was fitted with."""

    def profile(self, available: frozenset[str]) -> Profile:
        """The richest profile that these parts can feed.

        Raises:
            CalibrationError: if there is none.
        """
        fitting = [profile for profile in self.profiles if profile.needs <= available]
        if not fitting:
            raise CalibrationError(
                "the calibration has no profile that works without "
                f"{', '.join(sorted(self.profiles[0].needs - available))}; run `aifaq calibrate`"
            )
        return max(fitting, key=lambda profile: len(profile.needs))


def logistic(value: float) -> float:
    """Log-odds to probability, without overflow."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    raised = math.exp(value)
    return raised / (1 + raised)


def load_calibration(root: Path | None = None) -> Calibration:
    """The calibration beside a knowledge base, else the bundled one.

    Raises:
        CalibrationError: if the file is broken or belongs to another engine.
    """
    own = root / "calibration.yaml" if root is not None else None
    path = own if own is not None and own.is_file() else BUNDLED
    document = read(path, path.name, max_bytes=MAX_BYTES)
    if document.faults:
        raise CalibrationError(f"{document.faults[0]}; run `aifaq calibrate` to make it anew")
    try:
        return _calibration(document.data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CalibrationError(
            f"{path.name} is not a calibration file ({error}); run `aifaq calibrate`"
        ) from error


def calibration_in_service(
    root: Path | None, available: frozenset[str]
) -> tuple[Calibration, Profile]:
    """The base's own calibration with the profile for these parts; the bundled one if it is broken.

    A file that does not fit costs some accuracy and a line in the log, never an answer; `aifaq
    check` calls it an error.
    """
    try:
        calibration = load_calibration(root)
        return calibration, calibration.profile(available)
    except CalibrationError as error:
        log.warning("Going on with the bundled calibration: %s", error)
        calibration = load_calibration()
        return calibration, calibration.profile(available)


def _calibration(data: Mapping[str, object]) -> Calibration:
    if data["engine"] != ENGINE:
        raise CalibrationError(
            f"the calibration was made by engine {data['engine']}, this is engine {ENGINE}; "
            "run `aifaq calibrate` to make it anew"
        )
    profiles = data["profiles"]
    if not isinstance(profiles, Sequence) or not profiles:
        raise TypeError("`profiles` is not a list of weights")
    return Calibration(
        profiles=tuple(
            Profile(
                needs=frozenset(one["needs"] or ()),
                rank=_numbers(one["rank"]),
                trust=_numbers(one["trust"]),
                intercept=float(one["intercept"]),
            )
            for one in profiles
        ),
        fingerprint=str(data.get("content") or ""),
        encoder=str(data.get("encoder") or ""),
    )


def _numbers(values: Mapping[str, str]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}
