"""Courses and persons of a platform page by page, for who reads all of them. Values, never rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from lti_tool.db.keyset import Cut, Position, page
from lti_tool.ids import CourseId, PersonId, PlatformId, PublicId
from lti_tool.people.model import CourseRole, Person, is_staff, takes_part
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow


@dataclass(frozen=True, slots=True)
class CourseEntry:
    """A course in a list of all."""

    id: CourseId
    public_id: PublicId
    context_id: str
    title: str
    label: str | None
    begins_at: datetime | None
    ends_at: datetime | None
    created_at: datetime
    closed_at: datetime | None
    roster_synced_at: datetime | None

    @property
    def position(self) -> Position:
        """Its place in the list."""
        return Position(self.created_at, self.public_id)


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person in a list of all."""

    id: PersonId
    public_id: PublicId
    platform_id: PlatformId
    sub: str
    name: str
    given_name: str | None
    family_name: str | None
    email: str | None
    id_number: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def position(self) -> Position:
        """Its place in the list: who changes moves to its end, so that nobody is missed."""
        return Position(self.updated_at, self.public_id)

    @property
    def person(self) -> Person:
        """The same as pages and exports know it; the language is not told."""
        who = (self.id, self.public_id, self.platform_id, self.sub, self.name, self.email, self.id_number)
        return Person(*who, locale=None)


@dataclass(frozen=True, slots=True)
class CourseWanted:
    """Which courses; None: whichever."""

    closed: bool | None = None
    created_since: datetime | None = None
    context_id: str | None = None


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """Which persons; None: whoever."""

    updated_since: datetime | None = None
    email: str | None = None
    id_number: str | None = None
    sub: str | None = None


_COURSE = (
    CourseRow.id,
    CourseRow.public_id,
    CourseRow.context_id,
    CourseRow.title,
    CourseRow.label,
    CourseRow.begins_at,
    CourseRow.ends_at,
    CourseRow.created_at,
    CourseRow.closed_at,
    CourseRow.roster_synced_at,
)
_PERSON = (
    PersonRow.id,
    PersonRow.public_id,
    PersonRow.platform_id,
    PersonRow.sub,
    PersonRow.name,
    PersonRow.given_name,
    PersonRow.family_name,
    PersonRow.email,
    PersonRow.id_number,
    PersonRow.created_at,
    PersonRow.updated_at,
)


def courses_page(session: Session, platform_id: PlatformId, wanted: CourseWanted, cut: Cut) -> tuple[CourseEntry, ...]:
    """The platform's courses in the order of their making; one more than the limit where the list goes on."""
    query = select(*_COURSE).where(CourseRow.platform_id == platform_id)
    if wanted.closed is not None:
        query = query.where(CourseRow.closed_at.is_not(None) if wanted.closed else CourseRow.closed_at.is_(None))
    if wanted.created_since is not None:
        query = query.where(CourseRow.created_at >= wanted.created_since)
    if wanted.context_id is not None:
        query = query.where(CourseRow.context_id == wanted.context_id)
    rows = session.execute(page(query, CourseRow.created_at, CourseRow.public_id, cut))
    return tuple(_as_course(row) for row in rows)


def course_of_platform(session: Session, platform_id: PlatformId, public_id: str) -> CourseEntry | None:
    """The platform's course with this public id, else None."""
    query = select(*_COURSE).where(CourseRow.public_id == public_id, CourseRow.platform_id == platform_id)
    row = session.execute(query).one_or_none()
    return _as_course(row) if row else None


def persons_page(session: Session, platform_id: PlatformId, wanted: PersonWanted, cut: Cut) -> tuple[PersonEntry, ...]:
    """The platform's persons, who changed last at the end; one more than the limit where the list goes on."""
    query = select(*_PERSON).where(PersonRow.platform_id == platform_id)
    if wanted.updated_since is not None:
        query = query.where(PersonRow.updated_at >= wanted.updated_since)
    if wanted.email is not None:
        query = query.where(PersonRow.email == wanted.email.strip().lower())
    if wanted.id_number is not None:
        query = query.where(PersonRow.id_number == wanted.id_number)
    if wanted.sub is not None:
        query = query.where(PersonRow.sub == wanted.sub)
    rows = session.execute(page(query, PersonRow.updated_at, PersonRow.public_id, cut))
    return tuple(_as_person(row) for row in rows)


