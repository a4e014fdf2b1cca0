"""One person across the courses of a platform. Values, never rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.ids import CompetencyId, CourseId, PersonId, PlatformId, PublicId
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from lti_tool.reports import people_queries
from lti_tool.reports.people_queries import FoundPerson


@dataclass(frozen=True, slots=True)
class CourseOfPerson:
    """A course in which somebody is or was."""

    id: CourseId
    public_id: PublicId
    title: str
    closed: bool
    active: bool
    levels: Mapping[CompetencyId, int | None]
    """Established levels of the competencies that the course targets; None: not yet established."""


def find(session: Session, platform_id: PlatformId, public_id: str) -> FoundPerson | None:
    """The person of this platform with this public id, else None."""
    here = (PersonRow.public_id == public_id, PersonRow.platform_id == platform_id, PersonRow.erased_at.is_(None))
    row = session.scalar(select(PersonRow.id).where(*here))
    return None if row is None else people_queries.people_by_id(session, [row])[row]


def courses_of(session: Session, person_id: PersonId) -> tuple[CourseOfPerson, ...]:
    """Every course of a person, the newest first, with where they stand there."""
    row = CompetencyStandingRow
    levels: dict[int, dict[CompetencyId, int | None]] = defaultdict(dict)
    standings = select(row.course_id, row.competency_id, row.established).where(row.person_id == person_id)
    for course, competency, established in session.execute(standings):
        levels[course][CompetencyId(competency)] = established
    courses = (
        select(CourseRow, MembershipRow.active)
        .join(MembershipRow, MembershipRow.course_id == CourseRow.id)
        .where(MembershipRow.person_id == person_id)
        .order_by(CourseRow.created_at.desc(), CourseRow.id.desc())
    )
    return tuple(
        CourseOfPerson(
            CourseId(each.id),
            PublicId(each.public_id),
            each.title,
            each.closed_at is not None,
            active,
            levels.get(each.id, {}),
        )
        for each, active in session.execute(courses)
    )
