"""A course's gradebook for others: one row a person × competency, empty where nothing is established.

The columns are the tool's contract with whoever reads such files (design, "The contract with the outside"); files are
made of them by `reports`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.competency.framework import Competency
from lti_tool.competency.model import LevelState
from lti_tool.competency.rules import rules_of
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.grading.comments import next_level
from lti_tool.grading.queries import standings_of
from lti_tool.grading.scoring import PLACES, rounded_down
from lti_tool.ids import CourseId
from lti_tool.people import roster
from lti_tool.people.model import Person

HEADER = (
    "person",
    "name",
    "email",
    "id_number",
    "competency",
    "established",
    "held",
    "state",
    "attained",
    "indicators",
    "progress",
)
UNKNOWN = {LevelState.NOT_ASSESSABLE, LevelState.NO_EVIDENCE, LevelState.TRANSPARENT}
Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class GradebookRow:
    """Where one person stands in one competency; None = unknown, never zero."""

    person: Person
    competency: str
    established: int | None
    held: tuple[int, ...]
    """Levels that are met but not counted."""
    state: LevelState
    """Of the next level, or of the highest where none is above."""
    attained: int | None
    """Indicators of that level that are attained; None where the course cannot assess the competency."""
    indicators: int
    progress: Decimal | None
    """g, rounded down to two decimals; None while nothing is known of the lowest level."""

    def cells(self) -> tuple[Cell, ...]:
        """The row as the columns of `HEADER`."""
        who = (self.person.public_id, self.person.name, self.person.email, self.person.id_number)
        held = " ".join(str(level) for level in self.held)
        stands = (self.established, held, self.state.value, self.attained, self.indicators, self.progress)
        return (*who, self.competency, *stands)


def gradebook_rows(session: Session, course_id: CourseId, now: datetime) -> Iterator[GradebookRow]:
    """Every participant of the course with every competency of its framework, by name and in the document's order."""
    framework = rules_of(session, course_id, now).framework
    standings = standings_of(session, course_id)
    for person in roster.participants(session, course_id, now):
        yield from (row_of(person, each, standings.get((person.id, each.id))) for each in framework.competencies)


def row_of(person: Person, competency: Competency, standing: CompetencyStanding | None) -> GradebookRow:
    """Where the person stands in the competency by this stored standing; None: the course does not assess it."""
    level = next_level(standing) if standing else None
    if standing is None or level is None:
        lowest = next((of for of in map(competency.of_level, (1, 2, 3)) if of), ())
        return GradebookRow(person, competency.code, None, (), LevelState.NOT_ASSESSABLE, None, len(lowest), None)
    return GradebookRow(
        person=person,
        competency=competency.code,
        established=standing.established,
        held=standing.held,
        state=level.state,
        attained=level.attained,
        indicators=level.total,
        progress=rounded_down(standing.progress, PLACES) if _has_begun(standing) else None,
    )


def _has_begun(standing: CompetencyStanding) -> bool:
    return any(level.state not in UNKNOWN for level in standing.levels)
