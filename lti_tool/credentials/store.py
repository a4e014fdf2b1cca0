"""Saves credentials, and what becomes of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.credentials.model import Kind, NewCredential, Revocation
from lti_tool.credentials.tables import CredentialRow
from lti_tool.ids import PersonId
from lti_tool.people.tables import PersonRow


def take_person(session: Session, person_id: PersonId) -> bool:
    """Takes the person until the end of the transaction: nobody else issues to them, or erases them, meanwhile. False
    where they are erased."""
    query = select(PersonRow.id).where(PersonRow.id == person_id, PersonRow.erased_at.is_(None))
    return session.scalar(query.with_for_update()) is not None


def add(session: Session, new: NewCredential, now: datetime) -> str:
    """Issues a credential; its public id."""
    row = CredentialRow(
        platform_id=new.platform_id,
        person_id=new.person_id,
        kind=new.kind.value,
        course_id=new.course_id,
        certified_level=new.certified_level,
        locale=new.locale,
        shows_name=new.shows_name,
        facts=dict(new.facts),
        identity=None if new.identity is None else dict(new.identity),
        status_list=new.status_place.list_number if new.status_place else None,
        status_index=new.status_place.index if new.status_place else None,
        issued_at=now,
        expires_at=new.expires_at,
    )
    session.add(row)
    session.flush()
    return row.public_id


def supersede_records(session: Session, person_id: PersonId, by: str) -> None:
    """All records of a person that stand are replaced by this one."""
    standing = (CredentialRow.superseded_by.is_(None), CredentialRow.revoked_at.is_(None))
    theirs = (CredentialRow.person_id == person_id, CredentialRow.kind == Kind.RECORD.value)
    query = update(CredentialRow).where(*theirs, *standing, CredentialRow.public_id != by)
    session.execute(query.values(superseded_by=by))


def forget(session: Session, person_id: PersonId, now: datetime) -> None:
    """Revokes and empties all credentials of somebody who is erased. Who checks one learns that it is confirmed no
    longer, and nothing else; what was revoked before keeps its time."""
    theirs = CredentialRow.person_id == person_id
    fresh = update(CredentialRow).where(theirs, CredentialRow.revoked_at.is_(None))
    session.execute(fresh.values(revoked_at=now))
    emptied = update(CredentialRow).where(theirs)
    emptied = emptied.values(person_id=None, facts={}, identity=None, certified_level=None, course_id=None)
    ended = {"revocation": Revocation.ERASED.value, "revoked_because": "", "shows_name": False}
    session.execute(emptied.values(**ended))
