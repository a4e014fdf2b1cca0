"""Levels over courses: all that is stored of one person, and how many people of a platform reached which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from lti_tool.competency.recompute import levels_from_text
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.competency.tables import CertifiedLevelRow, CompetencyStandingRow
from lti_tool.ids import CompetencyId, CourseId, PersonId

PersonStandings = dict[CourseId, dict[CompetencyId, CompetencyStanding]]


@dataclass(frozen=True, slots=True)
class Certified:
    """A certified level that holds: neither ended nor expired."""

    course: CourseId
    competency: CompetencyId
    level: int
    expires_at: datetime | None


def standings_everywhere(session: Session, person_id: PersonId) -> PersonStandings:
    """The stored standings of a person by course and competency, in one query."""
    row = CompetencyStandingRow
    columns = (
        row.course_id,
        row.competency_id,
        cast(row.levels, Text),
        row.established,
        row.progress,
        row.disputed,
    )
    found: PersonStandings = {}
    for course, competency, levels, established, progress, disputed in session.execute(
        select(*columns).where(row.person_id == person_id)
    ):
        found.setdefault(CourseId(course), {})[CompetencyId(competency)] = CompetencyStanding(
            competency=CompetencyId(competency),
            levels=levels_from_text(levels),
            established=established,
            progress=progress,
            disputed=disputed,
        )
    return found


def certified_of(session: Session, person_id: PersonId, as_of: datetime) -> tuple[Certified, ...]:
    """The certified levels of a person that hold, of all courses."""
    row = CertifiedLevelRow
    query = select(row.course_id, row.competency_id, row.level, row.expires_at).where(
        row.person_id == person_id, row.ended_at.is_(None), row.expires_at.is_(None) | (row.expires_at > as_of)
    )
    return tuple(
        Certified(CourseId(course), CompetencyId(competency), level, expires)
        for course, competency, level, expires in session.execute(query)
    )
