"""One thing that the linter found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """People would get something wrong; `aifaq check` fails."""
    WARNING = "warning"
    """It works, but could be better."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something to mend: where, how bad, and what to do."""

    path: str
    """Relative to the knowledge folder."""
    line: int
    """Starting at 1."""
    severity: Severity
    code: str
    """Short name of the rule, such as `unknown-source`."""
    message: str
    """What is wrong and what to do, in a sentence."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.severity}: {self.message} [{self.code}]"
