"""Sums over what has not arrived."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lti_tool.grading.model import DeliveryState
from lti_tool.grading.watch_queries import Jobs, Unsettled
from lti_tool.ids import PlatformId, PublicId
from lti_tool.watching import NOTHING, PlatformFigures

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NONE = PlatformFigures(PlatformId(1), PublicId("p1"), "https://lms", (), None, 0, Jobs(), 0, 0, 0, {})


def _unsettled(state: str, answer: str | None, count: int, due: int, age: int) -> Unsettled:
    return Unsettled(state, answer, count, due, NOW - timedelta(seconds=age))


def test_a_state_is_the_sum_of_its_answers() -> None:
    figures = replace(
        NONE,
        unsettled=(
            _unsettled("dead", "refused", 3, 0, 900),
            _unsettled("due", None, 5, 5, 10),
            _unsettled("due", "failed", 2, 1, 70),
            _unsettled("held", "refused", 4, 2, 800),
        ),
    )

    assert {state.value: figures.deliveries(state) for state in DeliveryState} == {
        "due": 7,
        "sent": 0,
        "held": 4,
        "dead": 3,
        "detached": 0,
    }
    assert figures.due_now == 8, "a held one that has its daily try is due as well"


def test_the_oldest_wait_is_the_longest_of_those_in_state_due() -> None:
    waiting = (_unsettled("due", "failed", 1, 0, 70), _unsettled("due", None, 1, 1, 10))

    assert replace(NONE, unsettled=waiting).oldest_wait(NOW) == timedelta(seconds=70)
    held = (*waiting, _unsettled("held", "refused", 1, 0, 800))
    assert replace(NONE, unsettled=held).oldest_wait(NOW) == timedelta(seconds=70)


def test_a_wish_from_a_clock_that_is_ahead_has_not_waited_yet() -> None:
    assert replace(NONE, unsettled=(_unsettled("due", None, 1, 1, -5),)).oldest_wait(NOW) == NOTHING
    assert NONE.oldest_wait(NOW) == NOTHING
