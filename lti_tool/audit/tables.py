"""The record of who read or changed what. The database itself refuses to change it.

Rows can only be added. They can be deleted where `audit_expiry` names a moment that they are older than: retention
writes that row, deletes, and takes it away again, in one transaction (`expiring.py`). Nothing here refers to another
table: the record outlives what it tells of.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.db.base import Base, Key


class AuditEventRow(Base):
    """Somebody read or changed something; opaque ids only."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "platform_id", "at", "id"),
        Index("ix_audit_event_actor", "platform_id", "actor_id", "at", "id"),
        Index("ix_audit_event_subject", "platform_id", "subject_id", "at", "id"),
        Index("ix_audit_event_course", "platform_id", "course", "at", "id"),
        Index("ix_audit_event_action", "platform_id", "action", "at", "id"),
    )

    id: Mapped[Key]
    at: Mapped[datetime]
    platform_id: Mapped[int | None]
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(30))
    subject_kind: Mapped[str | None] = mapped_column(String(12))
    subject_id: Mapped[str | None] = mapped_column(String(64))
    course: Mapped[str | None] = mapped_column(String(64))
    """Public id of the course in which it happened."""
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class AuditExpiryRow(Base):
    """While this stands, what a platform's record has from before may be deleted. Empty but within retention."""

    __tablename__ = "audit_expiry"

    id: Mapped[Key]
    platform_id: Mapped[int | None]
    before_at: Mapped[datetime]


SQLITE = (
    """
CREATE TRIGGER audit_event_unchanged BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END
""",
    """
CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event
WHEN NOT EXISTS (SELECT 1 FROM audit_expiry WHERE audit_expiry.platform_id IS OLD.platform_id AND OLD.at < before_at)
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END
""",
)
POSTGRES = (
    """
CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (
            SELECT 1 FROM audit_expiry
            WHERE audit_expiry.platform_id IS NOT DISTINCT FROM OLD.platform_id AND OLD.at < audit_expiry.before_at
        ) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit_event is append-only' USING ERRCODE = 'restrict_violation';
END
$$
""",
    """
CREATE TRIGGER audit_event_kept BEFORE UPDATE OR DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()
""",
    """
CREATE TRIGGER audit_event_whole BEFORE TRUNCATE ON audit_event
FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()
""",
)


@event.listens_for(AuditEventRow.__table__, "after_create")
def _hold(_table: object, connection: Connection, **_options: object) -> None:
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRES:
        connection.exec_driver_sql(statement)
