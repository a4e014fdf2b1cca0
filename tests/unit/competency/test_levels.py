"""Indicators become levels, and levels what is established (rules, section 3 and "Precisely")."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lti_tool.competency.attainment import established_level, stand_in_record
from lti_tool.competency.model import LevelShape, LevelState
from lti_tool.competency.record import record_of
from lti_tool.competency.rule_set import RuleSet
from lti_tool.competency.standing import LevelStanding
from tests.factories.paper import PaperCourse, competency, day, indicator, shape_of

STATES = {
    "+": "0.90",
    "-": "0.10",
    "?": None,
}
"""Attained, not attained, no evidence; "~" is in progress, "." not mapped."""


def course_with(known: str, *, keys: str = "") -> PaperCourse:
    """One competency with one level of len(known) indicators i0, i1 …, each in the state of its sign."""
    names = [f"i{at}" for at in range(len(known))]
    course = PaperCourse(shape_of({"C": [names]}, keys=keys.split()))
    for name, sign in zip(names, known, strict=True):
        if sign == "~":
            course.maps("half", name).maps("other half", name).marks("half", "0.10")
        elif sign != ".":
            course.shows(name, STATES[sign])
    return course


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (6, 4), (9, 6)])
def test_two_thirds_rounded_up_are_needed(n: int, k: int) -> None:
    assert LevelShape(1, tuple(indicator(f"i{at}") for at in range(n))).needed == k


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ("", "transparent"),
        ("...", "not_assessable"),
        ("+..", "not_assessable"),
        ("++.", "met"),
        ("++-", "met"),
        ("+++", "met"),
        ("??.", "no_evidence"),
        ("???", "no_evidence"),
        ("+??", "in_progress"),
        ("-??", "in_progress"),
        ("~??", "in_progress"),
        ("+-~", "in_progress"),
        ("+-?", "in_progress"),
        ("+--", "not_met"),
        ("--?", "not_met"),
        ("-?.", "not_met"),
        ("+-.", "not_met"),
        ("---", "not_met"),
        ("-", "not_met"),
        ("+", "met"),
        ("~", "in_progress"),
        ("++--", "not_met"),
        ("+++-", "met"),
    ],
)
def test_a_level_is_judged_by_counts_and_reach(known: str, state: str) -> None:
    assert course_with(known).stand().level(1).state == state


@pytest.mark.parametrize(
    ("known", "keys", "state"),
    [
        ("++-", "i2", "not_met"),
        ("++?", "i2", "in_progress"),
        ("++.", "i2", "not_assessable"),
        ("++-", "i0", "met"),
        ("-++", "i0 i1", "not_met"),
        ("+++", "i0 i1 i2", "met"),
        ("???", "i0", "no_evidence"),
        ("-??", "i0", "not_met"),
    ],
)
def test_key_indicators_are_always_among_the_needed(known: str, keys: str, state: str) -> None:
    assert course_with(known, keys=keys).stand().level(1).state == state


def test_a_level_says_how_far_it_is() -> None:
    level = course_with("+-?.", keys="i0 i2").stand().level(1)

    assert (level.attained, level.mapped, level.total, level.needed) == (1, 3, 4, 3)
    assert level.keys_missing == (indicator("i2"),)


def test_a_judged_indicator_counts_as_mapped() -> None:
    assert course_with("+..").judges("i1", True).stand().level(1).state is LevelState.MET
    assert course_with("+..").judges("i1", False).stand().level(1).state is LevelState.NOT_MET


def test_a_judgement_past_its_end_meets_no_level() -> None:
    judged = course_with("?").judges("i0", True, until=day(1))

    assert judged.stand(day(0)).level(1).state is LevelState.MET
    assert judged.stand(day(1)).level(1).state is LevelState.NO_EVIDENCE


def test_a_disputed_unmapped_indicator_does_not_count_as_mapped() -> None:
    course = course_with("+..").judges("i1", True, by="X").judges("i1", False, by="Y")

    assert course.stand().level(1).state is LevelState.NOT_ASSESSABLE


# --- Established ----------------------------------------------------------------------------------------------------

SIGNS = {
    "t": LevelState.TRANSPARENT,
    "u": LevelState.NOT_ASSESSABLE,
    "?": LevelState.NO_EVIDENCE,
    "m": LevelState.MET,
    "n": LevelState.NOT_MET,
    "~": LevelState.IN_PROGRESS,
}


def levels(signs: str) -> list[LevelStanding]:
    return [LevelStanding(at, SIGNS[sign], 0, 0, 0, 0) for at, sign in enumerate(signs, 1)]


@pytest.mark.parametrize(
    ("signs", "established"),
    [
        ("mmm", 3),
        ("mmn", 2),
        ("mnm", 1),
        ("m~m", 1),
        ("mtm", 3),
        ("mtn", 1),
        ("tmn", 2),
        ("ttm", 3),
        ("nmm", 0),
        ("tnm", 0),
        ("ttn", 0),
        ("umm", None),
        ("?mm", None),
        ("~nn", None),
        ("t?n", None),
        ("ttt", None),
        ("", None),
        ("m??", 1),
        ("mut", 1),
    ],
)
def test_the_established_level_is_the_top_of_the_unbroken_met_ones(signs: str, established: int | None) -> None:
    assert established_level(levels(signs)) == established


def three_levels(first: str | None, second: str | None, third: str | None) -> PaperCourse:
    course = PaperCourse(shape_of({"C": [["a"], ["b"], ["c"]]}))
    for name, score in (("a", first), ("b", second), ("c", third)):
        course.shows(name, score)
    return course


def test_met_levels_above_a_break_are_held() -> None:
    assert three_levels("0.10", "0.90", "0.90").stand().competency().held == (2, 3)
    assert three_levels("0.90", "0.90", None).stand().competency().held == ()


# --- Progress -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "progress"),
    [
        (("0.50", None, None), "0.50"),
        ((None, None, None), "0"),
        (("0.90", "0.40", "0.90"), "1.40"),
        (("0.90", None, "0.90"), "1"),
        (("0.90", "0.90", "0.90"), "3"),
        ((None, "0.90", None), "0"),
    ],
)
def test_progress_is_the_established_level_and_the_mean_of_the_next(
    scores: tuple[str | None, str | None, str | None], progress: str
) -> None:
    assert three_levels(*scores).stand().competency().progress == Fraction(progress)


def test_progress_within_a_level_stays_below_the_next() -> None:
    course = PaperCourse(shape_of({"C": [["a"]]})).maps("task", "a", role="required", pass_mark="1").maps("quiz", "a")

    stood = course.maps("essay", "a").marks("quiz", "1").marks("essay", "1").stand()

    assert stood.competency().progress == Fraction(99, 100)


def test_progress_skips_transparent_levels_and_ends_below_them() -> None:
    assert PaperCourse(shape_of({"C": [["a"], [], ["c"]]})).shows("a", "0.90").shows(
        "c", "0.30"
    ).stand().competency().progress == Fraction("1.30")
    assert PaperCourse(shape_of({"C": [["a"], [], []]})).shows("a", "0.90").stand().competency().progress == 1


def test_for_progress_an_indicator_attained_by_judgement_counts_at_least_the_pass_mark() -> None:
    assert course_with("?").judges("i0", True).stand().competency().progress == 1
    assert course_with("???").judges("i0", True).stand().competency().progress == Fraction(1, 5)
    assert course_with("+??").judges("i0", True).stand().competency().progress == Fraction(3, 10)


def test_a_judgement_against_does_not_touch_the_value_in_progress() -> None:
    assert course_with("+").judges("i0", False).stand().competency().progress == Fraction(9, 10)
    assert course_with("-").judges("i0", False).stand().competency().progress == Fraction(1, 10)


def test_for_progress_a_mark_that_another_course_lets_pass_is_not_raised_to_ours() -> None:
    lenient = PaperCourse(rules=RuleSet(pass_mark=Fraction(1, 2))).shows("j1", "0.50").stand()
    course = PaperCourse().shows("i1", "0.90").shows("i2", "0.90")

    stood = course.stand(elsewhere=record_of([lenient.whole.results]))

    assert (lenient.indicator("j1").state, stood.competency().progress) == ("attained", Fraction("1.25"))


# --- Course and record ----------------------------------------------------------------------------------------------


def test_a_level_that_the_course_can_assess_is_never_read_from_the_record() -> None:
    elsewhere = record_of([three_levels("0.90", "0.90", "0.90").stand().whole.results])

    stood = three_levels(None, "0.20", "0.20").stand(elsewhere=elsewhere)

    assert [level.state for level in stood.competency().levels] == ["no_evidence", "not_met", "not_met"]
    assert stood.established is None


def test_the_record_is_made_of_this_course_and_the_others_together() -> None:
    elsewhere = record_of([PaperCourse().shows("j1", "0.90").stand().whole.results])

    assert PaperCourse().stand(elsewhere=elsewhere).level(2).state is LevelState.NOT_ASSESSABLE
    assert PaperCourse().maps("quiz", "i1").shows("j2", "0.90").stand(elsewhere=elsewhere).level(2).held


def test_a_level_that_nobody_can_assess_stays_so() -> None:
    elsewhere = record_of([PaperCourse().shows("j1", "0.90").stand().whole.results])

    stood = PaperCourse().stand(elsewhere=elsewhere)

    assert stood.level(2).state is LevelState.NOT_ASSESSABLE
    assert stood.level(2).mapped == 1


def test_a_not_met_lowest_level_may_come_from_the_record() -> None:
    elsewhere = record_of([PaperCourse().shows("i1", "0.10").shows("i2", "0.10").stand().whole.results])

    stood = PaperCourse().shows("j1", "0.90").shows("j2", "0.90").stand(elsewhere=elsewhere)

    assert (stood.established, stood.competency().held) == (0, (2,))


def test_progress_reads_the_next_level_where_the_level_was_read() -> None:
    elsewhere = record_of([PaperCourse().shows("j1", "0.80").stand().whole.results])
    course = PaperCourse().shows("i1", "0.90").shows("i2", "0.90")

    assert course.stand(elsewhere=elsewhere).competency().progress == Fraction("1.40")


def test_a_certified_level_counts_as_met_where_the_course_cannot_assess_it() -> None:
    certified = record_of([], certified=[(competency(), 1)])
    course = PaperCourse().shows("j1", "0.90").shows("j2", "0.90")

    stood = course.stand(elsewhere=certified)

    assert (stood.established, stood.level(1).certified, stood.level(1).from_record) == (2, True, True)
    assert course.shows("i1", "0.10").shows("i2", "0.10").stand(elsewhere=certified).established == 0


def test_a_transparent_level_cannot_be_certified() -> None:
    shape = shape_of({"C": [[], ["j1"]]})

    standing = stand_in_record(shape, record_of([], certified=[(competency(), 1)]), Fraction(3, 5))[competency()]

    assert standing.levels[0].state is LevelState.TRANSPARENT
    assert standing.established is None


def test_over_all_courses_levels_are_made_of_the_record() -> None:
    first, second = PaperCourse().shows("i1", "0.90"), PaperCourse().shows("i2", "0.70").shows("j1", "0.50")
    record = record_of([first.stand().whole.results, second.stand().whole.results])

    standing = stand_in_record(shape_of(), record, Fraction(3, 5))[competency()]

    assert (standing.competency, standing.established) == (competency(), 1)
    assert (standing.progress, standing.disputed) == (Fraction("1.25"), False)
    assert standing.levels[0].from_record


def test_over_all_courses_a_certified_level_counts_as_met() -> None:
    certified = record_of([], certified=[(competency(), 1)])

    standing = stand_in_record(shape_of(), certified, Fraction(3, 5))[competency()]

    assert (standing.established, standing.levels[0].certified, standing.levels[1].certified) == (1, True, False)


def test_over_all_courses_what_a_judgement_attained_counts_at_least_the_pass_mark() -> None:
    judged = PaperCourse().judges("i1", True).stand().whole

    standing = stand_in_record(shape_of(), record_of([judged.results]), Fraction(3, 5))[competency()]

    assert standing.progress == Fraction(1, 5)


def test_a_level_whose_evidence_expired_is_not_established_any_more() -> None:
    course = PaperCourse(shape_of({"C": [["a"]]}), RuleSet(validity_months=12)).shows("a", "0.90")

    assert course.stand(day(0)).established == 1
    assert course.stand(day(400)).established is None
