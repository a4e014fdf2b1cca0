"""Saves credentials, and what becomes of them."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from lti_tool.credentials.model import Kind, NewCredential, Revocation, StatusPlace
from lti_tool.credentials.status_list import FULL, SIZE
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
        public_id=new.public_id,
        platform_id=new.platform_id,
        person_id=new.person_id,
        kind=new.kind.value,
        course_id=new.course_id,
        certified_level=new.certified_level,
        locale=new.locale,
        shows_name=new.shows_name,
        facts=dict(new.facts),
        signed=new.signed,
        status_list=new.status_place.list_number if new.status_place else None,
        status_index=new.status_place.index if new.status_place else None,
        issued_at=now,
        expires_at=new.expires_at,
    )
    session.add(row)
    session.flush()
    return row.public_id


def free_status_place(session: Session) -> StatusPlace:
    """A place in a list of revoked badges that no other badge has, drawn by lot."""
    number = session.scalar(select(func.max(CredentialRow.status_list))) or 0
    here = CredentialRow.status_list == number
    if (session.scalar(select(func.count()).where(here)) or 0) >= FULL:
        return StatusPlace(number + 1, drawn_index())
    while True:
        index = drawn_index()
        if session.scalar(select(CredentialRow.id).where(here, CredentialRow.status_index == index)) is None:
            return StatusPlace(number, index)


def drawn_index() -> int:
    """Any place of a list."""
    return secrets.randbelow(SIZE)


def supersede_records(session: Session, person_id: PersonId, by: str) -> None:
    """All records of a person that stand are replaced by this one."""
    standing = (CredentialRow.superseded_by.is_(None), CredentialRow.revoked_at.is_(None))
    theirs = (CredentialRow.person_id == person_id, CredentialRow.kind == Kind.RECORD.value)
    query = update(CredentialRow).where(*theirs, *standing, CredentialRow.public_id != by)
    session.execute(query.values(superseded_by=by))


def supersede_badges(session: Session, certified_level: str, by: str) -> None:
    """All badges for this certified level that stand are replaced by this one."""
    standing = (CredentialRow.superseded_by.is_(None), CredentialRow.revoked_at.is_(None))
    query = update(CredentialRow).where(CredentialRow.certified_level == certified_level, *standing)
    session.execute(query.where(CredentialRow.public_id != by).values(superseded_by=by))


def set_shows_name(session: Session, public_id: str, *, shows: bool) -> None:
    """Whether the check names its person."""
    session.execute(update(CredentialRow).where(CredentialRow.public_id == public_id).values(shows_name=shows))


def withdraw(session: Session, public_id: str, now: datetime) -> None:
    """Revoked as its person wanted; what was revoked before keeps its time and reason."""
    session.execute(_standing(public_id).values(revoked_at=now, revocation=Revocation.HOLDER.value))


def revoke(session: Session, public_id: str, because: str, by: PersonId, now: datetime) -> None:
    """Revoked by somebody of the institute; what was revoked before keeps its time and reason."""
    said = {"revocation": Revocation.INSTITUTE.value, "revoked_because": because, "revoked_by": by}
    session.execute(_standing(public_id).values(revoked_at=now, **said))


def _standing(public_id: str) -> Update:
    return update(CredentialRow).where(CredentialRow.public_id == public_id, CredentialRow.revoked_at.is_(None))


def forget(session: Session, person_id: PersonId, now: datetime) -> None:
    """Revokes and empties all credentials of somebody who is erased. Who checks one learns that it is confirmed no
    longer, and nothing else; what was revoked before keeps its time."""
    theirs = CredentialRow.person_id == person_id
    fresh = update(CredentialRow).where(theirs, CredentialRow.revoked_at.is_(None))
    session.execute(fresh.values(revoked_at=now))
    emptied = update(CredentialRow).where(theirs)
    emptied = emptied.values(person_id=None, facts={}, signed=None, certified_level=None, course_id=None)
    ended = {"revocation": Revocation.ERASED.value, "revoked_because": "", "shows_name": False}
    session.execute(emptied.values(**ended))
