"""What one participant has to do and what came back to them, as their pages show it. Values, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    bindparam,
    case,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Session

from lti_tool.competency.model import ObservationStep
from lti_tool.competency.self_tables import SelfAssessmentRow
from lti_tool.competency.tables import EvidenceRow, JudgementRow, MappingRow
from lti_tool.db.prepared import Prepared
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId, PublicId
from lti_tool.people.model import ActivityKind
from lti_tool.people.tables import ActivityRow
from lti_tool.tasks.look import VISIT
from lti_tool.tasks.model import Assessment, SubmissionState
from lti_tool.tasks.tables import AssessmentRow, LastLookRow, SubmissionRow, TaskRow

OF_PARTICIPANTS = (
    ActivityKind.EVIDENCE.value,
    ActivityKind.SELF_ASSESSMENT.value,
    ActivityKind.OBSERVATION.value,
    ActivityKind.NATIVE.value,
)


@dataclass(frozen=True, slots=True)
class CourseWork:
    """Something in a course that participants do, or that is observed of them."""

    id: ActivityId
    public_id: PublicId
    kind: ActivityKind
    name: str
    is_mapped: bool
    """Whether it counts for an indicator."""
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A person's newest attempt at a task."""

    number: int
    state: SubmissionState
    saved_at: datetime
    handed_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a trainer judged of one indicator."""

    indicator: IndicatorId
    attained: bool
    at: datetime


def work_of(session: Session, course_id: CourseId) -> tuple[CourseWork, ...]:
    """What participants of a course do, without what the LMS no longer has."""
    row = ActivityRow
    is_mapped = exists().where(MappingRow.course_id == course_id, MappingRow.activity_id == row.id)
    query = (
        select(row.id, row.public_id, row.kind, row.name, is_mapped, TaskRow.due_at)
        .outerjoin(TaskRow, TaskRow.activity_id == row.id)
        .where(row.course_id == course_id, row.gone_at.is_(None), row.kind.in_(OF_PARTICIPANTS))
        .order_by(row.name, row.id)
    )
    return tuple(
        CourseWork(ActivityId(id_), PublicId(public_id), ActivityKind(kind), name, mapped, due_at)
        for id_, public_id, kind, name, mapped, due_at in session.execute(query)
    )


def newest_attempts(session: Session, course_id: CourseId, person_id: PersonId) -> Mapping[ActivityId, Attempt]:
    """A person's newest attempt at each task of a course that they have begun."""
    row = SubmissionRow
    query = (
        select(row.activity_id, row.attempt, row.state, row.saved_at, row.handed_in_at)
        .where(row.course_id == course_id, row.person_id == person_id)
        .order_by(row.attempt)
    )
    return {
        ActivityId(activity): Attempt(number, SubmissionState(state), saved_at, handed_in_at)
        for activity, number, state, saved_at, handed_in_at in session.execute(query)
    }


def assessments_of(session: Session, course_id: CourseId, person_id: PersonId) -> Mapping[ActivityId, Assessment]:
    """What was last said of a person's work, by task."""
    query = (
        select(SubmissionRow.activity_id, AssessmentRow)
        .join(AssessmentRow, AssessmentRow.submission_id == SubmissionRow.id)
        .where(SubmissionRow.course_id == course_id, SubmissionRow.person_id == person_id)
        .order_by(SubmissionRow.attempt, AssessmentRow.version)
    )
    return {
        ActivityId(activity): Assessment(
            {IndicatorId(int(indicator)): ObservationStep(step) for indicator, step in row.steps.items()},
            row.comment,
            PersonId(row.assessed_by),
            row.assessed_at,
            row.version,
        )
        for activity, row in session.execute(query)
    }


def self_assessments_of(
    session: Session, course_id: CourseId, person_id: PersonId
) -> Mapping[ActivityId, tuple[bool, tuple[datetime, ...]]]:
    """(whether there is a draft, when it was handed in) by self-assessment that the person has begun."""
    row = SelfAssessmentRow
    query = select(row.activity_id, row.submitted_at).where(row.course_id == course_id, row.person_id == person_id)
    found: dict[ActivityId, tuple[bool, tuple[datetime, ...]]] = {}
    for activity, at in session.execute(query.order_by(row.id)):
        has_draft, times = found.get(ActivityId(activity), (False, ()))
        found[ActivityId(activity)] = (has_draft or at is None, times if at is None else (*times, at))
    return found


def judged_since(session: Session, course_id: CourseId, person_id: PersonId, since: datetime) -> tuple[Judged, ...]:
    """The judgements on a person since a moment that stand, the newest first."""
    row = JudgementRow
    query = select(row.indicator_id, row.attained, row.judged_at).where(
        row.course_id == course_id, row.person_id == person_id, row.judged_at > since, row.withdrawn_at.is_(None)
    )
    ordered = query.order_by(row.judged_at.desc(), row.id.desc())
    return tuple(Judged(IndicatorId(each), attained, at) for each, attained, at in session.execute(ordered))


def number_of_new(session: Session, course_id: CourseId, person_id: PersonId, now: datetime) -> int:
    """In how many activities there is a mark or an assessment that the person has not seen; 0 before the first look.

    One statement: it is asked on the page that everybody opens.
    """
    found = _NUMBER_OF_NEW.first(session, course_id=course_id, person_id=person_id, visit_began=now - VISIT)
    return found[0] if found else 0


def _number_of_new() -> Select[int]:
    course, person = bindparam("course_id", type_=BigInteger), bindparam("person_id", type_=BigInteger)
    since = _since(course, person)
    marked = select(EvidenceRow.activity_id).where(
        EvidenceRow.course_id == course,
        EvidenceRow.person_id == person,
        EvidenceRow.voided_at.is_(None),
        EvidenceRow.recorded_at > since,
    )
    assessed = (
        select(SubmissionRow.activity_id)
        .join(AssessmentRow, AssessmentRow.submission_id == SubmissionRow.id)
        .where(
            SubmissionRow.course_id == course,
            SubmissionRow.person_id == person,
            AssessmentRow.assessed_at > since,
        )
    )
    return select(func.count()).select_from(marked.union(assessed).subquery())


def _since(course: BindParameter[int], person: BindParameter[int]) -> ScalarSelect[datetime]:
    """The moment after which all is new in a visit that would begin now, or goes on (`look.next_look`)."""
    row = LastLookRow
    began = bindparam("visit_began", type_=row.looked_at.type)
    ended: ColumnElement[datetime] = case((row.looked_at <= began, row.looked_at), else_=row.new_since)
    return select(ended).where(row.course_id == course, row.person_id == person).scalar_subquery()


# Put together once, for building it takes longer than answering it.
_NUMBER_OF_NEW = Prepared(_number_of_new())
