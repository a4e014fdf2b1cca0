"""One-time invitations to register: the operator's approval, as an address that an LMS admin pastes.

Only a success uses one up; only the hash of its token is kept, so that a stolen table invites nobody.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.errors import LaunchRefused, NotFound
from lti_tool.ids import RegistrationId
from lti_tool.lti import invitation_store as store
from lti_tool.lti.model import Invitation

LIFE = timedelta(days=7)


def invite(session: Session, base_url: str, now: datetime, *, holds: bool = False) -> str:
    """A new invitation as the address to be pasted into the LMS; good for seven days and one registration.

    With `holds` the registration that comes of it waits until somebody enables it.
    """
    token = secrets.token_urlsafe(32)
    store.add(session, _hash(token), holds=holds, now=now, expires_at=now + LIFE)
    return f"{base_url}/lti/register?invite={token}"


def opened(session: Session, token: str, now: datetime) -> Invitation:
    """The invitation of this token. Raises LaunchRefused (403) for none, a used or an expired one."""
    found = store.open(session, _hash(token), now)
    if found is None:
        raise _refused()
    return found


def use_up(session: Session, token: str, now: datetime) -> None:
    """Uses the invitation up; of two at once the second is refused. Raises LaunchRefused (403)."""
    if not store.use_up(session, _hash(token), now):
        raise _refused()


def withdraw(session: Session, invitation_id: int, now: datetime) -> None:
    """Takes an open invitation back. Raises NotFound."""
    if not store.withdraw(session, invitation_id, now):
        raise NotFound("invitation_not_open", id=invitation_id)


def note_outcome(session: Session, token: str, registration_id: RegistrationId) -> None:
    """Remembers what became of an invitation."""
    store.note_registered(session, _hash(token), registration_id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _refused() -> LaunchRefused:
    # One answer for all three: whoever guesses learns nothing.
    return LaunchRefused("invitation_invalid", 403)
