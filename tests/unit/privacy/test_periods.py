"""Periods after which data goes: none so short that it takes what is still needed, none beyond what can be counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.errors import RuleBroken
from lti_tool.privacy.periods import DEFAULT_DAYS, LEAST_DAYS, LONGEST_DAYS, Kind, Period, checked

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_a_shortest_period_that_is_taken_and_a_day_less_that_is_not(kind: Kind) -> None:
    assert checked(kind, LEAST_DAYS[kind]) == LEAST_DAYS[kind]
    with pytest.raises(RuleBroken, match="period_too_short") as refused:
        checked(kind, LEAST_DAYS[kind] - 1)

    assert refused.value.facts == {"least": LEAST_DAYS[kind]}


@pytest.mark.parametrize("kind", Kind)
def test_the_longest_period_can_be_counted_back_and_a_day_more_is_refused(kind: Kind) -> None:
    longest = Period(kind, checked(kind, LONGEST_DAYS))

    assert longest.limit(NOW) == NOW - timedelta(days=LONGEST_DAYS)
    with pytest.raises(RuleBroken, match="period_too_long"):
        checked(kind, LONGEST_DAYS + 1)


@pytest.mark.parametrize("kind", Kind)
def test_what_is_proposed_could_be_chosen_and_deletes_nothing_by_itself(kind: Kind) -> None:
    assert checked(kind, DEFAULT_DAYS[kind]) == DEFAULT_DAYS[kind]
    assert not Period(kind, DEFAULT_DAYS[kind]).active


def test_people_and_the_record_of_reads_are_kept_longer_than_tries() -> None:
    assert DEFAULT_DAYS[Kind.ATTEMPTS] < DEFAULT_DAYS[Kind.AUDIT] < DEFAULT_DAYS[Kind.PEOPLE]
    assert LEAST_DAYS[Kind.ATTEMPTS] < LEAST_DAYS[Kind.AUDIT] < LEAST_DAYS[Kind.PEOPLE]
