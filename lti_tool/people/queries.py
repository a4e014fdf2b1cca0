"""What pages and lists show of courses and persons."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from lti_tool.db.among import portions
from lti_tool.ids import CourseId, PersonId, PlatformId, PublicId
from lti_tool.people.model import STAND_IN, Course, CourseRole, Person
from lti_tool.people.store import as_course, as_person
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow, SessionRightRow


@dataclass(frozen=True, slots=True)
class CourseSummary:
    """A course in a list: with how many active members."""

    course: Course
    members: int


def courses_of_platform(session: Session, platform_id: PlatformId, text: str = "") -> tuple[CourseSummary, ...]:
    """The courses of one platform whose title or label contains `text`, by title."""
    members = (
        select(func.count())
        .select_from(MembershipRow)
        .where(MembershipRow.course_id == CourseRow.id, MembershipRow.active)
        .scalar_subquery()
    )
    query = select(CourseRow, members).where(CourseRow.platform_id == platform_id).order_by(CourseRow.title)
    if text:
        # SQLite lowers only Latin letters, so the search in titles is done here: courses are few thousand at most.
        wanted = text.casefold()
        rows = [row for row in session.execute(query) if wanted in f"{row[0].title} {row[0].label or ''}".casefold()]
        return tuple(CourseSummary(as_course(row), count) for row, count in rows)
    return tuple(CourseSummary(as_course(row), count) for row, count in session.execute(query))


def all_courses(session: Session) -> tuple[Course, ...]:
    """Every course of every platform, in the order of their making."""
    return tuple(as_course(row) for row in session.scalars(select(CourseRow).order_by(CourseRow.id)))


def courses_by_id(session: Session, course_ids: Collection[int]) -> dict[int, Course]:
    """Some courses, by row id."""
    rows = session.scalars(select(CourseRow).where(CourseRow.id.in_(course_ids)))
    return {row.id: as_course(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Shared:
    """What a platform tells of its people, by some of them."""

    people: int
    named: int
    with_email: int


def shared(session: Session, platform_id: PlatformId, most: int = 500) -> Shared:
    """Whether a platform shares names and e-mail addresses: of how many people, of so many at most."""
    some = select(PersonRow.name, PersonRow.email).where(PersonRow.platform_id == platform_id)
    looked_at = some.where(~PersonRow.sub.startswith(STAND_IN)).limit(most).subquery()
    named, mailed = (func.count(func.nullif(column, "")) for column in (looked_at.c.name, looked_at.c.email))
    return Shared(*session.execute(select(func.count(), named, mailed).select_from(looked_at)).one())


def person_by_id(session: Session, person_id: int) -> Person | None:
    """A person by row id, else None."""
    row = session.get(PersonRow, person_id)
    return as_person(row) if row else None


def person_of_course(session: Session, course_id: CourseId, public_id: str) -> Person | None:
    """The person with this public id who is or was in the course, else None."""
    query = (
        select(PersonRow)
        .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
        .where(
            MembershipRow.course_id == course_id,
            MembershipRow.erased.is_(False),
            PersonRow.public_id == PublicId(public_id),
        )
    )
    row = session.scalar(query)
    return as_person(row) if row else None


def person_of_course_by_sub(session: Session, course_id: CourseId, sub: str) -> Person | None:
    """The person of the course whom the platform calls `sub`, else None."""
    query = (
        select(PersonRow)
        .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
        .where(MembershipRow.course_id == course_id, PersonRow.sub == sub)
    )
    row = session.scalar(query)
    return as_person(row) if row else None


def courses_of_session(session: Session, session_id: int) -> tuple[tuple[Course, CourseRole], ...]:
    """The courses that a login session was launched from, with its role there, by title."""
    query = (
        select(CourseRow, SessionRightRow.role)
        .join(SessionRightRow, SessionRightRow.course_id == CourseRow.id)
        .where(SessionRightRow.session_id == session_id)
        .order_by(CourseRow.title, CourseRow.id)
    )
    return tuple((as_course(row), CourseRole(role)) for row, role in session.execute(query))


def names_of(session: Session, platform_id: PlatformId, public_ids: Collection[str]) -> dict[str, str]:
    """Names by public id, of those who are still there."""
    found: dict[str, str] = {}
    for portion in portions(public_ids):
        query = select(PersonRow.public_id, PersonRow.name).where(
            PersonRow.public_id.in_(portion), PersonRow.platform_id == platform_id
        )
        found |= dict(session.execute(query).all())
    return found


def titles_of(session: Session, platform_id: PlatformId, public_ids: Collection[str]) -> dict[str, str]:
    """Titles of courses by public id."""
    query = select(CourseRow.public_id, CourseRow.title).where(
        CourseRow.public_id.in_(sorted(public_ids)), CourseRow.platform_id == platform_id
    )
    found: dict[str, str] = dict(session.execute(query).all())
    return found


def course_titles_of(session: Session, person_id: PersonId) -> dict[str, str]:
    """Titles by public id of the courses in which somebody is or was."""
    query = (
        select(CourseRow.public_id, CourseRow.title)
        .join(MembershipRow, MembershipRow.course_id == CourseRow.id)
        .where(MembershipRow.person_id == person_id)
    )
    found: dict[str, str] = dict(session.execute(query).all())
    return found


def public_id_of(session: Session, platform_id: PlatformId, typed: str) -> PublicId | None:
    """Who on the platform has exactly this e-mail address or ID number; None where nobody or more than one has."""
    known = or_(PersonRow.email == typed.lower(), PersonRow.id_number == typed)
    query = select(PersonRow.public_id).where(PersonRow.platform_id == platform_id, known).limit(2)
    found = session.scalars(query).all()
    return PublicId(found[0]) if len(found) == 1 else None
