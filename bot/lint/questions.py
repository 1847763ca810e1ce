"""The regression questions: labelled rightly, independent of the variants, and answered so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from bot.dialog.responder import CUTOFFS, decide
from bot.errors import CalibrationError
from bot.knowledge import RegressionQuestion
from bot.lint.base import Base, likeness
from bot.lint.finding import Finding, Severity
from bot.matching.fusion import load_calibration
from bot.models import Decision

MIN_QUESTIONS = 4
"""Per entry and language."""
CALIBRATION = "calibration.yaml"


def check_labels(base: Base) -> Iterator[Finding]:
    """Labels name entries that exist, and every entry has enough questions."""
    knowledge = base.knowledge
    for question in knowledge.questions:
        for entry_id in question.accept:
            found = knowledge.find(entry_id)
            if found is None:
                near = get_close_matches(entry_id, list(knowledge.entries), n=1)
                remedy = f"did you mean `{near[0]}`?" if near else "remove it or name another one"
                message = f"there is no entry `{entry_id}`; {remedy}"
                yield _at(question, Severity.ERROR, "unknown-entry", message)
            elif found.id != entry_id:
                message = f"`{entry_id}` is called `{found.id}` now; write that"
                yield _at(question, Severity.WARNING, "renamed-entry", message)
    yield from _few(base)


def _few(base: Base) -> Iterator[Finding]:
    counts = Counter((one.locale, one.entry_id) for one in base.knowledge.questions)
    for locale in sorted({question.locale for question in base.knowledge.questions}):
        for entry in base.entries:
            count = counts[locale, entry.id]
            if count < MIN_QUESTIONS:
                message = (
                    f"`{entry.id}` has {count} regression questions; write at least "
                    f"{MIN_QUESTIONS}, in words that its variants do not use"
                )
                path = f"questions/{locale}.yaml"
                yield base.warning(path, ("entries", entry.id), "few-questions", message)


def check_repetitions(base: Base) -> Iterator[Finding]:
    """No question stands twice, under two labels, or among the variants that it is to test."""
    owners = {likeness(phrasing): entry for entry, _, phrasing in base.phrasings}
    seen: dict[tuple[str, ...], RegressionQuestion] = {}
    for question in base.knowledge.questions:
        words = likeness(question.text)
        first = seen.setdefault(words, question)
        if first is not question:
            yield _twice(question, first)
        owner = owners.get(words)
        if owner is not None:
            wrong = owner.id not in question.accept
            message = f"the question is a variant of `{owner.id}`; " + (
                "label it so, or remove it there" if wrong else "ask it in other words"
            )
            severity = Severity.ERROR if wrong else Severity.WARNING
            yield _at(question, severity, "question-is-variant", message)
    yield from _out_of_scope(base, seen)


def _twice(question: RegressionQuestion, first: RegressionQuestion) -> Finding:
    where = f"questions/{first.locale}.yaml:{first.line}"
    if question.entry_id in first.accept:
        message = f"the question stands in {where} already; remove one"
        return _at(question, Severity.WARNING, "repeated-question", message)
    message = f"{where} labels the same question `{first.entry_id}`; decide for one label"
    return _at(question, Severity.ERROR, "conflicting-label", message)


def _out_of_scope(
    base: Base, inside: dict[tuple[str, ...], RegressionQuestion]
) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for outside in base.knowledge.out_of_scope:
        path = f"questions/{outside.locale}.yaml"
        first = seen.setdefault(f"{outside.locale} {outside.text.casefold()}", outside.line)
        if first != outside.line:
            message = f"the question stands on line {first} already; remove one"
            yield Finding(path, outside.line, Severity.WARNING, "repeated-question", message)
        words = likeness(outside.text)
        if words and words in inside:
            message = f"`{inside[words].entry_id}` answers this question; decide for one label"
            yield Finding(path, outside.line, Severity.ERROR, "conflicting-label", message)


def check_steals(base: Base) -> Iterator[Finding]:
    """No question that an entry should answer is answered by another one.

    A right entry that comes second behind mere suggestions is for `aifaq eval` to count.
    """
    questions = base.knowledge.questions
    ranked = base.matcher.rank_all([(one.text, one.locale) for one in questions])
    for question, found in zip(questions, ranked, strict=True):
        if not found or found[0].entry.id in question.accept:
            continue
        if decide(found, CUTOFFS["balanced"]) is Decision.ANSWER:
            thief = found[0]
            message = (
                f"`{question.text}` belongs to `{question.entry_id}` and is answered by "
                f"`{thief.entry.id}` ({thief.confidence:.2f}, nearest there: "
                f"`{thief.variant.text}`)"
            )
            yield _at(question, Severity.WARNING, "stolen-question", message)


def check_calibration(base: Base) -> Iterator[Finding]:
    """The calibration beside the base can be used, and was made from what is in it now.

    The file says so itself, under `content`: the fingerprint that it was made from.
    """
    try:
        load_calibration(base.knowledge.root)
    except CalibrationError as error:
        yield base.error(CALIBRATION, (), "broken-calibration", str(error))
        return
    document = base.document(CALIBRATION)
    made_from = document.data.get("content") if isinstance(document.data, dict) else None
    if made_from is not None and made_from != base.knowledge.fingerprint:
        message = "the entries or questions changed since; run `aifaq calibrate`"
        yield base.warning(CALIBRATION, ("content",), "old-calibration", message)


def _at(question: RegressionQuestion, severity: Severity, code: str, message: str) -> Finding:
    return Finding(f"questions/{question.locale}.yaml", question.line, severity, code, message)
