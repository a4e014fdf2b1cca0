"""Login sessions: who uses this browser, with which rights, until when.

The cookie carries a random token and nothing else; the row can be deleted at any time, which ends the session.
Rights in a course are those of the session's own last launch there: a teacher who switched to the student's role in
the LMS is a participant here too, until the next launch.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people import session_store
from lti_tool.people.model import Course, CourseRole, Person
from lti_tool.people.session_store import KnownSession, Visiting

NEW_TAB_IDLE = timedelta(minutes=30)
SEEN_STEP = timedelta(minutes=1)
"""How exactly the last use is kept: not every click is a write."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a launch begins a session with."""

    person: Person
    is_admin: bool
    locale: str
    return_url: str | None = None
    new_tab: bool = False
    course_id: CourseId | None = None
    role: CourseRole | None = None
    browser: tuple[str, ...] = ()
    """Hashes of what the browser is known by: of its login tokens, the one that all its tabs share first."""


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A session in force."""

    id: int
    person: Person
    is_admin: bool
    locale: str
    return_url: str | None
    to_touch: bool = False
    """Its last use was noted more than a minute ago."""
    course: Course | None = None
    """The course that was asked for with it."""
    role: CourseRole | None = None
    """What it may be there: the role of its own last launch."""

    @property
    def name(self) -> str:
        """Who is here; empty where the platform does not share names."""
        return self.person.name

    @property
    def platform_id(self) -> PlatformId:
        """The platform that they came from."""
        return self.person.platform_id


def begin(
    session: Session, beginning: Beginning, replaces: str | None, now: datetime, *, idle: timedelta = NEW_TAB_IDLE
) -> tuple[str, LoginSession]:
    """Starts a session and returns it with its new token; the cookie's old one (`replaces`) ends.

    The same person's rights in other courses go over to the new session, so that two tabs go on working; nothing of
    another person's does, nor of a session that had idled for longer than `idle`. Two tabs may launch at the same time,
    and the browser then keeps the cookie of whichever answer came last: so this person's other sessions in this
    browser get the same rights as the new one. Whoever calls has taken the person's row (`roster.note_person`).
    """
    token = secrets.token_urlsafe(32)
    known = _sessions_here(session, beginning, replaces, idle, now)
    rights = _rights(session, known, beginning)
    siblings = [old.id for old in known if replaces is None or old.token_hash != _hash(replaces)]
    if replaces is not None:
        end(session, replaces)
    person = beginning.person
    new = session_store.add_login_session(
        session,
        token_hash=_hash(token),
        person_id=person.id,
        platform_id=person.platform_id,
        is_admin=beginning.is_admin,
        new_tab=beginning.new_tab,
        browser_hash=next(iter(beginning.browser), None),
        return_url=beginning.return_url,
        locale=beginning.locale,
        created_at=now,
        seen_at=now,
    )
    session_store.add_session_rights(session, new, siblings, rights)
    return token, LoginSession(
        id=new,
        person=person,
        is_admin=beginning.is_admin,
        locale=beginning.locale or person.locale or "ky",
        return_url=beginning.return_url,
    )


def find(
    session: Session, token: str, idle: timedelta, now: datetime, course: str | None = None
) -> LoginSession | None:
    """The session of this token, or None where there is none or it has idled too long. Only reads: see `touch`.

    With it comes the course that URLs name `course`, and what the session may be there: one question for all.
    """
    row = session_store.visiting(session, _hash(token), course)
    if row is None or _is_over(row, idle, now):
        return None
    return LoginSession(
        id=row.id,
        person=row.person,
        is_admin=row.is_admin,
        locale=row.locale or row.person.locale or "ky",
        return_url=row.return_url,
        to_touch=now - row.seen_at > SEEN_STEP,
        course=row.course,
        role=CourseRole(row.role) if row.role else None,
    )


def touch(session: Session, login: LoginSession, now: datetime) -> None:
    """Marks the session as used now. A write: callers that only read give it a transaction of its own."""
    session_store.mark_seen(session, login.id, now)


def choose_locale(session: Session, login: LoginSession, locale: str) -> None:
    """The person switched the language: kept for this session and the next ones, and for their grades' comments."""
    session_store.set_locale(session, login.id, PersonId(login.person.id), locale)


def end(session: Session, token: str) -> None:
    """Ends the session of this token; ending one that is gone does nothing."""
    session_store.end_login_session(session, _hash(token))


def end_all_of(session: Session, person_id: PersonId) -> int:
    """Ends every session of a person, wherever it is open; how many."""
    return session_store.end_login_sessions_of(session, person_id=person_id, platform_id=None)


def end_all_at(session: Session, platform_id: PlatformId) -> int:
    """Ends every session that a platform has begun; how many."""
    return session_store.end_login_sessions_of(session, person_id=None, platform_id=platform_id)


def end_idle(session: Session, idle: timedelta, now: datetime) -> None:
    """Deletes sessions that have idled too long to be used again."""
    session_store.end_login_sessions_before(session, now - idle)


def _is_over(row: KnownSession | Visiting, idle: timedelta, now: datetime) -> bool:
    return now - row.seen_at > (min(idle, NEW_TAB_IDLE) if row.new_tab else idle)


def _sessions_here(
    session: Session, beginning: Beginning, replaces: str | None, idle: timedelta, now: datetime
) -> list[KnownSession]:
    """The person's sessions in this browser that are in force, oldest first."""
    token = _hash(replaces) if replaces else None
    found = session_store.login_sessions_of(session, beginning.person.id, token, beginning.browser)
    return [row for row in found if not _is_over(row, idle, now)]


def _rights(session: Session, known: list[KnownSession], beginning: Beginning) -> dict[int, str]:
    """By course: what the known sessions may do, and what this launch says of its own course."""
    rights = {course: role for row in known for course, role in session_store.session_rights(session, row.id).items()}
    if beginning.course_id is None:
        return rights
    rights.pop(beginning.course_id, None)
    return rights if beginning.role is None else {**rights, beginning.course_id: beginning.role}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
