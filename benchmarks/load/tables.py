"""Tables as they are measured, line by line; at the end into the README between two comments."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


class Report:
    """Markdown that is printed at once and kept."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def say(self, line: str = "") -> None:
        print(line, flush=True)
        self._lines.append(line)

    def table(self, title: str, about: str, columns: Sequence[str]) -> None:
        """Begin a table; columns whose names begin with `<` are text."""
        self.say(f"\n### {title}\n\n{about}\n")
        self.say(f"| {' | '.join(name.lstrip('<') for name in columns)} |")
        self.say("|" + "".join("---|" if name.startswith("<") else "---:|" for name in columns))

    def row(self, *cells: object) -> None:
        self.say(f"| {' | '.join(_shown(cell) for cell in cells)} |")

    def write(self) -> None:
        """Put everything into the README."""
        before, _, rest = README.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        body = "\n".join(self._lines).strip()
        README.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}")


def _shown(cell: object) -> str:
    if not isinstance(cell, float):
        return f"{cell:,}" if isinstance(cell, int) else str(cell)
    if cell != cell:  # noqa: PLR0124 - not a number: nothing was measured
        return "–"
    digits = 0 if abs(cell) >= 100 else 1 if abs(cell) >= 10 else 2
    return f"{cell:,.{digits}f}"


def machine() -> str:
    """In general words: no name, no path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}; load average before the run {os.getloadavg()[0]:.1f}"
    )
