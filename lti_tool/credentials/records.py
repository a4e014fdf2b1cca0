"""Paper records: each that somebody makes is entered, so that whoever holds the paper can check it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.credentials import store
from lti_tool.credentials.model import Kind, NewCredential
from lti_tool.errors import NotFound


def enter(session: Session, new: NewCredential, now: datetime) -> str:
    """Enters a record, which takes the place of all older ones of its person; its public id.

    Raises NotFound("person_unknown") where the person was erased meanwhile.
    """
    if new.kind is not Kind.RECORD:
        raise ValueError(f"a {new.kind} is no record")
    if not store.take_person(session, new.person_id):
        raise NotFound("person_unknown")
    made = store.add(session, new, now)
    store.supersede_records(session, new.person_id, made)
    return made
