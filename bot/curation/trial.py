"""A change is tried beside what is in service, before any file is touched.

The folder as it would be is loaded and linted, and every regression question is asked of both
bases: what the base answers today it must answer afterwards, and with the same entry.
"""

from __future__ import annotations

import copy
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from bot.curation.changes import AddVariants, Change, OutOfScope
from bot.curation.files import FileEdit
from bot.curation.problems import Problem
from bot.dialog.responder import decide
from bot.errors import KnowledgeError
from bot.knowledge import KnowledgeBase, knowledge_files, load_knowledge
from bot.knowledge.messages import load_messages
from bot.models import Candidate, Decision, Locale
from bot.service import Faq

if TYPE_CHECKING:
    from bot.lint import Finding

MAX_PROBLEMS = 10
"""Reasons that are listed; a moderator needs the first few."""
NEIGHBOURS = 5
"""Entries nearest to a new wording whose own wordings are asked again."""
KEPT_VERSIONS = 3
"""Bases whose answers are remembered: the one in service, and the last that were tried."""

_LINE = re.compile(r"(?<=ml):\d+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked of both bases."""

    text: str
    locale: Locale
    accept: frozenset[str]
    """Ids that count as right; empty for out of scope."""


@dataclass(frozen=True, slots=True)
class Touched:
    """An entry that changed in ways that no single change says, as by an import."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class Won:
    """Which entry a base puts first, and whether it would answer."""

    entry_id: str
    answers: bool


class Trials:
    """Tries changes against one running bot; remembers what the base in service answers."""

    def __init__(self, faq: Faq) -> None:
        self._faq = faq
        self._known: dict[str, dict[tuple[Locale, str], Won | None]] = {}
        self._lock = Lock()

    def problems(
        self, root: Path, edits: Sequence[FileEdit], changes: Sequence[Change | Touched]
    ) -> list[Problem]:
        """What stands against the edits; empty when they may be written."""
        with folder_with(root, edits) as folder:
            try:
                after = copy.copy(self._faq)
                after.swap(load_knowledge(folder), load_messages(folder))
            except KnowledgeError as error:
                return [Problem("fault", {"fault": fault}) for fault in error.faults[:MAX_PROBLEMS]]
            found = new_faults(self._faq.knowledge, after.knowledge)
        found += [*self._unanswered(after, changes), *self._stolen(after, changes)]
        return list({str(problem): problem for problem in found}.values())[:MAX_PROBLEMS]

    def _unanswered(self, after: Faq, changes: Iterable[Change | Touched]) -> Iterator[Problem]:
        """Wordings that the change was made for and that would go elsewhere all the same."""
        for change in changes:
            if isinstance(change, AddVariants):
                for text in change.texts:
                    first = _won(after, text, change.locale)
                    if first is not None and first.entry_id != change.entry_id:
                        yield Problem("still_elsewhere", {
                            "text": text, "entry": change.entry_id, "other": first.entry_id})
                    owner = self._sure_owner(text, change.locale)
                    if owner not in (None, change.entry_id):
                        yield Problem("steals", {
                            "text": text, "entry": owner, "other": change.entry_id})
            elif isinstance(change, OutOfScope):
                for scoped in change.texts:
                    first = _won(after, scoped.text, scoped.locale)
                    if first is not None and first.answers:
                        yield Problem("still_answered",
                                      {"text": scoped.text, "entry": first.entry_id})

    def _sure_owner(self, text: str, locale: Locale) -> str | None:
        """The entry that answers this today beyond doubt."""
        found = self._faq.matcher.rank(text, locale, limit=1)
        sure = bool(found) and found[0].confidence >= self._faq.cutoffs.unasked
        return found[0].entry.id if sure else None

    def _stolen(self, after: Faq, changes: Sequence[Change | Touched]) -> Iterator[Problem]:
        """Questions that went right before and would go wrong, to or from a changed entry."""
        changed = {change.entry_id for change in changes if not isinstance(change, OutOfScope)}
        for question in self._questions(changes) if changed else ():
            before = self._asked(self._faq, question)
            answered = before is not None and before.answers
            if question.accept and (
                before is None or not answered or before.entry_id not in question.accept
            ):
                continue  # nothing to lose
            now = self._asked(after, question)
            if now is None or before == now:
                continue
            values = {"text": question.text, "entry": now.entry_id}
            if not question.accept:
                if now.answers and not answered and now.entry_id in changed:
                    yield Problem("answers_out_of_scope", values)
            elif before and now.entry_id not in question.accept and not changed.isdisjoint(
                (before.entry_id, now.entry_id)
            ):
                yield Problem("steals", {**values, "entry": before.entry_id,
                                         "other": now.entry_id})

    def warm(self) -> None:
        """Ask the base in service all regression questions, so that a trial need not."""
        for question in self._questions(()):
            self._asked(self._faq, question)

    def _questions(self, changes: Sequence[Change | Touched]) -> Iterator[Asked]:
        base = self._faq.knowledge
        for question in base.questions:
            yield Asked(question.text, question.locale, frozenset(question.accept))
        for scoped in base.out_of_scope:
            yield Asked(scoped.text, scoped.locale, frozenset())
        for entry_id in self._neighbours(changes):
            for locale, text in base.entries[entry_id].texts.items():
                for phrase in (text.question, *text.variants):
                    yield Asked(phrase, locale, frozenset((entry_id,)))

    def _neighbours(self, changes: Iterable[Change | Touched]) -> list[str]:
        """Entries that a new wording comes near to; its own one is among them."""
        near: dict[str, None] = {}
        for change in changes:
            if isinstance(change, AddVariants):
                for text in change.texts:
                    near |= dict.fromkeys(
                        candidate.entry.id
                        for candidate in self._faq.matcher.rank(text, change.locale)[:NEIGHBOURS]
                    )
        return list(near)

    def _asked(self, faq: Faq, question: Asked) -> Won | None:
        """What a base does with a question; asked once for each state of the files."""
        key = (question.locale, question.text)
        with self._lock:
            known = self._known.setdefault(faq.version, {})
            while len(self._known) > KEPT_VERSIONS:
                del self._known[next(iter(self._known))]
        if key not in known:
            known[key] = _won(faq, question.text, question.locale)
        return known[key]


def _won(faq: Faq, text: str, locale: Locale) -> Won | None:
    candidates: list[Candidate] = faq.matcher.rank(text, locale, limit=2)
    if not candidates:
        return None
    answers = decide(candidates, faq.cutoffs) is Decision.ANSWER
    return Won(candidates[0].entry.id, answers)


def new_faults(before: KnowledgeBase, after: KnowledgeBase) -> list[Problem]:
    """What the linter calls an error in the one base and not in the other."""
    known = {lint_key(finding) for finding in lint_errors(before)}
    return [
        Problem("lint", {"fault": f"{finding.path}:{finding.line}: {finding.message}"})
        for finding in lint_errors(after)
        if lint_key(finding) not in known
    ]


def lint_key(finding: Finding) -> tuple[str, str, str]:
    """What makes a finding the same after lines have moved."""
    return finding.path, finding.code, _LINE.sub("", finding.message)


def lint_errors(knowledge: KnowledgeBase) -> list[Finding]:
    """Errors of the files; who takes whose questions is the replay's business, which is faster."""
    from bot.lint import CHECKS
    from bot.lint.base import Base

    base = Base(knowledge, None, datetime.now(UTC).date())
    return sorted(
        finding
        for check in CHECKS
        if check.__name__ != "check_steals"
        for finding in check(base)
        if finding.severity == "error"
    )


@contextmanager
def folder_with(root: Path, edits: Sequence[FileEdit]) -> Iterator[Path]:
    """A copy of the folder's YAML files with the edits in it."""
    with tempfile.TemporaryDirectory(prefix="aifaq-trial-") as name:
        folder = Path(name)
        for path in knowledge_files(root):
            target = folder / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        for edit in edits:
            target = folder / edit.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(edit.after)
        yield folder
