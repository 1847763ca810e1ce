"""Changes, outcomes and errors in a moderator's words."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.curation.carry_out import render_new
from bot.curation.changes import AddVariants, Change, EditTexts, NewEntry, OutOfScope, Reviewed
from bot.curation.editor import Applied
from bot.curation.problems import Problem
from bot.errors import (
    AifaqError,
    ChangeRefused,
    CurationError,
    MissingExtra,
    PermissionDenied,
    StoreError,
)
from bot.knowledge.messages import Messages
from bot.models import Locale

log = logging.getLogger(__name__)


class Wording:
    """Phrases of `moderation:` in one language."""

    def __init__(self, messages: Messages, locale: Locale) -> None:
        self._messages, self.locale = messages, locale

    def __call__(self, key: str, **values: object) -> str:
        """A phrase by its key within `moderation`."""
        return self._messages.text(f"moderation.{key}", self.locale, **values)

    def language(self, locale: Locale) -> str:
        """A language's name."""
        key = f"language.{locale}"
        return self._messages.text(key, self.locale) if self._messages.has(key, "en") else locale

    def problem(self, problem: Problem) -> str:
        """A reason, with languages and fields named in words."""
        values = dict(problem.values)
        if "language" in values:
            values["language"] = self.language(str(values["language"]))
        if "field" in values:
            values["field"] = self(f"field.{values['field']}")
        return Problem(problem.key, values).text(self._messages, self.locale)

    def problems(self, problems: Sequence[Problem]) -> tuple[str, ...]:
        """Reasons, one a line."""
        return tuple(map(self.problem, problems))

    def change(self, change: Change) -> str:
        """What a change does, in a line."""
        match change:
            case AddVariants():
                more = len(change.texts) - 1
                return self(
                    "draft.variants" if more else "draft.variant", entry=change.entry_id,
                    language=self.language(change.locale), text=change.texts[0], count=more,
                )
            case EditTexts():
                languages = dict.fromkeys(self.language(edit.locale) for edit in change.edits)
                return self("draft.answer", entry=change.entry_id, languages=", ".join(languages))
            case NewEntry():
                return self("draft.entry", entry=change.entry_id)
            case OutOfScope():
                return self("draft.out_of_scope", text=change.texts[0].text)
            case Reviewed():
                return self("draft.reviewed", entry=change.entry_id)

    def content(self, change: Change) -> str:
        """What a change would write, as it was typed."""
        match change:
            case AddVariants():
                return "\n".join(change.texts)
            case EditTexts():
                return "\n\n".join(
                    f"{self.language(edit.locale)}, {self(f'field.{edit.field}')}:\n{edit.text}"
                    for edit in change.edits
                )
            case NewEntry():
                return render_new(change)
            case OutOfScope():
                return "\n".join(text.text for text in change.texts)
            case Reviewed():
                return f"as_of: {change.as_of}\nreview_by: {change.review_by}"

    def done(self, change: Change, applied: Applied) -> str:
        """What became of a change, in one or two sentences."""
        if not applied.written:
            return self("outcome.read_only")
        date = ""
        if isinstance(change, Reviewed):
            date = self._messages.format_date(change.review_by, self.locale)
        text = self(
            f"outcome.{change.kind}", entry=getattr(change, "entry_id", ""),
            count=len(getattr(change, "texts", ())), date=date,
        )
        if applied.commit:
            text += " " + self("outcome.committed", commit=applied.commit)
        if applied.git_error:
            text += " " + self("outcome.not_committed", reason=applied.git_error.splitlines()[0])
        return text

    def error(self, error: Exception) -> str:
        """What went wrong."""
        match error:
            case PermissionDenied():
                return self("error.permission")
            case StoreError():
                return self("error.store")
            case MissingExtra():
                return self("error.missing", reason=error)
            case ChangeRefused() | CurationError() if error.problems:
                lines = self.problems(error.problems)
                if isinstance(error, ChangeRefused) and len(lines) > 1:
                    lines = (self("refused"), *lines)
                return "\n".join(lines)
            case OSError():
                return self("error.disk", reason=error.strerror or type(error).__name__)
            case AifaqError():
                return str(error)
        raise error
