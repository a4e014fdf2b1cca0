"""The worker's loop: sends what is due, survives what goes wrong, and ends when it is asked to."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from lti_tool.db.unit_of_work import SessionFactory
from lti_tool.errors import PlatformForbids, PlatformUnavailable
from lti_tool.grading.line_items import claim_line_items
from lti_tool.grading.model import Answer, DeliveryState, ScoreFacts
from lti_tool.grading.tables import DeliveryAttemptRow
from lti_tool.ids import CourseId
from lti_tool.lti.model import LineItem, LineItemWish, Score
from lti_tool.worker import Step, Worker, stopped_by_signals
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.fake_platform import FakePlatform, plain_comment


class OurFault(Exception):
    """Something that nobody foresaw."""


class BrokenSender(FakePlatform):
    """Fails in a way of its own for one person."""

    bad_user = ""

    def send(self, course_id: CourseId, line_item_url: str, score: Score) -> None:
        if score.user_id == self.bad_user:
            raise OurFault
        super().send(course_id, line_item_url, score)


class ColumnSender(FakePlatform):
    """Does something before it is asked for a column."""

    before: Callable[[LineItemWish], object]

    def ensure_line_item(self, course_id: CourseId, wish: LineItemWish) -> LineItem:
        self.before(wish)
        return super().ensure_line_item(course_id, wish)


@pytest.fixture
def desk(sessions: SessionFactory, now: datetime) -> Desk:
    """A desk on SQLite: the loop is the same on both databases."""
    return with_column(open_desk(sessions, now, people=6))


def worker_of(desk: Desk, **options: object) -> Worker:
    return Worker(desk.sessions, desk.lms, plain_comment, now=lambda: desk.now, **options)  # type: ignore[arg-type]


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    """Waits for something that another thread does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


def test_everything_due_is_sent_by_several_threads_once(desk: Desk) -> None:
    for person in range(6):
        desk.want(1, person)

    tried = worker_of(desk, threads=3).run_once()

    assert (tried, len(desk.lms.posts)) == (6, 6)
    assert {row.state for row in desk.rows()} == {DeliveryState.SENT}


def test_columns_are_made_before_scores_are_sent(desk: Desk) -> None:
    desk.want_columns("4.1.1", "4.1.2")

    worker_of(desk).run_once()

    assert len(desk.lms.columns) == 2


def test_an_outage_met_by_one_column_spares_the_platform_the_others(desk: Desk) -> None:
    desk.want_columns("4.1.1", "4.1.2", "4.1.3", "4.2.1")
    searched = desk.lms.searched
    desk.lms.fail_next(PlatformUnavailable("503"))

    worker_of(desk).run_once()

    assert (desk.lms.searched, desk.pause() is not None) == (searched, True)


def test_a_slow_platform_leaves_each_column_to_one_worker(desk: Desk) -> None:
    asked_twice: list[str] = []
    slow = desk.lms = ColumnSender()

    def take_forty_seconds(wish: LineItemWish) -> None:
        desk.wait(seconds=40)
        with desk.sessions() as other_worker:
            others = claim_line_items(other_worker, desk.now, 10)
        asked_twice.extend(one.wish.resource_id for one in others if one.wish.resource_id == wish.resource_id)

    slow.before = take_forty_seconds
    desk.want_columns("4.1.1", "4.1.2", "4.1.3", "4.2.1")

    worker_of(desk).run_once()

    assert (asked_twice, slow.made) == ([], 3)


def test_a_fault_of_ours_with_one_column_holds_up_neither_columns_nor_scores(desk: Desk) -> None:
    broken = ColumnSender()
    broken.columns, desk.lms = desk.lms.columns, broken

    def fail_once(_wish: LineItemWish) -> None:
        broken.before = lambda wish: None
        raise OurFault

    broken.before = fail_once
    desk.want_columns("4.1.1", "4.1.2", "4.1.3")
    desk.want(2)

    with capture_logs() as events:
        tried = worker_of(desk).run_once()

    assert (tried, broken.made, desk.row().state) == (1, 1, DeliveryState.SENT)
    assert [told["event"] for told in events if told["log_level"] == "error"] == ["line_item_failed"]


def test_a_fault_of_ours_backs_one_row_off_and_the_rest_goes_on(desk: Desk) -> None:
    broken = BrokenSender()
    broken.columns, broken.bad_user = desk.lms.columns, desk.subs[0]
    desk.lms = broken
    desk.want(1, 0)
    desk.want(1, 1)

    with capture_logs() as events:
        worker_of(desk).run_once()

    bad, good = desk.rows()
    assert (bad.state, bad.last_answer, bad.lease_owner) == (DeliveryState.DUE, Answer.FAILED, None)
    assert bad.due_at is not None
    assert (bad.due_at > desk.now, good.state) == (True, DeliveryState.SENT)
    assert "delivery_failed" in [told["event"] for told in events]


