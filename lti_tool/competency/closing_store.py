"""Loads and saves the closing of courses: since when, the certified levels, the cases of later re-grades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.competency.certifying import Certificate, Outcome
from lti_tool.competency.tables import CertifiedLevelRow, ClosureRow, RegradeCaseRow
from lti_tool.db.among import Among, portions
from lti_tool.db.prepared import Prepared
from lti_tool.ids import CompetencyId, CourseId, PersonId, RuleSetId, new_public_id
from lti_tool.people.tables import CourseRow, PersonRow

Place = tuple[int, int]
"""Person and competency."""


@dataclass(frozen=True, slots=True)
class CourseEnd:
    """When a course's work is over, and since when somebody has closed it."""

    closed_at: datetime | None
    ends_at: datetime | None
    """As the platform says."""

    @property
    def work_ends_at(self) -> datetime | None:
        """After which missing work may count 0 (rules, section 1)."""
        return self.closed_at or self.ends_at


_COURSE_END = Prepared(select(CourseRow.closed_at, CourseRow.ends_at).where(CourseRow.id == bindparam("course_id")))


def course_end(session: Session, course_id: CourseId) -> CourseEnd:
    """When the course's work is over, as far as anybody said; as it is now, whatever was read before the course was
    taken: somebody may have closed it meanwhile."""
    return CourseEnd(*_COURSE_END.one(session, course_id=course_id))


def closed_among(session: Session, course_ids: Collection[int]) -> set[CourseId]:
    """Those of these courses that are closed."""
    found: set[CourseId] = set()
    for portion in portions(course_ids):
        query = select(CourseRow.id).where(CourseRow.id.in_(portion), CourseRow.closed_at.is_not(None))
        found |= {CourseId(course) for course in session.scalars(query)}
    return found


# ── closing and reopening ────────────────────────────────────────────────────────────────────────────────────────


def set_closed(session: Session, course_id: CourseId, closed_at: datetime | None, by: PersonId, now: datetime) -> None:
    """The course is closed since this moment, or (None) open again; appends to its history."""
    session.get_one(CourseRow, course_id).closed_at = closed_at
    session.add(ClosureRow(course_id=course_id, closed=closed_at is not None, said_at=now, said_by=by))
    session.flush()


# ── certified levels ─────────────────────────────────────────────────────────────────────────────────────────────


_CERTIFIED = Among(
    select(
        CertifiedLevelRow.person_id,
        CertifiedLevelRow.competency_id,
        CertifiedLevelRow.level,
        CertifiedLevelRow.expires_at,
    ).where(CertifiedLevelRow.ended_at.is_(None)),
    CertifiedLevelRow.person_id,
)


def certified(
    session: Session, person_ids: Collection[int], as_of: datetime
) -> dict[int, set[tuple[CompetencyId, int]]]:
    """Certified, unexpired levels of these persons, by person."""
    found: dict[int, set[tuple[CompetencyId, int]]] = defaultdict(set)
    for person, competency, level, expires_at in _CERTIFIED.all(session, person_ids):
        if expires_at is None or as_of < expires_at:
            found[person].add((CompetencyId(competency), level))
    return found


def certificates_expired(session: Session, after: datetime, now: datetime) -> dict[CourseId, set[PersonId]]:
    """The persons, by the course that certified it, of whom a certified level expired between these moments."""
    row = CertifiedLevelRow
    expired = (row.expires_at >= after, row.expires_at <= now, row.ended_at.is_(None))
    found: dict[CourseId, set[PersonId]] = defaultdict(set)
    for course, person in session.execute(select(row.course_id, row.person_id).where(*expired)):
        found[CourseId(course)].add(PersonId(person))
    return found


def standing_certificates(session: Session, course_id: CourseId, as_of: datetime) -> frozenset[Certificate]:
    """The levels that this course has certified, without those that have ended or expired.

    Nor those of erased persons: they are nobody's, so nothing that is decided over people touches them.
    """
    query = (
        select(CertifiedLevelRow)
        .join(PersonRow, PersonRow.id == CertifiedLevelRow.person_id)
        .where(
            CertifiedLevelRow.course_id == course_id,
            CertifiedLevelRow.ended_at.is_(None),
            CertifiedLevelRow.expires_at.is_(None) | (CertifiedLevelRow.expires_at > as_of),
            PersonRow.erased_at.is_(None),
        )
    )
    return frozenset(
        Certificate(PersonId(row.person_id), CompetencyId(row.competency_id), row.level)
        for row in session.scalars(query)
    )


def add_certificates(
    session: Session,
    course_id: CourseId,
    certificates: Iterable[Certificate],
    rule_set_id: RuleSetId,
    now: datetime,
    expires_at: datetime | None,
) -> None:
    """Certifies these levels."""
    rows = [
        {
            "public_id": new_public_id(),
            "course_id": course_id,
            "person_id": each.person,
            "competency_id": each.competency,
            "level": each.level,
            "certified_at": now,
            "expires_at": expires_at,
            "rule_set_id": rule_set_id,
        }
        for each in sorted(certificates)
    ]
    if rows:
        session.execute(insert(CertifiedLevelRow), rows)


def end_certificates(
    session: Session, course_id: CourseId, certificates: Collection[Certificate], now: datetime
) -> None:
    """These levels are certified no longer; their rows stay."""
    for portion in portions({each.person for each in certificates}):
        query = select(CertifiedLevelRow).where(
            CertifiedLevelRow.course_id == course_id,
            CertifiedLevelRow.person_id.in_(portion),
            CertifiedLevelRow.ended_at.is_(None),
        )
        for row in session.scalars(query):
            if Certificate(PersonId(row.person_id), CompetencyId(row.competency_id), row.level) in certificates:
                row.ended_at = now
    session.flush()


# ── cases ────────────────────────────────────────────────────────────────────────────────────────────────────────


def latest_cases(session: Session, course_id: CourseId, person_ids: Collection[int]) -> dict[Place, RegradeCaseRow]:
    """The newest case of each place of these persons, open or settled."""
    found: dict[Place, RegradeCaseRow] = {}
    for portion in portions(person_ids):
        query = (
            select(RegradeCaseRow)
            .where(RegradeCaseRow.course_id == course_id, RegradeCaseRow.person_id.in_(portion))
            .order_by(RegradeCaseRow.id)
        )
        found |= {(row.person_id, row.competency_id): row for row in session.scalars(query)}
    return found


def add_case(
    session: Session, course_id: CourseId, place: Place, frozen: int | None, computed: int | None, now: datetime
) -> None:
    """Opens a case."""
    person, competency = place
    session.add(
        RegradeCaseRow(
            course_id=course_id,
            person_id=person,
            competency_id=competency,
            frozen=frozen,
            computed=computed,
            opened_at=now,
        )
    )


def case_row(session: Session, course_id: CourseId, public_id: str) -> RegradeCaseRow | None:
    """A case of this course, else None."""
    return session.scalar(
        select(RegradeCaseRow).where(RegradeCaseRow.public_id == public_id, RegradeCaseRow.course_id == course_id)
    )


def settle_open_cases(session: Session, course_id: CourseId, outcome: Outcome, by: PersonId, now: datetime) -> None:
    """Settles every open case of a course alike."""
    session.execute(
        update(RegradeCaseRow)
        .where(RegradeCaseRow.course_id == course_id, RegradeCaseRow.outcome.is_(None))
        .values(outcome=outcome.value, settled_at=now, settled_by=by)
    )
