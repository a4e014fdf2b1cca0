"""What pages show of one person's standing: what is stored, and the names and marks behind it. Values, never rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session

from lti_tool.competency.model import Mark
from lti_tool.competency.recompute import levels_from_text
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.competency.tables import CompetencyStandingRow, EvidenceRow
from lti_tool.db.prepared import Prepared
from lti_tool.ids import ActivityId, CompetencyId, CourseId, EvidenceId, PersonId, PublicId
from lti_tool.people.model import ActivityKind
from lti_tool.people.tables import ActivityRow, PersonRow


@dataclass(frozen=True, slots=True)
class StoredStandings:
    """The standings of one person in a course as they were last computed."""

    standings: dict[CompetencyId, CompetencyStanding]
    """Only competencies that the course targets; empty where nothing was computed yet."""
    computed_at: datetime | None
    """The newest computation whose outcome differed from the one before."""


@dataclass(frozen=True, slots=True)
class NamedActivity:
    """An activity as the evidence names it."""

    name: str
    """What the LMS's gradebook prints."""
    gone: bool
    """The LMS no longer has it; its evidence counts on."""
    kind: ActivityKind
    public_id: PublicId


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A mark as its source gave it."""

    mark: Mark
    source: str
    recorded_at: datetime
    recorded_by: str
    """Who assessed, or handed the mark on; empty where it came by itself, or the name is not shared."""


_STANDING = CompetencyStandingRow
# Put together once: it is asked on the page that everybody opens.
_STANDINGS = Prepared(
    select(
        _STANDING.competency_id,
        cast(_STANDING.levels, Text),
        _STANDING.established,
        _STANDING.progress,
        _STANDING.disputed,
        _STANDING.computed_at,
    ).where(_STANDING.course_id == bindparam("course_id"), _STANDING.person_id == bindparam("person_id"))
)


def stored_standings(session: Session, course_id: CourseId, person_id: PersonId) -> StoredStandings:
    """What is stored of one person in one course."""
    rows = _STANDINGS.all(session, course_id=course_id, person_id=person_id)
    return StoredStandings(
        {CompetencyId(row[0]): _as_standing(*row[:-1]) for row in rows},
        max((row[-1] for row in rows), default=None),
    )


def _as_standing(
    competency: int, levels: str, established: int | None, progress: Fraction, disputed: bool
) -> CompetencyStanding:
    return CompetencyStanding(
        competency=CompetencyId(competency),
        levels=levels_from_text(levels),
        established=established,
        progress=progress,
        disputed=disputed,
    )


def named_activities(session: Session, course_id: CourseId) -> dict[ActivityId, NamedActivity]:
    """Every activity of a course, those that are gone included."""
    columns = (ActivityRow.id, ActivityRow.name, ActivityRow.gone_at, ActivityRow.kind, ActivityRow.public_id)
    return {
        ActivityId(row): NamedActivity(name, gone is not None, ActivityKind(kind), PublicId(public_id))
        for row, name, gone, kind, public_id in session.execute(
            select(*columns).where(ActivityRow.course_id == course_id)
        )
    }


def ledger_entries(
    session: Session, course_id: CourseId, evidence_ids: Collection[EvidenceId]
) -> dict[EvidenceId, LedgerEntry]:
    """These entries of a course's ledger that carry a mark; at most some hundreds are asked for at a time."""
    if not evidence_ids:
        return {}
    query = (
        select(EvidenceRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == EvidenceRow.recorded_by)
        .where(EvidenceRow.course_id == course_id, EvidenceRow.id.in_(sorted(evidence_ids)))
    )
    return {
        EvidenceId(row.id): LedgerEntry(
            Mark(row.mark, row.mark_min, row.mark_max), row.source, row.recorded_at, name or ""
        )
        for row, name in session.execute(query)
        if row.mark is not None
    }
