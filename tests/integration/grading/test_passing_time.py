"""Grades follow the time, too: nobody does anything, and what was shown counts no more, or differently."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lti_tool.competency.passing_time import overtaken
from lti_tool.competency.tables import JudgementRow
from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.grading import gradebook
from lti_tool.people.tables import CourseRow
from lti_tool.steps import TimeFollower
from tests.factories.schoolroom import Schoolroom, open_schoolroom


@pytest.fixture
def room(any_sessions: SessionFactory, now: datetime) -> Schoolroom:
    """Both participants have shown level 1 by a quiz, and it stands in the platform's gradebook."""
    room = open_schoolroom(any_sessions, now)
    quiz = room.activity("Quiz: 1")
    room.map_levels(quiz, 1)
    room.mark(quiz, 70)
    room.mark(quiz, 70, person=1)
    room.work()
    return room


def use_rules(room: Schoolroom, **options: object) -> None:
    room.do(lambda session: gradebook.accept_rules(session, room.course_id, options, by=None, now=room.now))


def pass_time(room: Schoolroom, follower: TimeFollower, **time: int) -> None:
    room.now += timedelta(**time)
    follower(room.sessions, room.now)
    room.work()


def close(room: Schoolroom, at: datetime) -> None:
    def change(session: Session) -> None:
        session.get_one(CourseRow, room.course_id).ends_at = at

    room.do(change)


def _against(room: Schoolroom, until: datetime) -> list[JudgementRow]:
    """A trainer's judgements against all of level 1."""
    return [
        JudgementRow(
            course_id=room.course_id,
            person_id=room.people[0],
            indicator_id=indicator,
            judged_by=room.people[1],
            attained=False,
            reason="көрдүм",
            judged_at=room.now,
            until=until,
        )
        for indicator in room.indicators("1.1", 1)
    ]


def test_the_grade_of_work_past_its_validity_is_withdrawn(room: Schoolroom) -> None:
    use_rules(room, validity_months=1)
    follower = TimeFollower()

    pass_time(room, follower, days=27)
    before = room.shown()
    pass_time(room, follower, days=5)

    assert (before, room.shown(), room.shown(1)) == (Decimal(1), None, None)


def test_missing_work_counts_0_once_the_course_is_closed(room: Schoolroom) -> None:
    room.map_levels(room.activity("Quiz: 2"), 1)
    close(room, room.now + timedelta(days=1))
    use_rules(room, missing_is_zero=True)
    follower = TimeFollower()

    pass_time(room, follower, hours=23)
    before = room.shown()
    pass_time(room, follower, hours=2)

    assert (before, room.shown(), room.shown(1)) == (Decimal(1), Decimal(0), Decimal(0))


def test_a_judgement_that_has_ended_counts_no_more(room: Schoolroom) -> None:
    room.do(lambda session: session.add_all(_against(room, room.now + timedelta(days=1))))
    room.do(lambda session: gradebook.recompute_course(session, room.course_id, room.now))
    room.work()
    before = room.shown()

    pass_time(room, TimeFollower(), days=2)

    assert (before, room.shown()) == (Decimal(0), Decimal(1))


def test_only_whom_the_time_overtook_is_computed_anew(room: Schoolroom) -> None:
    use_rules(room, validity_months=1)
    after = room.now + timedelta(days=20)

    with room.sessions() as session:
        nobody = overtaken(session, after, after + timedelta(days=1))
        later = overtaken(session, after, after + timedelta(days=20))

    assert nobody == ()
    assert [(each.course_id, each.person_ids) for each in later] == [(room.course_id, frozenset(room.people))]


def test_a_course_without_such_rules_is_never_overtaken(room: Schoolroom) -> None:
    close(room, room.now + timedelta(days=1))

    with room.sessions() as session:
        assert overtaken(session, room.now, room.now + timedelta(days=4000)) == ()


def test_a_worker_that_was_away_makes_up_for_it_and_then_looks_back_no_further(room: Schoolroom) -> None:
    use_rules(room, validity_months=1)
    follower = TimeFollower()
    room.now += timedelta(days=40)

    follower(room.sessions, room.now)
    room.work()
    posts = len(room.lms.posts)
    pass_time(room, follower, hours=1)

    assert (room.shown(), len(room.lms.posts)) == (None, posts)
