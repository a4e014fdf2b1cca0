"""The smallest set that opens enough locks: an exact search with a bound, for a handful of locks and dozens of keys.

A lock (an indicator) opens when all members of one of its ways (sets of activities) are chosen. Enough locks must
open, some of them in any case. To find the smallest choice is a hitting-set problem and hard in general; here there
are nine locks at most, and what cannot become smaller than the best found so far is not looked at.

First the smallest size is found, then the cheapest choice of that size. Each of the two ends after so many places,
counted and not timed, so that the same question always has the same answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Lock = TypeVar("Lock", bound=int)
Member = TypeVar("Member", bound=int)

MOST_LOOKED_AT = 4_000
"""After so many places the best choice so far is taken."""
WHOLE = 2520
"""A member's cost: up to ten locks share it without a remainder."""


@dataclass(frozen=True, slots=True)
class Choice(Generic[Member]):
    """What was found."""

    members: frozenset[Member]
    proven: bool
    """Whether it is certain that no smaller one exists."""


@dataclass(slots=True)
class _Search(Generic[Lock, Member]):
    """One search: the locks in the order in which they are decided, and the best choice so far."""

    order: Sequence[Lock]
    ways: Mapping[Lock, Sequence[frozenset[Member]]]
    musts: frozenset[Lock]
    cost: Callable[[frozenset[Member]], tuple[Any, ...]]
    left: int
    spare: int = 1
    """By how much a choice must be smaller than the best to be looked at: 0 to find the cheapest of one size."""
    best: frozenset[Member] | None = None
    best_cost: tuple[Any, ...] = field(default=())

    def go(self, at: int, chosen: frozenset[Member], needed: int) -> None:
        """Decides the locks from place `at` on, `needed` of which must still open."""
        self.left -= 1
        rest = self.order[at:]
        if self.left < 0 or len(rest) < needed:
            return
        if needed <= 0 and not self.musts.intersection(rest):
            self._take(chosen)
            return
        if self.best is not None and len(chosen) + self._least(rest, chosen, needed) > len(self.best) - self.spare:
            return
        lock, ways = rest[0], sorted(self.ways[rest[0]], key=lambda way: len(way - chosen))
        if ways[0] <= chosen:
            # It is open already, for nothing: no choice can be worse for that.
            self.go(at + 1, chosen, needed - 1)
            return
        for way in ways:
            self.go(at + 1, chosen | way, needed - 1)
        if lock not in self.musts:
            self.go(at + 1, chosen, needed)

    def _take(self, chosen: frozenset[Member]) -> None:
        cost = self.cost(chosen)
        if self.best is None or cost < self.best_cost:
            self.best, self.best_cost = chosen, cost

    def _least(self, rest: Sequence[Lock], chosen: frozenset[Member], needed: int) -> int:
        """How many more members it takes at least.

        A member is paid for by all locks that it could help to open, each an equal share; a lock pays at least what its
        cheapest way comes to. So the locks that must open pay together no more than there are new members.
        """
        helped = Counter(member for lock in rest for member in frozenset().union(*self.ways[lock]))
        shares = {member: WHOLE // number for member, number in helped.items()}
        pays = {lock: min(sum(shares[each] for each in way - chosen) for way in self.ways[lock]) for lock in rest}
        for_musts = [pays[lock] for lock in rest if lock in self.musts]
        others = sorted(pays[lock] for lock in rest if lock not in self.musts)
        together = sum(for_musts) + sum(others[: max(0, needed - len(for_musts))])
        lacks = max((self._lacks(lock, chosen) for lock in self.musts.intersection(rest)), default=0)
        return max(lacks, -(-together // WHOLE))

    def _lacks(self, lock: Lock, chosen: frozenset[Member]) -> int:
        return min(len(way - chosen) for way in self.ways[lock])


def smallest(
    ways: Mapping[Lock, Sequence[frozenset[Member]]],
    needed: int,
    musts: frozenset[Lock],
    cost: Callable[[frozenset[Member]], tuple[Any, ...]],
    most: int = MOST_LOOKED_AT,
) -> Choice[Member] | None:
    """The choice that costs least, of those that open `needed` locks with the `musts` among them; None: none does.

    A cost begins with the number of members, what follows decides between choices of one size. Every lock is in
    `ways`, one that cannot be opened with none.
    """
    able = [lock for lock, each in ways.items() if each]
    if len(able) < needed or not musts.issubset(able):
        return None
    order = sorted(able, key=lambda lock: (lock not in musts, len(ways[lock]), lock))
    search = _Search(order, ways, musts, cost, most)
    search.go(0, frozenset(), needed)
    proven = search.left >= 0
    search.left, search.spare = most, 0
    search.go(0, frozenset(), needed)
    if search.best is None:
        return Choice(frozenset().union(*(way for lock in able for way in ways[lock])), proven=False)
    return Choice(search.best, proven)
