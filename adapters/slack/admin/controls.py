"""Names of the moderators' controls and forms, and what they carry."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from adapters.slack.handles import ActionId

JSON = dict[str, Any]


class Control(ActionId):
    """The moderators' controls."""

    MISSES = "faq_admin_misses"
    MISS = "faq_admin_miss"
    VARIANT = "faq_admin_variant"
    NEW = "faq_admin_new"
    SCOPE = "faq_admin_scope"
    DISMISS = "faq_admin_dismiss"
    DRAFTS = "faq_admin_drafts"
    DRAFT = "faq_admin_draft"
    APPLY = "faq_admin_apply"
    REJECT = "faq_admin_reject"
    COMPLETE = "faq_admin_complete"
    EXPORT = "faq_admin_export"
    EDIT = "faq_admin_edit"
    DUE = "faq_admin_due"
    REVIEW = "faq_admin_review"
    STATS = "faq_admin_stats"
    OUTDATED = "faq_admin_outdated"
    CORRECT = "faq_admin_correct"
    ENTRY = "faq_admin_entry"
    """A type-ahead of entries."""


class Form(StrEnum):
    """What is sent in: the `callback_id` of a modal with a submit button."""

    VARIANT = "faq_admin_form_variant"
    EDIT = "faq_admin_form_edit"
    NEW = "faq_admin_form_new"
    REVIEW = "faq_admin_form_review"


@dataclass(frozen=True, slots=True)
class Ref:
    """What a control or a form is about; empty fields say nothing."""

    key: str = ""
    """A group of misses, by its key."""
    entry: str = ""
    draft: str = ""
    base: str = ""
    """What the texts of a form were when it was made."""

    @property
    def draft_id(self) -> int | None:
        """The draft's number; None without one."""
        return int(self.draft) if self.draft.isascii() and self.draft.isdigit() else None

    def encode(self) -> str:
        """As a button's value or a view's private metadata."""
        return json.dumps({key: value for key, value in asdict(self).items() if value})

    @classmethod
    def decode(cls, value: str | None) -> Ref:
        """From either; an empty one when it is none of ours."""
        try:
            told = json.loads(value or "{}")
        except ValueError:
            return cls()
        if not isinstance(told, dict):
            return cls()
        known = {field.name for field in fields(cls)}
        return cls(**{k: v for k, v in told.items() if k in known and isinstance(v, str)})
