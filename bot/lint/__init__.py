"""What a knowledge base would do wrong although it loads: named with file, line and remedy.

The loader refuses what is broken; this looks at what people would meet: an entry that takes
another's questions, a text that a platform would cut, a language or a source that is missing.

    for finding in lint(load_knowledge()):
        print(finding)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bot.lint import entries, interface, languages, limits, phrasings, questions, references
from bot.lint.base import Base
from bot.lint.finding import Finding, Severity

if TYPE_CHECKING:
    from bot.knowledge import KnowledgeBase
    from bot.matching import Matcher

__all__ = ["CHECKS", "REPLAYS", "Finding", "Severity", "exit_code", "lint"]

Check = Callable[[Base], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    entries.check_names,
    entries.check_dates,
    entries.check_completeness,
    references.check_sources,
    references.check_related,
    references.check_figures,
    languages.check_parity,
    languages.check_french,
    limits.check_lengths,
    phrasings.check_duplicates,
    phrasings.check_cut_texts,
    questions.check_labels,
    questions.check_repetitions,
    questions.check_calibration,
    interface.check_interface,
)
"""What the files say."""
REPLAYS: tuple[Check, ...] = (phrasings.check_steals, questions.check_steals)
"""What the engine makes of them; these take seconds, the others milliseconds."""


def lint(
    knowledge: KnowledgeBase,
    *,
    matcher: Matcher | None = None,
    today: date | None = None,
    replay: bool = True,
) -> list[Finding]:
    """All findings, by file and line.

    Args:
        knowledge: the base; the files under its root are read again for line numbers.
        matcher: one built from this base, if there is one already.
        today: the day that reviews and dates are held against; now by default.
        replay: whether every variant and regression question is asked of the base.
    """
    base = Base(knowledge, matcher, today or datetime.now(UTC).date())
    checks = (*CHECKS, *REPLAYS) if replay else CHECKS
    return sorted({finding for check in checks for finding in check(base)})


def exit_code(findings: Iterable[Finding], *, strict: bool = False) -> int:
    """1 if there is an error, or with `strict` anything at all; else 0."""
    return int(any(strict or finding.severity is Severity.ERROR for finding in findings))
