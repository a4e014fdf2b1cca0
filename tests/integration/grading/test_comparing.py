"""Columns read back and compared: what is found, what is left alone, what the LMS is spared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import (
    CourseForbids,
    LineItemGone,
    PlatformError,
    PlatformForbids,
    PlatformUnavailable,
    Retryable,
)
from lti_tool.grading import comparing
from lti_tool.grading.comparing import Compared
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.tables import DriftEventRow, DriftRow
from lti_tool.lti.model import Result
from lti_tool.steps import Comparing
from tests.factories.desk import Desk, open_desk, with_column
from tests.factories.differing import arrived, compare, comparison_of, found, typed


@pytest.fixture
def desk(any_sessions: SessionFactory, now: datetime) -> Desk:
    """Two grades, 2 and 1 of 3, stand in the gradebook."""
    return arrived(with_column(open_desk(any_sessions, now, people=3)), 2, 1)


def _ask(desk: Desk) -> bool:
    with unit_of_work(desk.sessions) as session:
        return comparing.ask(session, desk.course_id, desk.now)


def _events(desk: Desk) -> list[str]:
    with desk.sessions() as session:
        return list(session.scalars(select(DriftEventRow.what).order_by(DriftEventRow.id)))


def test_where_all_are_alike_the_column_only_says_when_it_was_compared(desk: Desk) -> None:
    done = compare(desk)

    assert done is not None
    assert (done.grades, done.found, done.ended, done.fault) == (2, 0, 0, None)
    row = comparison_of(desk.sessions, desk)
    assert row is not None
    assert (row.compared_at, row.asked_at, row.fault) == (desk.now - timedelta(seconds=1), None, None)
    assert _events(desk) == []


def test_a_typed_mark_is_found_and_nothing_goes_over_it(desk: Desk) -> None:
    typed(desk, "3", 1)

    done = compare(desk)
    posts = len(desk.lms.posts)
    desk.wait(days=8)
    desk.work()

    row = found(desk, 1)
    assert done is not None
    assert row is not None
    assert (done.found, row.kind, row.given, row.maximum, row.decision) == (1, "changed", 3, 3, None)
    assert row.held_at is not None
    assert found(desk, 0) is None
    assert (len(desk.lms.posts), desk.shown(1), desk.row(1).state) == (posts, 3, DeliveryState.SENT)
    assert _events(desk) == ["found"]


def test_an_erased_mark_is_gone_and_what_we_never_sent_is_not_missed(desk: Desk) -> None:
    typed(desk, None, 0)
    del desk.lms.columns[desk.url].grades[desk.subs[1]]
    desk.lms.write(desk.url, "stranger", "3", desk.now)

    compare(desk)

    with desk.sessions() as session:
        assert list(session.scalars(select(DriftRow.kind))) == ["gone", "gone"]


def test_a_changed_wish_waits_until_somebody_decides(desk: Desk) -> None:
    typed(desk, "3", 1)
    compare(desk)

    travels = desk.want(2, 1)
    desk.work()

    row = desk.row(1)
    assert (travels, row.state, row.last_answer, row.due_at) == (0, DeliveryState.HELD, Answer.DIFFERS, None)
    assert desk.shown(1) == 3


def test_a_wish_that_the_lms_shows_already_goes_and_ends_it(desk: Desk) -> None:
    typed(desk, "3", 1)
    compare(desk)

    travels = desk.want(3, 1)
    desk.work()

    assert (travels, desk.row(1).state, found(desk, 1)) == (1, DeliveryState.SENT, None)


def test_a_wish_that_returns_to_what_was_sent_rests_as_sent(desk: Desk) -> None:
    typed(desk, "3", 1)
    compare(desk)
    desk.want(2, 1)

    desk.want(1, 1)

    assert (desk.row(1).state, desk.row(1).due_at) == (DeliveryState.SENT, None)
    assert found(desk, 1) is not None


@pytest.mark.parametrize("stands", ["1", "2"])
def test_when_ours_stands_there_again_what_was_held_goes(desk: Desk, stands: str) -> None:
    typed(desk, "3", 1)
    compare(desk)
    desk.want(2, 1)
    typed(desk, stands, 1)

    done = compare(desk)
    desk.work()

    assert done is not None
    assert (done.ended, found(desk, 1), desk.shown(1), desk.row(1).state) == (1, None, 2, DeliveryState.SENT)
    assert _events(desk) == ["found", "alike"]


def test_what_is_on_its_way_is_not_judged(desk: Desk) -> None:
    typed(desk, "3", 1)
    desk.want(2, 1)

    done = compare(desk)

    assert done is not None
    assert (done.grades, done.found, found(desk, 1)) == (1, 0, None)


def test_what_is_sent_while_the_column_is_read_is_not_judged(desk: Desk) -> None:
    """The reading saw the mark of before; what was confirmed since is another one."""
    read = desk.lms.results

    def slow(*asked: object) -> tuple[Result, ...]:
        told = read(*asked)  # type: ignore[arg-type]
        desk.want(0, 1)
        desk.work()
        return told

    desk.lms.results = slow  # type: ignore[method-assign]

    done = compare(desk)

    assert done is not None
    assert (done.found, found(desk, 1), desk.shown(1)) == (0, None, 0)


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (CourseForbids("result_scope_missing"), Answer.FORBIDDEN),
        (PlatformForbids("platform_forbids", status=403), Answer.FORBIDDEN),
        (LineItemGone("line_item_gone", status=404), Answer.LINE_ITEM_GONE),
        (Retryable("platform_failed", status=500), Answer.FAILED),
        (Retryable("list_unreadable", status=200), Answer.FAILED),
    ],
)
def test_a_column_that_cannot_be_read_says_nothing_about_its_grades(
    desk: Desk, fault: PlatformError, answer: Answer
) -> None:
    typed(desk, "3", 1)
    compare(desk)
    desk.lms.fail_reading(fault)
    typed(desk, "0", 0)

    done = compare(desk)

    row = comparison_of(desk.sessions, desk)
    assert done is not None
    assert row is not None
    assert (done.fault, row.fault, row.asked_at) == (answer, answer, None)
    assert row.compared_at is not None
    assert row.compared_at < desk.now - timedelta(minutes=1)
    assert (found(desk, 0), found(desk, 1) is not None) == (None, True)
    assert desk.pause() is None


def test_a_platform_that_is_away_is_paused_and_read_when_it_is_back(desk: Desk) -> None:
    desk.lms.fail_reading(PlatformUnavailable("platform_timeout"))

    done = compare(desk)
    meanwhile = comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now)

    assert done is not None
    assert (done.fault, done.pause_begins, meanwhile) == (Answer.OUTAGE, True, None)
    desk.wait(seconds=61)
    # Nothing is due, so whoever comes first ends the pause.
    desk.work()
    again = comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now)
    assert again is not None
    assert (again.fault, again.grades) == (None, 2)


def test_reading_counts_among_the_exchanges_that_a_platform_bears(desk: Desk) -> None:
    desk.limit(concurrency=1)
    desk.want(3, 2)
    (claimed,) = desk.claim(limit=1)
    _ask(desk)

    assert comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now) is None

    desk.deliver([claimed])
    desk.wait(seconds=40)
    assert comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now) is not None


def test_reading_keeps_to_the_rate_of_a_platform(desk: Desk) -> None:
    desk.limit(rate=1)
    _ask(desk)

    assert comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now) is not None
    desk.want(3, 2)
    assert desk.claim() == ()
    desk.wait(seconds=1)
    assert len(desk.claim()) == 1


def test_a_column_is_in_one_readers_hands(desk: Desk) -> None:
    _ask(desk)
    read = desk.lms.results
    second = []

    def watched(*asked: object) -> tuple[Result, ...]:
        second.append(comparing.compare_next(desk.sessions, desk.lms, "other", desk.now))
        return read(*asked)  # type: ignore[arg-type]

    desk.lms.results = watched  # type: ignore[method-assign]

    assert comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now) is not None
    assert second == [None]


def test_a_course_is_not_asked_for_twice_within_a_minute(desk: Desk) -> None:
    assert [_ask(desk), _ask(desk)] == [True, False]
    comparing.compare_next(desk.sessions, desk.lms, "reader", desk.now)
    assert _ask(desk) is False
    desk.wait(seconds=61)
    assert _ask(desk) is True


def test_a_column_made_anew_forgets_what_its_former_one_showed(desk: Desk) -> None:
    typed(desk, "3", 1)
    compare(desk)
    desk.want(2, 1)
    desk.lms.delete_column(desk.url)
    desk.want(3, 0)
    desk.work()

    desk.make_columns()
    desk.work()

    desk.url = desk.columns()[0].url or ""
    assert (found(desk, 1), desk.shown(1), desk.row(1).state) == (None, 2, DeliveryState.SENT)


# --- by night


NIGHT = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)


def _turn(desk: Desk) -> int:
    """A turn of the worker's step; how many grades were posted by it, which must be none."""
    posts = len(desk.lms.posts)
    Comparing(desk.lms)(desk.sessions, desk.now)
    return len(desk.lms.posts) - posts


