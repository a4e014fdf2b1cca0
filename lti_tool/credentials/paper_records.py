"""Making a paper record of where a person stands over courses, and withdrawing it.

What it states is frozen with it; the file itself is typeset anew each time from that, and comes out the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.competency.over_courses import over_courses
from lti_tool.credentials import queries, record_facts, records, store
from lti_tool.credentials.model import Credential, Kind, NewCredential, Standing
from lti_tool.errors import NotFound
from lti_tool.ids import CourseId, PersonId, PlatformId

FRESH = timedelta(hours=1)
"""A record that says the same as one of a moment ago is that one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted: whose record, made where, how."""

    platform_id: PlatformId
    course_id: CourseId
    """By whose version of the requirements, and rules, it is worked out."""
    person_id: PersonId
    issuer: str
    locale: str
    shows_name: bool


def make(session: Session, asked: Asked, now: datetime) -> str:
    """Makes the record, which takes the place of the person's older ones; its public id.

    Raises NotFound("person_unknown") where the person was erased meanwhile.
    """
    found = over_courses(session, asked.course_id, asked.person_id, now)
    facts = record_facts.facts_of(found.framework, found.standings, found.profile, found.certified, asked.issuer)
    new = NewCredential(
        platform_id=asked.platform_id,
        person_id=asked.person_id,
        kind=Kind.RECORD,
        locale=asked.locale,
        shows_name=asked.shows_name,
        facts=facts.as_json(),
        course_id=asked.course_id,
    )
    same = next((each for each in of_person(session, asked.person_id) if _says_the_same(each, new, now)), None)
    return same.public_id if same else records.enter(session, new, now)


def of_person(session: Session, person_id: PersonId) -> tuple[Credential, ...]:
    """All paper records of a person, the newest first."""
    return queries.of_person(session, person_id, Kind.RECORD)


def to_print(session: Session, person_id: PersonId, public_id: str) -> Credential:
    """A record of this person, to be printed again. Raises NotFound where there is none, or it was withdrawn."""
    found = _own(session, person_id, public_id)
    if found.ended_as is not None:
        raise NotFound("record_withdrawn")
    return found


def withdraw(session: Session, person_id: PersonId, public_id: str, now: datetime) -> None:
    """The person wants it no more: its check says so from now on. Raises NotFound where they have none like it."""
    _own(session, person_id, public_id)
    store.withdraw(session, public_id, now)


def show_name(session: Session, person_id: PersonId, public_id: str, *, shows: bool) -> None:
    """Lets its check show the name, or no longer. Raises NotFound where they have none like it."""
    _own(session, person_id, public_id)
    store.set_shows_name(session, public_id, shows=shows)


def _own(session: Session, person_id: PersonId, public_id: str) -> Credential:
    found = queries.find(session, public_id)
    if found is None or found.person_id != person_id or found.kind is not Kind.RECORD:
        raise NotFound("record_unknown")
    return found


def _says_the_same(held: Credential, new: NewCredential, now: datetime) -> bool:
    if held.standing(now) is not Standing.VALID or now - held.issued_at > FRESH:
        return False
    return (held.facts, held.locale, held.shows_name) == (new.facts, new.locale, new.shows_name)
