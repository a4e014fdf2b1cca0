"""Loads and saves persons, courses, memberships, activities and login sessions for the use cases of this package."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ARRAY, BigInteger, and_, any_, bindparam, cast, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.db.base import Base
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId, PublicId, new_public_id
from lti_tool.people.model import Activity, ActivityKind, ActivitySource, Course, Person
from lti_tool.people.tables import (
    ActivityRow,
    CourseGroupRow,
    CourseRow,
    LoginSessionRow,
    MembershipRow,
    PersonRow,
    SessionRightRow,
)

_Row = TypeVar("_Row", bound=Base)

# Put together once: every launch and every page ask these, and building one costs as much as the database's answer.
_TAKE_PERSON = (
    select(PersonRow)
    .where(PersonRow.platform_id == bindparam("platform_id"), PersonRow.sub == bindparam("sub"))
    .with_for_update(key_share=True)
)
_COURSE_BY_CONTEXT = select(CourseRow).where(
    CourseRow.platform_id == bindparam("platform_id"), CourseRow.context_id == bindparam("context_id")
)
_ACTIVITY_BY_SOURCE = select(ActivityRow).where(
    ActivityRow.course_id == bindparam("course_id"),
    ActivityRow.source == bindparam("source"),
    ActivityRow.external_id == bindparam("external_id"),
)
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

PORTION = 500
"""How many ids one query names: SQLite and PostgreSQL both take many more, but plans stay the same."""


def as_person(row: PersonRow) -> Person:
    """The row as the value that leaves this package."""
    return Person(
        id=PersonId(row.id),
        public_id=PublicId(row.public_id),
        platform_id=PlatformId(row.platform_id),
        sub=row.sub,
        name=row.name,
        email=row.email,
        id_number=row.id_number,
        locale=row.locale,
    )


def as_course(row: CourseRow) -> Course:
    """The row as the value that leaves this package."""
    return Course(
        id=CourseId(row.id),
        public_id=PublicId(row.public_id),
        platform_id=PlatformId(row.platform_id),
        context_id=row.context_id,
        title=row.title,
        label=row.label,
        locale=row.locale,
        closed_at=row.closed_at,
        history=row.history,
    )


def as_activity(row: ActivityRow) -> Activity:
    """The row as the value that leaves this package."""
    return Activity(
        id=ActivityId(row.id),
        public_id=PublicId(row.public_id),
        course_id=CourseId(row.course_id),
        kind=ActivityKind(row.kind),
        source=ActivitySource(row.source),
        external_id=row.external_id,
        name=row.name,
        mark_max=row.mark_max,
    )


def portions(ids: Collection[int]) -> Iterator[list[int]]:
    """The ids in portions that a query can name."""
    ordered = sorted(ids)
    return (ordered[start : start + PORTION] for start in range(0, len(ordered), PORTION))


def take_person_by_sub(session: Session, platform_id: PlatformId, sub: str) -> PersonRow | None:
    """The person whom this platform calls `sub`, taken until the end of the transaction (SQLite has one writer)."""
    return session.scalar(_TAKE_PERSON, {"platform_id": platform_id, "sub": sub})


def persons_by_sub(session: Session, platform_id: PlatformId, subs: Collection[str]) -> dict[str, PersonRow]:
    """Those of the platform's persons that are already known, by `sub`; asked for in portions of 500."""
    wanted = sorted(subs)
    found: dict[str, PersonRow] = {}
    for start in range(0, len(wanted), PORTION):
        portion = wanted[start : start + PORTION]
        query = select(PersonRow).where(PersonRow.platform_id == platform_id, PersonRow.sub.in_(portion))
        found |= {row.sub: row for row in session.scalars(query)}
    return found


def persons_by_id(session: Session, person_ids: Collection[int]) -> list[PersonRow]:
    """Persons by row id; asked for in portions of 500."""
    asked = (select(PersonRow).where(PersonRow.id.in_(portion)) for portion in portions(person_ids))
    return [row for query in asked for row in session.scalars(query)]


def course_by_context(session: Session, platform_id: PlatformId, context_id: str) -> CourseRow | None:
    """The course that this platform knows by that context id."""
    return session.scalar(_COURSE_BY_CONTEXT, {"platform_id": platform_id, "context_id": context_id})


def course_by_public_id(session: Session, public_id: str) -> CourseRow | None:
    """The course that URLs and files name so."""
    return session.scalar(select(CourseRow).where(CourseRow.public_id == public_id))


def course_row(session: Session, course_id: CourseId) -> CourseRow:
    """A course that is known to exist."""
    return session.get_one(CourseRow, course_id)


