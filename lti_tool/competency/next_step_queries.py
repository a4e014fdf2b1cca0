"""Which activities somebody may still do, in a course and in the institute's other open courses. Values, never rows.

An institute has thousands of courses, so only the newest open ones are looked at, and of these only those come back
that show most of what is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, exists, false, func, or_, select, true, union_all
from sqlalchemy.orm import Session

from lti_tool.competency import model
from lti_tool.competency.ledger_values import CELL, ENTRY, JUDGEMENT, as_cell, as_entry, as_judgement
from lti_tool.competency.queries import NamedActivity
from lti_tool.competency.tables import EvidenceRow, IndicatorRow, JudgementRow, MappingRow
from lti_tool.ids import ActivityId, CompetencyId, CourseId, IndicatorId, PersonId, PlatformId, PublicId
from lti_tool.people.model import ActivityKind
from lti_tool.people.tables import ActivityRow, CourseRow, MembershipRow

DOABLE = (ActivityKind.EVIDENCE.value, ActivityKind.OBSERVATION.value, ActivityKind.NATIVE.value)
"""What gives marks; a self-assessment never counts, and the other kinds are pages."""
NEWEST_LOOKED_AT = 100
"""Of so many open courses the mappings are looked at, beside those of the courses that the person is in."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """An activity that can be done."""

    id: ActivityId
    public_id: PublicId
    course: CourseId
    kind: ActivityKind
    name: str


@dataclass(frozen=True, slots=True)
class Showing:
    """How much another course shows of what is asked for in one competency."""

    course: CourseId
    competency: CompetencyId
    is_member: bool
    """Whether the person is in it."""
    indicators: int


@dataclass(frozen=True, slots=True)
class OtherCourse:
    """Another open course of the platform, and what of it matters here."""

    id: CourseId
    title: str
    is_member: bool
    """Whether the person is in it already."""
    cells: list[model.Mapping] = field(default_factory=list)
    to_do: dict[ActivityId, ToDo] = field(default_factory=dict)


def to_do_among(course_id: CourseId, activities: Mapping[ActivityId, NamedActivity]) -> dict[ActivityId, ToDo]:
    """Those of the activities of a course that can be done and give marks."""
    return {
        row: ToDo(row, each.public_id, course_id, each.kind, each.name)
        for row, each in activities.items()
        if not each.gone and each.kind.value in DOABLE
    }


def courses_showing(
    session: Session,
    platform_id: PlatformId,
    without: CourseId,
    person_id: PersonId,
    indicators: Collection[IndicatorId],
    now: datetime,
) -> list[Showing]:
    """What other open courses show of these indicators, by competency: those that the person is in, and the newest.

    Two statements, whatever is asked for. They read the mappings of `NEWEST_LOOKED_AT` courses at most, however many an
    institute has, and not those of courses long begun that nobody is let into any more.
    """
    looked_at = _looked_at(session, platform_id, without, person_id, now)
    shown = func.count(MappingRow.indicator_id.distinct())
    query = (
        select(MappingRow.course_id, IndicatorRow.competency_id, shown)
        .join(ActivityRow, ActivityRow.id == MappingRow.activity_id)
        .join(IndicatorRow, IndicatorRow.id == MappingRow.indicator_id)
        .where(
            MappingRow.course_id.in_(looked_at),
            MappingRow.indicator_id.in_(sorted(indicators)),
            # Said of the activity as well, so that the database finds them by their courses, and not among all.
            ActivityRow.course_id.in_(looked_at),
            ActivityRow.kind.in_(DOABLE),
            ActivityRow.gone_at.is_(None),
        )
        .group_by(MappingRow.course_id, IndicatorRow.competency_id)
    )
    return [
        Showing(CourseId(course), CompetencyId(competency), looked_at[course], number)
        for course, competency, number in session.execute(query)
    ]


def _looked_at(
    session: Session, platform_id: PlatformId, without: CourseId, person_id: PersonId, now: datetime
) -> dict[int, bool]:
    """The courses that are looked at, each with whether the person is in it."""
    row = CourseRow
    is_open = and_(
        row.platform_id == platform_id,
        row.id != without,
        row.closed_at.is_(None),
        or_(row.ends_at.is_(None), row.ends_at > now),
    )
    newest = select(row.id, false()).where(is_open).order_by(row.created_at.desc(), row.id).limit(NEWEST_LOOKED_AT)
    own = (
        select(row.id, true())
        .join(MembershipRow, MembershipRow.course_id == row.id)
        .where(MembershipRow.person_id == person_id, MembershipRow.active, is_open)
    )
    found = session.execute(union_all(select(newest.subquery()), own))
    return dict(sorted((course, bool(is_own)) for course, is_own in found))


def other_courses(
    session: Session, course_ids: Collection[CourseId], person_id: PersonId, indicators: Collection[IndicatorId]
) -> dict[CourseId, OtherCourse]:
    """These courses with the cells of their matrices that show these indicators, and the activities behind them."""
    if not course_ids:
        return {}
    belongs = exists().where(
        MembershipRow.course_id == CourseRow.id, MembershipRow.person_id == person_id, MembershipRow.active
    )
    courses = select(CourseRow.id, CourseRow.title, belongs).where(CourseRow.id.in_(course_ids))
    found = {
        CourseId(course): OtherCourse(CourseId(course), title, is_member)
        for course, title, is_member in session.execute(courses)
    }
    cell, activity = MappingRow, ActivityRow
    cells = (
        select(cell.course_id, activity.public_id, activity.kind, activity.name, activity.gone_at, *CELL)
        .join(activity, activity.id == cell.activity_id)
        .where(
            cell.course_id.in_(course_ids),
            cell.indicator_id.in_(indicators),
            activity.kind != ActivityKind.SELF_ASSESSMENT.value,
        )
        .order_by(cell.activity_id, cell.indicator_id)
    )
    for course_id, public_id, kind, name, gone_at, *columns in session.execute(cells):
        course, shown = found[CourseId(course_id)], as_cell(*columns)
        course.cells.append(shown)
        if gone_at is None and kind in DOABLE:
            it = ToDo(shown.activity, PublicId(public_id), course.id, ActivityKind(kind), name)
            course.to_do[it.id] = it
    return found


def evidence_in(
    session: Session, course_ids: Collection[CourseId], person_id: PersonId
) -> Mapping[CourseId, list[model.Evidence]]:
    """What the ledgers of these courses say of a person, without what was voided."""
    row = EvidenceRow
    here = (row.person_id == person_id, row.course_id.in_(course_ids), row.voided_at.is_(None))
    found: dict[CourseId, list[model.Evidence]] = defaultdict(list)
    for course, *columns in session.execute(select(row.course_id, *ENTRY).where(*here)):
        found[CourseId(course)].append(as_entry(*columns))
    return found


def judgements_in(
    session: Session, course_ids: Collection[CourseId], person_id: PersonId
) -> Mapping[CourseId, list[model.Judgement]]:
    """What trainers of these courses judged of a person."""
    query = select(JudgementRow.course_id, *JUDGEMENT).where(
        JudgementRow.course_id.in_(course_ids), JudgementRow.person_id == person_id
    )
    found: dict[CourseId, list[model.Judgement]] = defaultdict(list)
    for course, *columns in session.execute(query):
        found[CourseId(course)].append(as_judgement(*columns))
    return found
