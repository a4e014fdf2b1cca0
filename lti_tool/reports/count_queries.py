"""Counting one course, and the people of a platform, from the standings: the queries behind the roll-ups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.competency.self_tables import SelfAnswerRow, SelfAssessmentRow
from lti_tool.competency.tables import AttainmentRow, CompetencyStandingRow, MappingRow, RuleSetRow
from lti_tool.grading.tables import UNSETTLED, DeliveryRow
from lti_tool.ids import CompetencyId, CourseId, FrameworkVersionId, IndicatorId, PlatformId
from lti_tool.people.alphabet import sorting_key
from lti_tool.people.member_queries import taking_part
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from lti_tool.reports.model import CourseFigures
from lti_tool.reports.periods import Month
from lti_tool.reports.tally import INDICATOR_STATES, Growth, Row, Tally

_PLACE = {state.value: place for place, state in enumerate(INDICATOR_STATES)}
_Id = TypeVar("_Id", CompetencyId, IndicatorId)
Column = InstrumentedAttribute[Any]
Groups = str
"""The groups of a membership as they are stored: counted together, and taken apart afterwards."""


def count_course(session: Session, course_id: CourseId, now: datetime) -> CourseFigures:
    """One course in figures; its number of queries does not depend on how many take part."""
    course = session.get_one(CourseRow, course_id)
    parts = _tallies(session, course_id, now)
    return CourseFigures(
        platform_id=PlatformId(course.platform_id),
        month=Month.of(course.begins_at or course.created_at),
        sort_title=sorting_key(f"{course.title} {course.label or ''}".strip()),
        closed=course.closed_at is not None,
        framework_version=_framework_version(session, course_id),
        mapped_indicators=session.scalar(
            select(func.count(MappingRow.indicator_id.distinct())).where(MappingRow.course_id == course_id)
        )
        or 0,
        undelivered=session.scalar(
            select(func.count()).select_from(DeliveryRow).where(DeliveryRow.course_id == course_id, UNSETTLED)
        )
        or 0,
        tally=sum(parts.values(), Tally()),
        groups=_by_group(parts),
    )


def count_people(session: Session, platform_id: PlatformId) -> tuple[int, Tally]:
    """How many people have standings on a platform, and their highest established level in each competency."""
    highest = (
        select(
            CompetencyStandingRow.competency_id.label("competency"),
            CompetencyStandingRow.person_id.label("person"),
            func.max(CompetencyStandingRow.established).label("level"),
        )
        .join(PersonRow, PersonRow.id == CompetencyStandingRow.person_id)
        .where(PersonRow.platform_id == platform_id)
        .group_by(CompetencyStandingRow.competency_id, CompetencyStandingRow.person_id)
        .cte("highest")
    )
    spread = select(highest.c.competency, highest.c.level, func.count()).group_by(highest.c.competency, highest.c.level)
    counted: dict[CompetencyId, dict[int, int]] = defaultdict(dict)
    for competency, level, people in session.execute(spread):
        counted[CompetencyId(competency)][_place(level)] = people
    everyone = session.scalar(
        select(func.count(CompetencyStandingRow.person_id.distinct()))
        .join(PersonRow, PersonRow.id == CompetencyStandingRow.person_id)
        .where(PersonRow.platform_id == platform_id)
    )
    return everyone or 0, Tally(everyone or 0, _rows(counted))


def _tallies(session: Session, course_id: CourseId, now: datetime) -> dict[Groups, Tally]:
    here = (MembershipRow.course_id == course_id, taking_part(now))
    people: dict[str, int] = dict(
        session.execute(select(MembershipRow.groups, func.count()).where(*here).group_by(MembershipRow.groups)).all()
    )
    levels: dict[str, dict[CompetencyId, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    standing = CompetencyStandingRow
    for groups, competency, level, count in _counted(
        session, standing, standing.competency_id, standing.established, here
    ):
        levels[groups][CompetencyId(competency)][_place(level)] = count
    states: dict[str, dict[IndicatorId, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    row = AttainmentRow
    for groups, indicator, state, count in _counted(session, row, row.indicator_id, row.state, here):
        place = _PLACE.get(state)
        if place is not None:
            states[groups][IndicatorId(indicator)][place] = count
    growth = _growth(session, course_id, now)
    return {
        groups: Tally(
            count,
            _rows(levels[groups]),
            _rows(states[groups], len(INDICATOR_STATES)),
            growth.get(groups, {}),
        )
        for groups, count in people.items()
    }


def _counted(
    session: Session,
    table: type[CompetencyStandingRow | AttainmentRow],
    thing: Column,
    state: Column,
    where: tuple[ColumnElement[bool], ...],
) -> Iterator[tuple[Groups, int, Any, int]]:
    """Rows of a course counted by the groups of their person, by what they speak of and by what they say."""
    of_member = (table.course_id == MembershipRow.course_id) & (table.person_id == MembershipRow.person_id)
    query = select(MembershipRow.groups, thing, state, func.count()).join(table, of_member).where(*where)
    return (
        (groups, each, said, count)
        for groups, each, said, count in session.execute(query.group_by(MembershipRow.groups, thing, state))
    )


def _growth(session: Session, course_id: CourseId, now: datetime) -> dict[Groups, dict[IndicatorId, Growth]]:
    """First and last answer of everybody who has answered twice or more, summed by indicator."""
    order = (SelfAssessmentRow.submitted_at, SelfAssessmentRow.id)
    each = (SelfAssessmentRow.person_id, SelfAnswerRow.indicator_id)
    ranked = (
        select(
            MembershipRow.groups.label("groups"),
            SelfAnswerRow.indicator_id.label("indicator"),
            SelfAnswerRow.step.label("step"),
            func.row_number().over(partition_by=each, order_by=order).label("first"),
            func.row_number().over(partition_by=each, order_by=[one.desc() for one in order]).label("last"),
            func.count().over(partition_by=each).label("times"),
        )
        .join(SelfAssessmentRow, SelfAssessmentRow.id == SelfAnswerRow.self_assessment_id)
        .join(
            MembershipRow,
            (MembershipRow.course_id == SelfAssessmentRow.course_id)
            & (MembershipRow.person_id == SelfAssessmentRow.person_id),
        )
        .where(
            MembershipRow.course_id == course_id,
            taking_part(now),
            SelfAssessmentRow.submitted_at.is_not(None),
        )
        .cte("ranked")
    )
    entry = func.sum(ranked.c.step).filter(ranked.c.first == 1)
    exit_ = func.sum(ranked.c.step).filter(ranked.c.last == 1)
    people = func.count().filter(ranked.c.first == 1)
    query = (
        select(ranked.c.groups, ranked.c.indicator, people, entry, exit_)
        .where(ranked.c.times > 1)
        .group_by(ranked.c.groups, ranked.c.indicator)
    )
    found: dict[Groups, dict[IndicatorId, Growth]] = defaultdict(dict)
    for groups, indicator, *sums in session.execute(query):
        found[groups][IndicatorId(indicator)] = Growth(*(int(each) for each in sums))
    return found


def _by_group(parts: Mapping[Groups, Tally]) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for groups, tally in parts.items():
        for group in filter(None, groups.split(",")):
            found[group] = found.get(group, Tally()) + tally
    return found


def _framework_version(session: Session, course_id: CourseId) -> FrameworkVersionId | None:
    newest = select(RuleSetRow.framework_version_id).where(RuleSetRow.course_id == course_id)
    found = session.scalar(newest.order_by(RuleSetRow.version.desc()).limit(1))
    return None if found is None else FrameworkVersionId(found)


def _place(level: int | None) -> int:
    """Where a level is counted in a row of `Tally.levels`."""
    return 0 if level is None else level + 1


def _rows(counted: Mapping[_Id, Mapping[int, int]], length: int = 0) -> dict[_Id, Row]:
    return {each: _row(counts, length) for each, counts in counted.items()}


def _row(counts: Mapping[int, int], length: int) -> Row:
    places: Iterable[int] = range(max(length, max(counts) + 1))
    return tuple(counts.get(place, 0) for place in places)
