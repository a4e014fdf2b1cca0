"""Which answer is the entry and which the exit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.competency.self_assessing import SelfStep, SelfView, views
from lti_tool.ids import IndicatorId

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
