"""The roster taken over: who is named joins, who is not leaves, whom NRPS leaves out stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from lti_tool.db.among import PORTION
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people import roster, store
from lti_tool.people.model import Arrival, CourseRole, Enrolled
from lti_tool.people.tables import PersonRow
from tests.factories.make import Make

PARTICIPANT, TRAINER = CourseRole.PARTICIPANT, CourseRole.TRAINER
HOUR = timedelta(hours=1)


@dataclass
class Room:
    """One course; time is given by the tests."""

    sessions: SessionFactory
    platform_id: PlatformId
    course_id: CourseId

    def sync(self, now: datetime, *members: Enrolled) -> set[str]:
        """The roster is read; the `sub`s of those who joined by it."""
        with unit_of_work(self.sessions) as session:
            joined = roster.sync(session, self.course_id, members, now).joined
            return {session.get_one(PersonRow, person).sub for person in joined}

    def launch(self, sub: str, role: CourseRole, now: datetime) -> bool:
        """Whether they were not a member before."""
        arrival = Arrival(sub, None, None, None, None, None, "ky", role)
        with unit_of_work(self.sessions) as session:
            person = roster.note_person(session, self.platform_id, arrival, now)
            return roster.note_arrival(session, self.course_id, person.id, role, ("3", "4"), now)

    def participants(self, now: datetime) -> list[str]:
        with unit_of_work(self.sessions, writes=False) as session:
            found = roster.participants(session, self.course_id, now)
            assert {person.id for person in found} == roster.participant_ids(session, self.course_id, now)
            return [person.sub for person in found]


@pytest.fixture
def room(any_sessions: SessionFactory, now: datetime) -> Room:
    with unit_of_work(any_sessions) as session:
        course = Make(session, now).course()
        return Room(any_sessions, PlatformId(course.platform_id), CourseId(course.id))


def _learner(sub: str, **fields: str) -> Enrolled:
    return Enrolled(sub, PARTICIPANT, **fields)


def test_who_is_named_joins_once(room: Room, now: datetime) -> None:
    assert room.sync(now, _learner("a"), _learner("b"), Enrolled("t", TRAINER)) == {"a", "b"}
    assert room.sync(now + HOUR, _learner("a"), _learner("b"), Enrolled("t", TRAINER)) == set()
    assert room.participants(now) == ["a", "b"]


def test_who_leaves_and_comes_back_joins_again(room: Room, now: datetime) -> None:
    room.sync(now, _learner("a"), _learner("b"))

    assert room.sync(now + HOUR, _learner("b")) == set()
    assert room.participants(now + HOUR) == ["b"]
    assert room.sync(now + 2 * HOUR, _learner("a"), _learner("b")) == {"a"}
    assert room.participants(now + 2 * HOUR) == ["a", "b"]


def test_who_was_taken_off_and_launches_is_back_at_once(room: Room, now: datetime) -> None:
    room.sync(now, _learner("a"))
    room.sync(now + HOUR)

    assert room.launch("a", PARTICIPANT, now + 2 * HOUR)
    assert not room.launch("a", PARTICIPANT, now + 3 * HOUR)
    assert room.participants(now + 3 * HOUR) == ["a"]


def test_a_learner_who_launched_once_and_is_on_no_roster_takes_part_no_more(room: Room, now: datetime) -> None:
    room.launch("a", PARTICIPANT, now)

    room.sync(now + HOUR, _learner("b"))

    assert room.participants(now + HOUR) == ["b"]


def test_who_launched_after_the_roster_was_read_is_not_taken_off_by_it(room: Room, now: datetime) -> None:
    room.launch("a", PARTICIPANT, now + HOUR)

    room.sync(now, _learner("b"))

    assert room.participants(now + HOUR) == ["a", "b"]


def test_a_non_editing_teacher_is_staff_though_the_roster_says_learner(room: Room, now: datetime) -> None:
    room.launch("t", TRAINER, now)

    assert room.sync(now + HOUR, _learner("t"), _learner("a")) == {"a"}
    assert room.participants(now + HOUR) == ["a"]


def test_an_admin_on_no_roster_is_never_a_participant(room: Room, now: datetime) -> None:
    room.launch("admin", TRAINER, now)
    room.sync(now + HOUR, _learner("a"))

    assert room.participants(now + HOUR) == ["a"]
    assert room.participants(now + timedelta(days=200)) == ["a"]
    room.sync(now + timedelta(days=200), _learner("a"))
    assert room.participants(now + timedelta(days=200)) == ["a"]


def test_a_teacher_in_the_role_of_a_student_is_still_staff(room: Room, now: datetime) -> None:
    room.launch("t", TRAINER, now)
    room.launch("t", PARTICIPANT, now + HOUR)

    assert room.participants(now + HOUR) == []


def test_a_trainer_who_becomes_a_learner_joins(room: Room, now: datetime) -> None:
    room.sync(now, Enrolled("a", TRAINER))

    assert room.sync(now + HOUR, _learner("a")) == {"a"}


def test_who_is_named_without_a_known_role_does_not_take_part(room: Room, now: datetime) -> None:
    assert room.sync(now, Enrolled("mentor", None), _learner("a")) == {"a"}
    assert room.sync(now + HOUR, Enrolled("a", None)) == set()
    assert room.participants(now + HOUR) == []


def test_of_a_person_named_twice_the_last_row_counts(room: Room, now: datetime) -> None:
    room.sync(now, _learner("a", name="Айгүл"), _learner("a", name="Айгүл Асанова"))

    with unit_of_work(room.sessions, writes=False) as session:
        assert [person.name for person in roster.participants(session, room.course_id, now)] == ["Айгүл Асанова"]


def test_what_the_roster_does_not_say_stays_known(room: Room, now: datetime) -> None:
    room.sync(now, _learner("a", name="Айгүл", email="Aigul@Example.Invalid ", id_number="KG-1"))
    room.sync(now + HOUR, _learner("a"))

    with unit_of_work(room.sessions, writes=False) as session:
        (person,) = roster.participants(session, room.course_id, now)
    assert (person.name, person.email, person.id_number) == ("Айгүл", "aigul@example.invalid", "KG-1")


def test_a_roster_of_more_people_than_one_query_names_is_taken_whole(room: Room, now: datetime) -> None:
    everybody = [_learner(f"s{number}") for number in range(PORTION + 20)]

    assert len(room.sync(now, *everybody)) == len(everybody)
    assert len(room.participants(now)) == len(everybody)


def test_only_some_may_be_asked_for(room: Room, now: datetime) -> None:
    room.sync(now, _learner("a"), _learner("b"), Enrolled("t", TRAINER))

    with unit_of_work(room.sessions, writes=False) as session:
        by_sub = {sub: PersonId(row.id) for sub, row in store.persons_by_sub(session, room.platform_id, "abt").items()}
        asked = [by_sub["a"], by_sub["t"]]
        assert roster.participant_ids(session, room.course_id, now, asked) == {by_sub["a"]}
        assert roster.is_participant(session, room.course_id, by_sub["b"], now)
        assert not roster.is_participant(session, room.course_id, by_sub["t"], now)
        assert roster.participant_ids(session, room.course_id, now, []) == set()
