"""Large courses follow a change in batches, by any number of workers, and end as if computed at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from lti_tool.competency import mapping_draft
from lti_tool.competency.mapping_draft import CellChange, CellValue
from lti_tool.competency.model import MappingRole
from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.grading import gradebook, jobs, publishing
from lti_tool.grading.jobs import Progress
from lti_tool.grading.tables import JobRow
from lti_tool.ids import ActivityId, CourseId, PersonId, PlatformId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.activities import activities_of
from lti_tool.people.tables import CourseRow
from tests.factories.make import Make
from tests.factories.schoolroom import Schoolroom, open_schoolroom

LARGE = 7


@pytest.fixture
def room(any_sessions: SessionFactory, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Schoolroom:
    """Seven people with a mark in one quiz; more than five make a large course here, computed by threes."""
    monkeypatch.setattr(jobs, "AT_ONCE", 5)
    monkeypatch.setattr(jobs, "BATCH", 3)
    room = open_schoolroom(any_sessions, now, people=LARGE)
    quiz = room.activity("Quiz: 1")
    for person in range(LARGE):
        room.mark(quiz, 40 + 10 * person, person=person)
    return room


def _quiz(room: Schoolroom) -> ActivityId:
    with unit_of_work(room.sessions, writes=False) as session:
        return activities_of(session, room.course_id)[0].id


def _draft(room: Schoolroom, activity: ActivityId, level: int = 1) -> None:
    """Has the activity show this level of 1.1, in the draft."""
    value = CellValue(1, MappingRole.SUPPORTING)
    changes = [CellChange(activity, indicator, None, value) for indicator in room.indicators("1.1", level)]
    room.do(lambda session: mapping_draft.change_cells(session, room.course_id, changes, by=None, now=room.now))


def _publish(room: Schoolroom) -> None:
    def publish(session: Session) -> None:
        seen = mapping_draft.draft_of(session, room.course_id).fingerprint
        publishing.publish_draft(session, room.course_id, seen, by=None, now=room.now)

    room.do(publish)


def _levels(room: Schoolroom) -> dict[int, int | None]:
    with unit_of_work(room.sessions, writes=False) as session:
        return {row.person_id: row.established for row in session.scalars(select(CompetencyStandingRow))}


def _progress(room: Schoolroom) -> Progress | None:
    with unit_of_work(room.sessions, writes=False) as session:
        return jobs.progress_of(session, room.course_id)


def _computed_at_once(room: Schoolroom) -> dict[int, int | None]:
    room.do(lambda session: gradebook.recompute_course(session, room.course_id, room.now))
    return _levels(room)


def test_a_large_course_follows_in_batches(room: Schoolroom) -> None:
    _draft(room, _quiz(room))
    _publish(room)
    assert (_progress(room), _levels(room)) == (Progress(0, LARGE), {})

    assert jobs.advance(room.sessions, room.now) == LARGE

    assert _progress(room) is None
    levels = _levels(room)
    assert list(levels.values()).count(1) == 5
    assert levels == _computed_at_once(room)
    assert jobs.advance(room.sessions, room.now) == 0


def test_a_link_placed_in_a_large_course_does_not_hold_up_its_launch(room: Schoolroom) -> None:
    codes = ",".join(each.code for each in room.framework.competency("1.1").of_level(1))

    def launch(session: Session) -> None:
        link = activities_of(session, room.course_id)[0]
        gradebook.accept_declaration(session, link, codes, is_new=True, by=None, now=room.now, follow=jobs.compute_anew)

    room.do(launch)
    assert (_progress(room), _levels(room)) == (Progress(0, LARGE), {})

    jobs.advance(room.sessions, room.now)

    assert list(_levels(room).values()).count(1) == 5


def test_a_small_course_follows_at_once(any_sessions: SessionFactory, now: datetime) -> None:
    room = open_schoolroom(any_sessions, now, people=2)
    room.mark(room.activity("Quiz: 1"), 70)
    _draft(room, _quiz(room))

    _publish(room)

    assert (_progress(room), set(_levels(room).values())) == (None, {1, None})


def test_a_mark_that_comes_in_meanwhile_counts_by_the_new_mapping(room: Schoolroom) -> None:
    _draft(room, _quiz(room))
    _publish(room)

    room.mark(_quiz(room), 95, person=0)

    assert _levels(room) == {room.people[0]: 1}


def test_a_batch_that_was_stopped_is_gone_on_with(room: Schoolroom) -> None:
    _draft(room, _quiz(room))
    _publish(room)
    room.do(lambda session: jobs._batch(session, room.course_id, room.now))
    assert _progress(room) == Progress(3, LARGE)

    assert jobs.advance(room.sessions, room.now) == LARGE - 3

    assert len(_levels(room)) == LARGE


def test_a_change_during_that_begins_it_again(room: Schoolroom) -> None:
    _draft(room, _quiz(room))
    _publish(room)
    room.do(lambda session: jobs._batch(session, room.course_id, room.now))

    second = room.activity("Quiz: 2")
    _draft(room, second)
    _publish(room)

    assert _progress(room) == Progress(0, LARGE)
    jobs.advance(room.sessions, room.now)
    assert _levels(room) == _computed_at_once(room)


def test_rules_are_followed_in_batches_too(room: Schoolroom) -> None:
    room.map_levels(_quiz(room), 1)
    before = _levels(room)

    def publish(session: Session) -> None:
        publishing.publish_rules(session, room.course_id, {"pass_mark": "9/10"}, "1", by=None, now=room.now)

    room.do(publish)
    assert _levels(room) == before

    jobs.advance(room.sessions, room.now)

    assert list(_levels(room).values()).count(1) == 2


def test_rules_chosen_instead_of_an_older_version_are_refused(room: Schoolroom) -> None:
    def publish(session: Session) -> None:
        publishing.publish_rules(session, room.course_id, {"pass_mark": "9/10"}, "7", by=None, now=room.now)

    with pytest.raises(Conflict):
        room.do(publish)

    assert _progress(room) is None


def test_grades_follow_once_their_person_is_computed(room: Schoolroom) -> None:
    _draft(room, _quiz(room))
    _publish(room)
    jobs.advance(room.sessions, room.now)

    room.work()

    assert room.shown(person=LARGE - 1) == Decimal(1)


def test_two_workers_compute_nobody_twice(room: Schoolroom) -> None:
    _draft(room, _quiz(room))
    _publish(room)

    with ThreadPoolExecutor(2) as workers:
        done = list(workers.map(lambda _number: jobs.advance(room.sessions, room.now), range(2)))

    assert sum(done) == LARGE
    assert _progress(room) is None
    assert _levels(room) == _computed_at_once(room)


# --- a course that cannot be computed

MINUTE = timedelta(minutes=1)


@dataclass
class Broken:
    """Two large courses; the one that waited longer fails as long as it is told to."""

    room: Schoolroom
    other: Schoolroom
    failure: Exception | None
    tries: int = 0

    def advance(self) -> int:
        return jobs.advance(self.room.sessions, self.room.now)


def _beside(room: Schoolroom) -> Schoolroom:
    """Another large course, of another platform."""
    with unit_of_work(room.sessions) as session:
        make = Make(session, room.now)
        platform = make.platform("https://other.example.invalid")
        course = make.course(platform)
        persons = [make.person(platform) for _ in range(LARGE)]
        for person in persons:
            make.membership(course, person)
        ids = [PersonId(person.id) for person in persons]
        return replace(room, course_id=CourseId(course.id), people=ids, subs=[person.sub for person in persons])


@pytest.fixture
def broken(room: Schoolroom, monkeypatch: pytest.MonkeyPatch) -> Broken:
    other = _beside(room)
    quiz = other.activity("Quiz: 1")
    other.mark(quiz, 95)
    for each in (room, other):
        _draft(each, _quiz(each))
        _publish(each)
    made, batch = Broken(room, other, RuntimeError("Айгүл's row")), jobs._batch

    def fail(session: Session, course_id: CourseId, now: datetime) -> int:
        if course_id == room.course_id:
            made.tries += 1
            if made.failure is not None and made.tries > 1:
                raise made.failure
        return batch(session, course_id, now)

    monkeypatch.setattr(jobs, "_batch", fail)
    return made


def test_a_course_that_fails_does_not_hold_up_those_behind_it(broken: Broken) -> None:
    with capture_logs() as events:
        computed = broken.advance()

    assert computed == LARGE
    assert (_progress(broken.other), _levels(broken.other)[broken.other.people[0]]) == (None, 1)
    assert [event["course_id"] for event in events if event["log_level"] == "error"] == [broken.room.course_id]


def test_what_was_computed_before_it_failed_stays_and_the_reason_is_kept(broken: Broken) -> None:
    broken.advance()

    assert _progress(broken.room) == Progress(3, LARGE, "RuntimeError", broken.room.now + MINUTE)


def test_a_refusal_is_kept_by_its_code(broken: Broken) -> None:
    broken.failure = RuleBroken("framework_version_unknown")

    broken.advance()

    progress = _progress(broken.room)
    assert progress is not None
    assert progress.fault == "framework_version_unknown"


def test_each_failure_makes_it_wait_twice_as_long_up_to_six_hours(broken: Broken) -> None:
    waits = []
    for _ in range(12):
        broken.advance()
        progress = _progress(broken.room)
        assert progress is not None
        assert progress.retry_at is not None
        waits.append(progress.retry_at - broken.room.now)
        broken.room.now = progress.retry_at

    assert [wait // MINUTE for wait in waits] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]


def test_it_is_left_alone_until_its_time(broken: Broken) -> None:
    broken.advance()
    tried = broken.tries

    broken.room.now += MINUTE - timedelta(seconds=1)
    broken.advance()
    assert broken.tries == tried

    broken.room.now += timedelta(seconds=1)
    broken.advance()
    assert broken.tries == tried + 1


def test_once_it_goes_well_it_ends_as_if_nothing_had_been(broken: Broken) -> None:
    broken.advance()
    broken.failure = None
    broken.room.now += MINUTE

    broken.advance()

    assert _progress(broken.room) is None
    assert _levels(broken.room) == _computed_at_once(broken.room)


def test_a_change_is_followed_at_once_although_the_one_before_failed(broken: Broken) -> None:
    broken.advance()
    broken.failure = None
    _draft(broken.room, broken.room.activity("Quiz: 2"))
    _publish(broken.room)
    assert _progress(broken.room) == Progress(0, LARGE)

    broken.advance()

    assert _progress(broken.room) is None


def test_a_course_that_became_small_forgets_its_failure(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    broken.advance()
    monkeypatch.setattr(jobs, "AT_ONCE", LARGE)

    _draft(broken.room, broken.room.activity("Quiz: 2"))
    _publish(broken.room)

    assert _progress(broken.room) is None
    with broken.room.sessions() as session:
        row = session.get_one(JobRow, broken.room.course_id)
        assert (row.failures, row.retry_at, row.fault) == (0, None, None)


def test_a_database_that_is_away_is_told_by_the_step(broken: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(jobs, "_set_aside", away)

    with pytest.raises(ConnectionError):
        broken.advance()


def test_courses_left_to_a_worker_are_computed_however_small_one_without_anybody_is_done_at_once(
    room: Schoolroom,
) -> None:
    with unit_of_work(room.sessions) as session:
        here = session.get_one(CourseRow, room.course_id)
        empty = CourseId(Make(session, room.now).course(session.get_one(PlatformRow, here.platform_id)).id)
    platform_id = PlatformId(here.platform_id)
    _draft(room, _quiz(room))
    _publish(room)
    room.do(lambda session: jobs.compute_later(session, [room.course_id, empty], room.now))
    waiting = room.do(lambda session: jobs.courses_under_way(session, platform_id))

    computed = jobs.advance(room.sessions, room.now)

    assert (waiting, computed) == (2, LARGE)
    assert room.do(lambda session: jobs.courses_under_way(session, platform_id)) == 0
    assert room.do(lambda session: jobs.progress_of(session, empty)) is None


def test_who_computes_a_course_as_a_whole_ends_what_was_under_way(room: Schoolroom) -> None:
    _draft(room, _quiz(room))
    _publish(room)
    assert _progress(room) == Progress(0, LARGE)

    room.do(lambda session: jobs.compute_whole(session, room.course_id, room.now))

    assert _progress(room) is None
    assert len(_levels(room)) == LARGE
    assert jobs.advance(room.sessions, room.now) == 0
