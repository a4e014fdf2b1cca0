"""Decisions about grades that differ: ours again, accepted, detached, and back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LineItemGone, NotFound, RuleBroken
from lti_tool.grading import comparing, undelivered_queries, wishes
from lti_tool.grading.choosing import Stuck
from lti_tool.grading.drift import Decision
from lti_tool.grading.drift_decisions import Decided, decide, decide_one
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.tables import DriftEventRow
from lti_tool.ids import CourseId, DeliveryId
from lti_tool.watching import figures
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.differing import arrived, compare, comparison_of, found, typed


@pytest.fixture
def desk(any_sessions: SessionFactory, now: datetime) -> Desk:
    """Of two grades a teacher has typed 3 over the second, which is 1 by us."""
    desk = arrived(with_column(open_desk(any_sessions, now, people=3)), 2, 1)
    typed(desk, "3", 1)
    compare(desk)
    return desk


def _decide(desk: Desk, decision: Decision, person: int = 1, seen: datetime | None = None) -> bool:
    decided = Decided(decision, desk.people[0], seen or desk.now)
    with unit_of_work(desk.sessions) as session:
        return decide_one(session, desk.course_id, desk.row(person).public_id, decided, desk.now)


def _override(desk: Desk) -> None:
    """From now on the platform takes every score and shows what a teacher typed."""

    def taken(column: object, score: object) -> None:
        pass

    desk.lms._apply = taken  # type: ignore[method-assign, assignment]


def test_ours_again_goes_over_what_stands_there_and_the_next_comparison_ends_it(desk: Desk) -> None:
    desk.lms.write(desk.url, desk.subs[1], "3", (desk.now + timedelta(hours=3)).replace(microsecond=0))
    compare(desk)

    assert _decide(desk, Decision.RESEND)
    desk.work()

    # The LMS's clock was ahead, and ours is later all the same.
    assert (desk.shown(1), desk.row(1).state, desk.row(1).last_answer) == (1, DeliveryState.SENT, Answer.ACCEPTED)
    compare(desk)
    assert found(desk, 1) is None


def test_ours_again_has_its_column_compared_a_minute_later(desk: Desk) -> None:
    _decide(desk, Decision.RESEND)
    desk.work()

    assert comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now) is None
    desk.wait(seconds=61)
    done = comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now)

    assert done is not None
    assert (done.ended, found(desk, 1)) == (1, None)


def test_ours_again_comes_back_where_a_teacher_erased_it_without_a_trace(desk: Desk) -> None:
    del desk.lms.columns[desk.url].grades[desk.subs[0]]
    compare(desk)
    gone = found(desk, 0)
    assert gone is not None
    assert (gone.kind, gone.held_at) == ("gone", None)

    assert _decide(desk, Decision.RESEND, 0)
    desk.work()

    assert (desk.shown(0), desk.row(0).state) == (2, DeliveryState.SENT)


def test_an_override_that_stays_is_told_as_one(desk: Desk) -> None:
    _override(desk)
    _decide(desk, Decision.RESEND)
    desk.work()

    compare(desk)

    row = found(desk, 1)
    assert row is not None
    assert (row.kind, row.given, row.decision, desk.row(1).state) == ("kept", 3, None, DeliveryState.SENT)
    # Once more, and it is still one.
    assert _decide(desk, Decision.RESEND)
    desk.work()
    compare(desk)
    assert found(desk, 1).kind == "kept"  # type: ignore[union-attr]


def test_a_wish_after_ours_again_goes_as_usual(desk: Desk) -> None:
    _decide(desk, Decision.RESEND)
    desk.work()
    desk.wait(seconds=2)

    assert desk.want(2, 1) == 1
    desk.work()

    assert (desk.shown(1), desk.row(1).state) == (2, DeliveryState.SENT)


def test_what_is_accepted_is_not_reported_again_while_it_stands(desk: Desk) -> None:
    assert _decide(desk, Decision.ACCEPT)

    done = compare(desk)

    assert done is not None
    assert (done.found, done.ended, found(desk, 1).decision) == (0, 0, "accept")  # type: ignore[union-attr]
    typed(desk, "0", 1)
    done = compare(desk)
    assert done is not None
    assert (done.found, found(desk, 1).decision) == (1, None)  # type: ignore[union-attr]


def test_a_changed_wish_after_accepting_asks_anew(desk: Desk) -> None:
    _decide(desk, Decision.ACCEPT)

    travels = desk.want(2, 1)
    desk.work()

    assert (travels, desk.shown(1), desk.row(1).state) == (0, 3, DeliveryState.HELD)
    assert found(desk, 1).decision is None  # type: ignore[union-attr]


def test_accepting_lays_a_held_wish_to_rest_and_taking_it_back_holds_it_again(desk: Desk) -> None:
    desk.want(2, 1)
    assert desk.row(1).state == DeliveryState.HELD

    assert _decide(desk, Decision.ACCEPT)
    assert desk.row(1).state == DeliveryState.SENT

    assert _decide(desk, Decision.REOPEN)
    assert (desk.row(1).state, desk.row(1).last_answer) == (DeliveryState.HELD, Answer.DIFFERS)
    assert found(desk, 1).decision is None  # type: ignore[union-attr]


def test_ours_again_after_accepting_sends_the_wish_of_now(desk: Desk) -> None:
    desk.want(2, 1)
    _decide(desk, Decision.ACCEPT)

    assert _decide(desk, Decision.RESEND)
    desk.work()

    assert (desk.shown(1), desk.row(1).sent_given) == (2, 2)


def test_a_detached_grade_is_never_sent_whatever_is_wished(desk: Desk) -> None:
    assert _decide(desk, Decision.DETACH)

    for mark in (2, None, 3, 0):
        assert desk.want(mark, 1) == 0
    compare(desk)
    desk.wait(days=9)
    desk.work()

    assert (desk.shown(1), desk.row(1).state, desk.row(1).due_at) == (3, DeliveryState.DETACHED, None)
    with unit_of_work(desk.sessions) as session, pytest.raises(RuleBroken):
        wishes.send_again(session, desk.course_id, desk.row(1).public_id, desk.now)


def test_attached_again_it_stands_where_it_stood_and_is_compared(desk: Desk) -> None:
    _decide(desk, Decision.DETACH)
    desk.want(2, 1)

    assert _decide(desk, Decision.ATTACH)

    assert (desk.row(1).state, desk.row(1).last_answer) == (DeliveryState.HELD, Answer.DIFFERS)
    assert found(desk, 1).decision is None  # type: ignore[union-attr]
    assert comparison_of(desk.sessions, desk).asked_at is not None  # type: ignore[union-attr]


@pytest.mark.parametrize(("mark", "state"), [(2, DeliveryState.SENT), (3, DeliveryState.DUE)])
def test_attached_again_without_a_finding_only_what_changed_goes(desk: Desk, mark: int, state: DeliveryState) -> None:
    _decide(desk, Decision.DETACH, person=0)
    desk.want(mark, 0)

    assert _decide(desk, Decision.ATTACH, person=0)

    assert desk.row(0).state == state


def test_a_grade_detached_while_it_is_sent_stays_detached(desk: Desk) -> None:
    desk.want(3, 0)
    claimed = desk.claim()

    assert _decide(desk, Decision.DETACH, person=0)
    desk.deliver(claimed)

    row = desk.row(0)
    assert (row.state, row.due_at, row.sent_given) == (DeliveryState.DETACHED, None, 3)
    assert _decide(desk, Decision.ATTACH, person=0)
    assert desk.row(0).state == DeliveryState.SENT


@pytest.mark.parametrize("decision", [Decision.RESEND, Decision.ACCEPT, Decision.ATTACH, Decision.REOPEN])
def test_a_decision_that_does_not_fit_changes_nothing(desk: Desk, decision: Decision) -> None:
    before = desk.row(0)

    assert not _decide(desk, decision, person=0)

    after = desk.row(0)
    assert (after.state, after.wanted_version, after.due_at) == (before.state, before.wanted_version, before.due_at)


def test_what_was_found_after_somebody_looked_is_not_decided(desk: Desk) -> None:
    looked = desk.now
    typed(desk, "0", 1)
    compare(desk)

    assert not _decide(desk, Decision.RESEND, seen=looked)
    assert desk.shown(1) == 0
    assert _decide(desk, Decision.RESEND)


def test_the_history_keeps_who_decided_and_what_stood_there(desk: Desk) -> None:
    for decision in (Decision.ACCEPT, Decision.REOPEN, Decision.DETACH, Decision.ATTACH, Decision.RESEND):
        assert _decide(desk, decision)
        desk.wait(seconds=1)

    with desk.sessions() as session:
        rows = list(session.scalars(select(DriftEventRow).order_by(DriftEventRow.id)))
    assert [row.what for row in rows] == ["found", "accept", "reopen", "detach", "attach", "resend"]
    assert [row.decided_by for row in rows] == [None, *[desk.people[0]] * 5]
    assert {row.given for row in rows} == {Decimal(3)}


def test_all_of_a_course_are_decided_at_once_and_no_other_course_is_touched(desk: Desk) -> None:
    typed(desk, "0", 0)
    compare(desk)
    ids = [DeliveryId(row.id) for row in desk.rows()]
    decided = Decided(Decision.RESEND, None, desk.now)

    with unit_of_work(desk.sessions) as session:
        assert decide(session, CourseId(desk.course_id + 1), ids, decided, desk.now) == 0
        assert decide(session, desk.course_id, ids, decided, desk.now) == 2
    desk.work()

    assert [desk.shown(0), desk.shown(1)] == [2, 1]


def test_a_grade_of_nobody_is_not_found(desk: Desk) -> None:
    decided = Decided(Decision.ACCEPT, None, desk.now)

    with unit_of_work(desk.sessions) as session, pytest.raises(NotFound):
        decide_one(session, desk.course_id, "nosuch", decided, desk.now)


def test_all_that_is_stuck_goes_again_but_nothing_that_waits_for_a_decision(desk: Desk) -> None:
    desk.want(2, 1)
    with unit_of_work(desk.sessions) as session:
        assert wishes.send_all_again(session, Stuck(desk.course_id), desk.now) == 0
    assert desk.row(1).state == DeliveryState.HELD

    with unit_of_work(desk.sessions) as session:
        assert wishes.send_all_again(session, Stuck(desk.course_id, over_newer=True), desk.now) == 1
    desk.work()

    assert desk.shown(1) == 2
    assert found(desk, 1).decision == "resend"  # type: ignore[union-attr]


def test_whoever_watches_sees_what_waits_for_a_decision_and_what_could_not_be_read(desk: Desk) -> None:
    typed(desk, "0", 0)
    compare(desk)
    _decide(desk, Decision.ACCEPT)
    desk.lms.fail_reading(LineItemGone("line_item_gone"))
    compare(desk)

    with unit_of_work(desk.sessions, writes=False) as session:
        (found_now,) = [each for each in figures(session, desk.now) if each.id == desk.platform_id]

    assert (found_now.differing, found_now.columns_unread, found_now.unsettled) == (1, 1, ())


def test_a_detached_grade_is_none_that_has_not_arrived(desk: Desk) -> None:
    _decide(desk, Decision.DETACH)

    with unit_of_work(desk.sessions, writes=False) as session:
        assert figures(session, desk.now)[-1].unsettled == ()
        assert undelivered_queries.undelivered_of(session, desk.platform_id, {}).groups == ()
