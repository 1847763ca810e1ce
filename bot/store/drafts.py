"""Drafts of changes, and the audit of who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.models import Locale
from bot.store.database import Database
from bot.store.rows import AuditRow, Draft, DraftStatus, new_id
from bot.store.tables import audit, drafts


class Drafts(Database):
    """What moderators share across replicas."""

    async def add_draft(
        self, kind: str, content: Mapping[str, Any], *, by: str, entry_id: str | None = None,
        locale: Locale | None = None, note: str = "",
    ) -> Draft:
        """Keep a proposed change; returns it with its number."""
        now = datetime.now(UTC)
        row = {
            "at": now, "by": by[:200], "kind": kind, "entry_id": entry_id, "locale": locale,
            "content": dict(content), "status": DraftStatus.OPEN.value, "status_at": now,
            "status_by": by[:200], "note": note,
        }
        async with self.writing() as connection:
            result = await connection.execute(sa.insert(drafts).values(**row))
        assert result.inserted_primary_key is not None
        return _draft({**row, "id": result.inserted_primary_key[0]})

    async def drafts(
        self, status: DraftStatus | None = None, *, limit: int = 200
    ) -> list[Draft]:
        """Drafts, oldest first; all of them or those of one status."""
        query = sa.select(drafts).order_by(drafts.c.id).limit(limit)
        if status is not None:
            query = query.where(drafts.c.status == status.value)
        async with self.reading() as connection:
            return [_draft(dict(row)) for row in (await connection.execute(query)).mappings()]

    async def draft(self, draft_id: int) -> Draft | None:
        """One draft by its number."""
        query = sa.select(drafts).where(drafts.c.id == draft_id)
        async with self.reading() as connection:
            row = (await connection.execute(query)).mappings().first()
        return None if row is None else _draft(dict(row))

    async def set_draft_status(
        self, draft_id: int, status: DraftStatus, *, by: str, note: str = "",
        expected: DraftStatus = DraftStatus.OPEN,
    ) -> bool:
        """Move a draft on from `expected`; False when somebody else was first.

        Apply as open → applying → applied, or back to open when the change was refused: no two
        moderators can apply one draft.
        """
        statement = (
            sa.update(drafts)
            .where(drafts.c.id == draft_id, drafts.c.status == expected.value)
            .values(status=status.value, status_at=datetime.now(UTC), status_by=by[:200],
                    note=note)
        )
        async with self.writing() as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def add_audit(
        self, action: str, target: str, *, platform: str, by_id: str, by_name: str,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Note who changed what; the audit is not purged."""
        row = {
            "id": new_id(), "at": datetime.now(UTC), "platform": platform, "by_id": by_id[:200],
            "by_name": by_name[:200], "action": action[:200], "target": target[:300],
            "detail": dict(detail or {}),
        }
        async with self.writing() as connection:
            await connection.execute(sa.insert(audit).values(**row))

    async def audit(self, limit: int = 50) -> list[AuditRow]:
        """The last changes, newest first."""
        query = sa.select(audit).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)
        async with self.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [
            AuditRow(**{name: value for name, value in row.items() if name != "id"})
            for row in rows
        ]


def _draft(row: Mapping[str, Any]) -> Draft:
    return Draft(**{**row, "status": DraftStatus(row["status"])})
