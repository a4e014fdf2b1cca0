"""SQL of invitations: kept by the hash of their token, used up by one alone.

Nothing here commits: the edge does.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from lti_tool.ids import RegistrationId
from lti_tool.lti.model import Invitation
from lti_tool.lti.tables import InvitationRow


def add(session: Session, token_hash: str, *, holds: bool, now: datetime, expires_at: datetime) -> None:
    """Keeps a new invitation by the hash of its token."""
    session.add(InvitationRow(token_hash=token_hash, holds=holds, created_at=now, expires_at=expires_at))
    session.flush()


def open(session: Session, token_hash: str, now: datetime) -> Invitation | None:
    """The invitation if it can still be used, else None."""
    query = select(InvitationRow).where(
        InvitationRow.token_hash == token_hash, InvitationRow.used_at.is_(None), InvitationRow.expires_at > now
    )
    row = session.scalar(query)
    return Invitation(row.holds, row.expires_at) if row else None


def use_up(session: Session, token_hash: str, now: datetime) -> bool:
    """Marks the invitation as used; False where another was first, or it has expired. Atomic."""
    marked = session.execute(
        update(InvitationRow)
        .where(InvitationRow.token_hash == token_hash, InvitationRow.used_at.is_(None), InvitationRow.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return isinstance(marked, CursorResult) and marked.rowcount == 1


def withdraw(session: Session, invitation_id: int, now: datetime) -> bool:
    """An invitation that is open is good no more; False where it was not open."""
    open_one = (InvitationRow.id == invitation_id, InvitationRow.used_at.is_(None), InvitationRow.expires_at > now)
    done = session.execute(
        update(InvitationRow).where(*open_one).values(expires_at=now).execution_options(synchronize_session=False)
    )
    return isinstance(done, CursorResult) and done.rowcount == 1


def note_registered(session: Session, token_hash: str, registration_id: RegistrationId) -> None:
    """Remembers which registration an invitation became."""
    session.execute(
        update(InvitationRow).where(InvitationRow.token_hash == token_hash).values(registration_id=registration_id)
    )
