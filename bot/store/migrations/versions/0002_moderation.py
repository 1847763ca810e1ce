"""Drafts, the audit, and what moderators did about misses."""  # noqa: INP001 - loaded by path

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_ID, _HASH, _NAME, _PLACE = sa.String(32), sa.String(64), sa.String(200), sa.String(300)


def upgrade() -> None:
    """Three new tables; nothing that older replicas use changes."""
    op.create_table(
        "miss_status",
        sa.Column("text_key", _HASH, primary_key=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", _NAME, nullable=False),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", _NAME, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("entry_id", _NAME),
        sa.Column("locale", sa.String(20)),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("status_at", _TIME, nullable=False),
        sa.Column("status_by", _NAME, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("drafts_status", "drafts", ["status", "id"])
    op.create_table(
        "audit",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("platform", _NAME, nullable=False),
        sa.Column("by_id", _NAME, nullable=False),
        sa.Column("by_name", _NAME, nullable=False),
        sa.Column("action", _NAME, nullable=False),
        sa.Column("target", _PLACE, nullable=False),
        sa.Column("detail", _JSON, nullable=False),
    )
    op.create_index("audit_at", "audit", ["at"])
