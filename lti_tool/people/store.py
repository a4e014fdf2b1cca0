"""Loads and saves persons, courses, memberships, activities and login sessions for the use cases of this package."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.db.base import Base
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId, PublicId
from lti_tool.people.model import Activity, ActivityKind, ActivitySource, Course, Person
from lti_tool.people.tables import (
    ActivityRow,
    CourseRow,
    LoginSessionRow,
    MembershipRow,
    PersonRow,
    SessionRightRow,
)

_Row = TypeVar("_Row", bound=Base)


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


def person_by_sub(session: Session, platform_id: PlatformId, sub: str) -> PersonRow | None:
    """The person whom this platform calls `sub`."""
    return session.scalar(select(PersonRow).where(PersonRow.platform_id == platform_id, PersonRow.sub == sub))


def persons_by_sub(session: Session, platform_id: PlatformId, subs: Collection[str]) -> dict[str, PersonRow]:
    """Those of the platform's persons that are already known, by `sub`; asked for in portions of 500."""
    wanted = sorted(subs)
    found: dict[str, PersonRow] = {}
    for start in range(0, len(wanted), 500):
        portion = wanted[start : start + 500]
        query = select(PersonRow).where(PersonRow.platform_id == platform_id, PersonRow.sub.in_(portion))
        found |= {row.sub: row for row in session.scalars(query)}
    return found


def persons_by_id(session: Session, person_ids: Collection[int]) -> list[PersonRow]:
    """Persons by row id; asked for in portions of 500."""
    wanted = sorted(person_ids)
    portions = [wanted[start : start + 500] for start in range(0, len(wanted), 500)]
    return [row for portion in portions for row in session.scalars(select(PersonRow).where(PersonRow.id.in_(portion)))]


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


def memberships(session: Session, course_id: CourseId) -> dict[int, MembershipRow]:
    """All memberships of a course, by person id."""
    rows = session.scalars(select(MembershipRow).where(MembershipRow.course_id == course_id))
    return {row.person_id: row for row in rows}


def membership(session: Session, course_id: CourseId, person_id: PersonId) -> MembershipRow | None:
    """What one person is in one course."""
    return session.get(MembershipRow, (course_id, person_id))


def other_memberships(session: Session, course_id: CourseId, person_ids: Collection[int]) -> list[tuple[int, int]]:
    """(course, person) of every membership that these persons have, or had, in other courses."""
    wanted = sorted(person_ids)
    found: list[tuple[int, int]] = []
    for start in range(0, len(wanted), 500):
        query = select(MembershipRow.course_id, MembershipRow.person_id).where(
            MembershipRow.person_id.in_(wanted[start : start + 500]), MembershipRow.course_id != course_id
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


def save(session: Session, *rows: object) -> None:
    """Adds new rows and flushes, so that they have their ids."""
    session.add_all(rows)
    session.flush()


def login_session(session: Session, token_hash: str) -> LoginSessionRow | None:
    """The login session whose cookie hashes to this."""
    return session.scalar(select(LoginSessionRow).where(LoginSessionRow.token_hash == token_hash))


def session_right(session: Session, session_id: int, course_id: CourseId) -> SessionRightRow | None:
    """What a login session may do in a course."""
    return session.get(SessionRightRow, (session_id, course_id))


def session_rights(session: Session, session_id: int) -> Iterable[SessionRightRow]:
    """What a login session may do, in all courses it came from."""
    return session.scalars(select(SessionRightRow).where(SessionRightRow.session_id == session_id))


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
    """Keeps a chosen language with the session and with the person."""
    session.execute(update(LoginSessionRow).where(LoginSessionRow.id == session_id).values(locale=locale))
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(locale=locale))
