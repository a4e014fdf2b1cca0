"""Loads and saves login sessions and what they may do. Beside `store.py`, which keeps who there is, and where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.db.prepared import Prepared
from lti_tool.ids import PersonId, PlatformId
from lti_tool.people.model import Course, Person
from lti_tool.people.store import COURSE_COLUMNS, PERSON_COLUMNS
from lti_tool.people.tables import CourseRow, LoginSessionRow, PersonRow, SessionRightRow

BROWSERS = ("browser_1", "browser_2", "browser_3")
"""How many tokens one question names: a browser has one, and a second one while two of its tabs begin at once."""
_SESSIONS_HERE = Prepared(
    select(LoginSessionRow.id, LoginSessionRow.token_hash, LoginSessionRow.new_tab, LoginSessionRow.seen_at).where(
        LoginSessionRow.person_id == bindparam("person_id"),
        or_(
            LoginSessionRow.token_hash == bindparam("token"),
            *(LoginSessionRow.browser_hash == bindparam(name) for name in BROWSERS),
        ),
    )
)
_PERSON, _COURSE = PERSON_COLUMNS, COURSE_COLUMNS
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
_BEGUN = (
    "token_hash",
    "person_id",
    "platform_id",
    "is_admin",
    "new_tab",
    "browser_hash",
    "return_url",
    "locale",
    "created_at",
    "seen_at",
)
_BEGIN = Prepared(
    insert(LoginSessionRow).values({name: bindparam(name) for name in _BEGUN}).returning(LoginSessionRow.id)
)
_END = Prepared(delete(LoginSessionRow).where(LoginSessionRow.token_hash == bindparam("token")))
_RIGHTS = Prepared(
    select(SessionRightRow.course_id, SessionRightRow.role).where(SessionRightRow.session_id == bindparam("session_id"))
)
_ADD_RIGHT = Prepared(
    insert(SessionRightRow).values({name: bindparam(name) for name in ("session_id", "course_id", "role")})
)


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A login session of a person who comes again."""

    id: int
    token_hash: str
    new_tab: bool
    seen_at: datetime


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
    session: Session, person_id: PersonId, token_hash: str | None, browser_hashes: Sequence[str]
) -> list[KnownSession]:
    """A person's login sessions that have this token, or began in one of these browsers; oldest first."""
    found: dict[int, KnownSession] = {}
    for start in range(0, max(len(browser_hashes), 1 if token_hash else 0), len(BROWSERS)):
        browsers = dict(zip_longest(BROWSERS, browser_hashes[start : start + len(BROWSERS)]))
        rows = _SESSIONS_HERE.all(session, person_id=person_id, token=token_hash, **browsers)
        found |= {row[0]: KnownSession(*row) for row in rows}
    return [found[key] for key in sorted(found)]


def session_rights(session: Session, session_id: int) -> dict[int, str]:
    """What a login session may do, by course, in all courses it came from."""
    return dict(_RIGHTS.all(session, session_id=session_id))


def add_login_session(session: Session, **values: object) -> int:
    """Keeps a new login session; its id. All columns but that are to be given."""
    return int(_BEGIN.all(session, **values)[0][0])


def add_session_rights(session: Session, new: int, others: Collection[int], rights: Mapping[int, str]) -> None:
    """Gives a new login session, and each of the others in place of what they had, exactly these rights, by course."""
    if others:
        session.execute(delete(SessionRightRow).where(SessionRightRow.session_id.in_(others)))
    for of in (new, *others):
        for course, role in rights.items():
            _ADD_RIGHT.run(session, session_id=of, course_id=course, role=role)


def end_login_session(session: Session, token_hash: str) -> None:
    """Deletes a login session; its rights go with it."""
    _END.run(session, token=token_hash)


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
