"""The changes that moderators make, as values: kept in drafts, then carried out on the files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from bot.curation.problems import Problem
from bot.errors import CurationError
from bot.knowledge.schema import Id, Phrase

NewId = Annotated[
    str, StringConstraints(max_length=80, pattern=r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$")
]
"""Stricter than what a file may have: what the chat makes is as the linter wants it."""
NewCategory = Annotated[
    str, StringConstraints(max_length=80, pattern=r"^[^\s.:/\\\x00-\x1f][^:/\\\x00-\x1f]*$")
]
LocaleCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Markdown = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def content(self) -> dict[str, Any]:
        """The change as JSON values."""
        return self.model_dump(mode="json")


class AddVariants(_Change):
    """More ways of asking an entry."""

    kind: Literal["variant"] = "variant"
    entry_id: Id
    locale: LocaleCode
    texts: Annotated[tuple[Phrase, ...], Field(min_length=1, max_length=50)]


class TextEdit(_Change):
    """Another text for one field of an entry in one language."""

    locale: LocaleCode
    field: Literal["question", "answer"]
    text: Annotated[Markdown, StringConstraints(min_length=1)]
    old: str
    """`text_hash` of what the moderator saw; tells an edit conflict."""


class EditTexts(_Change):
    """Another question or answer for an entry."""

    kind: Literal["answer"] = "answer"
    entry_id: Id
    edits: Annotated[tuple[TextEdit, ...], Field(min_length=1, max_length=20)]


class NewText(_Change):
    """A new entry in one language."""

    question: Title = ""
    answer: Markdown = ""
    variants: Annotated[tuple[Phrase, ...], Field(max_length=200)] = ()


class NewEntry(_Change):
    """One more entry. A draft may still lack texts; it can be applied once they are written."""

    kind: Literal["entry"] = "entry"
    entry_id: NewId
    category: NewCategory
    as_of: date
    texts: dict[LocaleCode, NewText]


class ScopedText(_Change):
    """A question that no entry shall answer."""

    locale: LocaleCode
    text: Phrase
    near: bool
    """About the same field, so that it looks alike."""


class OutOfScope(_Change):
    """Questions that join the regression questions as out of scope."""

    kind: Literal["out_of_scope"] = "out_of_scope"
    texts: Annotated[tuple[ScopedText, ...], Field(min_length=1, max_length=50)]


class Reviewed(_Change):
    """The answer was looked at and still holds."""

    kind: Literal["reviewed"] = "reviewed"
    entry_id: Id
    as_of: date
    review_by: date


Change = AddVariants | EditTexts | NewEntry | OutOfScope | Reviewed

_ADAPTER: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


def read_change(content: Mapping[str, Any]) -> Change:
    """The change that a draft holds.

    Raises:
        CurationError: if it is of no known shape, such as one from a newer version.
    """
    try:
        return _ADAPTER.validate_python(dict(content))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise CurationError(
            Problem("bad_change", {"where": where or "kind", "reason": first["msg"]})
        ) from error


def make_change(model: type[_Change], **values: Any) -> Any:
    """A change from what a person typed.

    Raises:
        CurationError: naming the first field that does not fit.
    """
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CurationError(
            Problem("bad_change", {"where": where, "reason": first["msg"]})
        ) from error
