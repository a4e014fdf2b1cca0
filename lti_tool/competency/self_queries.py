"""What pages show of self-assessments, and what evidence has shown beside it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.competency.model import IndicatorState
from lti_tool.competency.self_tables import SelfAnswerRow, SelfAssessmentRow
from lti_tool.competency.tables import AttainmentRow
from lti_tool.db.prepared import Prepared
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId

# Put together once: it is asked on the page that everybody opens.
_SUBMITTED = Prepared(
    select(SelfAnswerRow.indicator_id, SelfAnswerRow.step, SelfAssessmentRow.submitted_at)
    .join(SelfAssessmentRow, SelfAssessmentRow.id == SelfAnswerRow.self_assessment_id)
    .where(
        SelfAssessmentRow.course_id == bindparam("course_id"),
        SelfAssessmentRow.person_id == bindparam("person_id"),
        SelfAssessmentRow.submitted_at.is_not(None),
    )
    .order_by(SelfAssessmentRow.submitted_at, SelfAssessmentRow.id)
)


def submitted_answers(
    session: Session, course_id: CourseId, person_id: PersonId
) -> list[tuple[IndicatorId, int, datetime]]:
    """(indicator, step, handed in when) for all that a person has handed in in a course, oldest first."""
    found = _SUBMITTED.all(session, course_id=course_id, person_id=person_id)
    return [(IndicatorId(indicator), step, at) for indicator, step, at in found if at]


def submission_times(session: Session, course_id: CourseId, activity_id: ActivityId) -> dict[PersonId, list[datetime]]:
    """When everybody has handed in one self-assessment, oldest first."""
    query = (
        select(SelfAssessmentRow.person_id, SelfAssessmentRow.submitted_at)
        .where(
            SelfAssessmentRow.course_id == course_id,
            SelfAssessmentRow.activity_id == activity_id,
            SelfAssessmentRow.submitted_at.is_not(None),
        )
        .order_by(SelfAssessmentRow.submitted_at, SelfAssessmentRow.id)
    )
    found: dict[PersonId, list[datetime]] = {}
    for person, at in session.execute(query):
        if at is not None:
            found.setdefault(PersonId(person), []).append(at)
    return found


def states_of(session: Session, course_id: CourseId, person_id: PersonId) -> dict[IndicatorId, IndicatorState]:
    """What evidence has shown of each indicator, as it was last computed."""
    query = select(AttainmentRow.indicator_id, AttainmentRow.state).where(
        AttainmentRow.course_id == course_id, AttainmentRow.person_id == person_id
    )
    return {IndicatorId(indicator): IndicatorState(state) for indicator, state in session.execute(query)}
