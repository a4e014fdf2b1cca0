"""What is sent, and that nothing is sent while nothing is known (rules, section 5 and "Precisely")."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from lti_tool.competency.record import record_of
from lti_tool.competency.rule_set import RuleSet
from lti_tool.errors import RuleBroken
from lti_tool.grading.scoring import (
    Encoding,
    EncodingKind,
    Grade,
    activity_grade,
    percent,
    progress_towards,
    rounded_down,
)
from tests.factories.paper import NOW, PaperCourse, activity, day, shape_of

LEVEL, PROGRESS, PASS = EncodingKind.LEVEL, EncodingKind.PROGRESS, EncodingKind.PASS
MAXIMA = {LEVEL: 3, PROGRESS: 100, PASS: 1}


def levels(first: str | None, second: str | None = None, third: str | None = None) -> PaperCourse:
    """C with one indicator a level, each with this score; None maps it ungraded."""
    course = PaperCourse(shape_of({"C": [["a"], ["b"], ["c"]]}))
    return course.shows("a", first).shows("b", second).shows("c", third)


@pytest.mark.parametrize(
    ("scores", "level", "progress", "passed"),
    [
        (("0.90", "0.90", "0.90"), "3", "100", "1"),
        (("0.90", "0.90", "0.20"), "2", "73.33", "0"),
        (("0.90", "0.40", None), "1", "46.66", "0"),
        (("0.90", None, None), "1", "33.33", "0"),
        (("0.40", None, None), "0", "13.33", "0"),
        (("0", None, None), "0", "0", "0"),
        ((None, None, None), None, None, None),
        ((None, "0.90", "0.90"), None, None, None),
    ],
)
def test_three_encodings_of_a_standing(
    scores: tuple[str | None, ...], level: str | None, progress: str | None, passed: str | None
) -> None:
    stood = levels(*scores).stand()

    sent = [stood.given(kind) for kind in (LEVEL, PROGRESS, PASS)]

    assert sent == [None if each is None else Decimal(each) for each in (level, progress, passed)]


@pytest.mark.parametrize(("kind", "maximum"), MAXIMA.items())
def test_each_encoding_has_its_maximum(kind: EncodingKind, maximum: int) -> None:
    assert levels("0.90").stand().sends(kind).maximum == Decimal(maximum)


@pytest.mark.parametrize(
    ("target", "progress", "passed"), [(1, "100", "1"), (2, "70", "0"), (3, "46.66", "0"), (None, "46.66", "0")]
)
def test_progress_and_pass_are_told_by_the_target_level(target: int | None, progress: str, passed: str) -> None:
    stood = levels("0.90", "0.40").stand()

    assert stood.sends(PROGRESS, target) == Grade(Decimal(progress), Decimal(100))
    assert stood.given(PASS, target) == Decimal(passed)


def test_progress_is_sent_while_the_lowest_level_is_in_progress_with_evidence() -> None:
    stood = levels("0.50").maps("essay", "a").stand()

    assert stood.established is None
    assert stood.given(PROGRESS) == Decimal("16.66")
    assert stood.given(PASS) is None


def test_progress_is_never_sent_while_the_lowest_level_cannot_be_assessed() -> None:
    stood = PaperCourse().shows("j1", "0.90").shows("j2", "0.90").stand()

    assert stood.given(PROGRESS) is None


def test_progress_is_sent_where_the_lowest_level_is_met_elsewhere() -> None:
    elsewhere = PaperCourse().shows("i1", "0.90").shows("i2", "0.90").stand()
    course = PaperCourse().shows("j1", "0.30").shows("j2", "0.30")

    stood = course.stand(elsewhere=record_of([elsewhere.whole.results]))

    assert stood.given(PROGRESS) == Decimal("65")


def test_a_competency_that_the_course_cannot_assess_sends_nothing() -> None:
    elsewhere = PaperCourse().shows("i1", "0.90").shows("i2", "0.90").stand()
    stood = PaperCourse().shows("j1", "0.90").stand(elsewhere=record_of([elsewhere.whole.results]))

    assert stood.established == 1
    assert [stood.sends(kind, 2) for kind in MAXIMA] == [Grade(None, Decimal(most)) for most in MAXIMA.values()]


def test_an_empty_competency_sends_nothing() -> None:
    stood = PaperCourse(shape_of({"C": [[], [], []]})).stand()

    assert [stood.given(kind, 1) for kind in EncodingKind] == [None, None, None]


@pytest.mark.parametrize(("kind", "maximum"), MAXIMA.items())
def test_while_a_judgement_is_disputed_the_old_value_stays(kind: EncodingKind, maximum: int) -> None:
    stood = levels("0.90", "0.90").judges("c", True, by="X").judges("c", False, by="Y").stand()

    assert stood.sends(kind) == Grade(None, Decimal(maximum), keep_sent=True)


@pytest.mark.parametrize(
    ("progress", "target", "sent"),
    [("19/30", 1, "63.33"), ("2.5", 2, "100.00"), ("1.99999", 2, "99.99"), ("0", 3, "0.00"), ("2/3", 3, "22.22")],
)
def test_progress_is_rounded_down_to_two_decimals(progress: str, target: int, sent: str) -> None:
    assert str(progress_towards(Fraction(progress), target)) == sent


def test_a_percentage_never_shows_more_than_there_is() -> None:
    assert [str(percent(Fraction(share))) for share in ("0.5999", "1", "2/3", "0")] == ["59.9", "100.0", "66.6", "0.0"]


def test_rounding_down_never_gives_more_than_there_is() -> None:
    assert rounded_down(Fraction(2, 3), 5) == Decimal("0.66666")
    assert rounded_down(Fraction(10**30 - 1, 10**30), 2) == Decimal("0.99")


# --- Options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", [Encoding(), Encoding(PASS), Encoding(PROGRESS, 2), Encoding(LEVEL, 1)])
def test_an_encoding_is_stored_beside_the_rules(encoding: Encoding) -> None:
    rules = RuleSet(pass_mark=Fraction(1, 2))
    stored = rules.to_options() | encoding.to_options()

    assert (Encoding.from_options(stored), RuleSet.from_options(stored)) == (encoding, rules)


@pytest.mark.parametrize(
    ("encoding", "options"),
    [
        (Encoding(), {}),
        (Encoding(PASS), {"encoding": "pass"}),
        (Encoding(PROGRESS, 2), {"encoding": "progress", "target_level": 2}),
        (Encoding(LEVEL, 1), {"target_level": 1}),
    ],
)
def test_only_what_differs_from_the_defaults_is_stored(encoding: Encoding, options: dict[str, Any]) -> None:
    assert encoding.to_options() == options
    assert Encoding.from_options(options) == encoding


@pytest.mark.parametrize(
    ("options", "code", "option", "value"),
    [
        ({"encoding": "stars"}, "option_faulty", "encoding", "stars"),
        ({"target_level": 0}, "option_outside", "target_level", 0),
        ({"target_level": "2"}, "option_faulty", "target_level", "2"),
        ({"target_level": True}, "option_faulty", "target_level", True),
    ],
)
def test_an_impossible_encoding_is_refused(options: dict[str, Any], code: str, option: str, value: object) -> None:
    with pytest.raises(RuleBroken) as refused:
        Encoding.from_options(options)

    assert (refused.value.code, refused.value.facts) == (code, {"option": option, "value": value})


# --- Own activities -------------------------------------------------------------------------------------------------


def own(course: PaperCourse, maximum: str = "100") -> Grade:
    return activity_grade(course.plan(), activity("task"), course.entries, NOW, Decimal(maximum))


def task() -> PaperCourse:
    return PaperCourse().maps("task", "i1", weight=2, role="required").maps("task", "i2")


def test_an_own_activity_has_the_weighted_mean_of_its_indicator_scores() -> None:
    course = task().marks("task", "0.70", "i1").marks("task", "0.40", "i2").maps("quiz", "i1").marks("quiz", "0")

    assert own(course) == Grade(Decimal(60), Decimal(100))
    assert own(course, "20").given == Decimal(12)


def test_an_own_activity_sends_nothing_until_all_its_indicators_are_assessed() -> None:
    course = task().marks("task", "0.70", "i1")

    assert own(course) == Grade(None, Decimal(100))


def test_a_withdrawn_assessment_withdraws_the_own_activitys_grade() -> None:
    course = task().marks("task", "0.70", "i1").marks("task", "0.40", "i2")

    assert own(course.marks("task", None, "i2", at=day(1))).given is None


def test_an_optional_indicator_of_an_own_activity_only_helps() -> None:
    course = task().maps("task", "i3", role="optional").marks("task", "0.70", "i1").marks("task", "0.40", "i2")
    assert own(course).given == Decimal(60)

    assert own(course.marks("task", "0.20", "i3")).given == Decimal(60)
    assert own(course.marks("task", "1", "i3", at=day(1))).given == Decimal(70)


def test_an_own_activitys_grade_is_rounded_down() -> None:
    course = PaperCourse().maps("task", "i1", weight=2).maps("task", "i2")
    course.marks("task", "1", "i1").marks("task", "0", "i2")

    assert own(course).given == Decimal("66.66")


def test_an_activity_that_shows_nothing_sends_nothing() -> None:
    assert own(PaperCourse().marks("task", "1")).given is None


def test_missed_work_is_no_grade_of_an_own_activity() -> None:
    course = task()
    course.rules, course.closes_at = RuleSet(missing_is_zero=True), day(-1)

    assert own(course).given is None
