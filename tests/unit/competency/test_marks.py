"""A result becomes a score (rules, section 1)."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from lti_tool.competency.model import Evidence, Mapping, Mark, ObservationStep, current
from lti_tool.errors import RuleBroken
from lti_tool.ids import EvidenceId
from tests.factories.paper import NOW, activity, day, indicator, score

ACTIVITY, INDICATOR = activity("quiz"), indicator("i1")


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (Mark.number(Decimal(18), Decimal(20)), Fraction(9, 10)),
        (Mark.number(Decimal(3), Decimal(6), Decimal(2)), Fraction(1, 4)),
        (Mark.number(Decimal("-5"), Decimal(10), Decimal(-10)), Fraction(1, 4)),
        (Mark.number(Decimal("0.1"), Decimal("0.3")), Fraction(1, 3)),
        (Mark.number(Decimal("66.66667"), Decimal(100)), Fraction(6666667, 10000000)),
        (Mark.scale(1, 5), Fraction(0)),
        (Mark.scale(2, 5), Fraction(1, 4)),
        (Mark.scale(5, 5), Fraction(1)),
        (Mark.scale_table(2, [Decimal(0), Decimal("0.65"), Decimal(1)]), Fraction(13, 20)),
        (Mark.completion(True), Fraction(1)),
        (Mark.completion(False), Fraction(0)),
        (Mark.observation(ObservationStep.NOT_SHOWN), Fraction(0)),
        (Mark.observation(ObservationStep.EMERGING), Fraction(2, 5)),
        (Mark.observation(ObservationStep.SHOWN), Fraction(7, 10)),
        (Mark.observation(ObservationStep.CONVINCING), Fraction(1)),
    ],
)
def test_every_kind_of_result_has_an_exact_score(mark: Mark, expected: Fraction) -> None:
    assert mark.score == expected


@pytest.mark.parametrize(("given", "expected"), [("25", 1), ("20.00001", 1), ("-3", 0)])
def test_a_mark_outside_its_range_is_clamped(given: str, expected: int) -> None:
    assert Mark.number(Decimal(given), Decimal(20)).score == expected


def test_a_score_keeps_more_digits_than_decimals_do() -> None:
    long = Decimal("0.1234567890123456789012345678901234567890")

    assert Mark.number(long, Decimal(1)).score == Fraction(long)


@pytest.mark.parametrize(
    ("given", "low", "high", "code"),
    [
        ("1", "0", "0", "mark_range_empty"),
        ("1", "5", "2", "mark_range_empty"),
        ("NaN", "0", "1", "mark_not_a_number"),
        ("1", "0", "Infinity", "mark_not_a_number"),
    ],
)
def test_an_impossible_mark_is_refused(given: str, low: str, high: str, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        Mark(Decimal(given), Decimal(low), Decimal(high))

    assert refused.value.code == code


@pytest.mark.parametrize("item", [0, 4])
def test_a_scale_has_no_steps_beyond_its_ends(item: int) -> None:
    with pytest.raises(RuleBroken, match="scale_item_unknown"):
        Mark.scale(item, 3)
    with pytest.raises(RuleBroken, match="scale_item_unknown"):
        Mark.scale_table(item, [Decimal(0), Decimal("0.5"), Decimal(1)])


def test_a_scale_of_one_step_tells_nothing() -> None:
    with pytest.raises(RuleBroken, match="mark_range_empty"):
        Mark.scale(1, 1)


def test_a_scales_own_scores_stay_between_0_and_1() -> None:
    with pytest.raises(RuleBroken, match="scale_score_outside"):
        Mark.scale_table(1, [Decimal("1.5")])


def entry(at: datetime, recorded: datetime = NOW, id_: int = 0, *, voided: bool = False) -> Evidence:
    return Evidence(ACTIVITY, INDICATOR, score("0.5"), at, recorded, EvidenceId(id_), voided)


def test_the_newest_work_is_current_whenever_it_arrived() -> None:
    newest = entry(day(0), recorded=day(1))
    late_arrival = entry(day(-2), recorded=day(9))

    assert current([newest, late_arrival]) == current([late_arrival, newest]) == {(ACTIVITY, INDICATOR): newest}


def test_of_two_marks_of_one_moment_the_later_recorded_is_current() -> None:
    first, second = entry(day(0), day(1), id_=9), entry(day(0), day(2), id_=1)

    assert current([second, first])[(ACTIVITY, INDICATOR)] is second


def test_of_two_marks_recorded_together_the_higher_id_is_current() -> None:
    entries = [entry(day(0), id_=number) for number in range(1, 6)]
    random.Random(5).shuffle(entries)  # noqa: S311  an order of arrival, not a secret

    assert current(entries)[(ACTIVITY, INDICATOR)].id == 5


def test_a_voided_mark_gives_way_to_the_one_before() -> None:
    before, voided = entry(day(-1)), entry(day(0), voided=True)

    assert current([before, voided])[(ACTIVITY, INDICATOR)] is before


def test_a_mark_of_the_whole_activity_stands_beside_an_indicators_own() -> None:
    own, whole = entry(day(0)), Evidence(ACTIVITY, None, score("0.9"), day(1), NOW)

    assert current([own, whole]) == {(ACTIVITY, INDICATOR): own, (ACTIVITY, None): whole}


@pytest.mark.parametrize(("worked", "recorded"), [(NOW.replace(tzinfo=None), NOW), (NOW, NOW.replace(tzinfo=None))])
def test_a_time_without_a_zone_is_no_time_of_evidence(worked: datetime, recorded: datetime) -> None:
    with pytest.raises(ValueError, match="aware"):
        entry(worked, recorded)


@pytest.mark.parametrize("weight", [0, 6, -1])
def test_a_weight_is_1_to_5(weight: int) -> None:
    with pytest.raises(RuleBroken, match="weight_outside"):
        Mapping(ACTIVITY, INDICATOR, weight)


@pytest.mark.parametrize("pass_mark", [Fraction(-1, 100), Fraction(101, 100)])
def test_a_pass_mark_is_0_to_1(pass_mark: Fraction) -> None:
    with pytest.raises(RuleBroken, match="pass_mark_outside"):
        Mapping(ACTIVITY, INDICATOR, pass_mark=pass_mark)
