"""Credentials as pages and checks read them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import CertifiedLevelRow
from lti_tool.credentials.model import Credential, Kind, Revocation, StatusPlace
from lti_tool.credentials.tables import CredentialRow
from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people.tables import PersonRow


def find(session: Session, public_id: str) -> Credential | None:
    """The credential with this public id; None where there never was one."""
    for row, ended_at in session.execute(_all().where(CredentialRow.public_id == public_id)):
        return _credential(row, ended_at)
    return None


def of_person(session: Session, person_id: PersonId, kind: Kind | None = None) -> tuple[Credential, ...]:
    """All that somebody has carried away, the newest first."""
    asked = [CredentialRow.person_id == person_id, *([] if kind is None else [CredentialRow.kind == kind.value])]
    query = _all().where(*asked).order_by(CredentialRow.id.desc())
    return tuple(_credential(row, ended_at) for row, ended_at in session.execute(query))


def shown_name(session: Session, credential: Credential) -> str:
    """The name that a check shows beside it: the person's own, as it is now; empty where they do not let it show, and
    for what is revoked."""
    if credential.person_id is None or not credential.shows_name or credential.ended_as is not None:
        return ""
    return session.scalar(select(PersonRow.name).where(PersonRow.id == credential.person_id)) or ""


def _all() -> Select[CredentialRow, datetime | None]:
    return select(CredentialRow, CertifiedLevelRow.ended_at).outerjoin(
        CertifiedLevelRow, CertifiedLevelRow.public_id == CredentialRow.certified_level
    )


def _credential(row: CredentialRow, level_ended_at: datetime | None) -> Credential:
    placed = row.status_list is not None and row.status_index is not None
    return Credential(
        public_id=row.public_id,
        platform_id=PlatformId(row.platform_id),
        person_id=None if row.person_id is None else PersonId(row.person_id),
        kind=Kind(row.kind),
        course_id=None if row.course_id is None else CourseId(row.course_id),
        certified_level=row.certified_level,
        locale=row.locale,
        shows_name=row.shows_name,
        facts=row.facts,
        signed=row.signed,
        status_place=StatusPlace(row.status_list or 0, row.status_index or 0) if placed else None,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revocation=None if row.revocation is None else Revocation(row.revocation),
        revoked_because=row.revoked_because,
        superseded_by=row.superseded_by,
        level_ended_at=level_ended_at,
    )
