"""Live reload: what is on the disk goes into service whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReloadReport:
    """One change of state, for the log and the moderators' channel."""

    ok: bool
    """True: the newest files are in service (again); False: they are broken, the last good stay."""
    faults: tuple[str, ...]
    """What is wrong, each as `path:line: message`."""
    entries: int
    """In service now."""
    version: str
    """Fingerprint in service now."""
    at: datetime


ReportCallback = Callable[[ReloadReport], None]
"""Called in the event loop, once per broken state and once when it is mended."""
