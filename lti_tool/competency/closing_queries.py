"""The closing of a course as pages show it: its history, the cases of later re-grades, what is certified."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from lti_tool.competency.certifying import Outcome
from lti_tool.competency.tables import CertifiedLevelRow, ClosureRow, RegradeCaseRow
from lti_tool.ids import CompetencyId, CourseId, PublicId
from lti_tool.people.alphabet import place_of
from lti_tool.people.tables import PersonRow


@dataclass(frozen=True, slots=True)
class Closure:
    """Somebody closed the course, or reopened it."""

    closed: bool
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Case:
    """The case of a later re-grade."""

    public_id: str
    person: PublicId
    person_name: str
    competency: CompetencyId
    frozen: int | None
    computed: int | None
    opened_at: datetime
    outcome: Outcome | None
    """None: it waits for a decision."""
    reason: str
    settled_at: datetime | None
    settled_by: str


def closures_of(session: Session, course_id: CourseId) -> tuple[Closure, ...]:
    """The history of a course's closings and reopenings, the newest first."""
    query = (
        select(ClosureRow, PersonRow.name)
        .join(PersonRow, PersonRow.id == ClosureRow.said_by)
        .where(ClosureRow.course_id == course_id)
        .order_by(ClosureRow.id.desc())
    )
    return tuple(Closure(row.closed, row.said_at, name or "") for row, name in session.execute(query))


def cases_of(session: Session, course_id: CourseId) -> tuple[Case, ...]:
    """The cases of a course by name: those that wait, and those that somebody has decided."""
    decider = aliased(PersonRow)
    query = (
        select(RegradeCaseRow, PersonRow, decider.name)
        .join(PersonRow, PersonRow.id == RegradeCaseRow.person_id)
        .outerjoin(decider, decider.id == RegradeCaseRow.settled_by)
        .where(RegradeCaseRow.course_id == course_id)
        .where(RegradeCaseRow.outcome.is_(None) | (RegradeCaseRow.outcome != Outcome.VANISHED.value))
    )
    found = sorted(
        session.execute(query),
        key=lambda each: (place_of(each[1].family_name, each[1].name, each[1].id), each[0].id),
    )
    return tuple(_case(row, person, name or "") for row, person, name in found)


def certified_counts(session: Session, course_id: CourseId) -> Counter[tuple[CompetencyId, int]]:
    """How many people this course has certified at each level of each competency, without what has ended."""
    place = (CertifiedLevelRow.competency_id, CertifiedLevelRow.level)
    query = (
        select(*place, func.count())
        .where(CertifiedLevelRow.course_id == course_id, CertifiedLevelRow.ended_at.is_(None))
        .group_by(*place)
    )
    return Counter({(CompetencyId(competency), level): people for competency, level, people in session.execute(query)})


def _case(row: RegradeCaseRow, person: PersonRow, by: str) -> Case:
    return Case(
        public_id=row.public_id,
        person=PublicId(person.public_id),
        person_name=person.name,
        competency=CompetencyId(row.competency_id),
        frozen=row.frozen,
        computed=row.computed,
        opened_at=row.opened_at,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        reason=row.reason,
        settled_at=row.settled_at,
        settled_by=by,
    )
