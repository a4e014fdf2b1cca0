"""What differs between what was sent and what the platform shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lti_tool.grading.drift import Decision, Finding, Kind, Sent, changes, is_only_later, rests_as
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.ids import DeliveryId
from lti_tool.lti.model import Result

BEGAN = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
SENT = Sent(
    id=DeliveryId(1),
    user_id="7",
    state=DeliveryState.SENT,
    answer=Answer.ACCEPTED,
    given=Decimal(2),
    maximum=Decimal(3),
    sent_at=BEGAN - timedelta(hours=1),
    wanted_given=Decimal(2),
    wanted_maximum=Decimal(3),
    known=None,
)
HELD = replace(SENT, state=DeliveryState.HELD, answer=Answer.DIFFERS, wanted_given=Decimal(1))
FOUND = Finding(Kind.CHANGED, Decimal(3), Decimal(3), BEGAN)


def _result(given: str | None, maximum: str | None = "3", *, readable: bool = True) -> Result:
    mark = None if given is None else Decimal(given)
    return Result("7", mark, None if maximum is None else Decimal(maximum), None, BEGAN, readable)


def _found(row: Sent, *results: Result) -> dict[DeliveryId, Finding | None]:
    return dict(changes([row], results, BEGAN))


@pytest.mark.parametrize(
    ("given", "maximum"),
    [
        ("2", "3"),
        ("2", None),
        ("66.66667", "100"),
        ("66.6666666667", "100"),
        ("0.66667", "1"),
        # Kept as 0.66667 of 1 and then rescaled to 40: what five places lose grows with the scale.
        ("26.6668", "40"),
    ],
)
def test_the_same_mark_on_another_scale_is_alike(given: str, maximum: str | None) -> None:
    assert _found(SENT, _result(given, maximum)) == {}


@pytest.mark.parametrize(("given", "maximum"), [("3", "3"), ("1.99", "3"), ("66.6", "100"), ("0", "3"), ("88", "40")])
def test_another_mark_is_reported_as_it_stands(given: str, maximum: str) -> None:
    finding = Finding(Kind.CHANGED, Decimal(given), Decimal(maximum), BEGAN)

    assert _found(SENT, _result(given, maximum)) == {SENT.id: finding}


def test_a_mark_that_is_not_there_is_no_zero() -> None:
    zero = replace(SENT, given=Decimal(0), wanted_given=Decimal(0))

    assert _found(zero) == {SENT.id: Finding(Kind.GONE, None, None, None)}
    assert _found(zero, _result(None)) == {SENT.id: Finding(Kind.GONE, None, Decimal(3), BEGAN)}
    assert _found(zero, _result("0")) == {}


def test_what_was_withdrawn_and_is_not_there_is_alike() -> None:
    withdrawn = replace(SENT, given=None, wanted_given=None)

    assert _found(withdrawn) == {}
    assert _found(withdrawn, _result("2"))[SENT.id] == Finding(Kind.CHANGED, Decimal(2), Decimal(3), BEGAN)


def test_a_mark_that_nobody_can_read_is_not_judged() -> None:
    assert _found(SENT, _result(None, readable=False)) == {}
    assert _found(replace(SENT, known=FOUND), _result(None, readable=False)) == {}


def test_people_whom_nobody_knows_are_left_out() -> None:
    assert _found(SENT, _result("2"), replace(_result("1"), user_id="8")) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"state": DeliveryState.DUE},
        {"state": DeliveryState.DEAD},
        {"state": DeliveryState.DETACHED},
        {"state": DeliveryState.HELD, "answer": Answer.REFUSED},
        {"sent_at": None},
        {"sent_at": BEGAN},
        {"sent_at": BEGAN + timedelta(seconds=1)},
    ],
)
def test_what_is_under_way_or_was_sent_since_is_never_judged(change: dict[str, object]) -> None:
    assert _found(replace(SENT, **change), _result("3")) == {}  # type: ignore[arg-type]


def test_what_is_known_and_stands_as_it_did_is_no_news() -> None:
    for decision in (None, Decision.ACCEPT):
        assert _found(replace(SENT, known=replace(FOUND, decision=decision)), _result("3")) == {}


def test_an_accepted_mark_that_changes_again_is_reported_again() -> None:
    known = replace(SENT, known=replace(FOUND, decision=Decision.ACCEPT))

    assert _found(known, _result("1"))[SENT.id] == Finding(Kind.CHANGED, Decimal(1), Decimal(3), BEGAN)


def test_what_was_found_ends_where_both_are_alike_again() -> None:
    assert _found(replace(SENT, known=FOUND), _result("2")) == {SENT.id: None}


@pytest.mark.parametrize("given", ["2", "1"])
def test_what_is_held_for_it_ends_where_ours_stands_there_old_or_new(given: str) -> None:
    assert _found(replace(HELD, known=FOUND), _result(given)) == {SENT.id: None}


def test_a_platform_that_took_ours_and_shows_its_own_keeps_an_override() -> None:
    again = replace(SENT, known=replace(FOUND, decision=Decision.RESEND))

    assert _found(again, _result("3"))[SENT.id] == Finding(Kind.KEPT, Decimal(3), Decimal(3), BEGAN)
    assert _found(again, _result("2")) == {SENT.id: None}


def test_a_mark_too_fine_for_a_database_is_known_again() -> None:
    first = _found(SENT, _result("999999999.9999999999"))[SENT.id]

    assert first is not None
    assert first.given == Decimal("999999999.99999")
    assert _found(replace(SENT, known=first), _result("999999999.9999999999")) == {}


def test_a_grade_that_differs_rests_as_sent_or_is_held_for_another_wish() -> None:
    assert rests_as(Decimal(2), Decimal(3), SENT) is DeliveryState.SENT
    assert rests_as(Decimal(4), Decimal(6), SENT) is DeliveryState.SENT
    assert rests_as(Decimal(1), Decimal(3), SENT) is DeliveryState.HELD
    assert rests_as(None, Decimal(3), SENT) is DeliveryState.HELD


def test_the_same_mark_at_another_time_is_what_is_known_at_that_time() -> None:
    known = replace(FOUND, decision=Decision.ACCEPT, held_at=BEGAN - timedelta(days=1))

    later = _found(replace(SENT, known=known), _result("3"))[SENT.id]

    assert later == replace(known, held_at=BEGAN)
    assert is_only_later(known, later)
    assert not is_only_later(known, replace(known, given=Decimal(1)))
    assert not is_only_later(None, later)
    assert not is_only_later(known, None)
