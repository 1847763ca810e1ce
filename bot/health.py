"""Which parts of a running bot are up: adapters say it, `/readyz` and the doctor ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One part, such as a platform's connection."""

    ok: bool
    detail: str
    """In words, for an operator."""
    since: datetime
    """Of the last change between up and down."""


class Health:
    """One per running bot."""

    def __init__(self) -> None:
        self._parts: dict[str, Part] = {}

    def set(self, name: str, ok: bool, detail: str = "") -> None:
        """Say that a part is up or down."""
        before = self._parts.get(name)
        same = before is not None and before.ok is ok
        since = before.since if before is not None and same else datetime.now(UTC)
        self._parts[name] = Part(ok, detail, since)

    def forget(self, name: str) -> None:
        """A part that is no longer wanted."""
        self._parts.pop(name, None)

    @property
    def parts(self) -> dict[str, Part]:
        """All that is known, by name."""
        return dict(self._parts)

    @property
    def ready(self) -> bool:
        """Whether every part is up."""
        return all(part.ok for part in self._parts.values())
