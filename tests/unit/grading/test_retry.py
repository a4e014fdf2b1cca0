"""What becomes of a delivery after each answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.errors import (
    CourseForbids,
    LineItemGone,
    NotFound,
    PerhapsLocked,
    Permanent,
    PlatformForbids,
    PlatformUnavailable,
    Retryable,
    ScoreOutdated,
    ScoreRefused,
    ToolError,
    Unconfirmed,
)
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.retry import (
    DAILY,
    Next,
    Pause,
    Standing,
    after_conflict,
    after_failure,
    after_outage,
    after_success,
    after_withdrawal,
    answer_to,
    backoff,
    forgive,
    next_timestamp,
    pause_for,
    stands,
)
from lti_tool.lti.model import Result

NOW = datetime(2026, 11, 23, 9, 0, 0, 400_000, tzinfo=UTC)
FRESH = Standing(attempts=0, first_failed_at=None, last_answer=None)
ROW_ANSWERS = [
    Answer.OUTDATED,
    Answer.UNCONFIRMED,
    Answer.PERHAPS_LOCKED,
    Answer.REFUSED,
    Answer.LINE_ITEM_GONE,
    Answer.FAILED,
]


def tried(attempts: int, ago: timedelta = timedelta(hours=1), last: str | None = None) -> Standing:
    return Standing(attempts, NOW - ago, last)


def held(mark: str | None, maximum: str | None = "3") -> Result:
    marks = (None if each is None else Decimal(each) for each in (mark, maximum))
    return Result("7", *marks, None, NOW)


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (PlatformUnavailable("x"), Answer.OUTAGE),
        (PlatformForbids("x"), Answer.FORBIDDEN),
        (LineItemGone("x"), Answer.LINE_ITEM_GONE),
        (ScoreRefused("x"), Answer.REFUSED),
        (PerhapsLocked("x"), Answer.PERHAPS_LOCKED),
        (ScoreOutdated("x"), Answer.OUTDATED),
        (Unconfirmed("x"), Answer.UNCONFIRMED),
        (Retryable("x"), Answer.FAILED),
        (Permanent("x"), Answer.FAILED),
        (NotFound("x"), Answer.FAILED),
    ],
)
def test_every_error_has_its_class_of_answer(error: ToolError, answer: Answer) -> None:
    assert answer_to(error) is answer


@pytest.mark.parametrize(
    ("row", "answer", "state", "wait"),
    [
        (FRESH, Answer.UNCONFIRMED, DeliveryState.DUE, 1),
        (tried(4), Answer.UNCONFIRMED, DeliveryState.DUE, 16),
        (tried(11), Answer.FAILED, DeliveryState.DUE, 2048),
        (tried(12), Answer.FAILED, DeliveryState.DUE, 3600),
        (tried(13), Answer.FAILED, DeliveryState.DUE, 86_400),
        (tried(1), Answer.OUTDATED, DeliveryState.DUE, 2),
        (FRESH, Answer.PERHAPS_LOCKED, DeliveryState.DUE, 1),
        (tried(1), Answer.PERHAPS_LOCKED, DeliveryState.DUE, 2),
        (tried(2), Answer.PERHAPS_LOCKED, DeliveryState.HELD, 86_400),
        (FRESH, Answer.REFUSED, DeliveryState.HELD, 86_400),
        (tried(3), Answer.REFUSED, DeliveryState.HELD, 86_400),
        (tried(1, last="line_item_gone"), Answer.LINE_ITEM_GONE, DeliveryState.HELD, 86_400),
        (Standing(0, None, None, remakes=False), Answer.LINE_ITEM_GONE, DeliveryState.HELD, 86_400),
        (FRESH, Answer.LINE_ITEM_GONE, DeliveryState.DUE, 0),
    ],
)
def test_a_row_becomes_what_the_table_says(row: Standing, answer: Answer, state: DeliveryState, wait: int) -> None:
    after = after_failure(row, answer, NOW, jitter=1.0)

    assert (after.state, after.due_at, after.attempts) == (state, NOW + timedelta(seconds=wait), row.attempts + 1)
    assert (after.answer, after.first_failed_at) == (answer, row.first_failed_at or NOW)
    assert after.remake is (wait == 0)


def test_a_vanished_column_is_made_again_only_once() -> None:
    first = after_failure(FRESH, Answer.LINE_ITEM_GONE, NOW, 1.0)
    second = after_failure(tried(1, last=Answer.LINE_ITEM_GONE), Answer.LINE_ITEM_GONE, NOW, 1.0)

    assert (first.remake, second.remake) == (True, False)
    assert (first.state, first.due_at) == (DeliveryState.DUE, NOW)


def test_a_foreign_newer_grade_holds_the_row_without_another_try() -> None:
    after = after_failure(FRESH, Answer.NEWER_THERE, NOW, 1.0)

    assert after == Next(DeliveryState.HELD, None, 1, NOW, Answer.NEWER_THERE)


@pytest.mark.parametrize("answer", ROW_ANSWERS)
def test_a_row_is_given_up_seven_days_after_its_first_failure(answer: Answer) -> None:
    almost = after_failure(tried(20, timedelta(days=7, seconds=-1), answer), answer, NOW, 1.0)
    over = after_failure(tried(20, timedelta(days=7), answer), answer, NOW, 1.0)

    assert almost.state is not DeliveryState.DEAD
    assert over == Next(DeliveryState.DEAD, None, 21, NOW - timedelta(days=7), answer)


@pytest.mark.parametrize(
    ("failed", "silent", "counts_from"),
    [(-5, -3, -2), (-3, -5, 0), (-5, 0, -5), (-5, 2, -5)],
    ids=["failed before the silence", "failed within it", "no silence", "a clock behind ours"],
)
def test_the_silence_of_a_platform_is_not_held_against_a_row(failed: int, silent: int, counts_from: int) -> None:
    assert forgive(NOW + timedelta(days=failed), NOW + timedelta(days=silent), NOW) == NOW + timedelta(days=counts_from)


def test_a_success_forgets_the_failures_before_it() -> None:
    after = after_success(Answer.CONFIRMED)

    assert after == Next(DeliveryState.SENT, None, 0, None, Answer.CONFIRMED)


@given(attempts=st.integers(1, 200), jitter=st.floats(0, 1))
def test_a_wait_lies_between_a_second_and_its_ceiling(attempts: int, jitter: float) -> None:
    wait = backoff(attempts, jitter)

    assert timedelta(seconds=1) <= wait <= DAILY
    assert attempts > 13 or wait <= timedelta(hours=1)


def test_the_whole_range_under_the_ceiling_is_used() -> None:
    assert backoff(5, 0.25) == timedelta(seconds=4)
    assert backoff(5, 0.0) == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (PlatformUnavailable("outage"), 60),
        (PlatformUnavailable("outage", retry_after=5), 5),
        (PlatformUnavailable("outage", retry_after=0), 1),
        (PlatformUnavailable("outage", status=429), 60),
        (PlatformUnavailable("outage", status=500), 60),
        (PlatformUnavailable("outage", status="502"), 60),
        (PlatformUnavailable("outage", retry_after=7, status=503), 7),
        (PlatformUnavailable("platform_timeout"), 60),
        (PlatformUnavailable("outage", retry_after=600), 600),
        (PlatformUnavailable("outage", retry_after=10**9), 86_400),
        (PlatformForbids("forbidden"), 3600),
    ],
)
def test_what_concerns_the_platform_pauses_it(error: ToolError, seconds: int) -> None:
    pause = pause_for(error, NOW)

    reason = Answer.FORBIDDEN if isinstance(error, PlatformForbids) else Answer.OUTAGE
    assert pause == Pause(NOW + timedelta(seconds=seconds), reason)


@pytest.mark.parametrize(
    "error",
    [
        PlatformUnavailable("outage", status=501),
        PlatformUnavailable("outage", status=504),
        PlatformUnavailable("platform_reset"),
    ],
)
def test_a_fault_that_passes_pauses_the_platform_as_the_tenth_in_a_row(error: ToolError) -> None:
    tenth = pause_for(error, NOW, failures=10)

    assert pause_for(error, NOW) is None
    assert pause_for(error, NOW, failures=9) is None
    assert tenth == Pause(NOW + timedelta(seconds=60), Answer.OUTAGE)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2), (2, 4), (5, 32), (12, 3600), (10_000, 3600)])
def test_a_platform_that_refuses_its_own_tokens_is_held_for_longer_each_time(failures: int, seconds: int) -> None:
    refused = PlatformForbids("token_refused_again", status=401)

    assert pause_for(refused, NOW, failures) == Pause(NOW + timedelta(seconds=seconds), Answer.FORBIDDEN)
    assert pause_for(refused, NOW) == pause_for(refused, NOW, 1)


def test_an_outage_uses_up_no_attempt_and_forgets_nothing_of_the_row() -> None:
    fresh = after_outage(FRESH, NOW, 1.0)
    failing = after_outage(tried(5, last=Answer.LINE_ITEM_GONE), NOW, 0.0)

    assert fresh == Next(DeliveryState.DUE, NOW + timedelta(seconds=10), 0, None, Answer.OUTAGE)
    since, gone = NOW - timedelta(hours=1), Answer.LINE_ITEM_GONE
    assert failing == Next(DeliveryState.DUE, NOW + timedelta(seconds=1), 5, since, gone)
    assert after_outage(tried(5), NOW, 0.5).answer is Answer.OUTAGE
    assert after_outage(Standing(0, None, gone), NOW, 0.5).answer is Answer.OUTAGE


@pytest.mark.parametrize("error", [ScoreRefused("x"), PerhapsLocked("x"), LineItemGone("x"), Retryable("x")])
def test_what_concerns_a_row_pauses_nothing(error: ToolError) -> None:
    assert pause_for(error, NOW) is None


def test_time_stamps_rise_by_whole_seconds() -> None:
    whole = NOW.replace(microsecond=0)

    assert next_timestamp(NOW, None) == whole
    assert next_timestamp(NOW, whole) == whole + timedelta(seconds=1)
    assert next_timestamp(NOW, whole + timedelta(minutes=5)) == whole + timedelta(minutes=5, seconds=1)
    assert next_timestamp(NOW, whole - timedelta(days=1)) == whole


@pytest.mark.parametrize(
    ("result", "mark", "maximum", "shows"),
    [
        (held("2"), "2", "3", True),
        (held("2"), "1", "3", False),
        (held("66.66667", "100"), "2", "3", True),
        (held("2.00003"), "2", "3", True),
        (held("1.99997"), "2", "3", True),
        (held("2.00004"), "2", "3", False),
        (held("20.0003", "30"), "2", "3", True),
        (held("20.0004", "30"), "2", "3", False),
        (held("2"), None, "3", False),
        (held("2"), "2", None, False),
        (held("2.33333", "7"), "1", "3", True),
        (held("2", None), "2", "3", True),
        (held("0"), "0", "3", True),
        (held(None), "0", "3", False),
        (None, "0", "3", False),
        (held("0"), None, None, False),
        (held(None), None, None, True),
        (None, None, None, True),
    ],
)
def test_a_mark_is_recognised_on_the_column_s_own_scale(
    result: Result | None, mark: str | None, maximum: str | None, shows: bool
) -> None:
    given_ = None if mark is None else Decimal(mark)

    assert stands(result, given_, None if maximum is None else Decimal(maximum)) is shows


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (held("2"), Answer.CONFIRMED),
        (held("1"), Answer.OUTDATED),
        (held("3"), Answer.NEWER_THERE),
        (held(None), Answer.OUTDATED),
        (None, Answer.OUTDATED),
    ],
)
def test_a_conflict_is_told_by_what_stands_there(result: Result | None, answer: Answer) -> None:
    assert after_conflict(result, Decimal(2), Decimal(3), before=(Decimal(1), Decimal(3))) is answer


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        (None, Answer.CONFIRMED),
        (held(None), Answer.CONFIRMED),
        (held("1"), Answer.UNCONFIRMED),
        (held("0"), Answer.NEWER_THERE),
    ],
)
def test_a_withdrawal_counts_when_nothing_stands(result: Result | None, answer: Answer) -> None:
    assert after_withdrawal(result, before=(Decimal(1), Decimal(3))) is answer


def test_what_is_forbidden_in_one_course_does_not_hold_the_platform(now: datetime) -> None:
    assert pause_for(CourseForbids("line_items_unknown"), now) is None
    assert pause_for(PlatformForbids("platform_forbids"), now) is not None


def test_what_is_forbidden_in_one_course_is_tried_again_daily(now: datetime) -> None:
    after = after_failure(Standing(0, None, None), Answer.FORBIDDEN, now, 0.5)

    assert after == Next(DeliveryState.HELD, now + timedelta(days=1), 1, now, Answer.FORBIDDEN)
