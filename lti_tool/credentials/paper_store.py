"""Saves what a person decides about a paper record of theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Update, update
from sqlalchemy.orm import Session

from lti_tool.credentials.model import Revocation
from lti_tool.credentials.tables import CredentialRow
from lti_tool.ids import PersonId


def withdraw(session: Session, person_id: PersonId, public_id: str, now: datetime) -> None:
    """Revoked as its person wanted; what was revoked before keeps its time and reason."""
    ended = {"revoked_at": now, "revocation": Revocation.HOLDER.value}
    session.execute(_theirs(person_id, public_id).where(CredentialRow.revoked_at.is_(None)).values(**ended))


def set_shows_name(session: Session, person_id: PersonId, public_id: str, *, shows: bool) -> None:
    """Whether the check names its person."""
    session.execute(_theirs(person_id, public_id).values(shows_name=shows))


def _theirs(person_id: PersonId, public_id: str) -> Update:
    return update(CredentialRow).where(CredentialRow.person_id == person_id, CredentialRow.public_id == public_id)
