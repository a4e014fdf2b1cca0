"""Loads and saves persons, courses and memberships for the use cases of this package (activities: `activity_store`)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Update, any_, bindparam, cast, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.db.among import Among, portions
from lti_tool.db.base import Base
from lti_tool.db.prepared import Prepared
from lti_tool.ids import CourseId, PersonId, PlatformId, PublicId, new_public_id
from lti_tool.people.model import Course, CourseRole, Person
from lti_tool.people.tables import (
    CourseGroupRow,
    CourseRow,
    MembershipRow,
    PersonRow,
)

_Row = TypeVar("_Row", bound=Base)

_PERSON_BY_SUB = (PersonRow.platform_id == bindparam("platform_id"), PersonRow.sub == bindparam("sub"))
_COURSE_BY_CONTEXT = (
    CourseRow.platform_id == bindparam("platform_id"),
    CourseRow.context_id == bindparam("context_id"),
)
PERSON_COLUMNS = tuple(getattr(PersonRow, each.name) for each in fields(Person))
"""What makes a Person, in the order of its fields."""
COURSE_COLUMNS = tuple(getattr(CourseRow, each.name) for each in fields(Course))
"""What makes a Course, in the order of its fields."""
# What every launch asks of people and things that have been here before.
_TAKE_KNOWN_PERSON = Prepared(
    select(PersonRow.given_name, PersonRow.family_name, PersonRow.chosen_locale, *PERSON_COLUMNS)
    .where(*_PERSON_BY_SUB)
    .with_for_update(key_share=True)
)
_KNOWN_COURSE = Prepared(select(CourseRow.begins_at, CourseRow.ends_at, *COURSE_COLUMNS).where(*_COURSE_BY_CONTEXT))
_COURSE = Prepared(select(*COURSE_COLUMNS).where(CourseRow.id == bindparam("course_id")))


def _note_member(*more: str) -> Update:
    told = ("launched_role", "launched_at", "groups", *more)
    return (
        update(MembershipRow)
        .where(
            MembershipRow.course_id == bindparam("of_course"),
            MembershipRow.person_id == bindparam("of_person"),
            MembershipRow.active,
        )
        .values({name: bindparam(name) for name in told})
        .returning(MembershipRow.person_id)
    )


_OTHER_MEMBERSHIPS = Among(
    select(MembershipRow.course_id, MembershipRow.person_id).where(
        MembershipRow.course_id != bindparam("course_id"), MembershipRow.erased.is_(False)
    ),
    MembershipRow.person_id,
)
_NOTE_PARTICIPANT, _NOTE_STAFF = Prepared(_note_member()), Prepared(_note_member("staff_launched_at"))


def _take_courses_of(persons: ColumnElement[bool]) -> Prepared:
    theirs = select(MembershipRow.course_id).where(persons)
    which = or_(CourseRow.id == bindparam("course_id"), CourseRow.id.in_(theirs))
    return Prepared(select(CourseRow.id).where(which).order_by(CourseRow.id).with_for_update(key_share=True))


_TAKE_COURSES_OF_MEMBERS = _take_courses_of(
    MembershipRow.person_id.in_(
        select(MembershipRow.person_id).where(MembershipRow.course_id == bindparam("course_id"))
    )
)
_TAKE_COURSES_OF_ONE = _take_courses_of(MembershipRow.person_id == bindparam("person_id"))
_TAKE_COURSES_OF_SOME = _take_courses_of(
    MembershipRow.person_id == any_(cast(bindparam("person_ids"), ARRAY(BigInteger)))
)


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


@dataclass(frozen=True, slots=True)
class Member:
    """What decides whether a member of a course takes part in it."""

    launched_role: str | None
    staff_launched_at: datetime | None
    roster_role: str | None
    active: bool


_MEMBER = select(MembershipRow.person_id, *(getattr(MembershipRow, each.name) for each in fields(Member))).where(
    MembershipRow.course_id == bindparam("course_id"), MembershipRow.erased.is_(False)
)
_MEMBERS, _MEMBERS_AMONG = Prepared(_MEMBER), Among(_MEMBER, MembershipRow.person_id)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person with all that a launch may say anew."""

    given_name: str | None
    family_name: str | None
    chosen_locale: str | None
    person: Person

    @property
    def name(self) -> str:
        """Full name; empty where it is not shared."""
        return self.person.name

    @property
    def locale(self) -> str | None:
        """The person's language."""
        return self.person.locale

    @property
    def email(self) -> str | None:
        """In lower case."""
        return self.person.email

    @property
    def id_number(self) -> str | None:
        """The number of the institute's own records."""
        return self.person.id_number


@dataclass(frozen=True, slots=True)
class KnownCourse:
    """A course with all that a launch may say anew."""

    begins_at: datetime | None
    ends_at: datetime | None
    course: Course


def take_known_person(session: Session, platform_id: PlatformId, sub: str) -> KnownPerson | None:
    """The same as a value, taken as `take_person_by_sub` does."""
    found = _TAKE_KNOWN_PERSON.first(session, platform_id=platform_id, sub=sub)
    if found is None:
        return None
    given_name, family_name, chosen_locale, *person = found
    return KnownPerson(given_name, family_name, chosen_locale, Person(*person))


