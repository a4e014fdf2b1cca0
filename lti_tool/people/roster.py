"""Who is in a course: what launches say and what the platform's roster says, merged.

A launch tells the role that the person has now; NRPS calls Moodle's non-editing teachers learners and leaves out
managers and admins. So neither replaces the other: both are kept, and `people.model.is_staff` decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people import store
from lti_tool.people.alphabet import place_of
from lti_tool.people.model import Arrival, CourseRole, Enrolled, Person, is_staff, launched_lately_as_staff, takes_part
from lti_tool.people.store import KnownPerson, Member
from lti_tool.people.tables import CourseGroupRow, MembershipRow, PersonRow

_Member = MembershipRow | Member


@dataclass(frozen=True, slots=True)
class RosterNews:
    """Who became participants by a roster, and who is none any more."""

    joined: frozenset[PersonId]
    left: frozenset[PersonId]


def note_person(session: Session, platform_id: PlatformId, arrival: Arrival, now: datetime) -> Person:
    """The person of a launch, made at their first and kept up to date afterwards.

    Two launches of one person wait for each other from here on: their sessions are to know each other.
    """
    known = store.take_known_person(session, platform_id, arrival.sub)
    if known is not None and not _news(known, arrival) and known.locale == (known.chosen_locale or arrival.locale):
        return known.person
    row = store.take_person_by_sub(session, platform_id, arrival.sub) if known else None
    if row is None:
        made = _new_person(platform_id, arrival.sub, now)
        row = store.insert_or_find(session, made, lambda: store.take_person_by_sub(session, platform_id, arrival.sub))
    _take_over(row, arrival, now)
    locale = row.chosen_locale or arrival.locale
    if row.locale != locale:
        row.locale = locale
    store.save(session, row)
    return store.as_person(row)


def note_arrival(
    session: Session, course_id: CourseId, person_id: PersonId, role: CourseRole, groups: Sequence[str], now: datetime
) -> bool:
    """Somebody launched into the course with this role; whether they were not a member before."""
    listed = ",".join(groups)
    if store.note_member(session, course_id, person_id, role, listed, now):
        return False
    row = store.membership(session, course_id, person_id)
    joins = row is None or not row.active
    if joins:
        # Whoever joins has marks and grades worked out next, which takes the courses: always before the membership,
        # or a roster that is being taken over would wait for this launch while it waits for the roster.
        take_courses(session, course_id, [person_id])
    if row is None:
        made = MembershipRow(course_id=course_id, person_id=person_id)
        row = store.insert_or_find(session, made, lambda: store.membership(session, course_id, person_id))
    row.launched_role, row.launched_at, row.active = role, now, True
    row.groups = listed
    if role is CourseRole.TRAINER:
        row.staff_launched_at = now
    session.flush()
    return joins


def sync(session: Session, course_id: CourseId, members: Iterable[Enrolled], now: datetime) -> RosterNews:
    """Takes the platform's roster, read at `now`, over; returns who takes part since, and who does not any more.

    Who is not named becomes inactive, unless they launched since the roster was read, or as staff within 180 days
    (NRPS leaves out managers and admins). Who is named without a role that is known here is not a member by that.
    Nobody's evidence is touched. Launches and other courses' rosters may go on at the same time: everybody takes
    persons first, then the course, then memberships.
    """
    platform_id = PlatformId(store.course_row(session, course_id).platform_id)
    named = {member.sub: member for member in members if member.role is not None}
    persons = _persons_for(session, platform_id, named, now)
    take_courses(session, course_id, [PersonId(row.id) for row in persons.values()])
    known = store.memberships(session, course_id)
    before = _taking_part(known, now)
    present = {PersonId(persons[sub].id): member for sub, member in named.items()}
    _mark_absent(known, present, now)
    store.add_memberships(session, course_id, present.keys() - known.keys())
    known = store.memberships(session, course_id)
    for person_id, member in present.items():
        known[person_id].roster_role, known[person_id].active = member.role, True
    store.course_row(session, course_id).roster_synced_at = now
    session.flush()
    after = _taking_part(known, now)
    return RosterNews(frozenset(after - before), frozenset(before - after))


def note_groups(session: Session, course_id: CourseId, names: Mapping[str, str]) -> None:
    """What the groups of a course are called now; what is not named any more keeps its name."""
    known = store.groups(session, course_id)
    for group, name in names.items():
        row = known.get(group) or CourseGroupRow(course_id=course_id, external_id=group)
        row.name = name
        session.add(row)
    session.flush()


def take_courses(session: Session, course_id: CourseId, person_ids: Collection[PersonId] | None) -> None:
    """Keeps others from computing in this course, and in all where these persons (None: its members) are.

    It holds until the end of the transaction. Two at once would each compute without what the other has stored.
    All are taken at one go and in one order, so who will compute takes them before anything else of the course: two
    that wait for each other wait for ever.
    """
    store.lock_courses_of(session, course_id, person_ids)


def participants(session: Session, course_id: CourseId, as_of: datetime) -> tuple[Person, ...]:
    """Who counts as a participant of the course: an active member who is not staff. Sorted by name."""
    members = store.members(session, course_id)
    return _sorted(store.persons_by_id(session, _taking_part(members, as_of)))


def participant_ids(
    session: Session, course_id: CourseId, as_of: datetime, among: Collection[PersonId] | None = None
) -> set[PersonId]:
    """Who counts as a participant of the course, of everybody or `among` these; one query a portion of 500."""
    return _taking_part(store.members(session, course_id, among), as_of)


def staff_ids(session: Session, course_id: CourseId, as_of: datetime) -> set[PersonId]:
    """Who teaches in the course: active members who are staff."""
    return {
        person
        for person, row in store.members(session, course_id).items()
        if row.active and is_staff(row.staff_launched_at, _role(row.roster_role), as_of)
    }


def ever_participants(session: Session, course_id: CourseId, as_of: datetime) -> set[PersonId]:
    """Who is or was a participant of the course: those too whose enrolment has ended meanwhile."""
    return {person for person, row in store.members(session, course_id).items() if _takes_part(row, as_of)}


def participants_for_matching(session: Session, course_id: CourseId) -> tuple[Person, ...]:
    """Everyone who is or was in the course, staff included: whom a results file may name."""
    return _sorted(store.persons_by_id(session, list(store.members(session, course_id))))


def is_participant(session: Session, course_id: CourseId, person_id: PersonId, as_of: datetime) -> bool:
    """Whether this person is a participant of the course now."""
    return bool(participant_ids(session, course_id, as_of, [person_id]))


def other_courses(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId]
) -> list[tuple[CourseId, PersonId]]:
    """(course, person) for every other course in which one of these persons is or was."""
    found = store.other_memberships(session, course_id, person_ids)
    return [(CourseId(course), PersonId(person)) for course, person in found]


def _taking_part(members: Mapping[PersonId, _Member], as_of: datetime) -> set[PersonId]:
    return {person_id for person_id, row in members.items() if row.active and _takes_part(row, as_of)}


def _takes_part(row: _Member, as_of: datetime) -> bool:
    return takes_part(_role(row.launched_role), row.staff_launched_at, _role(row.roster_role), as_of)


def _role(stored: str | None) -> CourseRole | None:
    return CourseRole(stored) if stored else None


def _mark_absent(known: Mapping[PersonId, MembershipRow], present: Collection[PersonId], read_at: datetime) -> None:
    for person_id, row in known.items():
        if person_id not in present:
            row.roster_role = None
            launched_since = row.launched_at is not None and row.launched_at >= read_at
            row.active = row.active and (launched_since or launched_lately_as_staff(row.staff_launched_at, read_at))


def _persons_for(
    session: Session, platform_id: PlatformId, named: dict[str, Enrolled], now: datetime
) -> dict[str, PersonRow]:
    rows = store.persons_by_sub(session, platform_id, named)
    unknown = named.keys() - rows.keys()
    if unknown:
        store.add_persons(session, platform_id, unknown, now)
        rows |= store.persons_by_sub(session, platform_id, unknown)
    for sub, member in named.items():
        _take_over(rows[sub], member, now)
    session.flush()
    return rows


def _new_person(platform_id: PlatformId, sub: str, now: datetime) -> PersonRow:
    return PersonRow(platform_id=platform_id, sub=sub, name="", created_at=now, updated_at=now)


def _take_over(row: PersonRow, told: Arrival | Enrolled, now: datetime) -> None:
    for field, value in _news(row, told).items():
        setattr(row, field, value)
        row.updated_at = now


def _news(held: PersonRow | KnownPerson, told: Arrival | Enrolled) -> dict[str, str]:
    """Only what was told replaces what is known: a launch without names does not make anyone nameless."""
    email = told.email.strip().lower() if told.email else None
    said = {
        "name": told.name or _joined(told, half_will_do=not held.name),
        "given_name": told.given_name,
        "family_name": told.family_name,
        "email": email,
        "id_number": told.id_number,
    }
    return {field: value for field, value in said.items() if value is not None and value != getattr(held, field)}


def _joined(told: Arrival | Enrolled, *, half_will_do: bool) -> str | None:
    """Given and family name as one; half a name only where nothing better is known."""
    parts = [part for part in (told.given_name, told.family_name) if part]
    return " ".join(parts) if len(parts) == 2 or (parts and half_will_do) else None


def _sorted(persons: Iterable[PersonRow]) -> tuple[Person, ...]:
    by_name = sorted(persons, key=lambda row: place_of(row.family_name, row.name, row.id))
    return tuple(store.as_person(row) for row in by_name)
