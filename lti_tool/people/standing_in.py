"""Persons of a platform who stand for somebody that its LMS does not know: what they decide there has a name.

The platform can never name one of them: no id of a person that comes by LTI begins with a blank
(`lti/claim_schema.py`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.ids import PlatformId, PublicId
from lti_tool.people import store
from lti_tool.people.model import STAND_IN, Person


def note_stand_in(session: Session, platform_id: PlatformId, key: PublicId, name: str, now: datetime) -> Person:
    """The person of this platform who stands for whoever `key` names, made at the first need."""
    sub = STAND_IN + key
    store.add_persons(session, platform_id, [sub], now)
    row = store.persons_by_sub(session, platform_id, [sub])[sub]
    if row.name != name:
        row.name, row.updated_at = name, now
        store.save(session, row)
    return store.as_person(row)


def is_stand_in(person: Person) -> bool:
    """Whether this is nobody of the LMS."""
    return person.sub.startswith(STAND_IN)
