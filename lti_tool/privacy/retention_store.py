"""What is too old, counted and deleted in small portions, so that nobody waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.audit.tables import AuditEventRow
from lti_tool.competency.tables import CertifiedLevelRow, EvidenceRow
from lti_tool.grading.tables import DeliveryAttemptRow, DeliveryRow
from lti_tool.ids import PlatformId, PublicId
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from lti_tool.privacy.periods import DEFAULT_DAYS, MOST_COUNTED, Kind, Period
from lti_tool.privacy.tables import RetentionRow
from lti_tool.tasks.tables import FileRow


def periods(session: Session, platform_id: PlatformId) -> dict[Kind, Period]:
    """The periods of a platform, the defaults where none was set."""
    rows = session.scalars(select(RetentionRow).where(RetentionRow.platform_id == platform_id))
    found = {Kind(row.kind): row for row in rows if row.kind in {*Kind}}
    return {kind: _period(kind, found.get(kind)) for kind in Kind}


def _period(kind: Kind, row: RetentionRow | None) -> Period:
    if row is None:
        return Period(kind, DEFAULT_DAYS[kind])
    return Period(kind, row.days, row.active, row.swept_at, row.deleted)


def keep(session: Session, platform_id: PlatformId, kind: Kind, days: int, *, active: bool, now: datetime) -> None:
    """Sets a period; what it deletes is counted anew."""
    row = session.get(RetentionRow, (platform_id, kind.value)) or RetentionRow(platform_id=platform_id, kind=kind.value)
    row.days, row.active, row.changed_at, row.deleted = days, active, now, 0
    session.add(row)
    session.flush()


def note_sweep(session: Session, platform_id: PlatformId, kind: Kind, deleted: int, now: datetime) -> None:
    """The worker has looked, and so much went."""
    row = session.get_one(RetentionRow, (platform_id, kind.value))
    row.swept_at, row.deleted = now, row.deleted + deleted
    session.flush()


def active(session: Session) -> list[tuple[PlatformId, Kind]]:
    """All periods after which something is deleted."""
    rows = session.execute(select(RetentionRow.platform_id, RetentionRow.kind).where(RetentionRow.active))
    return [(PlatformId(platform_id), Kind(kind)) for platform_id, kind in rows if kind in {*Kind}]


def count(session: Session, platform_id: PlatformId, kind: Kind, before: datetime, now: datetime) -> int:
    """How much is too old now; not further than `MOST_COUNTED`."""
    found = _too_old(platform_id, kind, before, now).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def delete_attempts(session: Session, platform_id: PlatformId, before: datetime, now: datetime, limit: int) -> int:
    """Deletes a portion of old tries to send grades."""
    ids = list(session.scalars(_too_old(platform_id, Kind.ATTEMPTS, before, now).limit(limit)))
    session.execute(delete(DeliveryAttemptRow).where(DeliveryAttemptRow.id.in_(ids)))
    return len(ids)


def delete_files(
    session: Session, platform_id: PlatformId, before: datetime, now: datetime, limit: int
) -> Sequence[str]:
    """Forgets a portion of files of courses that were closed long ago; their names on the shelf."""
    ids = list(session.scalars(_too_old(platform_id, Kind.FILES, before, now).limit(limit)))
    names = session.scalars(select(FileRow.shelf_name).where(FileRow.id.in_(ids))).all()
    session.execute(delete(FileRow).where(FileRow.id.in_(ids)))
    return names


def people(session: Session, platform_id: PlatformId, before: datetime, now: datetime, limit: int) -> list[PublicId]:
    """A portion of people who have not been here for so long."""
    ids = session.scalars(_too_old(platform_id, Kind.PEOPLE, before, now).limit(limit)).all()
    found = session.scalars(select(PersonRow.public_id).where(PersonRow.id.in_(ids)).order_by(PersonRow.id))
    return [PublicId(each) for each in found]


def _too_old(platform_id: PlatformId, kind: Kind, before: datetime, now: datetime) -> Select[int]:
    if kind is Kind.ATTEMPTS:
        attempts = select(DeliveryAttemptRow.id).join(DeliveryRow, DeliveryRow.id == DeliveryAttemptRow.delivery_id)
        return attempts.where(DeliveryRow.platform_id == platform_id, DeliveryAttemptRow.tried_at < before)
    if kind is Kind.FILES:
        files = select(FileRow.id).join(CourseRow, CourseRow.id == FileRow.course_id)
        return files.where(CourseRow.platform_id == platform_id, CourseRow.closed_at < before)
    if kind is Kind.AUDIT:
        lines = select(AuditEventRow.id).where(AuditEventRow.platform_id == platform_id)
        return lines.where(AuditEventRow.at < before)
    return select(PersonRow.id).where(PersonRow.platform_id == platform_id, *_long_gone(before, now))


def _long_gone(before: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    here = and_(MembershipRow.active, CourseRow.closed_at.is_(None))
    lately = or_(MembershipRow.launched_at >= before, MembershipRow.staff_launched_at >= before, here)
    came = (
        select(MembershipRow.person_id)
        .join(CourseRow, CourseRow.id == MembershipRow.course_id)
        .where(MembershipRow.person_id == PersonRow.id, lately)
    )
    worked = select(EvidenceRow.person_id).where(
        EvidenceRow.person_id == PersonRow.id, EvidenceRow.recorded_at >= before
    )
    in_force = and_(
        CertifiedLevelRow.ended_at.is_(None),
        or_(CertifiedLevelRow.expires_at.is_(None), CertifiedLevelRow.expires_at > now),
    )
    certified = select(CertifiedLevelRow.person_id).where(CertifiedLevelRow.person_id == PersonRow.id, in_force)
    gone = ~or_(came.exists(), worked.exists(), certified.exists())
    return PersonRow.erased_at.is_(None), PersonRow.created_at < before, PersonRow.updated_at < before, gone
