"""Questions and variants against each other: who takes whose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.dialog.responder import CUTOFFS, decide
from bot.lint.base import Base, Place, likeness
from bot.lint.finding import Finding
from bot.models import Decision, Entry

_COMMENT_AFTER_TEXT = re.compile(r"\s*(?:-|question:)\s+[^\s\"'#|>].*\s#")


def check_duplicates(base: Base) -> Iterator[Finding]:
    """One phrasing belongs to one entry, and to no `not:` of that entry."""
    owners: dict[tuple[str, ...], tuple[Entry, Place]] = {}
    for entry, place, phrasing in base.phrasings:
        words = likeness(phrasing)
        if not words:
            message = f"`{phrasing}` has no word to match; write it in words"
            yield base.warning(entry.path, place, "no-words", message)
            continue
        other, other_place = owners.setdefault(words, (entry, place))
        if other.id != entry.id:
            line = base.document(other.path).line(other_place)
            message = f"`{phrasing}` stands in {other.path}:{line} as well; keep it in one entry"
            yield base.error(entry.path, place, "duplicate-variant", message)
        elif other_place != place and other_place[0] == place[0]:
            line = base.document(entry.path).line(other_place)
            message = f"`{phrasing}` says the same as line {line}; vary the words or remove it"
            yield base.warning(entry.path, place, "repeated-variant", message)
    yield from _contradictions(base, owners)


def _contradictions(
    base: Base, owners: dict[tuple[str, ...], tuple[Entry, Place]]
) -> Iterator[Finding]:
    for entry, locale, text in base.texts:
        for index, phrasing in enumerate(text.exclusions):
            owner, place = owners.get(likeness(phrasing), (None, ()))
            if owner is not None and owner.id == entry.id:
                line = base.document(entry.path).line(place)
                message = f"`{phrasing}` is also what the entry answers (line {line}); remove one"
                yield base.error(entry.path, (locale, "not", index), "contradiction", message)


def check_cut_texts(base: Base) -> Iterator[Finding]:
    """In YAML a ` #` begins a comment: `- what is #deepseek` says only "what is"."""
    for entry in base.entries:
        suspects = {
            number
            for number, line in enumerate(base.source_lines(entry.path), start=1)
            if _COMMENT_AFTER_TEXT.match(line)
        }
        if not suspects:
            continue
        for place, line in base.document(entry.path).lines.items():
            if line in suspects and ("question" in place or len(place) == 3):  # noqa: PLR2004
                message = "the text is cut at ` #`, where a comment begins; put it in quotes"
                yield base.warning(entry.path, place, "cut-text", message)


def check_steals(base: Base) -> Iterator[Finding]:
    """Every question and variant, asked of the whole base, finds its own entry first.

    The very wording always finds its entry; but where the signals say otherwise, whoever asks in
    nearly these words gets another answer. An error where that would be answered, a warning where
    both would be suggested.
    """
    owners: dict[tuple[str, ...], set[str]] = {}
    for entry, _, phrasing in base.phrasings:
        owners.setdefault(likeness(phrasing), set()).add(entry.id)
    # What stands in two entries is named as a duplicate already.
    asked = [one for one in base.phrasings if len(owners[likeness(one[2])]) == 1]
    ranked = base.matcher.rank_all(
        [(phrasing, str(place[0])) for _, place, phrasing in asked], outright=False
    )
    for (entry, place, phrasing), found in zip(asked, ranked, strict=True):
        if found and found[0].entry.id != entry.id:
            thief = found[0]
            answered = decide(found, CUTOFFS["balanced"]) is Decision.ANSWER
            report = base.error if answered else base.warning
            message = (
                f"`{phrasing}` is taken by `{thief.entry.id}` (nearest there: "
                f"`{thief.variant.text}`); make one of the two more specific, or add it to the "
                f"`not:` of `{thief.entry.id}`"
            )
            yield report(entry.path, place, "stolen-variant", message)