def test_a_fault_of_ours_says_nothing_about_a_platform_that_is_away(desk: Desk) -> None:
    broken = BrokenSender()
    broken.columns, broken.bad_user = desk.lms.columns, desk.subs[0]
    desk.want(1, 0)
    desk.lms.fail_next(PlatformUnavailable("platform_timeout"))
    worker_of(desk).run_once()
    desk.lms = broken
    desk.wait(seconds=61)

    worker_of(desk).run_once()

    assert (desk.row().last_answer, desk.pause() is not None) == (Answer.FAILED, True)


def test_the_log_names_ids_and_nobody(desk: Desk) -> None:
    desk.want(1)
    desk.lms.fail_next(PlatformUnavailable("503"))

    with capture_logs() as events:
        worker_of(desk).run_once()
        desk.wait(seconds=61)
        worker_of(desk).run_once()

    told = {event["event"]: set(event) - {"event", "log_level"} for event in events}
    assert told == {
        "platform_paused": {"platform_id", "reason"},
        "score_sent": {"delivery_id", "answer", "stored"},
    }


def test_a_platform_that_forbids_alerts_once(desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.lms.fail_next(PlatformForbids("403"), times=3)

    with capture_logs() as events:
        worker_of(desk, threads=1).run_once()

    assert [event["log_level"] for event in events if event["event"] == "platform_paused"] == ["error"]


def test_each_try_is_kept_for_the_history(desk: Desk) -> None:
    desk.lms.enrolled = set()
    desk.want(2)
    worker_of(desk).run_once()
    desk.lms.enrolled = None
    desk.wait(days=1)
    worker_of(desk).run_once()

    with desk.sessions() as session:
        tries = session.scalars(select(DeliveryAttemptRow).order_by(DeliveryAttemptRow.id)).all()
    assert [(one.answer, one.given, one.version) for one in tries] == [
        (Answer.REFUSED, Decimal(2), 1),
        (Answer.ACCEPTED, Decimal(2), 1),
    ]


def test_steps_run_and_a_failing_one_stops_nothing(desk: Desk) -> None:
    ran: list[datetime] = []

    def fail(_sessions: SessionFactory, _now: datetime) -> None:
        raise OurFault

    steps = [
        Step("broken", timedelta(minutes=1), fail),
        Step("noting", timedelta(minutes=1), lambda _sessions, now: ran.append(now)),
    ]
    desk.want(1)

    with capture_logs() as events:
        worker_of(desk, steps=steps).run_once()

    assert (ran, desk.row().state) == ([desk.now], DeliveryState.SENT)
    assert [event["step"] for event in events if event["event"] == "step_failed"] == ["broken"]


def test_steps_of_different_lanes_do_not_wait_for_each_other(desk: Desk) -> None:
    together = threading.Barrier(2)
    met: list[str] = []

    def meet(name: str) -> Step:
        def wait_for_the_other(_sessions: SessionFactory, _now: datetime) -> None:
            together.wait(10)  # gives up only where the other lane does not come
            met.append(name)

        return Step(name, timedelta(days=1), wait_for_the_other, lane=name)

    worker = worker_of(desk, steps=[meet("one"), meet("other")])
    running = threading.Thread(target=worker.run, daemon=True)
    running.start()
    both = until(lambda: len(met) == 2)
    worker.stop()
    running.join(5)

    assert (both, sorted(met), running.is_alive()) == (True, ["one", "other"], False)


def test_steps_of_one_lane_follow_each_other(desk: Desk) -> None:
    told: list[str] = []

    def tell(name: str) -> Step:
        def run(_sessions: SessionFactory, _now: datetime) -> None:
            told.append(f"{name} begins in {threading.current_thread().name}")
            told.append(f"{name} ends")

        return Step(name, timedelta(days=1), run, lane="lane")

    worker = worker_of(desk, steps=[tell("one"), tell("other")])
    running = threading.Thread(target=worker.run, daemon=True)
    running.start()
    until(lambda: len(told) == 4)
    worker.stop()
    running.join(5)

    assert told == ["one begins in lane", "one ends", "other begins in lane", "other ends"]


def test_a_step_repeats_only_when_its_time_has_come(desk: Desk) -> None:
    ran: list[datetime] = []
    step = Step("noting", timedelta(minutes=1), lambda _sessions, now: ran.append(now))
    worker = worker_of(desk, steps=[step])
    running = threading.Thread(target=worker.run, daemon=True)

    running.start()
    first = until(lambda: len(ran) == 1)
    time.sleep(1.2)
    still = len(ran)
    desk.wait(minutes=1)
    second = until(lambda: len(ran) == 2)
    worker.stop()
    running.join(5)

    assert (first, still, second, running.is_alive()) == (True, 1, True, False)


def test_a_running_worker_sends_what_comes_in_and_stops_when_asked(desk: Desk) -> None:
    worker = worker_of(desk)
    running = threading.Thread(target=worker.run, daemon=True)
    running.start()
    desk.want(3)

    arrived = until(lambda: desk.shown() == Decimal(3))
    worker.stop()
    running.join(5)

    assert (arrived, running.is_alive()) == (True, False)


def test_a_stop_finishes_what_is_under_way_and_gives_the_rest_back(desk: Desk) -> None:
    for person in range(6):
        desk.want(1, person)
    worker = worker_of(desk, threads=1)
    desk.lms.while_sending = lambda _score: worker.stop()

    worker.run()

    assert len(desk.lms.posts) == 1
    assert sorted(row.state for row in desk.rows()) == ["due"] * 5 + ["sent"]
    assert {row.lease_owner for row in desk.rows()} == {None}


def test_a_stop_ends_a_single_run_too_and_gives_the_rest_back(desk: Desk) -> None:
    for person in range(6):
        desk.want(1, person)
    worker = worker_of(desk, threads=1)
    desk.lms.while_sending = lambda _score: worker.stop()
    running = threading.Thread(target=worker.run_once, daemon=True)

    running.start()
    running.join(10)

    assert (running.is_alive(), len(desk.lms.posts)) == (False, 1)
    assert {row.lease_owner for row in desk.rows()} == {None}


def test_a_stop_does_not_wait_for_ever_for_a_platform(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lti_tool.worker.STOP_SECONDS", 0.3)
    desk.want(1)
    worker, hanging = worker_of(desk, threads=1), threading.Event()

    def hang(_score: Score) -> None:
        worker.stop()
        hanging.wait(10)

    desk.lms.while_sending = hang
    began = time.monotonic()
    worker.run()
    took = time.monotonic() - began
    hanging.set()

    assert took < 5
    assert until(lambda: desk.row().state == DeliveryState.SENT)


def test_a_platform_that_keeps_us_waiting_does_not_hold_up_the_others(desk: Desk) -> None:
    worker, hanging = worker_of(desk, threads=2), threading.Event()
    slow = desk.subs[0]

    def hang(score: Score) -> None:
        if score.user_id == slow:
            hanging.wait(20)

    desk.lms.while_sending = hang
    running = threading.Thread(target=worker.run, daemon=True)
    desk.want(1, 0)
    running.start()
    waiting = until(lambda: desk.row(0).lease_owner is not None)

    for person in range(1, 6):
        desk.want(1, person)
    arrived = until(lambda: all(desk.shown(person) == 1 for person in range(1, 6)))
    still = desk.shown(0)
    hanging.set()
    worker.stop()
    running.join(5)

    assert (waiting, arrived, still) == (True, True, None)
    assert (running.is_alive(), {row.state for row in desk.rows()}) == (False, {DeliveryState.SENT})


def test_no_more_scores_are_under_way_than_there_are_threads(desk: Desk) -> None:
    worker, hanging = worker_of(desk, threads=2), threading.Event()
    under_way: list[str] = []

    def hang(score: Score) -> None:
        under_way.append(score.user_id)
        hanging.wait(20)

    desk.lms.while_sending = hang
    for person in range(6):
        desk.want(1, person)
    running = threading.Thread(target=worker.run, daemon=True)
    running.start()
    until(lambda: len(under_way) == 2)
    time.sleep(2.5)
    at_once = len(under_way)
    hanging.set()
    everybody = until(lambda: {row.state for row in desk.rows()} == {DeliveryState.SENT})
    worker.stop()
    running.join(5)

    assert (at_once, everybody) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_worker_and_the_old_handler_comes_back(desk: Desk, number: signal.Signals) -> None:
    worker, before = worker_of(desk), signal.getsignal(number)
    desk.want(1)
    desk.lms.while_sending = lambda _score: os.kill(os.getpid(), number)

    with stopped_by_signals(worker):
        worker.run()

    assert (signal.getsignal(number), desk.row().state) == (before, DeliveryState.SENT)


def test_a_database_that_is_away_for_a_moment_does_not_end_the_worker(desk: Desk) -> None:
    calls = iter([OurFault("away"), OurFault("away")])

    def now() -> datetime:
        for error in calls:
            raise error
        return desk.now

    desk.want(1)
    worker = Worker(desk.sessions, desk.lms, plain_comment, threads=1, now=now)

    with capture_logs() as events:
        first, second = worker.run_once(), worker.run_once()

    assert (first, second) == (0, 1)
    assert [event["event"] for event in events][:2] == ["worker_turn_failed"] * 2


def test_the_comment_is_written_in_the_person_s_language(desk: Desk) -> None:
    told: list[tuple[str, ScoreFacts]] = []

    def write(facts: ScoreFacts, locale: str) -> str:
        told.append((locale, facts))
        return "сөз"

    desk.want(2, state="in_progress")
    Worker(desk.sessions, desk.lms, write, now=lambda: desk.now).run_once()

    ((locale, facts),) = told
    assert (locale, facts.level, facts.state, facts.decided_at) == ("ky", 2, "in_progress", desk.now)
    assert desk.lms.posts[0][1].comment == "сөз"