def test_by_night_every_column_has_its_turn_once_in_three_days(desk: Desk) -> None:
    typed(desk, "3", 1)
    desk.now = NIGHT

    posts = _turn(desk)

    row = comparison_of(desk.sessions, desk)
    assert row is not None
    assert row.compared_at is not None
    assert (row.compared_at.replace(microsecond=0), posts, found(desk, 1) is not None) == (NIGHT, 0, True)
    desk.now = NIGHT + timedelta(days=2)
    _turn(desk)
    assert comparison_of(desk.sessions, desk).compared_at == row.compared_at  # type: ignore[union-attr]
    desk.now = NIGHT + timedelta(days=3, hours=1)
    _turn(desk)
    assert comparison_of(desk.sessions, desk).compared_at >= desk.now  # type: ignore[union-attr]


def test_by_day_nobody_is_asked_unless_somebody_wants_it(desk: Desk) -> None:
    desk.now = NIGHT.replace(hour=9)

    _turn(desk)

    assert comparison_of(desk.sessions, desk) is None
    _ask(desk)
    _turn(desk)
    assert comparison_of(desk.sessions, desk).compared_at is not None  # type: ignore[union-attr]


def test_a_turn_by_night_reads_one_column_and_the_longest_unseen_first(
    any_sessions: SessionFactory, now: datetime
) -> None:
    desk = open_desk(any_sessions, now, people=1)
    desk.want_columns("4.1.1", "4.1.2")
    desk.make_columns()
    for column in desk.columns():
        desk.column, desk.url = column.id, column.url or ""  # type: ignore[assignment]
        desk.want(1)
    desk.work()
    read: list[str] = []
    results = desk.lms.results

    def noted(course_id: object, url: str, user_id: str | None = None) -> tuple[Result, ...]:
        read.append(url)
        return results(course_id, url, user_id)  # type: ignore[arg-type]

    desk.lms.results = noted  # type: ignore[method-assign]
    first, second = (column.url for column in desk.columns())

    for turn in range(4):
        desk.now = NIGHT + timedelta(days=3 * (turn // 2), seconds=2 * turn)
        Comparing(desk.lms)(desk.sessions, desk.now)

    assert read == [first, second, first, second]


def test_a_column_without_a_confirmed_grade_is_not_read(any_sessions: SessionFactory, now: datetime) -> None:
    desk = with_column(open_desk(any_sessions, now, people=1))
    desk.now = NIGHT

    _turn(desk)

    assert comparison_of(desk.sessions, desk) is None


def test_what_is_wished_while_the_column_is_read_is_on_its_way_and_no_difference(desk: Desk) -> None:
    typed(desk, "3", 1)
    desk.lms.while_reading = lambda _url: desk.want(2, 1)

    done = compare(desk)
    desk.work()

    assert done is not None
    assert (done.found, found(desk, 1), _events(desk)) == (0, None, [])
    assert (desk.shown(1), desk.row(1).state) == (2, DeliveryState.SENT)


def test_while_one_column_is_read_a_platform_without_room_is_passed_over_and_another_is_read(
    any_sessions: SessionFactory, now: datetime
) -> None:
    small, other = open_desk(any_sessions, now, people=1), open_desk(any_sessions, now, people=1)
    other.lms = small.lms
    small.want_columns("4.1.1", "4.1.2", "4.1.3")
    small.limit(concurrency=1)
    for desk in (small, other):
        if desk is other:
            with_column(desk)
        desk.make_columns()
        desk.wait(minutes=9)
        assert _ask(desk)
    read: list[Compared | None] = []

    def meanwhile(_url: str) -> None:
        small.lms.while_reading = lambda _url: None
        read.append(comparing.compare_next(any_sessions, small.lms, "second reader", small.now))

    small.lms.while_reading = meanwhile
    read.append(comparing.compare_next(any_sessions, small.lms, "first reader", small.now))

    assert [each and each.platform_id for each in read] == [other.platform_id, small.platform_id]
