"""Aspects, the overall level and the group (rules, section 4)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lti_tool.competency.model import CompetencyShape, FrameworkShape, IndicatorState, LevelShape
from lti_tool.competency.rollup import (
    LevelChange,
    aspects,
    distribution,
    level_changes,
    profile,
    tally,
    weakest,
)
from lti_tool.competency.standing import AspectStanding
from lti_tool.ids import CompetencyId, IndicatorId
from tests.factories.paper import PaperCourse, competency, day

ASPECTS = (1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6)
NATIONAL = FrameworkShape(
    tuple(
        CompetencyShape(CompetencyId(at), aspect, (LevelShape(1, ()), LevelShape(2, ()), LevelShape(3, ())))
        for at, aspect in enumerate(ASPECTS)
    )
)


def established(*levels: int | None) -> dict[CompetencyId, int | None]:
    return {CompetencyId(at): level for at, level in enumerate(levels)}


def test_an_aspect_has_the_lowest_level_among_its_assessed_competencies() -> None:
    found = aspects(NATIONAL, established(3, 1, 2, None, None, None, 0, None))

    assert found == (
        AspectStanding(1, 1, 2, 2),
        AspectStanding(2, 2, 1, 2),
        AspectStanding(3, None, 0, 2),
        AspectStanding(4, 0, 1, 2),
        AspectStanding(5, None, 0, 1),
        AspectStanding(6, None, 0, 2),
    )


@pytest.mark.parametrize(
    ("levels", "overall"),
    [
        ([2] * 11, 2),
        ([3] * 9 + [2] * 2, 3),
        ([3] * 8 + [2] * 3, 2),
        ([3] * 9 + [2, 1], 2),
        ([3] * 10 + [0], 1),
        ([2] * 9 + [1, 1], 2),
        ([1] * 8 + [0] * 3, 0),
        ([0] * 11, 0),
    ],
)
def test_nine_of_eleven_reach_the_overall_level_and_none_is_far_below(levels: list[int], overall: int) -> None:
    found = profile(NATIONAL, established(*levels))

    assert (found.level, found.provisional) == (overall, False)


def test_strict_asks_for_all_eleven() -> None:
    assert profile(NATIONAL, established(*[3] * 10, 2), needed=11).level == 2


def test_an_unassessed_competency_makes_the_profile_provisional() -> None:
    found = profile(NATIONAL, established(*[3] * 9, 2, None))

    assert (found.level, found.provisional, found.assessed, found.total) == (2, True, 10, 11)


def test_nothing_assessed_is_no_level_and_not_level_0() -> None:
    found = profile(NATIONAL, {})

    assert (found.level, found.provisional, found.assessed) == (None, True, 0)
    assert profile(FrameworkShape(()), {}).level is None


def test_a_small_framework_asks_for_all_it_has() -> None:
    small = FrameworkShape(NATIONAL.competencies[:2])

    assert profile(small, established(2, 2)).level == 2
    assert profile(small, established(2, 1)).level == 1


def test_a_profile_carries_its_aspects() -> None:
    assert profile(NATIONAL, established(1)).aspects == aspects(NATIONAL, established(1))


# --- A group --------------------------------------------------------------------------------------------------------


def test_who_is_not_assessed_is_counted_apart_from_level_0() -> None:
    found = distribution([0, 0, 1, 3, None, None, None], top=3)

    assert (found.counts, found.unknown, found.assessed, found.people) == ((2, 1, 0, 1), 3, 4, 7)
    assert found.share_at_least(1) == Fraction(1, 2)


def test_a_group_that_nobody_assessed_has_no_shares() -> None:
    assert distribution([None], top=3).share_at_least(1) is None


def test_an_indicators_share_is_of_those_with_evidence() -> None:
    states = [IndicatorState(state) for state in ("attained", "not_attained", "in_progress", "no_evidence")]

    assert tally(states).share_attained == Fraction(1, 3)
    assert tally([IndicatorState.NO_EVIDENCE]).share_attained is None


def test_the_weakest_indicators_come_first_and_unknown_ones_not_at_all() -> None:
    attained, failed, unknown = (
        IndicatorState.ATTAINED,
        IndicatorState.NOT_ATTAINED,
        IndicatorState.NO_EVIDENCE,
    )
    tallies = {
        IndicatorId(1): tally([attained]),
        IndicatorId(2): tally([failed, attained]),
        IndicatorId(3): tally([unknown]),
        IndicatorId(4): tally([failed]),
    }

    assert weakest(tallies, 2) == (4, 2)


def test_a_change_says_whose_level_moves_from_what_to_what() -> None:
    before = PaperCourse().shows("i1", "0.90").shows("i2", "0.90")
    was = before.stand().whole

    becomes = before.marks("for i2", None, at=day(1)).stand().whole

    assert level_changes(was, becomes) == (LevelChange(competency(), 1, None),)
    assert level_changes(becomes, was) == (LevelChange(competency(), None, 1),)
    assert level_changes(was, was) == ()