def lock_courses_of(session: Session, course_id: CourseId, person_ids: Collection[int] | None) -> None:
    """Takes the course and every course of these persons (None: of its members) until the end, in the order of ids.

    SQLite has one writer at a time and needs no such thing.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    theirs = select(MembershipRow.course_id).where(
        MembershipRow.person_id.in_(select(MembershipRow.person_id).where(MembershipRow.course_id == course_id))
        if person_ids is None
        else MembershipRow.person_id == any_(cast(sorted(person_ids), ARRAY(BigInteger)))
    )
    taken = select(CourseRow.id).where(or_(CourseRow.id == course_id, CourseRow.id.in_(theirs))).order_by(CourseRow.id)
    session.execute(taken.with_for_update(key_share=True))


def groups(session: Session, course_id: CourseId) -> dict[str, CourseGroupRow]:
    """The named groups of a course, by their ids in the LMS."""
    query = select(CourseGroupRow).where(CourseGroupRow.course_id == course_id)
    return {row.external_id: row for row in session.scalars(query)}


def memberships(
    session: Session, course_id: CourseId, person_ids: Collection[int] | None = None
) -> dict[PersonId, MembershipRow]:
    """The memberships of a course (of these persons, or all), by person id; as they are now, whatever was read.

    Without those of erased persons: they count in statistics, and are nobody who could be listed or computed anew.
    """
    of = MembershipRow.person_id
    here = (MembershipRow.course_id == course_id, MembershipRow.erased.is_(False))
    query = select(MembershipRow).where(*here).execution_options(populate_existing=True)
    asked = [query] if person_ids is None else [query.where(of.in_(portion)) for portion in portions(person_ids)]
    return {PersonId(row.person_id): row for each in asked for row in session.scalars(each)}


def membership(session: Session, course_id: CourseId, person_id: PersonId) -> MembershipRow | None:
    """What one person is in one course."""
    return session.get(MembershipRow, (course_id, person_id))


def other_memberships(session: Session, course_id: CourseId, person_ids: Collection[int]) -> list[tuple[int, int]]:
    """(course, person) of every membership that these persons have, or had, in other courses."""
    found: list[tuple[int, int]] = []
    for portion in portions(person_ids):
        query = select(MembershipRow.course_id, MembershipRow.person_id).where(
            MembershipRow.person_id.in_(portion),
            MembershipRow.course_id != course_id,
            MembershipRow.erased.is_(False),
        )
        found += [(course, person) for course, person in session.execute(query)]
    return found


def activity_by_source(
    session: Session, course_id: CourseId, source: ActivitySource, external_id: str
) -> ActivityRow | None:
    """The activity that the source knows by that id."""
    asked = {"course_id": course_id, "source": source, "external_id": external_id}
    return session.scalar(_ACTIVITY_BY_SOURCE, asked)


def activity_rows(session: Session, course_id: CourseId) -> list[ActivityRow]:
    """All activities of a course, in the order in which it came to know them."""
    query = select(ActivityRow).where(ActivityRow.course_id == course_id).order_by(ActivityRow.id)
    return list(session.scalars(query))


def insert_or_find(session: Session, row: _Row, find: Callable[[], _Row | None]) -> _Row:
    """Inserts a new row, or gives the one that another process inserted between our look and our insert."""
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        found = find()
        if found is None:
            raise
        return found
    return row


def add_persons(session: Session, platform_id: PlatformId, subs: Collection[str], now: datetime) -> None:
    """Makes those persons of a platform that nobody else has made meanwhile; in one order, so that two never lock."""
    known = {"platform_id": platform_id, "name": "", "created_at": now, "updated_at": now}
    _insert_missing(session, PersonRow, [{**known, "sub": sub, "public_id": new_public_id()} for sub in sorted(subs)])


def add_memberships(session: Session, course_id: CourseId, person_ids: Collection[int]) -> None:
    """Makes those memberships of a course that nobody else has made meanwhile."""
    known = {"course_id": course_id, "active": True, "groups": ""}
    _insert_missing(session, MembershipRow, [{**known, "person_id": person} for person in sorted(person_ids)])


def _insert_missing(session: Session, table: type[Base], rows: list[dict[str, object]]) -> None:
    either = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    if rows:
        session.execute(either(table).on_conflict_do_nothing(), rows)


def save(session: Session, *rows: object) -> None:
    """Adds new rows and flushes, so that they have their ids."""
    session.add_all(rows)
    session.flush()


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
_VISIT = (
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
    found = session.execute(_VISIT, {"token": token_hash, "course": course}).one_or_none()
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
