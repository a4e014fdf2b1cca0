"""What is stored of one person over all courses: results, certified levels, later re-grades. Values, never rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lti_tool.competency.certifying import CertifiedIn
from lti_tool.competency.model import IndicatorState
from lti_tool.competency.standing import IndicatorResult, Results
from lti_tool.competency.tables import (
    AttainmentRow,
    CertifiedLevelRow,
    CompetencyRow,
    EvidenceRow,
    JudgementRow,
    MappingRow,
    RegradeCaseRow,
)
from lti_tool.db.prepared import Prepared
from lti_tool.ids import CompetencyId, CourseId, IndicatorId, PersonId, PublicId
from lti_tool.people.tables import CourseRow, MembershipRow


@dataclass(frozen=True, slots=True)
class RecordCourse:
    """A course that a person is or was in."""

    id: CourseId
    public_id: PublicId
    title: str
    closed_at: datetime | None
    active: bool


@dataclass(frozen=True, slots=True)
class CourseResults:
    """What one course says of a person's indicators."""

    title: str
    results: Results


@dataclass(frozen=True, slots=True)
class OpenCase:
    """In a closed course the marks have come to say another level than the frozen one, and nobody has decided yet."""

    course: CourseId
    course_title: str
    competency: CompetencyId
    frozen: int | None
    computed: int | None
    opened_at: datetime


def courses_of(session: Session, person_id: PersonId) -> tuple[RecordCourse, ...]:
    """Every course of a person, the newest first."""
    row = CourseRow
    query = (
        select(row.id, row.public_id, row.title, row.closed_at, MembershipRow.active)
        .join(MembershipRow, MembershipRow.course_id == row.id)
        .where(MembershipRow.person_id == person_id)
        .order_by(row.created_at.desc(), row.id.desc())
    )
    return tuple(
        RecordCourse(CourseId(course), PublicId(public), title, closed_at, active)
        for course, public, title, closed_at, active in session.execute(query)
    )


# Put together once: they are asked on the page that everybody opens.
_OF_PERSON = (
    select(
        AttainmentRow.course_id,
        CourseRow.title,
        AttainmentRow.indicator_id,
        AttainmentRow.state,
        AttainmentRow.value,
        AttainmentRow.by_judgement,
    )
    .join(CourseRow, CourseRow.id == AttainmentRow.course_id)
    .where(AttainmentRow.person_id == bindparam("person_id"))
)
_RESULTS = Prepared(_OF_PERSON)
_RESULTS_WITHOUT = Prepared(_OF_PERSON.where(AttainmentRow.course_id != bindparam("without")))
_CERTIFICATES = Prepared(
    select(
        CertifiedLevelRow.course_id,
        CourseRow.title,
        CertifiedLevelRow.competency_id,
        CompetencyRow.code,
        CompetencyRow.short_title,
        CertifiedLevelRow.level,
        CertifiedLevelRow.certified_at,
        CertifiedLevelRow.expires_at,
        CertifiedLevelRow.ended_at,
    )
    .join(CourseRow, CourseRow.id == CertifiedLevelRow.course_id)
    .join(CompetencyRow, CompetencyRow.id == CertifiedLevelRow.competency_id)
    .where(CertifiedLevelRow.person_id == bindparam("person_id"))
    .order_by(CertifiedLevelRow.certified_at.desc(), CertifiedLevelRow.id.desc())
)


def results_of(session: Session, person_id: PersonId, without: CourseId | None = None) -> dict[CourseId, CourseResults]:
    """What courses say of a person's indicators, as it was last computed; all courses, or all but one."""
    if without is None:
        rows = _RESULTS.all(session, person_id=person_id)
    else:
        rows = _RESULTS_WITHOUT.all(session, person_id=person_id, without=without)
    found: dict[CourseId, CourseResults] = {}
    for course, title, indicator, state, value, judged in rows:
        of_course = found.setdefault(CourseId(course), CourseResults(title, {}))
        of_course.results[IndicatorId(indicator)] = IndicatorResult(IndicatorState(state), value, judged)
    return found


def certificates_of(session: Session, person_id: PersonId) -> tuple[CertifiedIn, ...]:
    """All that was ever certified of a person, the newest first."""
    return tuple(
        CertifiedIn(CourseId(course), title, CompetencyId(competency), code, titles, level, at, expires_at, ended_at)
        for course, title, competency, code, titles, level, at, expires_at, ended_at in _CERTIFICATES.all(
            session, person_id=person_id
        )
    )


def open_cases_of(session: Session, person_id: PersonId, course_ids: Collection[CourseId]) -> tuple[OpenCase, ...]:
    """The later re-grades of a person in these courses that wait for a decision, the newest first."""
    row = RegradeCaseRow
    columns = (row.course_id, CourseRow.title, row.competency_id, row.frozen, row.computed, row.opened_at)
    query = (
        select(*columns)
        .join(CourseRow, CourseRow.id == row.course_id)
        .where(row.course_id.in_(course_ids), row.person_id == person_id, row.outcome.is_(None))
        .order_by(row.opened_at.desc(), row.id.desc())
    )
    return tuple(
        OpenCase(CourseId(course), title, CompetencyId(competency), frozen, computed, opened_at)
        for course, title, competency, frozen, computed, opened_at in session.execute(query)
    )


def times_of(
    session: Session, person_id: PersonId, course_ids: Collection[CourseId]
) -> dict[CourseId, dict[IndicatorId, datetime]]:
    """When each of these courses last learned something of a person's indicators: a mark, or a judgement."""
    mark, judged = EvidenceRow, JudgementRow
    works = (
        select(mark.course_id, MappingRow.indicator_id, func.max(mark.worked_at))
        .join(MappingRow, (MappingRow.course_id == mark.course_id) & (MappingRow.activity_id == mark.activity_id))
        .where(
            mark.person_id == person_id,
            mark.indicator_id.is_(None) | (mark.indicator_id == MappingRow.indicator_id),
            mark.mark.is_not(None),
            mark.voided_at.is_(None),
        )
        .group_by(mark.course_id, MappingRow.indicator_id)
    )
    words = (
        select(judged.course_id, judged.indicator_id, func.max(judged.judged_at))
        .where(judged.course_id.in_(course_ids), judged.person_id == person_id, judged.withdrawn_at.is_(None))
        .group_by(judged.course_id, judged.indicator_id)
    )
    found: dict[CourseId, dict[IndicatorId, datetime]] = {}
    for query in (works, words):
        for course, indicator, at in session.execute(query):
            of_course = found.setdefault(CourseId(course), {})
            of_course[IndicatorId(indicator)] = max(at, of_course.get(IndicatorId(indicator), at))
    return found
