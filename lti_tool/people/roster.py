"""Who is in a course: what launches say and what the platform's roster says, merged.

A launch tells the role that the person has now; NRPS calls Moodle's non-editing teachers learners and leaves out
managers and admins. So neither replaces the other: both are kept, and `people.model.is_staff` decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people import store
from lti_tool.people.model import Arrival, CourseRole, Enrolled, Person, is_staff
from lti_tool.people.tables import MembershipRow, PersonRow


def note_person(session: Session, platform_id: PlatformId, arrival: Arrival, now: datetime) -> Person:
    """The person of a launch, made at their first and kept up to date afterwards."""
    row = store.person_by_sub(session, platform_id, arrival.sub)
    if row is None:
        made = _new_person(platform_id, arrival.sub, now)
        row = store.insert_or_find(session, made, lambda: store.person_by_sub(session, platform_id, arrival.sub))
    _take_over(row, arrival, now)
    if row.locale != arrival.locale:
        row.locale = arrival.locale
    store.save(session, row)
    return store.as_person(row)


def note_arrival(
    session: Session, course_id: CourseId, person_id: PersonId, role: CourseRole, groups: Sequence[str], now: datetime
) -> bool:
    """Somebody launched into the course with this role; whether they were not a member before."""
    row = store.membership(session, course_id, person_id)
    joins = row is None or not row.active
    if row is None:
        made = MembershipRow(course_id=course_id, person_id=person_id)
        row = store.insert_or_find(session, made, lambda: store.membership(session, course_id, person_id))
    row.launched_role, row.launched_at, row.active = role, now, True
    row.groups = ",".join(groups)
    if role is CourseRole.TRAINER:
        row.staff_launched_at = now
    session.flush()
    return joins


def sync(session: Session, course_id: CourseId, members: Iterable[Enrolled], now: datetime) -> set[PersonId]:
    """Takes the platform's roster over; returns those who are participants now and were not before.

    Who is no longer named becomes inactive unless they came by a launch as staff (NRPS leaves out managers and
    admins); nobody's evidence is touched.
    """
    course = store.course_row(session, course_id)
    platform_id = PlatformId(course.platform_id)
    before = {person.id for person in participants(session, course_id, now)}
    named = {member.sub: member for member in members}
    persons = _persons_for(session, platform_id, named, now)
    known = store.memberships(session, course_id)
    _mark_absent(known, {row.id for row in persons.values()})
    for sub, member in named.items():
        row = known.get(persons[sub].id) or MembershipRow(course_id=course_id, person_id=persons[sub].id)
        row.roster_role, row.active = member.role or CourseRole.PARTICIPANT, True
        session.add(row)
    course.roster_synced_at = now
    session.flush()
    return {person.id for person in participants(session, course_id, now)} - before


def participants(session: Session, course_id: CourseId, as_of: datetime) -> tuple[Person, ...]:
    """Who counts as a participant of the course: an active member who is not staff. Sorted by name."""
    members = store.memberships(session, course_id)
    learners = [person_id for person_id, row in members.items() if row.active and not _is_staff(row, as_of)]
    return _sorted(store.persons_by_id(session, learners))


def participants_for_matching(session: Session, course_id: CourseId) -> tuple[Person, ...]:
    """Everyone who is or was in the course, staff included: whom a results file may name."""
    return _sorted(store.persons_by_id(session, list(store.memberships(session, course_id))))


def is_participant(session: Session, course_id: CourseId, person_id: PersonId, as_of: datetime) -> bool:
    """Whether this person is a participant of the course now."""
    row = store.membership(session, course_id, person_id)
    return row is not None and row.active and not _is_staff(row, as_of)


def other_courses(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId]
) -> list[tuple[CourseId, PersonId]]:
    """(course, person) for every other course in which one of these persons is or was."""
    found = store.other_memberships(session, course_id, person_ids)
    return [(CourseId(course), PersonId(person)) for course, person in found]


def _is_staff(row: MembershipRow, as_of: datetime) -> bool:
    return is_staff(row.staff_launched_at, CourseRole(row.roster_role) if row.roster_role else None, as_of)


def _mark_absent(known: dict[int, MembershipRow], present: set[int]) -> None:
    for person_id, row in known.items():
        if person_id not in present and row.roster_role is not None:
            row.roster_role, row.active = None, row.staff_launched_at is not None


def _persons_for(
    session: Session, platform_id: PlatformId, named: dict[str, Enrolled], now: datetime
) -> dict[str, PersonRow]:
    rows = store.persons_by_sub(session, platform_id, named)
    for sub, member in named.items():
        row = rows.setdefault(sub, _new_person(platform_id, sub, now))
        _take_over(row, member, now)
        session.add(row)
    session.flush()
    return rows


def _new_person(platform_id: PlatformId, sub: str, now: datetime) -> PersonRow:
    return PersonRow(platform_id=platform_id, sub=sub, name="", created_at=now, updated_at=now)


def _take_over(row: PersonRow, told: Arrival | Enrolled, now: datetime) -> None:
    """Only what was told replaces what is known: a launch without names does not make anyone nameless."""
    email = told.email.strip().lower() if told.email else None
    news = {
        "name": told.name or _joined(told, half_will_do=not row.name),
        "given_name": told.given_name,
        "family_name": told.family_name,
        "email": email,
        "id_number": told.id_number,
    }
    for field, value in news.items():
        if value is not None and value != getattr(row, field):
            setattr(row, field, value)
            row.updated_at = now


def _joined(told: Arrival | Enrolled, *, half_will_do: bool) -> str | None:
    """Given and family name as one; half a name only where nothing better is known."""
    parts = [part for part in (told.given_name, told.family_name) if part]
    return " ".join(parts) if len(parts) == 2 or (parts and half_will_do) else None


def _sorted(persons: Iterable[PersonRow]) -> tuple[Person, ...]:
    by_name = sorted(persons, key=lambda row: (row.family_name or row.name, row.name, row.id))
    return tuple(store.as_person(row) for row in by_name)
