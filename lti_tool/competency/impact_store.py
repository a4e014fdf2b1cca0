"""Loads and saves what moving courses would do, as workers find it out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.competency.impact import Impact
from lti_tool.competency.version_tables import CourseImpactRow
from lti_tool.db.among import portions
from lti_tool.ids import CourseId, FrameworkVersionId, PersonId, PlatformId
from lti_tool.people.tables import CourseRow


def begin(
    session: Session,
    course_ids: Collection[CourseId],
    to: FrameworkVersionId,
    platform_id: PlatformId,
    by: PersonId | None,
    now: datetime,
) -> None:
    """These courses of a platform are to be looked at, and no others; what was found before is forgotten."""
    ours = select(CourseRow.id).where(CourseRow.platform_id == platform_id)
    session.execute(delete(CourseImpactRow).where(CourseImpactRow.course_id.in_(ours)))
    rows = [
        {"course_id": course, "to_version_id": to, "asked_at": now, "asked_by": by, "move": False}
        | {"persons": 0, "gaining": 0, "losing": 0, "fingerprint": ""}
        for course in course_ids
    ]
    if rows:
        session.execute(insert(CourseImpactRow), rows)


def impacts_of(session: Session, platform_id: PlatformId) -> tuple[Impact, ...]:
    """All courses of a platform that are looked at: those where somebody loses first, then by title."""
    query = (
        select(CourseImpactRow, CourseRow.public_id, CourseRow.title)
        .join(CourseRow, CourseRow.id == CourseImpactRow.course_id)
        .where(CourseRow.platform_id == platform_id)
        .order_by(CourseImpactRow.losing.desc(), CourseRow.title, CourseRow.id)
    )
    return tuple(
        Impact(
            CourseId(row.course_id),
            public_id,
            title,
            FrameworkVersionId(row.to_version_id),
            row.move,
            row.computed_at,
            row.persons,
            row.gaining,
            row.losing,
            row.fault,
        )
        for row, public_id, title in session.execute(query)
    )


def impact_row(session: Session, course_id: CourseId) -> CourseImpactRow | None:
    """What is known of a course, to be changed; as it is now."""
    return session.get(CourseImpactRow, course_id, populate_existing=True)


def want_moves(session: Session, course_ids: Collection[CourseId], by: PersonId | None) -> None:
    """These courses are to be moved."""
    for portion in portions(course_ids):
        wanted = update(CourseImpactRow).where(CourseImpactRow.course_id.in_(portion))
        session.execute(wanted.values(move=True, asked_by=by))


def forget(session: Session, row: CourseImpactRow) -> None:
    """The course was moved: nothing waits any more."""
    session.delete(row)
    session.flush()