def take_person_by_sub(session: Session, platform_id: PlatformId, sub: str) -> PersonRow | None:
    """The person whom this platform calls `sub`, taken until the end of the transaction (SQLite has one writer)."""
    query = select(PersonRow).where(*_PERSON_BY_SUB).with_for_update(key_share=True)
    return session.scalar(query, {"platform_id": platform_id, "sub": sub})


def persons_by_sub(session: Session, platform_id: PlatformId, subs: Collection[str]) -> dict[str, PersonRow]:
    """Those of the platform's persons that are already known, by `sub`; asked for in portions of 500."""
    found: dict[str, PersonRow] = {}
    for portion in portions(subs):
        query = select(PersonRow).where(PersonRow.platform_id == platform_id, PersonRow.sub.in_(portion))
        found |= {row.sub: row for row in session.scalars(query)}
    return found


def persons_by_id(session: Session, person_ids: Collection[int]) -> list[PersonRow]:
    """Persons by row id; asked for in portions of 500."""
    asked = (select(PersonRow).where(PersonRow.id.in_(portion)) for portion in portions(person_ids))
    return [row for query in asked for row in session.scalars(query)]


def known_course(session: Session, platform_id: PlatformId, context_id: str) -> KnownCourse | None:
    """The course that this platform knows by that context id, as a value."""
    found = _KNOWN_COURSE.first(session, platform_id=platform_id, context_id=context_id)
    if found is None:
        return None
    begins_at, ends_at, *course = found
    return KnownCourse(begins_at, ends_at, Course(*course))


def course_by_context(session: Session, platform_id: PlatformId, context_id: str) -> CourseRow | None:
    """The course that this platform knows by that context id."""
    query = select(CourseRow).where(*_COURSE_BY_CONTEXT)
    return session.scalar(query, {"platform_id": platform_id, "context_id": context_id})


def course_by_public_id(session: Session, public_id: str) -> CourseRow | None:
    """The course that URLs and files name so."""
    return session.scalar(select(CourseRow).where(CourseRow.public_id == public_id))


def course(session: Session, course_id: CourseId) -> Course:
    """A course that is known to exist, as a value. Raises LookupError."""
    return Course(*_COURSE.one(session, course_id=course_id))


def course_row(session: Session, course_id: CourseId) -> CourseRow:
    """A course that is known to exist."""
    return session.get_one(CourseRow, course_id)


def lock_courses_of(session: Session, course_id: CourseId, person_ids: Collection[int] | None) -> None:
    """Takes the course and every course of these persons (None: of its members) until the end, in the order of ids.

    SQLite has one writer at a time and needs no such thing.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    if person_ids is None:
        _TAKE_COURSES_OF_MEMBERS.all(session, course_id=course_id)
    elif len(person_ids) == 1:
        _TAKE_COURSES_OF_ONE.all(session, course_id=course_id, person_id=next(iter(person_ids)))
    else:
        _TAKE_COURSES_OF_SOME.all(session, course_id=course_id, person_ids=sorted(person_ids))


def groups(session: Session, course_id: CourseId) -> dict[str, CourseGroupRow]:
    """The named groups of a course, by their ids in the LMS."""
    query = select(CourseGroupRow).where(CourseGroupRow.course_id == course_id)
    return {row.external_id: row for row in session.scalars(query)}


def members(session: Session, course_id: CourseId, person_ids: Collection[int] | None = None) -> dict[PersonId, Member]:
    """The members of a course (those among these persons, or all), by person id.

    Without erased persons: they count in statistics, and are nobody who could be listed or computed anew.
    """
    if person_ids is None:
        rows = _MEMBERS.all(session, course_id=course_id)
    else:
        rows = _MEMBERS_AMONG.all(session, person_ids, course_id=course_id)
    return {PersonId(person): Member(*columns) for person, *columns in rows}


def memberships(session: Session, course_id: CourseId) -> dict[PersonId, MembershipRow]:
    """The same of all members, to be changed; as they are now, whatever was read."""
    here = (MembershipRow.course_id == course_id, MembershipRow.erased.is_(False))
    query = select(MembershipRow).where(*here).execution_options(populate_existing=True)
    return {PersonId(row.person_id): row for row in session.scalars(query)}


def membership(session: Session, course_id: CourseId, person_id: PersonId) -> MembershipRow | None:
    """What one person is in one course."""
    return session.get(MembershipRow, (course_id, person_id))


def note_member(
    session: Session, course_id: CourseId, person_id: PersonId, role: CourseRole, groups: str, now: datetime
) -> bool:
    """Notes a launch of somebody who is an active member; False, and nothing is noted, for all others."""
    asked = {"of_course": course_id, "of_person": person_id, "launched_role": role.value, "groups": groups}
    if role is CourseRole.TRAINER:
        return _NOTE_STAFF.first(session, **asked, launched_at=now, staff_launched_at=now) is not None
    return _NOTE_PARTICIPANT.first(session, **asked, launched_at=now) is not None


def other_memberships(session: Session, course_id: CourseId, person_ids: Collection[int]) -> list[tuple[int, int]]:
    """(course, person) of every membership that these persons have, or had, in other courses."""
    return [(course, person) for course, person in _OTHER_MEMBERSHIPS.all(session, person_ids, course_id=course_id)]


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
