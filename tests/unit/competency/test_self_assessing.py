"""Which answer is the entry and which the exit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.self_assessing import SelfStep, SelfView, levels_said, views
from lti_tool.ids import IndicatorId
from tests.factories.paper import competency, indicator, shape_of

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
ONE, TWO = IndicatorId(1), IndicatorId(2)


def _said(*steps: int, indicator: IndicatorId = ONE) -> list[tuple[IndicatorId, int, datetime]]:
    return [(indicator, step, START + timedelta(days=day)) for day, step in enumerate(steps)]


def test_what_was_said_once_is_the_entry_and_no_exit() -> None:
    assert views(_said(1)) == {ONE: SelfView(SelfStep.WITH_HELP, START)}


def test_the_entry_stays_the_first_and_the_exit_becomes_the_latest() -> None:
    found = views(_said(0, 3, 2))

    assert found == {ONE: SelfView(SelfStep.NOT_YET, START, SelfStep.ALONE, START + timedelta(days=2))}


def test_what_was_never_answered_is_not_there_and_not_yet_is_an_answer() -> None:
    assert views([]) == {}
    assert views(_said(0))[ONE].entry is SelfStep.NOT_YET


def test_each_indicator_has_an_entry_of_its_own() -> None:
    found = views([*_said(0, 1), (TWO, 2, START + timedelta(days=1))])

    assert (found[TWO].entry, found[TWO].exit) == (SelfStep.ALONE, None)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_only_the_first_and_the_last_of_many_are_seen(steps: list[int]) -> None:
    found = views(_said(*steps))[ONE]

    assert found.entry == steps[0]
    assert found.exit == (steps[-1] if len(steps) > 1 else None)


def _level_said(**steps: int) -> int | None:
    """In the competency of the worked examples: level 1 = i1 to i3, 2 = j1 and j2, 3 = k1."""
    said = {indicator(name): SelfView(SelfStep(step), START) for name, step in steps.items()}
    return levels_said(shape_of(), said)[competency()]


@pytest.mark.parametrize(
    ("steps", "level"),
    [
        ({}, None),
        ({"i1": 3}, None),
        ({"i1": 2, "i2": 3}, 1),
        ({"i1": 1, "i2": 1}, 0),
        ({"i1": 2, "i2": 2, "i3": 0, "j1": 2, "j2": 1}, 1),
        ({"i1": 2, "i2": 2, "j1": 2, "j2": 3, "k1": 2}, 3),
        ({"j1": 3, "j2": 3}, None),
    ],
)
def test_a_level_is_said_by_the_rules_of_levels_and_unknown_is_not_zero(
    steps: dict[str, int], level: int | None
) -> None:
    assert _level_said(**steps) == level


def test_what_was_said_last_counts_for_the_level() -> None:
    names = ("i1", "i2")
    risen = {indicator(name): SelfView(SelfStep.NOT_YET, START, SelfStep.ALONE, START) for name in names}

    assert levels_said(shape_of(), risen)[competency()] == 1
