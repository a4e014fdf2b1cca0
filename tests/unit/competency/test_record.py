"""The person's record over courses (rules, section 7 and "Precisely")."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lti_tool.competency.model import IndicatorState
from lti_tool.competency.record import better, merged, record_of
from lti_tool.competency.standing import IndicatorResult, PersonRecord
from tests.factories.paper import PaperCourse, competency, indicator

I1 = indicator("i1")


def result(state: str, value: str | None = None, *, judged: bool = False) -> IndicatorResult:
    return IndicatorResult(IndicatorState(state), None if value is None else Fraction(value), judged)


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        ("attained", "in_progress", "attained"),
        ("attained", "not_attained", "attained"),
        ("in_progress", "not_attained", "in_progress"),
        ("not_attained", "no_evidence", "not_attained"),
        ("no_evidence", "not_mapped", "no_evidence"),
        ("attained", "not_mapped", "attained"),
    ],
)
def test_the_first_state_in_the_order_of_the_rules_is_the_records(one: str, other: str, first: str) -> None:
    assert better(result(one), result(other)).state == better(result(other), result(one)).state == first


def test_the_best_value_counts_whichever_course_gave_the_state() -> None:
    assert better(result("not_attained", "0.95"), result("attained", "0.60")) == result("attained", "0.95")
    assert better(result("no_evidence"), result("not_attained", "0")) == result("not_attained", "0")


def test_a_judgement_counts_where_it_gave_the_records_state() -> None:
    assert better(result("attained", "0.70"), result("attained", judged=True)).by_judgement
    assert not better(result("attained", "0.70"), result("not_attained", judged=True)).by_judgement


def test_a_course_that_is_not_computed_yet_still_maps_its_indicators() -> None:
    record = record_of([], mapped=[I1])

    assert record.results == {I1: result("no_evidence")}


def test_what_a_course_knows_goes_before_that_it_maps() -> None:
    assert record_of([{I1: result("attained", "0.80")}], mapped=[I1]).results[I1] == result("attained", "0.80")


def test_an_unmapped_indicator_is_not_in_the_record() -> None:
    assert record_of([{I1: result("not_mapped")}]).results == {}


def test_certified_levels_of_all_records_are_kept() -> None:
    one, other = PersonRecord({}, frozenset({(competency(), 1)})), PersonRecord({}, frozenset({(competency(), 2)}))

    assert merged([one, other]).certified == {(competency(), 1), (competency(), 2)}


def test_a_course_hands_on_what_is_mapped_or_judged() -> None:
    stood = PaperCourse().shows("i1", "0.90").shows("i2", None).judges("i3", True).stand()

    assert stood.whole.results == {
        indicator("i1"): result("attained", "0.90"),
        indicator("i2"): result("no_evidence"),
        indicator("i3"): result("attained", judged=True),
    }


def test_merging_does_not_write_to_its_arguments() -> None:
    course = {I1: result("not_attained", "0.10")}
    merged([PersonRecord(course), PersonRecord({I1: result("attained", "0.90")})])

    assert course == {I1: result("not_attained", "0.10")}
