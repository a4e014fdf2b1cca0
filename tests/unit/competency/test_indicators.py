"""Scores become an indicator's value and state (rules, section 2 and "Precisely")."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from lti_tool.competency.model import IndicatorState
from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.competency.scores import months_later
from lti_tool.competency.standing import IndicatorStanding
from tests.factories.paper import NOW, PaperCourse, activity, day


def standing(course: PaperCourse, as_of: datetime = NOW) -> IndicatorStanding:
    return course.stand(as_of).indicator("i1")


def scored(*scores: str | None, role: str = "supporting", rules: RuleSet | None = None) -> PaperCourse:
    """i1 with one activity per score: quiz 0, quiz 1 …; None maps it ungraded."""
    return more(PaperCourse(rules=rules), "quiz", *scores, role=role)


def more(course: PaperCourse, kind: str, *scores: str | None, role: str) -> PaperCourse:
    for at, score in enumerate(scores):
        course.maps(f"{kind} {at}", "i1", role=role)
        if score is not None:
            course.marks(f"{kind} {at}", score)
    return course


# --- States ---------------------------------------------------------------------------------------------------------


def test_an_indicator_that_nothing_shows_is_not_mapped() -> None:
    assert standing(PaperCourse()).state is IndicatorState.NOT_MAPPED
    assert standing(PaperCourse()).coverage is None


def test_a_mapped_indicator_without_a_grade_has_no_evidence_and_no_value() -> None:
    found = standing(scored(None))

    assert (found.state, found.value, found.coverage) == (IndicatorState.NO_EVIDENCE, None, Fraction(0))


def test_a_graded_zero_is_evidence() -> None:
    found = standing(scored("0"))

    assert (found.state, found.value) == (IndicatorState.NOT_ATTAINED, Fraction(0))


@pytest.mark.parametrize(
    ("supporting", "state"),
    [
        (["0.60"], "attained"),
        (["0.59999"], "not_attained"),
        (["0.70", None], "attained"),
        (["0.70", None, None], "in_progress"),
        (["0.50", None], "in_progress"),
        (["0.50", "0.40"], "not_attained"),
        (["0.80", "0.40"], "attained"),
    ],
)
def test_supporting_work_attains_by_its_mean_and_half_its_weight(supporting: list[str | None], state: str) -> None:
    assert standing(scored(*supporting)).state == state


@pytest.mark.parametrize(
    ("required", "supporting", "state"),
    [
        (["0.60"], ["0.60"], "attained"),
        (["0.59"], ["1"], "not_attained"),
        (["0.59"], [None], "not_attained"),
        ([None], ["1", "1"], "in_progress"),
        (["0.70", None], ["1", "1"], "in_progress"),
        (["0.60"], ["0.30"], "not_attained"),
        (["0.60"], ["0.30", None], "in_progress"),
    ],
)
def test_required_work_must_be_there_and_pass(
    required: list[str | None], supporting: list[str | None], state: str
) -> None:
    course = more(scored(*supporting), "task", *required, role="required")

    assert standing(course).state == state


@pytest.mark.parametrize(("pass_mark", "state"), [("0.90", "not_attained"), ("0.80", "attained"), (None, "attained")])
def test_a_required_activity_may_have_a_pass_mark_of_its_own(pass_mark: str | None, state: str) -> None:
    course = PaperCourse().maps("task", "i1", role="required", pass_mark=pass_mark).marks("task", "0.80")

    assert standing(course).state == state


def test_a_lower_pass_mark_of_its_own_lets_required_work_pass_but_not_the_mean() -> None:
    lenient = PaperCourse().maps("task", "i1", role="required", pass_mark="0.40").marks("task", "0.50")

    assert standing(lenient).state is IndicatorState.NOT_ATTAINED
    assert standing(lenient.maps("quiz", "i1").marks("quiz", "0.80")).state is IndicatorState.ATTAINED


def test_a_supporting_activitys_own_pass_mark_binds_nothing() -> None:
    course = PaperCourse().maps("quiz", "i1", pass_mark="0.90").marks("quiz", "0.80")

    assert standing(course).state is IndicatorState.ATTAINED


def test_weights_count_in_the_mean_and_in_coverage() -> None:
    course = PaperCourse().maps("quiz", "i1", weight=1).maps("essay", "i1", weight=4).marks("quiz", "0.90")
    assert (standing(course).coverage, standing(course).state) == (Fraction(1, 5), IndicatorState.IN_PROGRESS)

    course.marks("essay", "0.40")

    assert standing(course).value == Fraction(1, 2)


def test_pass_mark_and_coverage_are_options_of_the_rule_set() -> None:
    rules = RuleSet(pass_mark=Fraction(1, 2), min_coverage=Fraction(1, 3))

    assert standing(scored("0.50", None, None, rules=rules)).state is IndicatorState.ATTAINED
    assert standing(scored("0.50", None, None, None, rules=rules)).state is IndicatorState.IN_PROGRESS


# --- Optional work --------------------------------------------------------------------------------------------------


def test_optional_work_joins_where_it_raises_the_mean() -> None:
    course = more(scored("0.50"), "forum", "0.80", role="optional")

    assert standing(course).value == Fraction(13, 20)


def test_optional_work_is_tried_from_the_highest_down() -> None:
    course = more(scored("0.50"), "forum", "0.60", "0.90", role="optional")

    found = standing(course)

    assert found.value == Fraction(7, 10)
    assert [part.score for part in found.contributions if not part.counted] == [Fraction(3, 5)]


def test_optional_work_equal_to_the_value_does_not_join() -> None:
    found = standing(more(scored("0.50"), "forum", "0.50", role="optional"))

    assert [part.counted for part in found.contributions] == [
        not part.mapping.is_optional for part in found.contributions
    ]


def test_with_optional_work_only_the_best_alone_counts_and_covers_all() -> None:
    found = standing(scored("0.50", "0.90", None, role="optional"))

    assert (found.value, found.coverage, found.state) == (Fraction(9, 10), Fraction(1), IndicatorState.ATTAINED)
    assert sum(part.counted for part in found.contributions) == 1


def test_optional_work_alone_that_fails_is_not_attained_since_nothing_else_is_awaited() -> None:
    assert standing(scored("0.50", None, role="optional")).state is IndicatorState.NOT_ATTAINED


def test_optional_work_does_not_cover_what_is_still_to_come() -> None:
    found = standing(more(scored(None), "forum", "0.90", role="optional"))

    assert (found.value, found.coverage, found.state) == (Fraction(9, 10), 0, IndicatorState.IN_PROGRESS)


# --- Aggregations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("aggregation", "value", "state"),
    [
        (Aggregation.MEAN, Fraction(11, 20), "not_attained"),
        (Aggregation.BEST, Fraction(9, 10), "attained"),
        (Aggregation.LATEST, Fraction(1, 5), "not_attained"),
    ],
)
def test_a_rule_set_chooses_how_scores_come_together(aggregation: Aggregation, value: Fraction, state: str) -> None:
    course = PaperCourse(rules=RuleSet(aggregation=aggregation)).maps("a", "i1").maps("b", "i1")
    course.marks("a", "0.90", at=day(-3)).marks("b", "0.20", at=day(-1))

    assert (standing(course).value, standing(course).state) == (value, state)


def test_of_the_latest_works_of_one_moment_the_higher_counts() -> None:
    assert standing(scored("0.30", "0.80", "0.70", rules=RuleSet(aggregation=Aggregation.LATEST))).value == Fraction(
        4, 5
    )


@pytest.mark.parametrize(("on", "value"), [(1, Fraction(9, 10)), (-1, Fraction(1, 5))])
def test_newer_optional_work_becomes_the_latest_and_older_does_not(on: int, value: Fraction) -> None:
    course = scored("0.20", rules=RuleSet(aggregation=Aggregation.LATEST))

    assert standing(course.maps("forum", "i1", role="optional").marks("forum", "0.90", at=day(on))).value == value


@pytest.mark.parametrize("aggregation", list(Aggregation))
def test_required_and_coverage_rules_hold_for_every_aggregation(aggregation: Aggregation) -> None:
    rules = RuleSet(aggregation=aggregation)

    assert standing(more(scored("1", rules=rules), "task", "0.59", role="required")).state == "not_attained"
    assert standing(more(scored("1", rules=rules), "task", None, role="required")).state == "in_progress"
    assert standing(scored("1", None, None, rules=rules)).state == "in_progress"


@pytest.mark.parametrize(
    ("n", "scores", "value", "state"),
    [
        (2, ["0.90", "0.60", "0.10"], "0.60", "attained"),
        (2, ["0.90", "0.59", "0.10"], "0.59", "not_attained"),
        (2, ["0.90", None], "0", "in_progress"),
        (2, ["0.90"], "0", "not_attained"),
        (3, ["0.90", "0.80", "0.70", None], "0.70", "attained"),
        (1, ["0.10", None], "0.10", "in_progress"),
    ],
)
def test_n_of_m_counts_activities_and_takes_the_nth_highest(
    n: int, scores: list[str | None], value: str, state: str
) -> None:
    found = standing(scored(*scores, rules=RuleSet(aggregation=Aggregation.N_OF_M, n=n)))

    assert (found.value, found.state) == (Fraction(value), state)


def test_n_of_m_counts_optional_activities_that_help() -> None:
    rules = RuleSet(aggregation=Aggregation.N_OF_M, n=2)
    course = more(scored("0.50", "0.50", rules=rules), "forum", "0.90", "0.80", role="optional")

    assert (standing(course).value, standing(course).state) == (Fraction(4, 5), IndicatorState.ATTAINED)


def test_one_optional_activity_is_not_two_of_m() -> None:
    rules = RuleSet(aggregation=Aggregation.N_OF_M, n=2)

    alone = standing(scored("0.90", role="optional", rules=rules))
    assert (alone.value, alone.state) == (Fraction(9, 10), IndicatorState.NOT_ATTAINED)
    assert standing(scored("0.90", "0.70", role="optional", rules=rules)).state is IndicatorState.ATTAINED


# --- Whose mark, and until when -------------------------------------------------------------------------------------


def test_an_indicators_own_mark_goes_before_the_whole_one() -> None:
    course = PaperCourse().maps("rubric", "i1", "i2").marks("rubric", "0.20", "i1").marks("rubric", "0.90", at=day(1))

    stood = course.stand()

    assert (stood.indicator("i1").value, stood.indicator("i2").value) == (Fraction(1, 5), Fraction(9, 10))


def test_a_withdrawn_own_mark_leaves_the_whole_one() -> None:
    course = PaperCourse().maps("rubric", "i1").marks("rubric", "0.20", "i1").marks("rubric", "0.90")

    assert standing(course.marks("rubric", None, "i1", at=day(1))).value == Fraction(9, 10)


def test_self_assessment_never_counts() -> None:
    course = PaperCourse().maps("self", "i1").marks("self", "1")
    course.self_assessments = [activity("self")]

    assert standing(course).state is IndicatorState.NOT_MAPPED


@pytest.mark.parametrize(
    ("moment", "months", "later"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2027, 12, 15), 2, (2028, 2, 15)),
        ((2028, 2, 29), 12, (2029, 2, 28)),
        ((2026, 11, 30), 1, (2026, 12, 30)),
    ],
)
def test_months_are_counted_by_the_calendar(
    moment: tuple[int, int, int], months: int, later: tuple[int, int, int]
) -> None:
    assert months_later(datetime(*moment, tzinfo=UTC), months) == datetime(*later, tzinfo=UTC)


def test_evidence_past_its_validity_counts_as_not_there() -> None:
    course = scored("0.90", rules=RuleSet(validity_months=12))
    last_moment = months_later(NOW, 12)

    assert standing(course, last_moment - (day(1) - NOW)).state is IndicatorState.ATTAINED
    assert (standing(course, last_moment).state, standing(course, last_moment).value) == ("no_evidence", None)


def test_a_mark_past_its_validity_is_told_apart_from_one_that_never_came() -> None:
    course = scored("0.90", None, rules=RuleSet(validity_months=12))

    assert [part.expired for part in standing(course).contributions] == [False, False]
    assert [part.expired for part in standing(course, months_later(NOW, 12)).contributions] == [True, False]


def test_evidence_stays_valid_for_ever_by_default() -> None:
    assert standing(scored("0.90"), months_later(NOW, 1200)).state is IndicatorState.ATTAINED


def test_missing_work_counts_0_after_the_closing_date_where_the_course_says_so() -> None:
    course = scored("0.90", None, rules=RuleSet(missing_is_zero=True))
    course.closes_at = day(0)

    assert standing(course, day(0) - timedelta(seconds=1)).state is IndicatorState.ATTAINED
    assert (standing(course, day(0)).value, standing(course, day(0)).state) == (Fraction(9, 20), "not_attained")


def test_excused_and_optional_work_is_not_missing_after_the_closing_date() -> None:
    course = scored("0.90", rules=RuleSet(missing_is_zero=True)).maps("talk", "i1").marks("talk", None)
    course.maps("forum", "i2", role="optional").closes_at = day(0)

    assert standing(course, day(1)).value == Fraction(9, 10)
    assert course.stand(day(1)).state("i2") is IndicatorState.NO_EVIDENCE


def test_a_row_of_a_rubric_that_was_excused_is_not_missing_after_the_closing_date() -> None:
    course = scored("0.90", rules=RuleSet(missing_is_zero=True)).maps("talk", "i1").marks("talk", None, "i1")
    course.closes_at = day(0)

    assert standing(course, day(1)).value == Fraction(9, 10)


def test_missing_work_is_older_than_all_work_that_was_handed_in() -> None:
    course = scored("0.90", None, rules=RuleSet(missing_is_zero=True, aggregation=Aggregation.LATEST))
    course.closes_at = day(0)

    assert standing(course, day(1)).value == Fraction(9, 10)


def test_a_course_that_says_nothing_never_counts_missing_work() -> None:
    course = scored(None)
    course.closes_at = day(0)

    assert standing(course, day(1)).state is IndicatorState.NO_EVIDENCE


# --- Why ------------------------------------------------------------------------------------------------------------


def test_a_standing_names_what_made_it() -> None:
    course = PaperCourse().maps("task", "i1", weight=2, role="required").maps("quiz", "i1")
    course.marks("task", "0.50", at=day(-1))

    task, quiz = sorted(standing(course).contributions, key=lambda part: -part.mapping.weight)

    assert (task.score, task.worked_at, task.pass_mark, task.evidence) == (Fraction(1, 2), day(-1), Fraction(3, 5), 1)
    assert (task.counted, task.failed, task.awaited) == (True, True, False)
    assert (quiz.score, quiz.counted, quiz.failed, quiz.awaited) == (None, False, False, True)
