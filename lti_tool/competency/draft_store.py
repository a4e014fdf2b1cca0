"""Loads and saves the draft of a course's mapping: the cells that are to become something else."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import MappingDraftRow
from lti_tool.ids import CourseId
from lti_tool.people.tables import PersonRow


def draft_rows(session: Session, course_id: CourseId) -> list[tuple[MappingDraftRow, str | None]]:
    """The drafted cells of a course, oldest first, each with the name of who drafted it."""
    query = (
        select(MappingDraftRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == MappingDraftRow.drafted_by)
        .where(MappingDraftRow.course_id == course_id)
        .order_by(MappingDraftRow.drafted_at, MappingDraftRow.activity_id, MappingDraftRow.indicator_id)
        .execution_options(populate_existing=True)
    )
    return [(row, name) for row, name in session.execute(query)]


def save_draft(session: Session, rows: Collection[MappingDraftRow]) -> None:
    """Stores drafted cells, over what was drafted for the same cells before."""
    for row in rows:
        session.merge(row)
    session.flush()


def forget_draft(session: Session, course_id: CourseId) -> None:
    """Throws a course's draft away."""
    session.execute(delete(MappingDraftRow).where(MappingDraftRow.course_id == course_id))
