"""Trying a paused platform now, setting its limits, and sending what is stuck again together; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import PlatformUnavailable, RuleBroken, ScoreRefused
from lti_tool.grading import channel_store, channels
from lti_tool.grading.choosing import Stuck
from lti_tool.grading.delivery import Way
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.retry import Pause
from lti_tool.grading.tables import PlatformChannelRow
from lti_tool.grading.wishes import send_all_again
from lti_tool.ids import CourseId
from tests.factories.desk import Desk, open_desk, with_column


def test_a_paused_platform_is_probed_at_once_when_somebody_asks(desk: Desk) -> None:
    desk.want(2)
    desk.lms.fail_next(PlatformUnavailable("maintenance", retry_after=3600))
    desk.work()
    desk.wait(seconds=30)
    waiting = desk.work()

    with unit_of_work(desk.sessions) as session:
        asked = channels.try_now(session, desk.platform_id, desk.now)
    desk.work()

    assert (waiting, asked) == ([], True)
    assert (desk.row().state, desk.pause()) == (DeliveryState.SENT, None)


def test_of_what_is_claimed_together_nothing_goes_once_somebody_has_paused_the_platform(desk: Desk) -> None:
    desk.want(2)
    desk.want(3, person=1)
    first, second = desk.claim()
    way = Way(desk.sessions, seen_open=desk.now)
    moment = timedelta(seconds=0.06)
    before = way.may_go(first, desk.now), way.may_go(second, desk.now + 2 * moment)

    with unit_of_work(desk.sessions) as session:
        channel_store.pause(session, desk.platform_id, Pause(desk.now + timedelta(hours=1), Answer.OUTAGE), desk.now)

    # What was seen to be open a moment ago is taken to be so still; later it is looked at again.
    assert before == (True, True)
    assert (way.may_go(second, desk.now + 3 * moment), way.may_go(second, desk.now + 4 * moment)) == (True, False)
    assert not Way(desk.sessions, seen_open=desk.now).may_go(second, desk.now + 4 * moment)


@pytest.fixture
def looked_before(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks for work saw this platform's turn come, a moment before it was over: that look locks nothing."""
    monkeypatch.setattr(channel_store, "whose_turn", lambda *_asked, proven: desk.platform_id)


@pytest.mark.usefixtures("looked_before")
def test_nothing_is_claimed_of_a_platform_that_was_paused_since_the_look(desk: Desk) -> None:
    desk.want(2)
    with unit_of_work(desk.sessions) as session:
        channel_store.pause(session, desk.platform_id, Pause(desk.now + timedelta(hours=1), Answer.OUTAGE), desk.now)

    assert desk.claim() == ()


@pytest.mark.usefixtures("looked_before")
def test_nothing_is_claimed_where_the_last_lane_was_taken_since_the_look(desk: Desk) -> None:
    desk.limit(concurrency=1)
    desk.want(2)
    desk.want(3, person=1)
    held = desk.claim(limit=1, worker="w1")

    assert (len(held), desk.claim(worker="w2")) == (1, ())


@pytest.mark.usefixtures("looked_before")
def test_where_others_have_claimed_everything_since_the_look_no_lane_is_kept(desk: Desk) -> None:
    desk.limit(concurrency=2)
    desk.want(2)
    held = desk.claim(worker="w1")
    after = desk.claim(worker="w2")
    desk.want(3, person=1)

    assert (len(held), after, len(desk.claim(worker="w3"))) == (1, (), 1)


def test_a_platform_that_is_open_is_left_alone(desk: Desk) -> None:
    desk.want(2)

    with unit_of_work(desk.sessions) as session:
        assert not channels.try_now(session, desk.platform_id, desk.now)


@pytest.mark.postgres
def test_who_only_needs_the_channel_to_be_there_waits_for_nobody(
    postgres_sessions: SessionFactory, now: datetime
) -> None:
    # Marks are written with their course in hand. Whoever settles a column has the channel in hand, and then wants the
    # course: would the one wait for the channel, both would wait for ever.
    desk = with_column(open_desk(postgres_sessions, now, people=1))
    with unit_of_work(desk.sessions) as settling, unit_of_work(desk.sessions) as wishing:
        channel_store.note_answer(settling, desk.platform_id, now)
        wishing.execute(text("SET LOCAL lock_timeout = '300ms'"))

        channel_store.open_channel(wishing, desk.platform_id)


def test_a_channel_is_opened_once(bare_desk: Desk) -> None:
    for _ in range(2):
        with unit_of_work(bare_desk.sessions) as session:
            channel_store.open_channel(session, bare_desk.platform_id)

    with bare_desk.sessions() as session:
        row = session.get_one(PlatformChannelRow, bare_desk.platform_id)
        assert (row.failures, row.paused_until, row.rate) == (0, None, None)
        assert row.concurrency > 0


def test_limits_are_set_one_by_one(desk: Desk) -> None:
    with unit_of_work(desk.sessions) as session:
        channels.limit(session, desk.platform_id, {"concurrency": 9, "rate": 50})
    with unit_of_work(desk.sessions) as session:
        channels.limit(session, desk.platform_id, {"rate": None})

    with desk.sessions() as session:
        row = session.get_one(PlatformChannelRow, desk.platform_id)
        assert (row.concurrency, row.rate) == (9, None)


@pytest.mark.parametrize("limits", [{"concurrency": 0}, {"concurrency": None}, {"rate": 0}, {"concurrency": 65}])
def test_a_limit_outside_is_refused(desk: Desk, limits: dict[str, int | None]) -> None:
    with unit_of_work(desk.sessions) as session, pytest.raises(RuleBroken, match="limit_outside"):
        channels.limit(session, desk.platform_id, limits)


def test_what_is_stuck_goes_again_as_a_new_version(desk: Desk) -> None:
    for person in range(2):
        desk.want(1, person)
        desk.lms.fail_next(ScoreRefused("refused"))
        desk.work()
    before = desk.row().wanted_version

    with unit_of_work(desk.sessions) as session:
        sent = send_all_again(session, Stuck(desk.course_id), desk.now)

    assert (sent, desk.row().wanted_version) == (2, before + 1)
    assert {outcome.stored for outcome in desk.work()} == {True}
    with unit_of_work(desk.sessions) as session:
        assert send_all_again(session, Stuck(CourseId(desk.course_id + 1)), desk.now) == 0
