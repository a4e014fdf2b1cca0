"""Loads and saves what trainers wrote about the steps of the rubric."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import RubricRow
from lti_tool.ids import CourseId, IndicatorId


def rows_of(session: Session, course_ids: Collection[CourseId]) -> list[RubricRow]:
    """Everything that was written in these courses."""
    return list(session.scalars(select(RubricRow).where(RubricRow.course_id.in_(course_ids))))


def row_of(session: Session, course_id: CourseId, indicator: IndicatorId) -> RubricRow | None:
    """What was written of one indicator in a course, as it is now."""
    query = select(RubricRow).where(RubricRow.course_id == course_id, RubricRow.indicator_id == indicator)
    return session.scalar(query.execution_options(populate_existing=True))


def save(session: Session, row: RubricRow) -> None:
    """Stores a row, new or changed."""
    session.add(row)
    session.flush()