def person_of_platform(session: Session, platform_id: PlatformId, public_id: str) -> PersonEntry | None:
    """The platform's person with this public id, else None."""
    query = select(*_PERSON).where(PersonRow.public_id == public_id, PersonRow.platform_id == platform_id)
    row = session.execute(query).one_or_none()
    return _as_person(row) if row else None


@dataclass(frozen=True, slots=True)
class Present:
    """Who takes part in a course, and who teaches there."""

    participants: int
    staff: int


def present_in(session: Session, course_id: CourseId, as_of: datetime) -> Present:
    """How many active participants and staff a course has."""
    columns = (MembershipRow.launched_role, MembershipRow.staff_launched_at, MembershipRow.roster_role)
    rows = list(session.execute(select(*columns).where(MembershipRow.course_id == course_id, MembershipRow.active)))
    return Present(
        participants=sum(_takes_part(row, as_of) for row in rows),
        staff=sum(is_staff(row.staff_launched_at, _role(row.roster_role), as_of) for row in rows),
    )


def participants_page(
    session: Session, course_id: CourseId, limit: int, after: str | None, as_of: datetime
) -> tuple[PersonEntry, ...]:
    """The participants of a course in the order of their public ids; one more than the limit where there are more.

    Who counts as a participant is decided by `people.model.takes_part`: SQL leaves out most of those who do not, and
    where it left too few, more are read.
    """
    found: list[PersonEntry] = []
    while len(found) <= limit:
        wanted = limit + 1 - len(found) + SPARE
        rows = _said_to_take_part(session, course_id, wanted, after)
        found += [_as_person(row[: len(_PERSON)]) for row in rows if _takes_part(row, as_of)]
        if len(rows) < wanted:
            break
        after = rows[-1].public_id
    return tuple(found[: limit + 1])


SPARE = 5
"""So many of those who are said to take part may be staff without a second look."""


def _said_to_take_part(
    session: Session, course_id: CourseId, wanted: int, after: str | None
) -> list[Row[*tuple[Any, ...]]]:
    member, participant = MembershipRow, CourseRole.PARTICIPANT.value
    query = (
        select(*_PERSON, member.launched_role, member.staff_launched_at, member.roster_role)
        .join(member, member.person_id == PersonRow.id)
        .where(member.course_id == course_id, member.active)
        .where(func.coalesce(member.roster_role, member.launched_role) == participant)
        .order_by(PersonRow.public_id)
        .limit(wanted)
    )
    return list(session.execute(query if after is None else query.where(PersonRow.public_id > after)))


@dataclass(frozen=True, slots=True)
class Attended:
    """A course that a person is or was in."""

    course: CourseEntry
    active: bool
    participates: bool
    """Whether they are or were a participant, and no staff."""


def courses_of_person(session: Session, person_id: PersonId, as_of: datetime) -> tuple[Attended, ...]:
    """Every course that the person is or was in, in the order of their making."""
    membership = (
        MembershipRow.active,
        MembershipRow.launched_role,
        MembershipRow.staff_launched_at,
        MembershipRow.roster_role,
    )
    query = (
        select(*_COURSE, *membership)
        .join(MembershipRow, MembershipRow.course_id == CourseRow.id)
        .where(MembershipRow.person_id == person_id)
        .order_by(CourseRow.created_at, CourseRow.public_id)
    )
    return tuple(
        Attended(_as_course(row[: len(_COURSE)]), row.active, _takes_part(row, as_of)) for row in session.execute(query)
    )


def _takes_part(row: Row[*tuple[Any, ...]], as_of: datetime) -> bool:
    return takes_part(_role(row.launched_role), row.staff_launched_at, _role(row.roster_role), as_of)


def _role(stored: str | None) -> CourseRole | None:
    return CourseRole(stored) if stored else None


def _as_course(row: Sequence[Any]) -> CourseEntry:
    return CourseEntry(CourseId(row[0]), PublicId(row[1]), *row[2:])


def _as_person(row: Sequence[Any]) -> PersonEntry:
    return PersonEntry(PersonId(row[0]), PublicId(row[1]), PlatformId(row[2]), *row[3:])
