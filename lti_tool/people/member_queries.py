"""Everybody who is or was in a course, as pages list them: by launch, by roster, gone. Values, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PersonId, PublicId
from lti_tool.people.alphabet import place_of
from lti_tool.people.model import STAFF_MEMORY, CourseRole, is_staff, takes_part
from lti_tool.people.tables import CourseGroupRow, CourseRow, MembershipRow, PersonRow


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a course, with what launches and the roster say of them."""

    id: PersonId
    public_id: PublicId
    name: str
    detail: str
    """ID number or e-mail, to tell people of one name apart."""
    launched_role: CourseRole | None
    launched_at: datetime | None
    staff_launched_at: datetime | None
    roster_role: CourseRole | None
    active: bool
    groups: tuple[str, ...]
    """Group ids in the LMS."""

    def is_participant(self, as_of: datetime) -> bool:
        """Whether they count as a participant: an active member who is not staff."""
        return self.active and takes_part(self.launched_role, self.staff_launched_at, self.roster_role, as_of)

    def is_staff(self, as_of: datetime) -> bool:
        """Whether they are staff, by a launch within 180 days or by the roster."""
        return is_staff(self.staff_launched_at, self.roster_role, as_of)


def taking_part(as_of: datetime) -> ColumnElement[bool]:
    """`Member.is_participant` as a condition on memberships, for counting without reading them."""
    row = MembershipRow
    not_staff = or_(row.staff_launched_at.is_(None), row.staff_launched_at < as_of - STAFF_MEMORY)
    told = func.coalesce(row.roster_role, row.launched_role) == CourseRole.PARTICIPANT.value
    return and_(row.active, told, not_staff)


def teaching(as_of: datetime) -> ColumnElement[bool]:
    """`Member.is_staff` of active members, as a condition on memberships."""
    row = MembershipRow
    launched_lately = row.staff_launched_at >= as_of - STAFF_MEMORY
    return and_(row.active, or_(launched_lately, row.roster_role == CourseRole.TRAINER.value))


def members_of(session: Session, course_id: CourseId) -> tuple[Member, ...]:
    """Everybody who is or was in the course, by name, in one query."""
    query = (
        select(
            PersonRow.id,
            PersonRow.public_id,
            PersonRow.name,
            PersonRow.family_name,
            PersonRow.id_number,
            PersonRow.email,
            MembershipRow.launched_role,
            MembershipRow.launched_at,
            MembershipRow.staff_launched_at,
            MembershipRow.roster_role,
            MembershipRow.active,
            MembershipRow.groups,
        )
        .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
        .where(MembershipRow.course_id == course_id, MembershipRow.erased.is_(False))
    )
    found = sorted(session.execute(query), key=lambda row: place_of(row.family_name, row.name, row.id))
    return tuple(
        Member(
            id=PersonId(row.id),
            public_id=PublicId(row.public_id),
            name=row.name,
            detail=row.id_number or row.email or "",
            launched_role=_role(row.launched_role),
            launched_at=row.launched_at,
            staff_launched_at=row.staff_launched_at,
            roster_role=_role(row.roster_role),
            active=row.active,
            groups=tuple(filter(None, row.groups.split(","))),
        )
        for row in found
    )


def groups_of_erased(session: Session, course_id: CourseId, as_of: datetime) -> tuple[tuple[str, ...], ...]:
    """Of each erased person who is still counted as a participant: their groups. They are on no list."""
    row = MembershipRow
    query = select(row.groups).where(row.course_id == course_id, row.erased, taking_part(as_of))
    return tuple(tuple(filter(None, groups.split(","))) for groups in session.scalars(query))


def group_names(session: Session, course_id: CourseId) -> dict[str, str]:
    """What the groups of a course are called, as far as that is known, by their ids in the LMS."""
    query = select(CourseGroupRow.external_id, CourseGroupRow.name).where(CourseGroupRow.course_id == course_id)
    found: dict[str, str] = dict(session.execute(query).all())
    return found


def has_groups(session: Session, course_id: CourseId) -> bool:
    """Whether anybody of the course is known to be in a group."""
    query = select(MembershipRow.person_id).where(MembershipRow.course_id == course_id, MembershipRow.groups != "")
    return session.scalar(query.limit(1)) is not None


def roster_read_at(session: Session, course_id: CourseId) -> datetime | None:
    """When the platform's roster of the course was last taken over; None: never."""
    return session.scalar(select(CourseRow.roster_synced_at).where(CourseRow.id == course_id))


def _role(stored: str | None) -> CourseRole | None:
    return CourseRole(stored) if stored else None
