"""Columns are found before they are made, once, and their real maximum is read back."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import LineItemGone, PlatformForbids, PlatformUnavailable, Retryable, RuleBroken
from lti_tool.grading import channel_store as channels
from lti_tool.grading import retry
from lti_tool.grading.line_items import adopt_line_item, claim_line_items, label_of, make_one, want_line_items
from lti_tool.grading.model import Answer, ClaimedLineItem, DeliveryState
from lti_tool.grading.store import lock_course
from lti_tool.grading.tables import PlatformChannelRow
from lti_tool.ids import ActivityId, CourseId, LineItemId
from lti_tool.lti.tables import PlatformRow
from lti_tool.people.tables import ActivityRow, CourseRow
from tests.factories.desk import Desk, open_desk
from tests.factories.fake_platform import seconds
from tests.factories.make import Make


def own_activity(desk: Desk) -> ActivityId:
    with unit_of_work(desk.sessions) as session:
        course = session.get_one(CourseRow, desk.course_id)
        return ActivityId(Make(session, desk.now).activity(course, "External tool: Портфолио", kind="evidence").id)


def adopt(desk: Desk, activity: ActivityId, url: str) -> None:
    with unit_of_work(desk.sessions) as session:
        adopt_line_item(session, desk.course_id, activity, url, "Портфолио", desk.now)


def test_a_wanted_column_is_made_under_its_name(bare_desk: Desk) -> None:
    bare_desk.want_columns("4.1.1")

    bare_desk.make_columns()

    (row,) = bare_desk.columns()
    item = bare_desk.lms.columns[row.url or ""].item
    assert (item.label, item.resource_id, item.tag) == ("4.1.1 Сандык сабаттуулук", "competency:4.1.1", "competency")
    assert (row.ready_at, row.due_at) == (bare_desk.now, None)


def test_a_column_that_is_there_is_found_and_its_maximum_read_back(bare_desk: Desk) -> None:
    url = bare_desk.lms.add_column("100", "competency:4.1.1")
    bare_desk.want_columns("4.1.1")

    bare_desk.make_columns()

    (row,) = bare_desk.columns()
    assert (row.url, row.score_maximum, bare_desk.lms.made) == (url, Decimal(100), 1)


def test_a_title_that_changes_before_the_column_is_made_is_the_columns_name(bare_desk: Desk) -> None:
    bare_desk.want_columns("4.1.1")
    renamed = replace(bare_desk.target(), label="4.1.1 Санариптик сабаттуулук", score_maximum=Decimal(1))

    with unit_of_work(bare_desk.sessions) as session:
        want_line_items(session, bare_desk.course_id, [renamed], bare_desk.now)
    bare_desk.make_columns()

    (row,) = bare_desk.columns()
    item = bare_desk.lms.columns[row.url or ""].item
    assert (item.label, item.score_maximum) == ("4.1.1 Санариптик сабаттуулук", Decimal(1))


def test_a_title_that_changes_afterwards_leaves_the_column_as_teachers_know_it(desk: Desk) -> None:
    renamed = replace(desk.target(), label="4.1.1 Санариптик сабаттуулук", score_maximum=Decimal(1))

    with unit_of_work(desk.sessions) as session:
        want_line_items(session, desk.course_id, [renamed], desk.now)

    assert (desk.make_columns(), desk.columns()[0].label, desk.columns()[0].score_maximum) == (
        [],
        "4.1.1 Сандык сабаттуулук",
        Decimal(3),
    )


def test_two_workers_make_one_column(bare_desk: Desk) -> None:
    bare_desk.want_columns("4.1.1")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: bare_desk.make_columns(), range(4)))

    assert (bare_desk.lms.searched, bare_desk.lms.made) == (1, 1)


def claimed_columns(desk: Desk) -> tuple[ClaimedLineItem, ...]:
    with unit_of_work(desk.sessions) as session:
        return claim_line_items(session, desk.now, 10)


def test_a_column_in_one_worker_s_hands_is_left_alone_for_a_minute(bare_desk: Desk) -> None:
    bare_desk.want_columns("4.1.1")
    first = claimed_columns(bare_desk)

    bare_desk.wait(seconds=59)
    during = claimed_columns(bare_desk)
    bare_desk.wait(seconds=1)

    assert (len(first), during, len(claimed_columns(bare_desk))) == (1, (), 1)


def test_a_worker_that_comes_too_late_does_not_overwrite_the_column(bare_desk: Desk) -> None:
    bare_desk.want_columns("4.1.1")
    (late,) = claimed_columns(bare_desk)
    bare_desk.wait(seconds=61)
    bare_desk.make_columns()
    made = bare_desk.columns()[0].url
    bare_desk.lms.fail_next(Retryable("odd"))

    make_one(bare_desk.sessions, bare_desk.lms, late, bare_desk.now)

    assert (bare_desk.columns()[0].url, bare_desk.columns()[0].due_at) == (made, None)


def test_wanting_a_column_again_changes_nothing(desk: Desk) -> None:
    desk.want_columns("4.1.1")

    assert (desk.make_columns(), len(desk.columns())) == ([], 1)


def test_a_column_no_longer_targeted_stays_and_is_named(desk: Desk) -> None:
    dropped = desk.want_columns()

    assert dropped == (desk.column,)
    assert (desk.columns()[0].targeted, desk.url in desk.lms.columns) == (False, True)
    desk.want_columns("4.1.1")
    assert desk.columns()[0].targeted


def test_an_outage_while_making_pauses_the_platform(bare_desk: Desk) -> None:
    bare_desk.want_columns("4.1.1")
    bare_desk.lms.fail_next(PlatformUnavailable("503"))

    (outcome,) = bare_desk.make_columns()

    assert (outcome.pause_begins, bare_desk.make_columns()) == (True, [])
    bare_desk.wait(seconds=60)
    bare_desk.claim()
    assert [one.answer for one in bare_desk.make_columns()] == [Answer.ACCEPTED]


def test_a_platform_that_forbids_columns_may_still_take_scores(desk: Desk) -> None:
    desk.want_columns("4.1.1", "4.1.2")
    desk.lms.fail_next(PlatformForbids("sync_only"))
    desk.make_columns()
    desk.want(2)

    assert [outcome.answer for outcome in desk.work()] == [Answer.ACCEPTED]
    assert (desk.pause(), desk.columns()[1].last_answer) == (None, Answer.FORBIDDEN)


def test_a_column_that_cannot_be_made_is_backed_off(bare_desk: Desk) -> None:
    bare_desk.want_columns("4.1.1")
    bare_desk.lms.fail_next(Retryable("odd"), times=2)
    waits = []
    for _ in range(2):
        bare_desk.make_columns()
        due = bare_desk.columns()[0].due_at or bare_desk.now
        waits.append(due - bare_desk.now)
        bare_desk.now = due

    assert waits == [seconds(1), seconds(2)]


def test_the_column_of_an_own_activity_is_adopted_and_read_back(bare_desk: Desk) -> None:
    activity = own_activity(bare_desk)
    url = bare_desk.lms.add_column("20")

    adopt(bare_desk, activity, url)
    bare_desk.make_columns()

    (row,) = bare_desk.columns()
    assert (row.url, row.score_maximum, row.competency_id) == (url, Decimal(20), None)
    with bare_desk.sessions() as session:
        assert session.get_one(ActivityRow, activity).mark_max == Decimal(20)


@pytest.mark.postgres
def test_who_keeps_a_column_takes_its_course_before_anything_else(
    postgres_sessions: SessionFactory, now: datetime
) -> None:
    desk = open_desk(postgres_sessions, now, people=1)
    activity = own_activity(desk)
    adopt(desk, activity, desk.lms.add_column("33.333"))
    with unit_of_work(desk.sessions) as session:
        channels.open_channel(session, desk.platform_id)
    (claimed,) = claimed_columns(desk)

    def fill(session: Session, course_id: CourseId, _now: datetime) -> None:
        lock_course(session, course_id)

    with ThreadPoolExecutor(1) as pool, postgres_sessions() as writer:
        lock_course(writer, desk.course_id)
        making = pool.submit(make_one, desk.sessions, desk.lms, claimed, now, fill=fill)
        time.sleep(0.5)
        # Whoever writes marks of the course may take what else is there, and waits for nobody.
        for row, key in ((PlatformChannelRow, desk.platform_id), (ActivityRow, activity)):
            writer.get_one(row, key, with_for_update={"nowait": True})
        writer.commit()
        making.result(10)

    assert desk.columns()[0].ready_at == now


def test_a_column_that_another_course_fills_is_not_adopted(bare_desk: Desk) -> None:
    theirs = bare_desk.lms.add_column("20")
    with unit_of_work(bare_desk.sessions) as session:
        make, here = Make(session, bare_desk.now), session.get_one(CourseRow, bare_desk.course_id)
        other = make.course(session.get_one(PlatformRow, here.platform_id), "Экинчи курс", "another")
        link = ActivityId(make.activity(other, "External tool: Портфолио", kind="evidence").id)
        adopt_line_item(session, CourseId(other.id), link, theirs, "Портфолио", bare_desk.now)
    own = bare_desk.lms.add_column("10")
    activity = own_activity(bare_desk)

    for url in (theirs, own, theirs):
        adopt(bare_desk, activity, url)

    assert [row.url for row in bare_desk.columns() if row.course_id == bare_desk.course_id] == [own]


def test_a_launch_that_names_the_same_column_again_changes_nothing(bare_desk: Desk) -> None:
    activity, url = own_activity(bare_desk), bare_desk.lms.add_column("3")
    adopt(bare_desk, activity, url)
    bare_desk.make_columns()
    bare_desk.column = LineItemId(bare_desk.columns()[0].id)
    bare_desk.want(2)
    bare_desk.work()
    posts = len(bare_desk.lms.posts)

    adopt(bare_desk, activity, url)
    bare_desk.wait(hours=1)

    assert (bare_desk.make_columns(), bare_desk.work(), len(bare_desk.lms.posts)) == ([], [], posts)
    assert (bare_desk.columns()[0].url, bare_desk.row().state) == (url, DeliveryState.SENT)


def test_a_column_that_a_launch_names_while_the_former_one_is_read_is_the_one(bare_desk: Desk) -> None:
    activity, lms = own_activity(bare_desk), bare_desk.lms
    former, latter = lms.add_column("20"), lms.add_column("10")
    adopt(bare_desk, activity, former)

    def launch(_url: str) -> None:
        lms.while_reading = lambda _url: None
        bare_desk.wait(seconds=1)
        adopt(bare_desk, activity, latter)

    lms.while_reading = launch
    bare_desk.make_columns()
    between = bare_desk.columns()[0]
    with bare_desk.sessions() as session:
        assert session.get_one(ActivityRow, activity).mark_max is None, "that of the former one is none of its own"
    bare_desk.make_columns()

    assert (between.url, between.ready_at) == (latter, None)
    assert (bare_desk.columns()[0].url, bare_desk.columns()[0].score_maximum) == (latter, Decimal(10))


@pytest.mark.parametrize("slow", [False, True])
def test_only_a_platform_that_answered_quickly_is_trusted_with_many_scores_at_once(
    bare_desk: Desk, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    bare_desk.want_columns("4.1.1")
    if slow:
        monkeypatch.setattr(retry, "QUICK_SECONDS", 0)

    bare_desk.make_columns()

    with bare_desk.sessions() as session:
        proven = session.get_one(PlatformChannelRow, bare_desk.platform_id).proven_until
    assert (proven is None) == slow


def test_the_vanished_column_of_an_own_activity_waits_for_a_launch(bare_desk: Desk) -> None:
    activity = own_activity(bare_desk)
    adopt(bare_desk, activity, "https://lms.example.invalid/gone")
    bare_desk.make_columns()
    gone = bare_desk.columns()[0]
    again = bare_desk.make_columns()

    adopt(bare_desk, activity, bare_desk.lms.add_column("10"))
    bare_desk.make_columns()

    assert (gone.url, gone.due_at, gone.last_answer, again) == (None, None, Answer.LINE_ITEM_GONE, [])
    assert bare_desk.columns()[0].ready_at is not None


def held_for_its_column(desk: Desk) -> ActivityId:
    """An own activity with a score that waits because a trainer has deleted the column."""
    activity, url = own_activity(desk), desk.lms.add_column("3")
    adopt(desk, activity, url)
    desk.make_columns()
    desk.column = LineItemId(desk.columns()[0].id)
    desk.want(2)
    desk.lms.delete_column(url)
    desk.work()
    return activity


def launch_again(desk: Desk, activity: ActivityId) -> Decimal | None:
    """The activity is opened with a new column; what that shows in the end."""
    url = desk.lms.add_column("3")
    adopt(desk, activity, url)
    desk.make_columns()
    desk.wait(seconds=1)
    desk.work()
    return desk.lms.shown(url, desk.subs[0])


def test_scores_that_waited_for_an_own_column_go_at_once_when_it_is_back(bare_desk: Desk) -> None:
    activity = held_for_its_column(bare_desk)
    held = bare_desk.row()

    shown = launch_again(bare_desk, activity)

    assert (held.state, held.last_answer) == (DeliveryState.HELD, Answer.LINE_ITEM_GONE)
    assert (shown, bare_desk.row().state) == (2, DeliveryState.SENT)


def test_scores_given_up_for_a_missing_column_come_back_with_it(desk: Desk) -> None:
    desk.want(2)
    desk.lms.delete_column(desk.url)
    desk.work()
    desk.make_columns()
    desk.lms.delete_column(desk.columns()[0].url or "")
    for _ in range(9):
        desk.wait(hours=24)
        desk.work()
    given_up = desk.row()

    desk.want(3, person=1)
    desk.work()
    desk.make_columns()
    desk.wait(seconds=1)
    desk.work()

    url = desk.columns()[0].url or ""
    assert (given_up.state, given_up.last_answer) == (DeliveryState.DEAD, Answer.LINE_ITEM_GONE)
    assert [desk.lms.shown(url, sub) for sub in desk.subs[:2]] == [Decimal(2), Decimal(3)]


def test_an_empty_address_is_no_column(bare_desk: Desk) -> None:
    with pytest.raises(RuleBroken):
        adopt(bare_desk, own_activity(bare_desk), "")


def test_a_long_title_is_cut_to_a_hundred_characters() -> None:
    label = label_of("4.1.1", "ө" * 120)

    assert (len(label), label[-1]) == (100, "…")
    assert label_of("4.1.1", "Кыска") == "4.1.1 Кыска"


def test_a_gone_column_is_told_from_other_faults(desk: Desk) -> None:
    desk.want_columns("4.1.1", "4.1.2")
    desk.lms.fail_next(LineItemGone("course_unknown"))

    desk.make_columns()

    assert desk.columns()[1].due_at == desk.now + seconds(1)
