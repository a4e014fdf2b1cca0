"""Loads and saves persons, courses, memberships, activities and login sessions for the use cases of this package."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ARRAY, BigInteger, any_, cast, delete, insert, or_, select, update
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
    query = select(PersonRow).where(PersonRow.platform_id == platform_id, PersonRow.sub == sub)
    return session.scalar(query.with_for_update(key_share=True))


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
    query = select(CourseRow).where(CourseRow.platform_id == platform_id, CourseRow.context_id == context_id)
    return session.scalar(query)


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
    query = select(ActivityRow).where(
        ActivityRow.course_id == course_id, ActivityRow.source == source, ActivityRow.external_id == external_id
    )
    return session.scalar(query)


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


def login_session(session: Session, token_hash: str) -> LoginSessionRow | None:
    """The login session whose cookie hashes to this."""
    return session.scalar(select(LoginSessionRow).where(LoginSessionRow.token_hash == token_hash))


def login_sessions_of(
    session: Session, person_id: PersonId, token_hashes: Collection[str], browser_hashes: Collection[str]
) -> list[LoginSessionRow]:
    """A person's login sessions that have one of these tokens, or began in one of these browsers; oldest first."""
    here = or_(LoginSessionRow.token_hash.in_(token_hashes), LoginSessionRow.browser_hash.in_(browser_hashes))
    query = select(LoginSessionRow).where(LoginSessionRow.person_id == person_id, here).order_by(LoginSessionRow.id)
    return list(session.scalars(query))


def session_right(session: Session, session_id: int, course_id: CourseId) -> SessionRightRow | None:
    """What a login session may do in a course."""
    return session.get(SessionRightRow, (session_id, course_id))


def session_rights(session: Session, session_id: int) -> Iterable[SessionRightRow]:
    """What a login session may do, in all courses it came from."""
    return session.scalars(select(SessionRightRow).where(SessionRightRow.session_id == session_id))


def replace_session_rights(session: Session, session_ids: Collection[int], rights: Mapping[int, str]) -> None:
    """Gives each of these login sessions exactly these rights, by course id."""
    session.execute(delete(SessionRightRow).where(SessionRightRow.session_id.in_(session_ids)))
    rows = [
        {"session_id": of, "course_id": course, "role": role} for of in session_ids for course, role in rights.items()
    ]
    if rows:
        session.execute(insert(SessionRightRow), rows)


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
