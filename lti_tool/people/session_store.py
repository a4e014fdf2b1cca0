"""Loads and saves login sessions and what they may do. Beside `store.py`, which keeps who there is, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.db.prepared import Prepared
from lti_tool.ids import PersonId, PlatformId
from lti_tool.people.model import Course, Person
from lti_tool.people.tables import CourseRow, LoginSessionRow, PersonRow, SessionRightRow

# Put together once: every launch and every page ask these, and building one costs as much as the database's answer.
_SESSIONS_HERE = (
    select(LoginSessionRow)
    .where(
        LoginSessionRow.person_id == bindparam("person_id"),
        or_(
            LoginSessionRow.token_hash.in_(bindparam("tokens", expanding=True)),
            LoginSessionRow.browser_hash.in_(bindparam("browsers", expanding=True)),
        ),
    )
    .order_by(LoginSessionRow.id)
)
_PERSON = [getattr(PersonRow, each.name) for each in fields(Person)]
_COURSE = [getattr(CourseRow, each.name) for each in fields(Course)]
_SESSION = (
    LoginSessionRow.id,
    LoginSessionRow.is_admin,
    LoginSessionRow.new_tab,
    LoginSessionRow.return_url,
    LoginSessionRow.locale,
    LoginSessionRow.seen_at,
)
_VISIT = Prepared(
    select(*_SESSION, SessionRightRow.role, *_PERSON, *_COURSE)
    .join(PersonRow, PersonRow.id == LoginSessionRow.person_id)
    .outerjoin(CourseRow, CourseRow.public_id == bindparam("course"))
    .outerjoin(
        SessionRightRow,
        and_(SessionRightRow.session_id == LoginSessionRow.id, SessionRightRow.course_id == CourseRow.id),
    )
    .where(LoginSessionRow.token_hash == bindparam("token"))
)


_ADD_RIGHTS = insert(SessionRightRow)


@dataclass(frozen=True, slots=True)
class Visiting:
    """A login session with whose it is, and with the course that was asked for: None where there is none."""

    id: int
    is_admin: bool
    new_tab: bool
    return_url: str | None
    locale: str | None
    seen_at: datetime
    role: str | None
    """What the session may be in that course."""
    person: Person
    course: Course | None


def visiting(session: Session, token_hash: str, course: str | None) -> Visiting | None:
    """The login session whose cookie hashes to this, in the course that URLs name so."""
    found = _VISIT.first(session, token=token_hash, course=course)
    if found is None:
        return None
    theirs = len(_SESSION) + 1
    key, is_admin, new_tab, return_url, locale, seen_at, role = found[:theirs]
    person, there = Person(*found[theirs : theirs + len(_PERSON)]), found[theirs + len(_PERSON) :]
    here = Course(*there) if there[0] is not None else None
    return Visiting(key, is_admin, new_tab, return_url, locale, seen_at, role, person, here)


def login_sessions_of(
    session: Session, person_id: PersonId, token_hashes: Collection[str], browser_hashes: Collection[str]
) -> list[LoginSessionRow]:
    """A person's login sessions that have one of these tokens, or began in one of these browsers; oldest first."""
    if not token_hashes and not browser_hashes:
        return []
    asked = {"person_id": person_id, "tokens": list(token_hashes), "browsers": list(browser_hashes)}
    return list(session.scalars(_SESSIONS_HERE, asked))


def session_rights(session: Session, session_id: int) -> Iterable[SessionRightRow]:
    """What a login session may do, in all courses it came from."""
    return session.scalars(select(SessionRightRow).where(SessionRightRow.session_id == session_id))


def add_session_rights(session: Session, new: int, others: Collection[int], rights: Mapping[int, str]) -> None:
    """Gives a new login session, and each of the others in place of what they had, exactly these rights, by course."""
    if others:
        session.execute(delete(SessionRightRow).where(SessionRightRow.session_id.in_(others)))
    rows = [
        {"session_id": of, "course_id": course, "role": role}
        for of in (new, *others)
        for course, role in rights.items()
    ]
    if rows:
        session.execute(_ADD_RIGHTS, rows)


def end_login_session(session: Session, token_hash: str) -> None:
    """Deletes a login session; its rights go with it."""
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.token_hash == token_hash))


def end_login_sessions_of(session: Session, *, person_id: PersonId | None, platform_id: PlatformId | None) -> int:
    """Deletes the sessions of a person, or of everybody of a platform, with their rights; how many."""
    whose = select(PersonRow.id).where(
        PersonRow.id == person_id if person_id is not None else PersonRow.platform_id == platform_id
    )
    query = delete(LoginSessionRow).where(LoginSessionRow.person_id.in_(whose)).returning(LoginSessionRow.id)
    return len(session.scalars(query).all())


def end_login_sessions_before(session: Session, seen_before: datetime) -> None:
    """Deletes login sessions that nobody has used since then."""
    session.execute(delete(LoginSessionRow).where(LoginSessionRow.seen_at < seen_before))


def mark_seen(session: Session, session_id: int, now: datetime) -> None:
    """Notes that a login session was used."""
    session.execute(update(LoginSessionRow).where(LoginSessionRow.id == session_id).values(seen_at=now))


def set_locale(session: Session, session_id: int, person_id: PersonId, locale: str) -> None:
    """Keeps a chosen language with the session, and with the person for their next launches."""
    session.execute(update(LoginSessionRow).where(LoginSessionRow.id == session_id).values(locale=locale))
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(locale=locale, chosen_locale=locale))
