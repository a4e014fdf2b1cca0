"""Which activities somebody may still do, in a course and in the institute's other open courses. Values, never rows.

An institute has thousands of courses, so of the others only those are looked at that show most of what is missing:
the database ranks them by its index on the indicators of mappings, and a few rows come back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from lti_tool.competency import model
from lti_tool.competency.ledger_store import as_mapping
from lti_tool.competency.model import Mark
from lti_tool.competency.queries import NamedActivity
from lti_tool.competency.tables import EvidenceRow, JudgementRow, MappingRow
from lti_tool.ids import ActivityId, CourseId, EvidenceId, IndicatorId, PersonId, PlatformId, PublicId
from lti_tool.people.model import ActivityKind
from lti_tool.people.tables import ActivityRow, CourseRow, MembershipRow

DOABLE = (ActivityKind.EVIDENCE.value, ActivityKind.OBSERVATION.value, ActivityKind.NATIVE.value)
"""What gives marks; a self-assessment never counts, and the other kinds are pages."""
MOST_COURSES = 6
"""So many other courses are looked at for one level."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """An activity that can be done."""

    id: ActivityId
    public_id: PublicId
    course: CourseId
    kind: ActivityKind
    name: str


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


def ranked_courses(
    session: Session,
    platform_id: PlatformId,
    without: CourseId,
    person_id: PersonId,
    wanted: Sequence[Collection[IndicatorId]],
    now: datetime,
) -> list[list[CourseId]]:
    """For each set of wanted indicators the open courses that show most of them: those that the person is in first.

    One statement, whatever the number of sets.
    """
    if not wanted:
        return []
    parts = [_ranked(platform_id, without, person_id, sorted(each), now).add_columns(literal(at))
             for at, each in enumerate(wanted)]  # fmt: skip
    found: list[list[CourseId]] = [[] for _ in wanted]
    for course, _is_member, _shown, at in session.execute(union_all(*(select(part.subquery()) for part in parts))):
        found[at].append(CourseId(course))
    return found


def _ranked(
    platform_id: PlatformId, without: CourseId, person_id: PersonId, indicators: list[IndicatorId], now: datetime
) -> Select[int, bool, int]:
    is_member = exists().where(
        MembershipRow.course_id == MappingRow.course_id, MembershipRow.person_id == person_id, MembershipRow.active
    )
    shown = func.count(MappingRow.indicator_id.distinct())
    open_now = and_(
        CourseRow.platform_id == platform_id,
        CourseRow.closed_at.is_(None),
        or_(CourseRow.ends_at.is_(None), CourseRow.ends_at > now),
    )
    return (
        select(MappingRow.course_id, is_member.label("is_member"), shown.label("shown"))
        .join(CourseRow, and_(CourseRow.id == MappingRow.course_id, open_now))
        .join(ActivityRow, ActivityRow.id == MappingRow.activity_id)
        .where(
            MappingRow.indicator_id.in_(indicators),
            MappingRow.course_id != without,
            ActivityRow.kind.in_(DOABLE),
            ActivityRow.gone_at.is_(None),
        )
        .group_by(MappingRow.course_id)
        .order_by(is_member.desc(), shown.desc(), MappingRow.course_id)
        .limit(MOST_COURSES)
    )


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
    cells = (
        select(MappingRow, ActivityRow)
        .join(ActivityRow, ActivityRow.id == MappingRow.activity_id)
        .where(
            MappingRow.course_id.in_(course_ids),
            MappingRow.indicator_id.in_(indicators),
            ActivityRow.kind != ActivityKind.SELF_ASSESSMENT.value,
        )
        .order_by(MappingRow.activity_id, MappingRow.indicator_id)
    )
    for cell, activity in session.execute(cells):
        course = found[CourseId(cell.course_id)]
        course.cells.append(as_mapping(cell))
        if activity.gone_at is None and activity.kind in DOABLE:
            course.to_do[ActivityId(activity.id)] = _to_do(activity)
    return found


def _to_do(row: ActivityRow) -> ToDo:
    return ToDo(ActivityId(row.id), PublicId(row.public_id), CourseId(row.course_id), ActivityKind(row.kind), row.name)


def evidence_in(
    session: Session, course_ids: Collection[CourseId], person_id: PersonId
) -> Mapping[CourseId, list[model.Evidence]]:
    """What the ledgers of these courses say of a person, without what was voided."""
    row = EvidenceRow
    query = select(row).where(row.person_id == person_id, row.course_id.in_(course_ids), row.voided_at.is_(None))
    found: dict[CourseId, list[model.Evidence]] = defaultdict(list)
    for each in session.scalars(query):
        found[CourseId(each.course_id)].append(
            model.Evidence(
                activity=ActivityId(each.activity_id),
                indicator=None if each.indicator_id is None else IndicatorId(each.indicator_id),
                mark=None if each.mark is None else Mark(each.mark, each.mark_min, each.mark_max),
                worked_at=each.worked_at,
                recorded_at=each.recorded_at,
                id=EvidenceId(each.id),
            )
        )
    return found


def judgements_in(
    session: Session, course_ids: Collection[CourseId], person_id: PersonId
) -> Mapping[CourseId, list[model.Judgement]]:
    """What trainers of these courses judged of a person."""
    query = select(JudgementRow).where(JudgementRow.course_id.in_(course_ids), JudgementRow.person_id == person_id)
    found: dict[CourseId, list[model.Judgement]] = defaultdict(list)
    for row in session.scalars(query):
        found[CourseId(row.course_id)].append(
            model.Judgement(
                indicator=IndicatorId(row.indicator_id),
                by=PersonId(row.judged_by),
                attained=row.attained,
                judged_at=row.judged_at,
                until=row.until,
                decides=row.decides,
                withdrawn=row.withdrawn_at is not None,
                id=row.id,
            )
        )
    return found
