"""Loads and saves when people last looked at their tasks."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PersonId
from lti_tool.tasks.look import Look
from lti_tool.tasks.tables import LastLookRow


def last_look(session: Session, course_id: CourseId, person_id: PersonId) -> Look | None:
    """The person's last look in a course; None before the first."""
    row = LastLookRow
    columns = select(row.looked_at, row.new_since, row.levels, row.levels_before)
    found = session.execute(columns.where(row.course_id == course_id, row.person_id == person_id)).one_or_none()
    return None if found is None else Look(*found)


def put_look(session: Session, course_id: CourseId, person_id: PersonId, look: Look) -> None:
    """Stores a look in place of the one before."""
    session.merge(
        LastLookRow(
            course_id=course_id,
            person_id=person_id,
            looked_at=look.at,
            new_since=look.since,
            levels=dict(look.levels),
            levels_before=dict(look.before),
        )
    )
    session.flush()
