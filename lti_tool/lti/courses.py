"""What a launch tells of its course's services, and which courses' rosters are due."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.lti import store
from lti_tool.lti.model import Launch, Member
from lti_tool.people import errand_queries, errands
from lti_tool.people.errand import ErrandKind
from lti_tool.people.model import Enrolled

ROSTER_AGE = timedelta(hours=1)
"""How old a roster may get before the worker reads it again."""
ROSTER_REST = timedelta(minutes=1)
"""How soon a trainer may have it read again: a platform of a thousand trainers is not to be asked by each click."""


def note_services(session: Session, course_id: CourseId, launch: Launch, now: datetime) -> bool:
    """Keeps the services that a launch named; one that names none changes nothing.

    Whether the way of grades is new or changed: what was refused before may be allowed now.
    """
    if not (launch.services.line_items_url or launch.services.memberships_url):
        return False
    return store.note_course_services(session, course_id, launch.registration_id, launch.services, now)


def take_roster_due(session: Session, now: datetime, but: Collection[PlatformId] = ()) -> CourseId | None:
    """The course whose roster was never tried, or longest ago and not within the hour; of none of these platforms.

    It is marked as tried, so that nobody else takes it; one that cannot be read is tried again in an hour.
    """
    return store.take_roster_due(session, now - ROSTER_AGE, now, but)


def ask_for_roster(session: Session, course_id: CourseId, now: datetime, by: PersonId | None = None) -> bool:
    """Has a worker read the course's roster next; False where there is none, or it was tried within the minute.

    True also where it is asked for, or being read, already: then that is what was wanted, and no second one begins.
    """
    if errand_queries.errand_of(session, course_id, ErrandKind.ROSTER, now) is not None:
        return True
    if not store.may_ask_for_roster(session, course_id, now - ROSTER_REST):
        return False
    errands.ask(session, course_id, ErrandKind.ROSTER, by, now)
    return True


def note_roster_tried(session: Session, course_id: CourseId, now: datetime) -> None:
    """It is read now, because somebody asked: the hour begins anew."""
    store.note_roster_tried(session, course_id, now)


def note_roster_read(session: Session, course_id: CourseId, joined: int, left: int) -> None:
    """Keeps for the roster's page whom reading it has brought and missed."""
    store.note_roster_read(session, course_id, joined, left)


def note_roster_failure(session: Session, course_id: CourseId, code: str) -> None:
    """Keeps for the roster's page why it could not be read."""
    store.note_roster_failure(session, course_id, code)


def enrolled(member: Member) -> Enrolled:
    """A row of the platform's roster in the words of the people package."""
    return Enrolled(
        sub=member.user_id,
        role=member.role,
        name=member.name,
        given_name=member.given_name,
        family_name=member.family_name,
        email=member.email,
        id_number=member.id_number,
    )
