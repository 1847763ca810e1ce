"""One line of a doctor's report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and what was found, in plain words."""

    name: str
    ok: bool | None
    """True: fine; False: must be mended; None: works, but worth knowing."""
    message: str

    def __str__(self) -> str:
        """`ok    knowledge: 56 entries …`."""
        mark = {True: "ok", False: "FAIL", None: "note"}[self.ok]
        return f"{mark:<4}  {self.name}: {self.message}"
