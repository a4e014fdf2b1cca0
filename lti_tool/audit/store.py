"""Writes the record of reads and changes, and takes away what is too old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lti_tool.audit.model import Event
from lti_tool.audit.tables import AuditEventRow, AuditExpiryRow
from lti_tool.ids import PlatformId


def add(session: Session, events: Iterable[tuple[datetime, Event]]) -> None:
    """Appends these lines."""
    rows = [_values(at, event) for at, event in events]
    if rows:
        session.execute(insert(AuditEventRow), rows)


def was_noted(session: Session, event: Event, since: datetime) -> bool:
    """Whether the same stands there already, from `since` or later."""
    subject = event.subject
    query = select(AuditEventRow.id).where(
        AuditEventRow.platform_id == event.platform_id,
        AuditEventRow.actor_id == event.actor.id,
        AuditEventRow.at >= since,
        AuditEventRow.actor_kind == event.actor.kind,
        AuditEventRow.action == event.action,
        AuditEventRow.subject_id == (subject.id if subject else None),
        AuditEventRow.course == event.course,
    )
    return session.scalar(query.limit(1)) is not None


def delete_before(session: Session, platform_id: PlatformId | None, before: datetime, limit: int) -> int:
    """Deletes at most `limit` of a platform's oldest lines from before that moment; how many went.

    The moment stands in `audit_expiry` meanwhile, or the database would refuse.
    """
    expiry = AuditExpiryRow(platform_id=platform_id, before_at=before)
    session.add(expiry)
    session.flush()
    of = AuditEventRow.platform_id == platform_id
    oldest = select(AuditEventRow.id).where(of, AuditEventRow.at < before).order_by(AuditEventRow.at).limit(limit)
    ids = list(session.scalars(oldest))
    session.execute(delete(AuditEventRow).where(AuditEventRow.id.in_(ids)))
    session.delete(expiry)
    session.flush()
    return len(ids)


def _values(at: datetime, event: Event) -> dict[str, object]:
    subject = event.subject
    return {
        "at": at,
        "platform_id": event.platform_id,
        "actor_kind": event.actor.kind.value,
        "actor_id": event.actor.id,
        "action": event.action.value,
        "subject_kind": subject.kind.value if subject else None,
        "subject_id": subject.id if subject else None,
        "course": event.course,
        "detail": dict(event.detail),
    }
