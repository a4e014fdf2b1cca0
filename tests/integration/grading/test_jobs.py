"""Large courses follow a change in batches, by any number of workers, and end as if computed at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency import mapping_draft
from lti_tool.competency.mapping_draft import CellChange, CellValue
from lti_tool.competency.model import MappingRole
from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict
from lti_tool.grading import gradebook, jobs, publishing
from lti_tool.grading.jobs import Progress
from lti_tool.ids import ActivityId
from lti_tool.people.activities import activities_of
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
