"""The best level over courses, as far as it holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.best_levels import best_levels
from lti_tool.ids import CompetencyId, CourseId

A, B, C = (CompetencyId(number) for number in (1, 2, 3))
OPEN, CLOSED = CourseId(1), CourseId(2)


def test_the_best_of_two_open_courses_counts() -> None:
    other = CourseId(3)

    assert best_levels({OPEN: {A: 1, B: 2}, other: {A: 3, B: None}}, [], []) == {A: 3, B: 2}


def test_what_is_nowhere_established_is_unknown_and_no_zero() -> None:
    assert best_levels({OPEN: {A: None, B: 0}}, [], []) == {B: 0}


def test_a_closed_course_counts_by_its_certificates_alone() -> None:
    standings = {CLOSED: {A: 3, B: 2}}

    assert best_levels(standings, [CLOSED], [(A, 3), (A, 1)]) == {A: 3}
    assert best_levels(standings, [CLOSED], []) == {}


def test_no_level_shown_in_a_closed_course_stands() -> None:
    assert best_levels({CLOSED: {A: 0}}, [CLOSED], []) == {A: 0}
    assert best_levels({CLOSED: {A: 0}, OPEN: {A: 1}}, [CLOSED], []) == {A: 1}


def test_a_certificate_of_elsewhere_is_better_than_an_open_course() -> None:
    assert best_levels({OPEN: {A: 1}}, [], [(A, 2), (C, 1)]) == {A: 2, C: 1}


levels = st.dictionaries(st.sampled_from([A, B, C]), st.one_of(st.none(), st.integers(0, 3)))


@given(st.dictionaries(st.integers(1, 4).map(CourseId), levels), levels)
def test_one_more_course_never_lowers_anybody(
    courses: dict[CourseId, dict[CompetencyId, int | None]], more: dict[CompetencyId, int | None]
) -> None:
    before = best_levels(courses, [], [])

    after = best_levels({**courses, CourseId(9): more}, [], [])

    assert all(after[each] >= level for each, level in before.items())
