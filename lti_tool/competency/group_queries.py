"""What the pages of a whole course show: everybody's levels, and the matrix. Values, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, Text, func, select, type_coerce
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from lti_tool.competency.recompute import levels_from_text
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.competency.tables import (
    FLAGGED,
    AttainmentRow,
    CompetencyStandingRow,
    EvidenceRow,
    MappingRow,
    RuleSetRow,
)
from lti_tool.ids import ActivityId, CompetencyId, CourseId, IndicatorId, PersonId
from lti_tool.people.tables import PersonRow

# Columns of the table, not of the mapped class: of thousands of rows, what the mapping does to each would be felt.
_STANDING = cast(Table, CompetencyStandingRow.__table__)

GroupStandings = dict[PersonId, dict[CompetencyId, CompetencyStanding]]


@dataclass(frozen=True, slots=True)
class CourseCounts:
    """How far a course is: shown in lists of courses."""

    mapped_indicators: int = 0
    established: int = 0
    """How many standings (person × competency) have an established level, level 0 included."""


def group_standings(session: Session, course_id: CourseId) -> GroupStandings:
    """Everybody's stored standings in a course, in one query; only competencies that the course targets."""
    of = _STANDING.c
    query = select(
        of.person_id,
        of.competency_id,
        as_type(of.levels, Text),
        of.established,
        type_coerce(of.progress, Text),
        of.disputed,
    ).where(of.course_id == course_id)
    found: GroupStandings = {}
    for person, competency, *stored in session.execute(query).all():
        found.setdefault(person, {})[competency] = _standing(competency, *stored)
    return found


@lru_cache(4096)
def _standing(
    competency: CompetencyId, levels: str, established: int | None, progress: str, disputed: bool
) -> CompetencyStanding:
    # Eleven thousand cells of a course hold some hundreds of different standings.
    return CompetencyStanding(
        competency=competency,
        levels=levels_from_text(levels),
        established=established,
        progress=Fraction(progress),
        disputed=disputed,
    )


@dataclass(frozen=True, slots=True)
class IndicatorFlags:
    """What beside the marks bears on one person's indicator."""

    person: PersonId
    indicator: IndicatorId
    by_judgement: bool
    """A standing judgement set the state."""
    disputed: bool
    review_due: bool
    """There is evidence newer than the standing judgement."""


def flagged_indicators(session: Session, course_id: CourseId) -> tuple[IndicatorFlags, ...]:
    """Whose indicators rest on a judgement, are disputed or are to be looked at again; in one query."""
    row = AttainmentRow
    query = select(row.person_id, row.indicator_id, row.by_judgement, row.disputed, row.review_due).where(
        row.course_id == course_id, FLAGGED
    )
    return tuple(
        IndicatorFlags(PersonId(person), IndicatorId(indicator), *flags)
        for person, indicator, *flags in session.execute(query)
    )


def marks_by_activity(session: Session, course_id: CourseId) -> dict[ActivityId, int]:
    """How many people have ledger entries in each activity of a course."""
    query = (
        select(EvidenceRow.activity_id, func.count(EvidenceRow.person_id.distinct()))
        .where(EvidenceRow.course_id == course_id, EvidenceRow.voided_at.is_(None))
        .group_by(EvidenceRow.activity_id)
    )
    return {ActivityId(activity): people for activity, people in session.execute(query)}


def counts_by_course(session: Session) -> dict[CourseId, CourseCounts]:
    """How far every course is, in two queries."""
    mapped = select(MappingRow.course_id, func.count(MappingRow.indicator_id.distinct())).group_by(MappingRow.course_id)
    established = (
        select(CompetencyStandingRow.course_id, func.count())
        .where(CompetencyStandingRow.established.is_not(None))
        .group_by(CompetencyStandingRow.course_id)
    )
    indicators: dict[int, int] = dict(session.execute(mapped).all())
    standings: dict[int, int] = dict(session.execute(established).all())
    return {
        CourseId(course): CourseCounts(indicators.get(course, 0), standings.get(course, 0))
        for course in indicators.keys() | standings.keys()
    }


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A version of a course's rules: what was chosen, when, and by whom."""

    version: int
    options: dict[str, Any]
    """What differs from the defaults of the rules and of the encoding."""
    created_at: datetime
    by: str | None
    """Name of who stored it; None for the first version, which nobody chose."""


def rule_versions(session: Session, course_id: CourseId) -> tuple[RuleVersion, ...]:
    """Every version of a course's rules, the one in force first."""
    query = (
        select(RuleSetRow.version, RuleSetRow.options, RuleSetRow.created_at, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == RuleSetRow.created_by)
        .where(RuleSetRow.course_id == course_id)
        .order_by(RuleSetRow.version.desc())
    )
    return tuple(RuleVersion(version, dict(options), at, name) for version, options, at, name in session.execute(query))
