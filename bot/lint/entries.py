"""Entries by themselves: names, dates, and what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.lint.base import Base
from bot.lint.finding import Finding
from bot.models import Entry

MIN_VARIANTS = 10
"""Per language; the matcher lives on them."""
MAX_ID = 64
"""Discord's button ids have 100 characters and carry more than the entry's id."""
_PLAIN_ID = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*\Z")


def check_names(base: Base) -> Iterator[Finding]:
    """The id is the file's name and the category the folder's."""
    for entry in base.entries:
        path = PurePosixPath(entry.path)
        if entry.id != path.stem:
            message = f"the id `{entry.id}` is not the file's name; rename the file or the id"
            yield base.error(entry.path, ("id",), "id-not-file", message)
        if entry.category != path.parent.name:
            message = (
                f"the category `{entry.category}` is not the folder's name; "
                f"move the file to {entry.category}/ or change the category"
            )
            yield base.error(entry.path, ("category",), "category-not-folder", message)
        if not _PLAIN_ID.match(entry.id):
            message = "write ids in lower-case letters, digits and hyphens"
            yield base.warning(entry.path, ("id",), "odd-id", message)
        if len(entry.id) > MAX_ID:
            message = f"the id has {len(entry.id)} characters; shorten it to {MAX_ID}"
            yield base.warning(entry.path, ("id",), "long-id", message)


def check_dates(base: Base) -> Iterator[Finding]:
    """Dates in order, and reviews that are due."""
    for entry in base.entries:
        as_of, review_by = entry.as_of, entry.review_by
        if as_of and as_of > base.today:
            message = f"`as_of` {as_of} lies in the future; facts hold as of a day that has been"
            yield base.error(entry.path, ("as_of",), "as-of-in-future", message)
        if as_of and review_by and as_of >= review_by:
            message = f"`review_by` {review_by} is not after `as_of` {as_of}; correct one of them"
            yield base.error(entry.path, ("review_by",), "review-before-as-of", message)
        elif review_by and review_by < base.today:
            message = (
                f"due for review since {review_by}: check the facts, then move `as_of` and "
                "`review_by`"
            )
            yield base.warning(entry.path, ("review_by",), "review-due", message)


def check_completeness(base: Base) -> Iterator[Finding]:
    """What the loader does without and readers would miss."""
    for entry in base.entries:
        for key, remedy in _missing(entry):
            yield base.warning(entry.path, (), f"no-{key.replace('_', '-')}", remedy)
        for locale, text in entry.texts.items():
            if len(text.variants) < MIN_VARIANTS:
                message = (
                    f"`{locale}` has {len(text.variants)} variants; write at least "
                    f"{MIN_VARIANTS} ways in which people ask it"
                )
                yield base.warning(entry.path, (locale, "variants"), "few-variants", message)


def _missing(entry: Entry) -> Iterator[tuple[str, str]]:
    if entry.standing is None:
        yield "standing", "`standing` is missing; say confirmed, claimed or disputed"
    if entry.as_of is None:
        yield "as_of", "`as_of` is missing; say on which day the facts were checked"
    if entry.review_by is None:
        yield "review_by", "`review_by` is missing; say when the facts should be looked at again"
    if not entry.sources:
        yield "sources", "`sources` is missing; name at least one key of sources.yaml"
    if not entry.related:
        yield "related", "`related` is missing; name two to four entries that a reader asks next"
