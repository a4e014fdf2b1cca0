"""Errands: asked for once, done by one worker, taken up again when it dies, given back when it stops."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.ids import CourseId, PlatformId
from lti_tool.people import errand_queries, errands
from lti_tool.people.errand import LEASE, MOST_TRIES, Errand, ErrandKind, Held, Stage, Steps
from lti_tool.people.errands import ErrandLost, Stopping, Telling
from tests.factories.make import Make

ROSTER = ErrandKind.ROSTER
SECOND = timedelta(seconds=1)


@dataclass
class Hall:
    """One course, and whoever asks and works."""

    sessions: SessionFactory
    course_id: CourseId
    platform_id: PlatformId

    def ask(self, now: datetime) -> bool:
        with unit_of_work(self.sessions) as session:
            return errands.ask(session, self.course_id, ROSTER, None, now)

    def take(self, now: datetime, *but: PlatformId) -> Held | None:
        with unit_of_work(self.sessions) as session:
            return errands.take_next(session, list(ErrandKind), but, now)

    def taken(self, now: datetime) -> Held:
        held = self.take(now)
        assert held is not None
        return held

    def close(self, held: Held) -> None:
        with unit_of_work(self.sessions) as session:
            errands.close(session, held)

    def look(self, now: datetime) -> Errand | None:
        with unit_of_work(self.sessions, writes=False) as session:
            return errand_queries.errand_of(session, self.course_id, ROSTER, now)


@pytest.fixture
def hall(any_sessions: SessionFactory, now: datetime) -> Hall:
    with unit_of_work(any_sessions) as session:
        course = Make(session, now).course()
        return Hall(any_sessions, CourseId(course.id), PlatformId(course.platform_id))


def test_a_second_click_begins_no_second_one(hall: Hall, now: datetime) -> None:
    assert (hall.ask(now), hall.ask(now + SECOND)) == (True, False)
    held = hall.taken(now)
    assert hall.ask(now + SECOND) is False
    assert hall.take(now + SECOND) is None

    hall.close(held)

    assert hall.look(now) is None
    assert hall.ask(now + SECOND) is True


def test_of_many_workers_one_has_it(hall: Hall, now: datetime) -> None:
    hall.ask(now)

    with ThreadPoolExecutor(4) as workers:
        found = list(workers.map(lambda _number: hall.take(now), range(8)))

    assert sum(held is not None for held in found) == 1


def test_who_died_is_waited_for_no_longer_than_the_lease(hall: Hall, now: datetime) -> None:
    hall.ask(now)
    dead = hall.taken(now)
    assert hall.take(now + LEASE - SECOND) is None

    second = hall.taken(now + LEASE)

    assert second.tries == 2
    with pytest.raises(ErrandLost):
        hall.close(dead)
    hall.close(second)


def test_each_step_renews_the_lease_and_is_seen(hall: Hall, now: datetime) -> None:
    hall.ask(now)
    held = hall.taken(now)
    telling = Telling(hall.sessions, held, now + LEASE / 2)

    telling(1, 150, None)

    seen = hall.look(now + LEASE)
    assert seen is not None
    assert (seen.stage, seen.steps) == (Stage.UNDER_WAY, Steps(1, 150))
    assert hall.take(now + LEASE) is None


def test_who_has_lost_it_is_told_at_the_next_step(hall: Hall, now: datetime) -> None:
    hall.ask(now)
    asleep = Telling(hall.sessions, hall.taken(now), now)
    hall.taken(now + LEASE)

    with pytest.raises(ErrandLost):
        asleep(1, 1, None)


def test_who_stops_gives_it_back_at_the_next_step(hall: Hall, now: datetime) -> None:
    hall.ask(now)
    held = hall.taken(now)
    telling = Telling(hall.sessions, held, now)
    telling.stopping = True

    with pytest.raises(Stopping):
        telling(1, 1, None)
    with unit_of_work(hall.sessions) as session:
        errands.give_back(session, held)

    assert hall.taken(now).tries == 1


def test_a_change_that_it_has_to_know_takes_it_from_who_has_it(hall: Hall, now: datetime) -> None:
    hall.ask(now)
    held = hall.taken(now)

    with unit_of_work(hall.sessions) as session:
        errands.begin_again(session, hall.course_id, ROSTER)

    with pytest.raises(ErrandLost):
        hall.close(held)
    assert hall.taken(now).token != held.token


def test_what_ends_every_worker_is_hopeless_in_the_end(hall: Hall, now: datetime) -> None:
    hall.ask(now)
    moments = [now + number * LEASE for number in range(MOST_TRIES + 1)]

    assert [hall.taken(moment).is_hopeless for moment in moments] == [False] * MOST_TRIES + [True]


def test_a_platform_that_is_away_is_left_alone(hall: Hall, now: datetime) -> None:
    hall.ask(now)
    assert hall.take(now, hall.platform_id) is None
    later = now + 5 * LEASE

    with unit_of_work(hall.sessions) as session:
        errands.postpone(session, hall.platform_id, ROSTER, later)

    seen = hall.look(now)
    assert seen is not None
    assert (seen.stage, seen.not_before) == (Stage.WAITING, later)
    assert hall.take(later - SECOND) is None
    assert hall.take(later) is not None


def test_what_is_due_by_itself_and_asked_for_is_done_once(hall: Hall, now: datetime) -> None:
    hall.ask(now)
    with unit_of_work(hall.sessions) as session:
        assert errands.begin(session, hall.course_id, ROSTER, now) is None

    hall.close(hall.taken(now))
    with unit_of_work(hall.sessions) as session:
        begun = errands.begin(session, hall.course_id, ROSTER, now)

    assert begun is not None
    assert hall.take(now) is None
    assert hall.ask(now) is False


def test_what_waits_too_long_is_counted_per_platform(hall: Hall, now: datetime) -> None:
    hall.ask(now)

    with unit_of_work(hall.sessions, writes=False) as session:
        assert errand_queries.waiting(session, now - SECOND) == {}
        assert errand_queries.waiting(session, now) == {hall.platform_id: 1}
