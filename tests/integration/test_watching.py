"""The figures by which the tool is watched: right on both databases, cheap at any size."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformForbids, PlatformUnavailable, ScoreRefused
from lti_tool.grading.model import DeliveryState
from lti_tool.grading.tables import JobRow
from lti_tool.grading.watch_queries import Jobs, left_lying, worker_seen
from lti_tool.lti.tables import CourseServiceRow, PlatformRow
from lti_tool.moodle.tables import NativePullRow
from lti_tool.people import errands
from lti_tool.people.errand import ErrandKind
from lti_tool.watching import LATE, NOTHING, PlatformFigures, figures
from tests.factories.big_course import counted
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.make import Make


@pytest.fixture
def desk(any_sessions: SessionFactory, now: datetime) -> Desk:
    """Three people of one platform, whose column stands."""
    return with_column(open_desk(any_sessions, now, people=3))


def _all(desk: Desk) -> tuple[PlatformFigures, ...]:
    with unit_of_work(desk.sessions, writes=False) as session:
        return figures(session, desk.now)


def _of(desk: Desk) -> PlatformFigures:
    with desk.sessions() as session:
        public_id = session.get_one(PlatformRow, desk.platform_id).public_id
    return next(each for each in _all(desk) if each.platform == public_id)


def _counts(found: PlatformFigures) -> dict[str, int]:
    return {state.value: found.deliveries(state) for state in DeliveryState}


def test_without_a_platform_there_is_nothing_to_tell(any_sessions: SessionFactory, now: datetime) -> None:
    with unit_of_work(any_sessions, writes=False) as session:
        assert figures(session, now) == ()


def test_a_platform_that_nothing_waits_for_tells_zeros(desk: Desk) -> None:
    found = _of(desk)

    assert (found.unsettled, found.pause, found.columns_not_ready) == ((), None, 0)
    assert (found.due_now, found.oldest_wait(desk.now), found.jobs) == (0, NOTHING, Jobs(0, 0))
    assert (found.rosters_failing, found.pulls_failing) == (0, 0)


def test_readings_are_late_after_a_quarter_of_an_hour(desk: Desk) -> None:
    with unit_of_work(desk.sessions) as session:
        errands.ask(session, desk.course_id, ErrandKind.ROSTER, None, desk.now)

    desk.wait(seconds=LATE.total_seconds() - 1)
    assert _of(desk).errands_late == 0
    desk.wait(seconds=1)
    assert _of(desk).errands_late == 1


def test_what_waits_is_counted_with_the_age_of_the_oldest_wish(desk: Desk) -> None:
    desk.want(1, 0)
    desk.wait(seconds=40)
    desk.want(2, 1)
    desk.wait(seconds=2)

    found = _of(desk)

    assert (_counts(found)["due"], found.due_now, found.oldest_wait(desk.now)) == (2, 2, timedelta(seconds=42))


def test_what_has_arrived_is_in_no_figure(desk: Desk) -> None:
    desk.want(1)
    desk.work()

    assert _of(desk).unsettled == ()


def test_what_was_refused_is_counted_by_the_answer_and_is_not_due(desk: Desk) -> None:
    desk.lms.fail_next(ScoreRefused("score_refused", status=400), times=2)
    desk.want(1, 0)
    desk.want(1, 1)
    desk.work()
    desk.want(3, 2)

    found = _of(desk)

    told = [(each.state, each.answer, each.count, each.due) for each in found.unsettled]
    assert told == [("due", None, 1, 1), ("held", "refused", 2, 0)]
    assert (found.due_now, _counts(found)["held"]) == (1, 2)
    assert found.oldest_wait(desk.now) == NOTHING, "who is held is shown with a reason and does not wait unseen"


def test_a_score_between_two_tries_still_waits_but_is_not_due(desk: Desk) -> None:
    desk.want(1)
    with unit_of_work(desk.sessions) as session:
        session.execute(text("UPDATE delivery SET due_at = :later"), {"later": desk.now + timedelta(hours=1)})
    desk.wait(minutes=10)

    found = _of(desk)

    assert (found.due_now, found.oldest_wait(desk.now)) == (0, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("error", "reason"),
    [(PlatformUnavailable("platform_timeout"), "outage"), (PlatformForbids("token_refused", status=401), "forbidden")],
)
def test_a_pause_is_told_with_its_reason_and_its_beginning(
    desk: Desk, error: PlatformUnavailable | PlatformForbids, reason: str
) -> None:
    desk.lms.fail_next(error)
    desk.want(1)
    desk.work()
    began = desk.now
    desk.wait(minutes=5)

    pause = _of(desk).pause
    assert pause is not None
    assert (pause.reason, pause.since) == (reason, began)
    assert pause.until > began


def test_columns_jobs_rosters_and_pulls_are_counted_where_they_fail(desk: Desk) -> None:
    desk.want_columns("4.1.1", "4.1.2")
    with unit_of_work(desk.sessions) as session:
        make = Make(session, desk.now)
        platform = session.get_one(PlatformRow, desk.platform_id)
        registration = make.registration(platform)
        off = make.registration(platform, "client-2", active=False)
        courses = [make.course(platform, context_id=f"c{number}") for number in range(5)]
        for course, fault in zip(courses[:4], ("KeyError", None, None, None), strict=True):
            session.add(JobRow(course_id=course.id, total=9, done=0, reached=0, began_at=desk.now, fault=fault))
        session.flush()
        session.get_one(JobRow, courses[3].id).finished_at = desk.now
        for course, fault in zip(courses, ("platform_timeout", "services_unknown", None, None, "x"), strict=True):
            session.add(
                CourseServiceRow(
                    course_id=course.id,
                    registration_id=(off if fault == "x" else registration).id,
                    scopes=[],
                    roster_failure=fault,
                    seen_at=desk.now,
                )
            )
        session.add_all(NativePullRow(course_id=course.id, fault="moodle_forbids") for course in courses[:3])
        session.add(NativePullRow(course_id=courses[3].id))

    found = _of(desk)

    assert (found.columns_not_ready, found.jobs) == (1, Jobs(open=3, failing=1))
    assert (found.rosters_failing, found.pulls_failing) == (2, 3)


def test_each_platform_has_its_own_figures(desk: Desk) -> None:
    other = with_column(open_desk(desk.sessions, desk.now, people=2))
    desk.want(1, 0)
    other.want(1, 0)
    other.want(1, 1)

    assert [each.due_now for each in _all(desk)] == [1, 2]


def test_the_number_of_statements_does_not_grow_with_the_platforms(desk: Desk) -> None:
    with counted(desk.sessions) as few:
        _all(desk)
    for _ in range(5):
        other = with_column(open_desk(desk.sessions, desk.now, people=2))
        other.want(1, 0)
    with counted(desk.sessions) as many:
        assert len(_all(desk)) == 6

    assert len(few) == len(many) <= 12


def test_a_column_that_is_no_longer_wanted_is_not_missed(desk: Desk) -> None:
    desk.want_columns("4.1.1", "4.1.2", "4.1.3")
    desk.want_columns("4.1.1", "4.1.2")

    assert _of(desk).columns_not_ready == 1


@pytest.mark.postgres
def test_what_has_arrived_is_not_read_for_it(postgres_sessions: SessionFactory, now: datetime) -> None:
    desk = with_column(open_desk(postgres_sessions, now, people=1))
    with counted(postgres_sessions) as sent:
        _all(desk)
    (statement,) = (each for each in sent if "delivery.state" in each)
    assert "state != 'sent'" in statement, "with a parameter there no plan for any parameters could use the index"

    with unit_of_work(postgres_sessions, writes=False) as session:
        # With a table that is nearly empty PostgreSQL would rather read it all: asked what it could do.
        session.execute(text("SET LOCAL enable_seqscan = off"))
        values = {"due_at_1": now, "param_1": 1, "param_2": 0}
        plan = session.connection().exec_driver_sql(f"EXPLAIN {statement}", values)
        assert any("ix_delivery_unsettled" in row[0] for row in plan)


# --- whether somebody works

MINUTE = timedelta(seconds=60)


def _lying(desk: Desk) -> int:
    with unit_of_work(desk.sessions, writes=False) as session:
        return left_lying(session, desk.now - MINUTE, desk.now).get(desk.platform_id, 0)


def _seen(desk: Desk) -> bool:
    with unit_of_work(desk.sessions, writes=False) as session:
        return worker_seen(session, desk.now - MINUTE, desk.now)


def test_what_is_due_for_less_than_a_minute_is_not_left_lying(desk: Desk) -> None:
    desk.want(1)
    desk.wait(seconds=59)
    assert _lying(desk) == 0

    desk.wait(seconds=1)
    assert (_lying(desk), _seen(desk)) == (1, False)


def test_columns_are_left_lying_too(desk: Desk) -> None:
    desk.want_columns("4.1.1", "4.1.2", "4.1.3")
    desk.wait(minutes=2)

    assert _lying(desk) == 2


def test_a_grade_in_somebodys_hands_shows_a_worker(desk: Desk) -> None:
    desk.want(1, 0)
    desk.want(1, 1)
    desk.wait(minutes=2)
    desk.claim(1)

    assert (_lying(desk), _seen(desk)) == (1, True)
    desk.wait(minutes=1)
    assert (_lying(desk), _seen(desk)) == (2, False), "a lease that has ended is nobody's"


def test_a_try_of_the_last_minute_shows_a_worker(desk: Desk) -> None:
    desk.want(1)
    desk.work()
    desk.wait(seconds=60)
    assert _seen(desk)

    desk.wait(seconds=1)
    assert not _seen(desk)


def test_a_paused_platform_leaves_nothing_lying(desk: Desk) -> None:
    desk.want_columns("4.1.1", "4.1.2")
    desk.lms.fail_next(PlatformUnavailable("platform_timeout"))
    desk.want(1)
    desk.work()
    desk.wait(minutes=10)

    assert _lying(desk) == 0


def test_a_grade_whose_column_is_not_there_is_not_left_lying(desk: Desk) -> None:
    desk.want(1)
    with unit_of_work(desk.sessions) as session:
        session.execute(text("UPDATE line_item SET url = NULL, ready_at = NULL"))
    desk.wait(minutes=10)

    assert _lying(desk) == 0
