"""Questions, feedback, preferences, sent answers, choices and claims."""  # noqa: INP001 - loaded by path

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_ID, _HASH, _NAME, _PLACE = sa.String(32), sa.String(64), sa.String(200), sa.String(300)


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "meta",
        sa.Column("name", _NAME, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "questions",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("platform", _NAME, nullable=False),
        sa.Column("person", _HASH, nullable=False),
        sa.Column("channel", _PLACE, nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("entry_id", _NAME),
        sa.Column("entry_ids", _JSON, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("text_key", _HASH),
        sa.Column("seconds", sa.Float, nullable=False),
    )
    op.create_index("questions_at", "questions", ["at"])
    op.create_index("questions_person", "questions", ["person"])
    op.create_index("questions_channel", "questions", ["channel"])
    op.create_table(
        "feedback",
        sa.Column("person", _HASH, primary_key=True),
        sa.Column("entry_id", _NAME, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("platform", _NAME, nullable=False),
        sa.Column("revision", _NAME, nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text),
    )
    op.create_index("feedback_at", "feedback", ["at"])
    op.create_table(
        "preferences",
        sa.Column("person", _HASH, primary_key=True),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_table(
        "sent",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("platform", _NAME, nullable=False),
        sa.Column("channel", _PLACE, nullable=False),
        sa.Column("message", _PLACE, nullable=False),
        sa.Column("entry_id", _NAME, nullable=False),
        sa.Column("revision", _NAME, nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.UniqueConstraint("platform", "channel", "message", "entry_id", name="sent_message"),
    )
    op.create_index("sent_at", "sent", ["at"])
    op.create_index("sent_entry", "sent", ["entry_id", "at"])
    op.create_table(
        "choices",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("platform", _NAME, nullable=False),
        sa.Column("person", _HASH, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("text_key", _HASH),
        sa.Column("entry_id", _NAME, nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
    )
    op.create_index("choices_at", "choices", ["at"])
    op.create_index("choices_person", "choices", ["person"])
    op.create_table(
        "claims",
        sa.Column("key", _HASH, primary_key=True),
        sa.Column("holder", _ID, nullable=False),
        sa.Column("until", _TIME, nullable=False),
    )
    op.create_index("claims_until", "claims", ["until"])
