"""What a launch tells of its course's services, and which courses' rosters are due."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.ids import CourseId
from lti_tool.lti import store
from lti_tool.lti.model import Launch, Member
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


def take_rosters_due(session: Session, now: datetime) -> tuple[CourseId, ...]:
    """Courses whose roster was never tried, or not within the hour; at most 20, the longest waiting first.

    They are marked as tried, so that nobody else takes them; one that cannot be read is tried again in an hour.
    """
    return store.take_rosters_due(session, now - ROSTER_AGE, now)


def ask_for_roster(session: Session, course_id: CourseId, now: datetime) -> bool:
    """Has the worker read the course's roster next; False where there is none, or it was tried within the minute."""
    return store.ask_for_roster(session, course_id, now - ROSTER_REST)


def note_roster_outcome(session: Session, course_id: CourseId, failure: str | None) -> None:
    """Keeps for the roster's page how reading it ended: the code of an error, None for a success."""
    store.note_roster_outcome(session, course_id, failure)


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
