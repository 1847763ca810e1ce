"""The tables as they are today; `migrations/` tells how they came to be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

REVISION = "0002"
"""The newest migration, known without importing Alembic."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; SQLite, which has no time zones, keeps it without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Json = sa.JSON().with_variant(JSONB(), "postgresql")
_ID, _HASH, _NAME, _PLACE = sa.String(32), sa.String(64), sa.String(200), sa.String(300)

metadata = sa.MetaData()

meta = sa.Table(
    "meta", metadata,
    sa.Column("name", _NAME, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

questions = sa.Table(
    "questions", metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # in UTC, so that both engines count alike
    sa.Column("platform", _NAME, nullable=False),
    sa.Column("person", _HASH, nullable=False),
    sa.Column("channel", _PLACE, nullable=False),
    sa.Column("locale", sa.String(20), nullable=False),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("entry_id", _NAME),  # the first of entry_ids, to count by
    sa.Column("entry_ids", Json, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("text_key", _HASH),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Index("questions_at", "at"),
    sa.Index("questions_person", "person"),
    sa.Index("questions_channel", "channel"),
)

feedback = sa.Table(
    "feedback", metadata,
    sa.Column("person", _HASH, primary_key=True),
    sa.Column("entry_id", _NAME, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("platform", _NAME, nullable=False),
    sa.Column("revision", _NAME, nullable=False),
    sa.Column("locale", sa.String(20), nullable=False),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("text", sa.Text),
    sa.Index("feedback_at", "at"),
)

preferences = sa.Table(
    "preferences", metadata,
    sa.Column("person", _HASH, primary_key=True),
    sa.Column("locale", sa.String(20), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

sent = sa.Table(
    "sent", metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("platform", _NAME, nullable=False),
    sa.Column("channel", _PLACE, nullable=False),
    sa.Column("message", _PLACE, nullable=False),
    sa.Column("entry_id", _NAME, nullable=False),
    sa.Column("revision", _NAME, nullable=False),
    sa.Column("locale", sa.String(20), nullable=False),
    sa.UniqueConstraint("platform", "channel", "message", "entry_id", name="sent_message"),
    sa.Index("sent_at", "at"),
    sa.Index("sent_entry", "entry_id", "at"),
)

choices = sa.Table(
    "choices", metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("platform", _NAME, nullable=False),
    sa.Column("person", _HASH, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("text_key", _HASH),
    sa.Column("entry_id", _NAME, nullable=False),
    sa.Column("locale", sa.String(20), nullable=False),
    sa.Index("choices_at", "at"),
    sa.Index("choices_person", "person"),
)

claims = sa.Table(
    "claims", metadata,
    sa.Column("key", _HASH, primary_key=True),
    sa.Column("holder", _ID, nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
    sa.Index("claims_until", "until"),
)

miss_status = sa.Table(
    "miss_status", metadata,
    sa.Column("text_key", _HASH, primary_key=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", _NAME, nullable=False),
)

drafts = sa.Table(
    "drafts", metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", _NAME, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("entry_id", _NAME),
    sa.Column("locale", sa.String(20)),
    sa.Column("content", Json, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("status_at", UtcDateTime, nullable=False),
    sa.Column("status_by", _NAME, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index("drafts_status", "status", "id"),
)

audit = sa.Table(
    "audit", metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("platform", _NAME, nullable=False),
    sa.Column("by_id", _NAME, nullable=False),
    sa.Column("by_name", _NAME, nullable=False),
    sa.Column("action", _NAME, nullable=False),
    sa.Column("target", _PLACE, nullable=False),
    sa.Column("detail", Json, nullable=False),
    sa.Index("audit_at", "at"),
)
