"""The worked examples of the rules, one after the other, in their own numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from lti_tool.competency.model import IndicatorState, LevelState, Mark
from lti_tool.competency.record import record_of
from lti_tool.grading.scoring import EncodingKind, percent
from tests.factories.paper import PaperCourse, Stood, day, indicator, shape_of


def out_of(maximum: int, given: str) -> Mark:
    return Mark.number(Decimal(given), Decimal(maximum))


def course(assignment: str = "supporting") -> PaperCourse:
    """The course of example 1."""
    return (
        PaperCourse()
        .maps("quiz", "i1")
        .maps("assignment", "i1", weight=2, role=assignment)
        .marks("quiz", out_of(20, "18"))
        .marks("assignment", out_of(100, "50"))
        .maps("rubric", "i2")
        .marks("rubric", out_of(4, "3"), "i2")
        .shows("i3", "0.55")
        .shows("j1", "0.80")
        .shows("j2", "0.40")
    )


def test_example_1_two_of_three_indicators_meet_level_1() -> None:
    stood = course().stand()

    assert stood.indicator("i1").value == Fraction(19, 30)
    assert [stood.state(name) for name in ("i1", "i2", "i3")] == ["attained", "attained", "not_attained"]
    assert (stood.level(1).attained, stood.level(1).needed, stood.level(1).state) == (2, 2, LevelState.MET)
    assert (stood.level(2).attained, stood.level(2).state) == (1, LevelState.NOT_MET)
    assert stood.established == 1


def test_example_1_sends_level_1_of_3_and_80_percent_towards_level_2() -> None:
    stood = course().stand()

    assert stood.competency().progress == Fraction("1.60")
    assert (stood.sends().given, stood.sends().maximum) == (Decimal(1), Decimal(3))
    progress = stood.sends(EncodingKind.PROGRESS, 2)
    assert (progress.given, progress.maximum) == (Decimal("80"), Decimal(100))


def test_example_1_with_the_assignment_required_has_level_0() -> None:
    stood = course(assignment="required").stand()

    assert stood.state("i1") is IndicatorState.NOT_ATTAINED
    assert (stood.level(1).attained, stood.level(1).total, stood.level(1).state) == (1, 3, LevelState.NOT_MET)
    assert stood.established == 0
    assert stood.given() == Decimal(0)


def test_example_2_an_optional_forum_that_would_lower_the_mean_is_left_out() -> None:
    stood = course().maps("forum", "i1", role="optional").marks("forum", "0.50").stand()

    assert stood.indicator("i1").value == Fraction(19, 30)
    assert [part.counted for part in stood.indicator("i1").contributions if part.mapping.is_optional] == [False]


def without_level_2(**framework: list[list[str]]) -> PaperCourse:
    """The course of example 3."""
    shape = shape_of(framework) if framework else None
    return PaperCourse(shape).shows("i1", "0.70").shows("i2", "0.70").shows("i3", "0.55").shows("k1", "0.90")


def test_example_3_level_3_is_held_above_a_level_that_nothing_maps_to() -> None:
    stood = without_level_2().stand()

    assert [level.state for level in stood.competency().levels] == ["met", "not_assessable", "met"]
    assert stood.established == 1
    assert stood.competency().held == (3,)
    plan = stood.plan.competencies[0]
    assert (plan.target, plan.cannot_count_alone) == (1, (3,))


def test_example_3_level_2_met_elsewhere_establishes_level_3() -> None:
    elsewhere = PaperCourse().shows("j1", "0.60").shows("j2", "0.60").stand()

    stood = without_level_2().stand(elsewhere=record_of([elsewhere.whole.results]))

    assert stood.established == 3
    assert stood.level(2).from_record
    assert stood.competency().held == ()


def test_example_3_level_2_empty_in_the_framework_establishes_level_3() -> None:
    stood = without_level_2(C=[["i1", "i2", "i3"], [], ["k1"]]).stand()

    assert stood.level(2).state is LevelState.TRANSPARENT
    assert stood.established == 3


def course_a() -> Stood:
    return PaperCourse().shows("i1", "0.80").shows("i2", "0.60").stand()


def course_b() -> PaperCourse:
    return PaperCourse().shows("i3", "0.30").shows("j1", "0.80").shows("j2", "0.70")


def test_example_4_level_1_is_read_from_the_persons_record() -> None:
    stood = course_b().stand(elsewhere=record_of([course_a().whole.results]))

    assert (stood.level(1).state, stood.level(1).from_record) == (LevelState.MET, True)
    assert (stood.level(2).state, stood.level(2).from_record) == (LevelState.MET, False)
    assert stood.given() == Decimal(2)


def test_example_4_who_skipped_course_a_gets_nothing_sent() -> None:
    stood = course_b().stand()

    assert stood.level(1).state is LevelState.NOT_ASSESSABLE
    assert stood.established is None
    assert stood.level(2).held
    assert stood.given() is None


def test_example_5_a_lower_regrade_sends_level_0() -> None:
    stood = course().marks("assignment", out_of(100, "20"), at=day(1)).stand()

    assert stood.indicator("i1").value == Fraction(13, 30)
    assert (stood.level(1).attained, stood.level(1).state) == (1, LevelState.NOT_MET)
    assert stood.given() == Decimal(0)


def test_example_5_a_withdrawn_mark_sends_nothing_and_not_zero() -> None:
    stood = course().marks("quiz", None, at=day(1)).stand()

    assert stood.state("i1") is IndicatorState.IN_PROGRESS
    assert stood.level(1).state is LevelState.IN_PROGRESS
    assert stood.established is None
    assert (stood.sends().given, stood.sends().keep_sent) == (None, False)


def test_example_6_opposite_judgements_leave_the_computed_value_standing() -> None:
    stood = course().judges("j2", False, by="X").judges("j2", True, by="Y", at=day(1)).stand()

    assert stood.indicator("j2").disputed
    assert (stood.state("j2"), stood.indicator("j2").value) == (IndicatorState.NOT_ATTAINED, Fraction(2, 5))
    assert stood.established == 1
    assert stood.sends().keep_sent


def test_example_6_a_decision_for_attained_sends_level_2() -> None:
    disputed = course().judges("j2", False, by="X").judges("j2", True, by="Y")

    stood = disputed.judges("j2", True, by="lead", decides=True).stand()

    assert stood.level(2).state is LevelState.MET
    assert (stood.given(), stood.sends().keep_sent) == (Decimal(2), False)


def test_example_7_the_better_course_counts_in_the_record_only() -> None:
    in_a, in_b = PaperCourse().shows("i3", "0.55").stand(), PaperCourse().shows("i3", "0.70").stand()

    record = record_of([in_a.whole.results, in_b.whole.results])

    assert record.results[indicator("i3")].value == Fraction(7, 10)
    assert record.results[indicator("i3")].state is IndicatorState.ATTAINED


def test_example_7_course_b_does_not_move_a_level_that_a_assesses_itself() -> None:
    in_b = record_of([PaperCourse().shows("i3", "0.70").stand().whole.results])
    a = PaperCourse().shows("i1", "0.70").shows("i2", "0.20").shows("i3", "0.55")

    assert a.stand(elsewhere=in_b).given() == a.stand().given() == Decimal(0)


@pytest.mark.parametrize(("value", "shown"), [("0.5999", "59.9"), ("0.6", "60.0"), ("1", "100.0"), ("0", "0.0")])
def test_example_8_what_is_shown_is_rounded_down(value: str, shown: str) -> None:
    assert str(percent(Fraction(value))) == shown


def test_example_9_an_excused_mark_leaves_numerator_and_denominator() -> None:
    three = PaperCourse().maps("quiz", "i1").maps("essay", "i1").maps("talk", "i1")
    three.marks("quiz", "0.90").marks("essay", "0.50").marks("talk", "0.10")

    stood = three.marks("talk", None, at=day(1)).stand()

    assert stood.indicator("i1").value == Fraction(7, 10)
    assert stood.indicator("i1").coverage == Fraction(2, 3)
