"""Claims, leases and confirmations, and what the gradebook shows in the end; on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import (
    CourseForbids,
    LineItemGone,
    NotFound,
    PerhapsLocked,
    PlatformForbids,
    PlatformUnavailable,
    Retryable,
    ScoreOutdated,
    Unconfirmed,
)
from lti_tool.grading.delivery import Reply, leave, resume, settle
from lti_tool.grading.model import Answer, DeliveryState, WantedScore
from lti_tool.grading.queries import pause_of
from lti_tool.grading.tables import DeliveryRow, LineItemRow
from lti_tool.grading.wishes import send_again, want_scores
from lti_tool.ids import LineItemId, new_public_id
from lti_tool.lti.model import Score
from tests.factories.big_course import counted
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.fake_platform import seconds

# --- what travels


def test_wishes_that_change_together_are_written_together(desk: Desk) -> None:
    desk.want(1)
    desk.want(1, person=1)
    wishes = [WantedScore(desk.column, who, Decimal(2), Decimal(3), {"code": "4.1.1"}) for who in desk.people[:2]]
    with counted(desk.sessions) as sent, unit_of_work(desk.sessions) as session:
        changed = want_scores(session, desk.course_id, wishes, desk.now + timedelta(minutes=1))

    assert (changed, sum(each.startswith("UPDATE delivery ") for each in sent)) == (2, 1)


def test_a_wanted_score_arrives_with_its_comment(desk: Desk) -> None:
    desk.want(2, state="in_progress")

    desk.work()

    (post,) = desk.lms.posts
    assert (desk.shown(), post[1].comment) == (Decimal(2), "ky 4.1.1 2 in_progress 0/0")
    assert (desk.row().state, desk.row().sent_given, desk.row().due_at) == (DeliveryState.SENT, Decimal(2), None)


def test_zero_is_a_grade_and_travels(desk: Desk) -> None:
    desk.want(0)

    desk.work()

    assert desk.shown() == Decimal(0)


def test_only_changes_travel(desk: Desk) -> None:
    changes = [desk.want(mark, state=state) for mark, state in [(2, "met"), (2, "met"), (2, "in_progress"), (3, "met")]]
    for _ in range(3):
        desk.work()
        desk.wait(seconds=5)
        desk.want(3)

    assert changes == [1, 0, 0, 1]
    assert len(desk.lms.posts) == 1


def test_many_changes_before_a_turn_are_one_post(desk: Desk) -> None:
    for mark in (0, 1, 2, 3):
        desk.want(mark)

    desk.work()

    assert [score.given for _, score in desk.lms.posts] == [Decimal(3)]


def test_nothing_wanted_and_nothing_sent_leaves_no_row(desk: Desk) -> None:
    assert desk.want(None) == 0
    desk.want(2)
    assert desk.want(None) == 1

    assert desk.work() == []
    assert desk.rows() == []


def test_a_sent_score_that_becomes_unknown_is_withdrawn(desk: Desk) -> None:
    desk.want(2)
    desk.work()
    desk.wait(minutes=1)
    desk.want(None)

    (outcome,) = desk.work()

    last = desk.lms.posts[-1][1]
    assert (last.given, last.maximum) == (None, None)
    assert (desk.shown(), outcome.answer, desk.row().state) == (None, Answer.CONFIRMED, DeliveryState.SENT)
    assert desk.want(None) == 0


def test_a_withdrawal_does_not_travel_again_for_another_maximum(desk: Desk) -> None:
    test_a_sent_score_that_becomes_unknown_is_withdrawn(desk)
    nothing = WantedScore(desk.column, desk.people[0], None, Decimal(100), {})

    with unit_of_work(desk.sessions) as session:
        changed = want_scores(session, desk.course_id, [nothing], desk.now)

    assert (changed, desk.work()) == (0, [])


def test_a_withdrawal_is_not_believed_while_the_grade_stands(desk: Desk) -> None:
    desk.want(2)
    desk.work()
    desk.want(None)
    desk.lms.while_sending = lambda score: desk.lms.write(desk.url, desk.subs[0], "2", score.timestamp - seconds(1))
    desk.lms.fail_next(Unconfirmed("odd_answer"))

    desk.work()

    assert (desk.row().state, desk.row().last_answer) == (DeliveryState.DUE, Answer.UNCONFIRMED)


def test_a_withdrawal_in_a_deleted_column_is_done(desk: Desk) -> None:
    desk.want(2)
    desk.work()
    desk.lms.delete_column(desk.url)
    desk.want(None)

    (outcome,) = desk.work()

    assert (outcome.answer, desk.lms.made) == (Answer.CONFIRMED, 1)


def test_a_disputed_score_keeps_what_was_sent(desk: Desk) -> None:
    desk.want(1)
    desk.work()
    desk.wait(minutes=1)
    desk.want(2)

    desk.want(3, keep_sent=True)
    desk.work()

    assert (desk.shown(), desk.row().wanted_given) == (Decimal(1), Decimal(1))


def test_a_dispute_sends_nothing_where_nothing_was_sent(desk: Desk) -> None:
    desk.want(3, keep_sent=True)
    desk.want(2, person=1)
    desk.want(3, person=1, keep_sent=True)

    desk.work()

    assert desk.lms.posts == []


# --- claims and leases


def test_four_threads_never_claim_a_row_twice(any_sessions: SessionFactory, now: datetime) -> None:
    crowd = with_column(open_desk(any_sessions, now, people=40))
    crowd.limit(concurrency=20)
    for person in range(40):
        crowd.want(1, person)

    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda number: crowd.claim(5, f"w{number}"), range(20)))

    taken = [one.id for claim in claims for one in claim]
    assert sorted(taken) == [row.id for row in crowd.rows()]


def test_a_row_is_free_again_when_its_lease_has_ended(desk: Desk) -> None:
    desk.want(1)
    (first,) = desk.claim()

    desk.wait(seconds=29)
    during = desk.claim(worker="w2")
    desk.wait(seconds=1)
    (again,) = desk.claim(worker="w2")

    assert during == ()
    assert again.id == first.id
    assert again.timestamp > first.timestamp


def test_an_answer_that_comes_after_the_lease_was_lost_changes_nothing(desk: Desk) -> None:
    desk.want(1)
    (late,) = desk.claim()
    desk.now += timedelta(seconds=31)
    (current,) = desk.claim()
    desk.now -= timedelta(seconds=31)

    (outcome,) = desk.deliver([late])

    assert (outcome.stored, desk.row().lease_owner, desk.row().sent_version) == (False, current.owner, 0)


def test_nothing_is_sent_on_a_lease_that_may_end_meanwhile(desk: Desk) -> None:
    desk.want(1)
    claimed = desk.claim()
    desk.wait(seconds=16)

    (outcome,) = desk.deliver(claimed)

    assert (outcome.answer, desk.lms.posts, desk.row().lease_owner) == (None, [], None)
    assert len(desk.claim()) == 1


def test_only_the_version_that_was_sent_is_confirmed(desk: Desk) -> None:
    desk.want(1)

    def change_once(_score: Score) -> None:
        desk.lms.while_sending = lambda score: None
        desk.want(2)

    desk.lms.while_sending = change_once
    desk.work()
    between = desk.row()
    desk.work()

    assert (between.state, between.sent_given, between.wanted_given) == (DeliveryState.DUE, Decimal(1), Decimal(2))
    assert [score.given for _, score in desk.lms.posts] == [Decimal(1), Decimal(2)]
    assert (desk.shown(), desk.row().state) == (Decimal(2), DeliveryState.SENT)


def test_a_wish_that_changed_in_flight_is_not_held_by_the_old_answer(desk: Desk) -> None:
    desk.want(1)
    desk.lms.enrolled = set()
    desk.lms.while_sending = lambda _score: desk.want(2) and None

    desk.work()

    assert (desk.row().state, desk.row().attempts) == (DeliveryState.DUE, 0)


def test_time_stamps_rise_even_within_one_second(desk: Desk) -> None:
    for mark in (1, 2, 3):
        desk.want(mark)
        desk.work()

    stamps = [score.timestamp for _, score in desk.lms.posts]
    assert [stamp - stamps[0] for stamp in stamps] == [seconds(0), seconds(1), seconds(2)]
    assert desk.shown() == Decimal(3)


# --- answers about the row


def test_a_lost_answer_is_repeated_and_ends_right(desk: Desk) -> None:
    desk.want(2)
    desk.lms.fail_next(PlatformUnavailable("reset"), stored=True)

    desk.work()
    desk.wait(seconds=61)
    desk.work()

    assert (desk.shown(), desk.row().state, len(desk.lms.posts)) == (Decimal(2), DeliveryState.SENT, 2)


def test_a_conflict_with_our_own_score_is_a_success(desk: Desk) -> None:
    desk.want(2)
    desk.lms.write(desk.url, desk.subs[0], "2", desk.now + seconds(90))

    (outcome,) = desk.work()

    assert (outcome.answer, desk.row().state, desk.row().sent_given) == (
        Answer.CONFIRMED,
        DeliveryState.SENT,
        Decimal(2),
    )


def test_a_foreign_newer_grade_is_left_and_shown_as_held(desk: Desk) -> None:
    desk.want(2)
    desk.lms.write(desk.url, desk.subs[0], "3", desk.now + seconds(90))

    desk.work()
    desk.wait(days=3)
    desk.work()

    assert (desk.row().state, desk.row().last_answer) == (DeliveryState.HELD, Answer.NEWER_THERE)
    assert (desk.shown(), len(desk.lms.posts)) == (Decimal(3), 1)


def test_a_trainer_may_send_over_a_foreign_grade(desk: Desk) -> None:
    desk.want(2)
    desk.lms.write(desk.url, desk.subs[0], "3", desk.now + seconds(90))
    desk.work()

    with unit_of_work(desk.sessions) as session:
        send_again(session, desk.course_id, desk.row().public_id, desk.now)
    desk.work()

    assert (desk.shown(), desk.row().state) == (Decimal(2), DeliveryState.SENT)


def test_the_answer_to_an_earlier_try_does_not_confirm_what_is_to_be_sent_again(desk: Desk) -> None:
    desk.want(2)
    claimed = desk.claim()

    with unit_of_work(desk.sessions) as session:
        send_again(session, desk.course_id, desk.row().public_id, desk.now)
    desk.deliver(claimed)

    assert (desk.row().state, len(desk.work()), len(desk.lms.posts)) == (DeliveryState.DUE, 1, 2)


def test_a_score_of_another_course_cannot_be_sent_again(desk: Desk) -> None:
    other = with_column(open_desk(desk.sessions, desk.now, people=1))
    other.want(1)

    with unit_of_work(desk.sessions) as session, pytest.raises(NotFound, match="delivery_unknown"):
        send_again(session, desk.course_id, other.row().public_id, desk.now)


def test_a_grade_whose_time_the_platform_moved_is_still_ours(desk: Desk) -> None:
    desk.want(1)
    desk.work()
    desk.lms.write(desk.url, desk.subs[0], "1", desk.now + seconds(90))
    desk.want(2)

    desk.work()
    between = desk.row()
    desk.wait(seconds=1)
    desk.work()

    assert (between.state, between.last_answer) == (DeliveryState.DUE, Answer.OUTDATED)
    assert (desk.shown(), desk.row().state) == (Decimal(2), DeliveryState.SENT)


def test_a_conflict_that_cannot_be_read_is_tried_later(desk: Desk) -> None:
    desk.want(2)
    desk.lms.fail_next(ScoreOutdated("conflict"))
    desk.lms.fail_reading(PlatformForbids("no_scope"))

    desk.work()

    assert (desk.row().state, desk.row().last_answer, desk.pause()) == (DeliveryState.DUE, Answer.OUTDATED, None)


@pytest.mark.parametrize("stored", [True, False])
def test_an_unclear_answer_is_settled_by_reading(desk: Desk, *, stored: bool) -> None:
    desk.want(2)
    desk.lms.fail_next(Unconfirmed("brackets"), stored=stored)

    (outcome,) = desk.work()

    assert outcome.answer is (Answer.CONFIRMED if stored else Answer.UNCONFIRMED)
    assert desk.row().state == (DeliveryState.SENT if stored else DeliveryState.DUE)


def test_a_person_without_a_gradebook_role_is_held_and_tried_daily(desk: Desk) -> None:
    desk.lms.enrolled = set(desk.subs[1:])
    desk.want(2)
    desk.work()
    held = desk.row()

    desk.wait(hours=23)
    desk.work()
    desk.lms.enrolled = None
    desk.wait(hours=2)
    desk.work()

    assert (held.state, held.last_answer) == (DeliveryState.HELD, Answer.REFUSED)
    assert (len(desk.lms.posts), desk.row().state) == (2, DeliveryState.SENT)


def test_a_row_that_is_refused_for_a_week_is_given_up_with_its_reason(desk: Desk) -> None:
    desk.lms.enrolled = set()
    desk.want(2)
    for _ in range(12):
        desk.work()
        desk.wait(hours=24)

    assert (desk.row().state, desk.row().last_answer, desk.row().due_at) == (DeliveryState.DEAD, Answer.REFUSED, None)
    assert len(desk.lms.posts) == 8


def test_a_new_wish_brings_a_dead_row_back(desk: Desk) -> None:
    test_a_row_that_is_refused_for_a_week_is_given_up_with_its_reason(desk)
    desk.lms.enrolled = None

    desk.want(3)
    desk.work()

    assert (desk.shown(), desk.row().state) == (Decimal(3), DeliveryState.SENT)


def test_a_new_wish_has_its_own_week(desk: Desk) -> None:
    test_a_row_that_is_refused_for_a_week_is_given_up_with_its_reason(desk)

    desk.want(3)
    desk.work()

    assert (desk.row().state, desk.row().attempts, desk.row().first_failed_at) == (DeliveryState.HELD, 1, desk.now)


def test_a_locked_grade_is_tried_three_times_and_then_daily(desk: Desk) -> None:
    desk.want(2)
    desk.lms.fail_next(PerhapsLocked("500"), times=3)
    for _ in range(10):
        desk.work()
        desk.wait(seconds=5)
    held = desk.row()
    desk.wait(hours=24)
    desk.work()

    assert (held.state, held.attempts) == (DeliveryState.HELD, 3)
    assert (len(desk.lms.posts), desk.row().state) == (4, DeliveryState.SENT)


def test_other_faults_are_backed_off(desk: Desk) -> None:
    desk.want(2)
    desk.lms.fail_next(Retryable("cut_short"), times=3)
    waits = []
    for _ in range(3):
        desk.work()
        waits.append((desk.row().due_at or desk.now) - desk.now)
        desk.now += waits[-1]
    desk.work()

    assert waits == [seconds(1), seconds(2), seconds(4)]
    assert desk.row().state == DeliveryState.SENT


# --- the column is gone


def test_a_deleted_column_is_made_again_once_and_its_scores_follow(desk: Desk) -> None:
    desk.want(2)
    desk.want(3, person=1)
    desk.lms.delete_column(desk.url)

    desk.work()
    waiting = desk.work()
    desk.make_columns()
    desk.wait(seconds=1)
    desk.work()

    (column,) = desk.columns()
    assert waiting == []
    assert (desk.lms.made, [desk.lms.shown(column.url or "", sub) for sub in desk.subs[:2]]) == (2, [2, 3])


def test_grades_that_went_with_a_deleted_column_are_sent_to_the_new_one(desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.work()
    desk.wait(minutes=1)
    desk.want(None, person=2)
    desk.work()
    desk.lms.delete_column(desk.url)

    desk.want(2, person=0)
    desk.work()
    desk.make_columns()
    desk.wait(seconds=1)
    desk.work()

    url = desk.columns()[0].url or ""
    assert [desk.lms.shown(url, sub) for sub in desk.subs] == [Decimal(2), Decimal(1), None]


def test_a_column_that_vanishes_again_is_held(desk: Desk) -> None:
    desk.want(2)
    desk.lms.delete_column(desk.url)
    desk.work()
    desk.make_columns()
    desk.lms.fail_next(LineItemGone("gone"))
    desk.wait(seconds=1)
    desk.work()

    assert (desk.row().state, desk.row().last_answer) == (DeliveryState.HELD, Answer.LINE_ITEM_GONE)
    assert (desk.make_columns(), desk.lms.made) == ([], 2)


# --- in the database


@pytest.mark.postgres
def test_answers_and_wishes_lock_deliveries_in_the_same_order(postgres_sessions: SessionFactory, now: datetime) -> None:
    desk = with_column(open_desk(postgres_sessions, now, people=2))
    for person in range(2):
        desk.want(1, person)
    backwards = sorted(desk.claim(), key=lambda one: -one.id)
    replies = [Reply(one, Answer.ACCEPTED) for one in backwards]
    first, second = sorted(one.id for one in backwards)

    def lock(session: Session, number: int) -> None:
        session.execute(select(DeliveryRow).where(DeliveryRow.id == number).with_for_update())

    with ThreadPoolExecutor(1) as pool, postgres_sessions() as writer:
        lock(writer, first)
        settling = pool.submit(settle, postgres_sessions, replies, now)
        time.sleep(0.5)
        lock(writer, second)
        writer.commit()
        settling.result(10)

    assert {row.state for row in desk.rows()} == {DeliveryState.SENT}


# --- the platform


def test_an_outage_pauses_the_platform_and_leaves_its_rows_untouched(desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.lms.fail_next(PlatformUnavailable("503"))
    claimed = desk.claim(limit=1)

    (outcome,) = desk.deliver(claimed)
    desk.wait(seconds=59)

    assert (outcome.pause_begins, desk.claim()) == (True, ())
    assert [(row.state, row.attempts, row.first_failed_at) for row in desk.rows()] == [("due", 0, None)] * 3


def test_one_probe_goes_out_and_its_success_lets_the_others_follow(desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.lms.fail_next(PlatformUnavailable("503"), times=2)
    desk.deliver(desk.claim(limit=1))

    counts = []
    for _ in range(2):
        desk.wait(seconds=60)
        counts.append((len(desk.work()), len(desk.work())))

    assert counts == [(1, 0), (1, 2)]
    assert (desk.pause(), {row.state for row in desk.rows()}) == (None, {"sent"})


def test_faults_that_pass_pause_nothing_until_the_tenth_in_a_row(desk: Desk) -> None:
    desk.want(1)
    desk.lms.fail_next(PlatformUnavailable("platform_unavailable", status=502), times=10)

    begins = []
    for _ in range(10):
        begins += [outcome.pause_begins for outcome in desk.work()]
        desk.wait(seconds=10)

    assert begins == [False] * 9 + [True]
    assert (desk.row().attempts, desk.row().first_failed_at) == (0, None)


def test_an_answer_about_a_row_ends_the_count_of_faults(desk: Desk) -> None:
    fault = PlatformUnavailable("platform_reset")
    begins = []
    for mark in (1, 2, 3):
        desk.want(mark)
        desk.lms.fail_next(fault, times=9)
        for _ in range(10):
            begins += [outcome.pause_begins for outcome in desk.work()]
            desk.wait(seconds=10)

    assert (len(begins), any(begins), desk.row().state) == (30, False, DeliveryState.SENT)


def test_who_meets_a_fault_goes_behind_those_who_wait(desk: Desk) -> None:
    desk.want(1, 0)
    desk.wait(seconds=1)
    desk.want(1, 1)
    desk.lms.fail_next(PlatformUnavailable("platform_reset"))
    (first,) = desk.claim(limit=1)
    desk.deliver([first])

    (second,) = desk.claim(limit=1)

    assert (first.user_id, second.user_id) == (desk.subs[0], desk.subs[1])


def test_a_fault_in_between_does_not_have_a_vanished_column_made_twice(desk: Desk) -> None:
    desk.want(2)
    desk.lms.delete_column(desk.url)
    desk.work()
    desk.make_columns()
    desk.wait(seconds=1)
    desk.lms.fail_next(PlatformUnavailable("platform_reset"))
    desk.work()
    desk.lms.fail_next(LineItemGone("gone"))
    desk.wait(seconds=10)
    desk.work()

    assert (desk.row().state, desk.row().last_answer) == (DeliveryState.HELD, Answer.LINE_ITEM_GONE)


# --- lanes


def test_no_more_lanes_than_the_platform_allows(desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.limit(concurrency=2)

    taken = [len(desk.claim(limit=1, worker=f"w{number}")) for number in range(3)]
    again = len(desk.claim(limit=1, worker="w1"))

    assert (taken, again) == ([1, 1, 0], 1)


def test_a_lane_is_free_when_it_is_left_or_its_time_is_over(desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.limit(concurrency=1)
    desk.claim(limit=1, worker="w1")

    full = desk.claim(limit=1, worker="w2")
    leave(desk.sessions, "w1", desk.now)
    left = desk.claim(limit=1, worker="w2")
    desk.wait(seconds=31)
    over = desk.claim(limit=1, worker="w3")

    assert (len(full), len(left), len(over)) == (0, 1, 1)


def test_the_platform_that_waited_longest_has_its_turn(desk: Desk) -> None:
    other = with_column(open_desk(desk.sessions, desk.now, people=3))
    for person in range(3):
        desk.want(1, person)
        other.want(1, person)

    turns = []
    for _ in range(4):
        (claimed,) = desk.claim(limit=1)
        turns.append(claimed.platform_id)
        desk.wait(seconds=1)

    assert turns == [desk.platform_id, other.platform_id] * 2


def test_a_platform_that_keeps_us_waiting_has_one_lane_while_others_wait(desk: Desk) -> None:
    other = with_column(open_desk(desk.sessions, desk.now, people=3))
    desk.wait(seconds=61)
    for person in range(3):
        desk.want(1, person)
    for person in range(3):
        other.now = desk.now
        other.want(1, person)

    first, second = desk.claim(worker="w1"), desk.claim(worker="w2")
    third = desk.claim(worker="w3")

    assert [len(first), len(second)] == [1, 1]
    assert {first[0].platform_id, second[0].platform_id} == {desk.platform_id, other.platform_id}
    assert len(third) == 1  # nobody else waits: then it may have another


def test_a_rate_is_kept_by_all_workers_together(desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.limit(rate=2)

    first = len(desk.claim(limit=1, worker="w1"))
    early = len(desk.claim(limit=1, worker="w2"))
    desk.wait(seconds=0.5)
    later = len(desk.claim(limit=1, worker="w2"))

    assert (first, early, later) == (1, 0, 1)


def test_scores_of_a_column_that_is_not_there_hold_up_nobody(desk: Desk) -> None:
    other = with_column(open_desk(desk.sessions, desk.now, people=1))
    desk.want(1)
    desk.lms.delete_column(desk.url)
    desk.work()
    other.want(1)

    claimed, nothing = desk.claim(), desk.claim(worker="w2")
    waiting = desk.row().due_at

    assert ([one.platform_id for one in claimed], nothing) == ([other.platform_id], ())
    assert waiting is not None
    assert waiting > desk.now


def _wants_in_missing_columns(desk: Desk, many: int) -> None:
    """A score in each of so many columns that the platform does not have, all waiting longer than any other."""
    known = desk.columns()[0]
    like = {name: getattr(known, name) for name in ("course_id", "label", "score_maximum", "created_at")}
    for _each in range(many):
        with unit_of_work(desk.sessions) as session:
            row = LineItemRow(**like, resource_id=new_public_id(), tag="missing")
            session.add(row)
            session.flush()
            desk.column = LineItemId(row.id)
        desk.want(1)


def test_many_columns_that_are_not_there_are_put_off_together(desk: Desk) -> None:
    made, asked = desk.column, []
    for many in (2, 20):
        _wants_in_missing_columns(desk, many)
        desk.wait(seconds=1)
        desk.column = made
        desk.want(1 + len(asked), person=1)

        with counted(desk.sessions) as sent:
            claimed = desk.claim(limit=2)

        asked.append(len(sent))
        assert [one.line_item_id for one in claimed] == [made]
        desk.deliver(claimed)

    assert asked[0] == asked[1]


def test_retry_after_is_obeyed(desk: Desk) -> None:
    desk.want(1)
    desk.lms.fail_next(PlatformUnavailable("429", retry_after=300))
    desk.work()

    desk.wait(seconds=299)
    early = desk.work()
    desk.wait(seconds=1)

    assert (early, len(desk.work())) == ([], 1)


def test_a_long_outage_kills_no_row(desk: Desk) -> None:
    desk.want(1)
    desk.lms.fail_next(Retryable("cut_short"))
    desk.work()
    desk.wait(seconds=1)
    desk.lms.fail_next(PlatformUnavailable("down"))
    desk.work()

    desk.wait(days=8)
    desk.lms.fail_next(Retryable("cut_short"))
    desk.work()

    assert (desk.row().state, desk.row().attempts) == (DeliveryState.DUE, 2)


def test_a_platform_that_forbids_is_held_with_one_alert(desk: Desk) -> None:
    for person in range(3):
        desk.want(1, person)
    desk.lms.fail_next(PlatformForbids("403"), times=3)

    alerts = [outcome.pause_begins for outcome in desk.work()]
    desk.wait(minutes=59)

    with desk.sessions() as session:
        pause = pause_of(session, desk.platform_id)
    assert alerts == [True, False, False]
    assert pause is not None
    assert (pause.reason, desk.work()) == (Answer.FORBIDDEN, [])
    assert {row.attempts for row in desk.rows()} == {0}


def test_tokens_that_were_taken_back_twice_hold_the_platform_for_seconds(desk: Desk) -> None:
    desk.want(2)
    desk.lms.fail_next(PlatformForbids("token_refused_again", status=401))
    (refused,) = desk.work()
    desk.wait(seconds=2)

    (sent,) = desk.work()

    assert (refused.answer, refused.pause_begins, sent.answer) == (Answer.FORBIDDEN, True, Answer.ACCEPTED)
    assert desk.pause() is None


def test_a_held_platform_goes_on_at_once_when_it_is_resumed(desk: Desk) -> None:
    desk.want(1)
    desk.lms.fail_next(PlatformForbids("403"))
    desk.work()

    with unit_of_work(desk.sessions) as session:
        resume(session, desk.platform_id, desk.course_id, desk.now)

    assert [outcome.answer for outcome in desk.work()] == [Answer.ACCEPTED]


def test_a_launch_does_not_end_the_pause_of_an_outage(desk: Desk) -> None:
    desk.want(1)
    desk.lms.fail_next(PlatformUnavailable("503"))
    desk.work()

    with unit_of_work(desk.sessions) as session:
        resume(session, desk.platform_id, desk.course_id, desk.now)

    assert desk.work() == []


def test_what_one_course_forbade_goes_on_at_once_when_it_is_resumed(desk: Desk) -> None:
    desk.want(1)
    desk.lms.fail_next(CourseForbids("403"))
    desk.work()
    held = desk.row().state, desk.work()

    with unit_of_work(desk.sessions) as session:
        resume(session, desk.platform_id, desk.course_id, desk.now)

    assert held == (DeliveryState.HELD, [])
    assert [outcome.answer for outcome in desk.work()] == [Answer.ACCEPTED]


def test_another_platform_is_not_touched_by_an_outage(desk: Desk) -> None:
    other = with_column(open_desk(desk.sessions, desk.now, people=1))
    desk.want(1)
    other.want(1)
    desk.lms.fail_next(PlatformUnavailable("503"))
    desk.deliver([one for one in desk.claim() if one.platform_id == desk.platform_id])
    desk.wait(seconds=31)

    assert {one.platform_id for one in desk.claim()} == {other.platform_id}
