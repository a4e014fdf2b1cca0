"""Loads and saves self-assessments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.competency.self_tables import SelfAnswerRow, SelfAssessmentRow
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId


def assessments(
    session: Session, course_id: CourseId, person_id: PersonId, activity_id: ActivityId
) -> list[SelfAssessmentRow]:
    """Everything that a person has said in one activity, the draft included, oldest first."""
    query = (
        select(SelfAssessmentRow)
        .where(
            SelfAssessmentRow.course_id == course_id,
            SelfAssessmentRow.person_id == person_id,
            SelfAssessmentRow.activity_id == activity_id,
        )
        .order_by(SelfAssessmentRow.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def answers(session: Session, row: SelfAssessmentRow) -> dict[int, int]:
    """Indicator → step."""
    query = select(SelfAnswerRow.indicator_id, SelfAnswerRow.step).where(SelfAnswerRow.self_assessment_id == row.id)
    found: dict[int, int] = dict(session.execute(query).all())
    return found


def add_draft(
    session: Session, course_id: CourseId, person_id: PersonId, activity_id: ActivityId, now: datetime
) -> SelfAssessmentRow:
    """A draft that says nothing yet."""
    row = SelfAssessmentRow(course_id=course_id, person_id=person_id, activity_id=activity_id, saved_at=now)
    session.add(row)
    session.flush()
    return row


def save_answers(session: Session, row: SelfAssessmentRow, changes: Mapping[IndicatorId, int | None]) -> None:
    """Writes these answers over what was said of the same indicators; None takes one back."""
    named = sorted(changes)
    session.execute(
        delete(SelfAnswerRow).where(SelfAnswerRow.self_assessment_id == row.id, SelfAnswerRow.indicator_id.in_(named))
    )
    for indicator in named:
        step = changes[indicator]
        if step is not None:
            session.add(SelfAnswerRow(self_assessment_id=row.id, indicator_id=indicator, step=step))
    session.flush()
