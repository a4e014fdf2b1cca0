"""The whole life of deliveries against a model of Moodle's gradebook: whatever happens, in whatever order.

Hypothesis plays trainer, teacher, platform and misfortune. What must hold at every moment: nothing older over anything
newer, nothing confirmed that does not stand there, no wish without a row. And in the end, when the platform is well
again: everything wished stands in the gradebook, or is shown with its reason.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from lti_tool.db.unit_of_work import make_session_factory, unit_of_work
from lti_tool.errors import (
    PerhapsLocked,
    PlatformError,
    PlatformForbids,
    PlatformUnavailable,
    Retryable,
    Unconfirmed,
)
from lti_tool.grading import comparing
from lti_tool.grading.drift import Decision
from lti_tool.grading.drift_decisions import Decided, decide_one
from lti_tool.grading.model import Answer, Claimed, DeliveryState
from lti_tool.grading.tables import DriftRow
from lti_tool.lti.model import Score
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.memory import memory_engine

PEOPLE = st.integers(0, 2)
FAULTS = st.sampled_from(
    [
        PlatformUnavailable("platform_unavailable", status=503),
        PlatformUnavailable("platform_reset"),
        PlatformUnavailable("platform_timeout"),
        PlatformUnavailable("platform_unavailable", 120, status=429),
        PerhapsLocked("perhaps_locked", status=500),
        Unconfirmed("score_unconfirmed"),
        Retryable("odd"),
        PlatformForbids("forbidden"),
    ]
)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class DeliveryLife(RuleBasedStateMachine):
    """Three people, one column, one platform."""

    desk: Desk

    @initialize()
    def open(self) -> None:
        self.engine = memory_engine()
        self.desk = with_column(open_desk(make_session_factory(self.engine), START, people=3))
        self.wanted: dict[int, int | None] = {}
        self.edited: set[int] = set()
        """People in whose grades somebody else has had a hand."""
        self.asleep: list[Claimed] = []
        self.taken: dict[str, datetime] = {}
        self.disorder: list[Score] = []
        self.overwritten: list[Score] = []
        """Scores that went over what somebody was still to decide about."""
        apply = self.desk.lms._apply

        def watched(column: object, score: Score) -> None:
            if score.user_id in self.undecided():
                self.overwritten.append(score)
            apply(column, score)  # type: ignore[arg-type]
            if score.user_id in self.taken and score.timestamp <= self.taken[score.user_id]:
                self.disorder.append(score)
            self.taken[score.user_id] = score.timestamp

        self.desk.lms._apply = watched  # type: ignore[method-assign]

    # --- what people do

    @rule(person=PEOPLE, mark=st.one_of(st.none(), st.integers(0, 3)))
    def wish(self, person: int, mark: int | None) -> None:
        self.desk.want(mark, person)
        self.wanted[person] = mark

    @rule(person=PEOPLE, mark=st.integers(0, 3))
    def a_teacher_types_a_grade(self, person: int, mark: int) -> None:
        if self.desk.url in self.desk.lms.columns:
            self.desk.lms.write(self.desk.url, self.desk.subs[person], str(mark), self.desk.now.replace(microsecond=0))
            self.edited.add(person)

    @rule(meant=st.integers(0, 3))
    def a_teacher_deletes_the_column(self, meant: int) -> None:
        url = self.desk.columns()[0].url
        if url in self.desk.lms.columns and not meant:
            self.desk.lms.delete_column(url)

    @rule(person=PEOPLE, mark=st.integers(0, 3), typed=st.integers(0, 3))
    def a_teacher_types_over_what_has_arrived_and_is_found_out(self, person: int, mark: int, typed: int) -> None:
        self.wish(person, mark)
        self.a_worker_works()
        self.time_passes(61)
        self.a_teacher_types_a_grade(person, typed)
        self.time_passes(61)
        self.the_gradebook_is_compared()

    @rule(person=PEOPLE, decision=st.sampled_from(Decision))
    def a_trainer_decides(self, person: int, decision: Decision) -> None:
        rows = [row for row in self.desk.rows() if row.person_id == self.desk.people[person]]
        if rows:
            decided = Decided(decision, None, self.desk.now + timedelta(days=1))
            with unit_of_work(self.desk.sessions) as session:
                decide_one(session, self.desk.course_id, rows[0].public_id, decided, self.desk.now)

    # --- what befalls us

    @rule(fault=FAULTS, stored=st.booleans(), times=st.integers(1, 12))
    def the_platform_will_fail(self, fault: PlatformError, stored: bool, times: int) -> None:
        self.desk.lms.fail_next(fault, times, stored=stored and not isinstance(fault, PlatformForbids))

    @rule()
    def a_worker_falls_asleep(self) -> None:
        self.asleep += self.desk.claim(limit=2, worker="sleeper")

    @precondition(lambda self: self.asleep)
    @rule()
    def it_wakes_up(self) -> None:
        woken, self.asleep = self.asleep, []
        self.desk.deliver(woken)

    @rule(seconds=st.sampled_from([1, 5, 31, 61, 3600, 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.desk.wait(seconds=seconds)

    # --- what we do

    @rule()
    def a_worker_works(self) -> None:
        self.desk.make_columns()
        self.desk.work()
        self._see_column()

    @rule()
    def the_gradebook_is_compared(self) -> None:
        with unit_of_work(self.desk.sessions) as session:
            comparing.ask(session, self.desk.course_id, self.desk.now)
        comparing.compare_next(self.desk.sessions, self.desk.lms, "reader", self.desk.now)

    # --- what holds

    @invariant()
    def nothing_goes_over_what_waits_for_a_decision(self) -> None:
        assert getattr(self, "overwritten", []) == []

    @invariant()
    def nothing_older_goes_over_anything_newer(self) -> None:
        assert getattr(self, "disorder", []) == []

    @invariant()
    def what_is_wished_has_a_row(self) -> None:
        if not hasattr(self, "wanted"):
            return
        rows = {row.person_id: row for row in self.desk.rows()}
        for person, mark in self.wanted.items():
            row = rows.get(self.desk.people[person])
            if mark is not None:
                assert row is not None
                assert row.wanted_given == mark
            assert (
                row is None or (row.state != DeliveryState.HELD and row.state != DeliveryState.DEAD) or row.last_answer
            )

    @invariant()
    def what_is_confirmed_stands_there(self) -> None:
        if not hasattr(self, "wanted") or self.desk.url not in self.desk.lms.columns:
            return
        for person in set(self.wanted) - self.edited:
            rows = [row for row in self.desk.rows() if row.person_id == self.desk.people[person]]
            if rows and rows[0].state == DeliveryState.SENT and rows[0].sent_version == rows[0].wanted_version:
                assert self.desk.shown(person) == rows[0].wanted_given

    def teardown(self) -> None:
        if not hasattr(self, "wanted"):
            return
        self.desk.lms._faults.clear()
        self.asleep.clear()
        for _ in range(12):
            self.desk.wait(days=1)
            self.desk.make_columns()
            for _ in range(4):
                self.desk.work()
                self.desk.wait(seconds=61)
        self._see_column()
        for row in self.desk.rows():
            if row.state == DeliveryState.DETACHED:
                continue
            assert row.state in {DeliveryState.SENT, DeliveryState.HELD, DeliveryState.DEAD}, row.last_answer
            if row.state == DeliveryState.SENT:
                # A column that was deleted after its last grade had arrived is what a comparison finds, not a sending.
                person = self.desk.people.index(row.person_id)
                gone = self.desk.url not in self.desk.lms.columns
                assert gone or person in self.edited or self.desk.shown(person) == row.wanted_given
            else:
                assert row.last_answer in {Answer.NEWER_THERE, Answer.LINE_ITEM_GONE, Answer.DIFFERS}
        self._nothing_differs_unseen()
        self.engine.dispose()

    def _nothing_differs_unseen(self) -> None:
        """Once compared, what is said to be delivered stands there, or is told to differ."""
        for _ in range(2):
            self.desk.wait(seconds=61)
            self.the_gradebook_is_compared()
            self.desk.work()
        if self.desk.url not in self.desk.lms.columns:
            return
        differing = self._found()
        for row in self.desk.rows():
            if row.state == DeliveryState.SENT and row.id not in differing:
                assert self.desk.shown(self.desk.people.index(row.person_id)) in {row.sent_given, row.wanted_given}

    def _found(self) -> dict[int, DriftRow]:
        with self.desk.sessions() as session:
            return {row.delivery_id: row for row in session.scalars(select(DriftRow))}

    def undecided(self) -> set[str]:
        """Those about whose grade somebody is still to decide."""
        found = self._found()
        return {
            self.desk.subs[self.desk.people.index(row.person_id)]
            for row in self.desk.rows()
            if row.id in found and found[row.id].decision is None
        }

    def _see_column(self) -> None:
        self.desk.url = self.desk.columns()[0].url or self.desk.url


TestDeliveryLife = DeliveryLife.TestCase
TestDeliveryLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
