"""Certified levels of a person, each with the badge that they made of it, and the lists of what was revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import CertifiedLevelRow, CompetencyRow
from lti_tool.credentials.tables import CredentialRow
from lti_tool.ids import CompetencyId, CourseId, FrameworkVersionId, PersonId
from lti_tool.people.tables import CourseRow


@dataclass(frozen=True, slots=True)
class CertifiedLevel:
    """A level that a closed course certified, and that has not been ended since."""

    public_id: str
    course_id: CourseId
    course_title: str
    framework_version_id: FrameworkVersionId
    competency_id: CompetencyId
    level: int
    certified_at: datetime
    expires_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or self.expires_at > now


def certified_levels(session: Session, person_id: PersonId) -> tuple[CertifiedLevel, ...]:
    """All of a person's, in the order of the requirements; of what was certified twice the newer comes first."""
    row = CertifiedLevelRow
    query = _levels().where(row.person_id == person_id, row.ended_at.is_(None))
    order = (CompetencyRow.framework_version_id.desc(), row.competency_id, row.level, row.id.desc())
    return tuple(_level(*each) for each in session.execute(query.order_by(*order)))


def certified_level(session: Session, person_id: PersonId, public_id: str) -> CertifiedLevel | None:
    """One of a person's; None where there is none, or where it has been ended."""
    row = CertifiedLevelRow
    query = _levels().where(row.person_id == person_id, row.public_id == public_id, row.ended_at.is_(None))
    found = session.execute(query).one_or_none()
    return None if found is None else _level(*found)


def revoked_places(session: Session, list_number: int) -> tuple[int, ...]:
    """Which places of a list stand for badges that are confirmed no longer, or that another has taken the place of."""
    row = CredentialRow
    ended = row.revoked_at.is_not(None) | row.superseded_by.is_not(None) | CertifiedLevelRow.ended_at.is_not(None)
    query = select(row.status_index).outerjoin(CertifiedLevelRow, CertifiedLevelRow.public_id == row.certified_level)
    found = session.scalars(query.where(row.status_list == list_number, ended).order_by(row.status_index))
    return tuple(index for index in found if index is not None)


def has_status_list(session: Session, list_number: int) -> bool:
    """Whether any badge has its place there."""
    query = select(CredentialRow.id).where(CredentialRow.status_list == list_number).limit(1)
    return session.scalar(query) is not None


def _levels() -> Select[str, int, str, int, int, int, datetime, datetime | None]:
    row = CertifiedLevelRow
    return (
        select(
            row.public_id,
            row.course_id,
            CourseRow.title,
            CompetencyRow.framework_version_id,
            row.competency_id,
            row.level,
            row.certified_at,
            row.expires_at,
        )
        .join(CourseRow, CourseRow.id == row.course_id)
        .join(CompetencyRow, CompetencyRow.id == row.competency_id)
    )


def _level(
    public_id: str,
    course: int,
    title: str,
    version: int,
    competency: int,
    level: int,
    certified_at: datetime,
    expires_at: datetime | None,
) -> CertifiedLevel:
    return CertifiedLevel(
        public_id,
        CourseId(course),
        title,
        FrameworkVersionId(version),
        CompetencyId(competency),
        level,
        certified_at,
        expires_at,
    )
