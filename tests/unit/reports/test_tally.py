"""Tallies add up in any order, keep what is unknown apart from zero, and are stored without loss."""

from __future__ import annotations

import json
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.ids import CompetencyId, IndicatorId
from lti_tool.reports.tally import (
    EMPTY,
    Growth,
    Spread,
    Tally,
    attained_share,
    from_json,
    to_json,
    total,
    weakest,
)

COUNT = st.integers(0, 2000)
growths = st.builds(Growth, COUNT, COUNT, COUNT)
tallies = st.builds(
    Tally,
    people=COUNT,
    levels=st.dictionaries(
        st.integers(1, 4).map(CompetencyId), st.lists(COUNT, min_size=1, max_size=5).map(tuple), max_size=4
    ),
    indicators=st.dictionaries(st.integers(1, 4).map(IndicatorId), st.tuples(COUNT, COUNT, COUNT, COUNT), max_size=4),
    growth=st.dictionaries(st.integers(1, 4).map(IndicatorId), growths, max_size=4),
)


@given(st.lists(tallies, max_size=5), st.randoms())
def test_tallies_add_up_in_any_order(parts: list[Tally], random: object) -> None:
    mixed = list(parts)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    one, other = total(parts), total(mixed)

    assert one == other
    assert one.people == sum(each.people for each in parts)


@given(tallies, tallies)
def test_each_count_is_the_sum_of_the_parts(one: Tally, other: Tally) -> None:
    both = one + other

    for competency in both.levels:
        parts = [sum(each.levels.get(competency, ())) for each in (one, other)]
        assert sum(both.levels[competency]) == sum(parts)
    assert both.indicators.keys() == one.indicators.keys() | other.indicators.keys()
    assert both.growth.keys() == one.growth.keys() | other.growth.keys()


@given(tallies)
def test_nothing_added_changes_nothing(tally: Tally) -> None:
    assert tally + EMPTY == tally == EMPTY + tally


@given(tallies)
def test_what_is_stored_comes_back(tally: Tally) -> None:
    assert from_json(json.loads(json.dumps(to_json(tally)))) == tally


def test_a_level_that_only_one_course_knows_is_kept() -> None:
    three = Tally(2, {CompetencyId(1): (0, 1, 1)})
    four = Tally(1, {CompetencyId(1): (0, 0, 0, 0, 1)})

    assert (three + four).levels == {CompetencyId(1): (0, 1, 1, 0, 1)}


def test_who_is_not_known_is_in_no_share() -> None:
    spread = Spread.of([(6, 1, 2, 1, 0)])

    assert (spread.people, spread.unknown, spread.established) == (10, 6, 4)
    assert spread.share_from(1) == Fraction(3, 4)
    assert spread.share_from(3) == 0
    assert spread.mean() == 1


def test_of_nobody_no_share_is_said() -> None:
    spread = Spread.of([(6, 0, 0)])

    assert spread.share_from(1) is None
    assert spread.mean() is None
    assert Spread.of([]).people == 0
    assert Growth().means() is None
    assert attained_share((0, 3, 0, 4)) is None


def test_several_competencies_make_the_spread_of_an_aspect() -> None:
    assert Spread.of([(1, 2, 3), (1, 0, 1, 4)]) == Spread(2, (2, 4, 4))


def test_growth_is_that_of_those_who_answered_twice() -> None:
    assert Growth(4, 2, 8).means() == (Fraction(1, 2), Fraction(2))


def test_the_weakest_indicators_are_those_that_the_fewest_attain() -> None:
    rows = {
        IndicatorId(1): (9, 0, 1, 0),
        IndicatorId(2): (1, 50, 9, 0),
        IndicatorId(3): (0, 0, 4, 90),
        IndicatorId(4): (5, 0, 5, 0),
        IndicatorId(5): (0, 20, 0, 20),
    }

    assert weakest(Tally(100, indicators=rows), 2) == [
        (IndicatorId(2), Fraction(1, 10)),
        (IndicatorId(4), Fraction(1, 2)),
    ]
    assert len(weakest(Tally(100, indicators=rows), 9)) == 3, "decided for four people only, or for nobody: not said"


def test_a_group_is_small_below_five() -> None:
    assert [Tally(people).is_small for people in (0, 1, 4, 5)] == [False, True, True, False]
