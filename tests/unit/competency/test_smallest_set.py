"""The smallest set that opens enough locks: against trying all sets, and within its bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.competency.smallest_set import MOST_LOOKED_AT, smallest

Ways = Mapping[int, Sequence[frozenset[int]]]

members = st.frozensets(st.integers(1, 7), min_size=1, max_size=3)
ways = st.fixed_dictionaries({lock: st.lists(members, min_size=lock > 1, max_size=3) for lock in range(1, 6)})
"""The first lock may have no way at all."""


def _cost(members: frozenset[int]) -> tuple[int, int, tuple[int, ...]]:
    return len(members), sum(members), tuple(sorted(members))


def _opened(locks: Ways, members: frozenset[int]) -> set[int]:
    return {lock for lock, each in locks.items() if any(way <= members for way in each)}


@settings(max_examples=300)
@given(ways, st.integers(0, 5), st.frozensets(st.integers(1, 5), max_size=3))
def test_no_set_that_opens_enough_costs_less(locks: Ways, needed: int, musts: frozenset[int]) -> None:
    found = smallest(locks, needed, musts, _cost)

    all_sets = (frozenset(each) for size in range(8) for each in combinations(range(1, 8), size))
    enough = [each for each in all_sets if len(opened := _opened(locks, each)) >= needed and musts <= opened]
    if found is None:
        assert enough == []
    else:
        assert found.members == min(enough, key=_cost)
        assert found.proven


def test_nine_locks_and_forty_members_are_within_the_bound() -> None:
    locks = {lock: [frozenset({40 * way + lock, 7 * way + lock % 5}) for way in range(1, 6)] for lock in range(1, 10)}

    found = smallest(locks, 6, frozenset({1, 2}), _cost)

    assert found is not None
    assert found.proven
    assert MOST_LOOKED_AT <= 20_000


@pytest.mark.parametrize("most", [1, 40])
def test_a_search_that_grows_too_long_ends_with_what_it_has_and_says_so(most: int) -> None:
    locks = {lock: [frozenset({10 * lock + way, 100 + way}) for way in range(9)] for lock in range(1, 10)}

    found = smallest(locks, 6, frozenset(), _cost, most=most)

    assert found is not None
    assert not found.proven
    assert len(_opened(locks, found.members)) >= 6
