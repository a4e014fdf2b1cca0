"""The mapping check: what a trainer should know before anybody is judged by the mapping."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lti_tool.competency.mapping_check import Finding, FindingKind, check
from lti_tool.competency.rule_set import Aggregation, RuleSet
from tests.factories.paper import EXAMPLE, PaperCourse, activity, competency, indicator, shape_of

TWO = EXAMPLE | {"D": [["p1"], ["q1"], []]}


def findings(course: PaperCourse, kind: FindingKind) -> list[Finding]:
    return [each for each in check(course.plan()) if each.kind is kind]


def spread(*names: str) -> PaperCourse:
    """A course in which each indicator has an activity of its own."""
    course = PaperCourse(shape_of(TWO))
    for name in names:
        course.maps(f"for {name}", name)
    return course


def test_a_whole_and_even_mapping_has_nothing_to_remark() -> None:
    assert check(spread("i1", "i2", "i3", "j1", "j2", "k1", "p1", "q1").plan()) == ()


def test_an_empty_mapping_has_nothing_to_remark() -> None:
    assert check(PaperCourse().plan()) == ()


def test_what_a_touched_competency_leaves_out_is_named() -> None:
    (found,) = findings(spread("i1", "i2", "j1", "j2", "k1"), FindingKind.UNMAPPED)

    assert (found.competency, found.indicators) == (competency("C"), (indicator("i3"),))


def test_a_competency_that_the_course_leaves_out_is_no_gap() -> None:
    assert {each.competency for each in check(spread("p1", "q1").plan())} <= {competency("D"), None}


@pytest.mark.parametrize(
    ("names", "levels"),
    [
        (("i1", "i2", "i3", "j1", "j2", "k1"), []),
        (("i1", "i2", "j1", "j2", "k1"), []),
        (("i1", "j1", "j2", "k1"), [(1, 1, 2)]),
        (("i1", "i2", "j1", "k1"), [(2, 1, 2)]),
        (("i1", "i2"), [(2, 0, 2), (3, 0, 1)]),
    ],
)
def test_a_level_with_too_few_indicators_cannot_be_assessed(
    names: tuple[str, ...], levels: list[tuple[int, int, int]]
) -> None:
    found = findings(spread(*names), FindingKind.NOT_ASSESSABLE)

    assert [(each.level, len(each.indicators), each.needed) for each in found] == levels


def test_a_level_without_its_key_indicator_cannot_be_assessed() -> None:
    course = PaperCourse(shape_of(keys=["i3"]))
    for name in ("i1", "i2"):
        course.maps(f"for {name}", name)

    assert [each.level for each in findings(course, FindingKind.NOT_ASSESSABLE)] == [1, 2, 3]


def test_a_level_that_the_framework_leaves_empty_is_no_gap() -> None:
    found = findings(spread("p1", "q1"), FindingKind.NOT_ASSESSABLE)

    assert found == []


def test_a_level_above_a_gap_counts_only_with_what_is_shown_elsewhere() -> None:
    (found,) = findings(spread("i1", "i2", "k1"), FindingKind.UNREACHABLE)

    assert (found.competency, found.level) == (competency("C"), 3)


@pytest.mark.parametrize(("shared", "claims"), [(("i1", "i2"), False), (("i1", "i2", "i3"), True)])
def test_an_activity_that_shows_more_than_a_third_is_remarked(shared: tuple[str, ...], claims: bool) -> None:
    course = spread("i1", "i2", "i3", "j1", "j2", "k1")
    course.maps("project", *shared)

    found = findings(course, FindingKind.CLAIMS_MUCH)

    assert bool(found) is claims
    assert all((each.activity, len(each.indicators), each.needed) == (activity("project"), 3, 6) for each in found)


@pytest.mark.parametrize(
    ("weights", "decides"),
    [
        ((1, 1), False),
        ((3, 2), True),  # 3/5 is the pass mark itself
        ((4, 3), False),
        ((5, 1, 1), True),
        ((5, 2, 2), False),
        ((5,), False),
    ],
)
def test_a_weight_that_outvotes_the_others_is_remarked(weights: tuple[int, ...], decides: bool) -> None:
    course = PaperCourse()
    for at, weight in enumerate(weights):
        course.maps(f"work {at}", "i1", weight=weight)

    found = findings(course, FindingKind.ONE_DECIDES)

    assert [(each.activity, each.indicators) for each in found] == (
        [(activity("work 0"), (indicator("i1"),))] if decides else []
    )


def test_with_a_low_pass_mark_no_single_work_can_lose_the_indicator() -> None:
    course = PaperCourse(rules=RuleSet(pass_mark=Fraction(1, 4)))
    course.maps("work", "i1", weight=3).maps("other", "i1", weight=2)

    assert findings(course, FindingKind.ONE_DECIDES) == []


def test_optional_work_has_no_vote() -> None:
    course = PaperCourse().maps("work", "i1", weight=5).maps("extra", "i1", role="optional")

    assert findings(course, FindingKind.ONE_DECIDES) == []


@pytest.mark.parametrize("way", [Aggregation.BEST, Aggregation.LATEST, Aggregation.N_OF_M])
def test_only_a_mean_knows_weights(way: Aggregation) -> None:
    course = PaperCourse(rules=RuleSet(aggregation=way)).maps("work", "i1", weight=5).maps("other", "i1")

    assert findings(course, FindingKind.ONE_DECIDES) == []


def test_a_self_assessment_shows_nothing() -> None:
    course = PaperCourse().maps("self", "i1", "i2", "i3")
    course.self_assessments = [activity("self")]

    assert check(course.plan()) == ()
