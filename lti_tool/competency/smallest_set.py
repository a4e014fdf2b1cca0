"""The smallest set that opens enough locks: an exact search with a bound, for a handful of locks and dozens of keys.

A lock (an indicator) opens when all members of one of its ways (sets of activities) are chosen. Enough locks must
open, some of them in any case. To find the smallest choice is a hitting-set problem and hard in general; here there
are nine locks at most, and what cannot become smaller than the best found so far is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Lock = TypeVar("Lock", bound=int)
Member = TypeVar("Member", bound=int)

MOST_LOOKED_AT = 20_000
"""After so many places the best choice so far is taken, and it is said that a smaller one may exist."""


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
    best: frozenset[Member] | None = None
    best_cost: tuple[Any, ...] = field(default=())

    def go(self, at: int, chosen: frozenset[Member], needed: int) -> None:
        """Decides the locks from place `at` on, `needed` of which must still open."""
        if self.left <= 0:
            return
        self.left -= 1
        rest = self.order[at:]
        if needed <= 0 and not self.musts.intersection(rest):
            self._take(chosen)
            return
        if len(rest) < needed or self._is_hopeless(rest, chosen, needed):
            return
        lock, more = rest[0], sorted(self.ways[rest[0]], key=lambda way: len(way - chosen))
        if more and more[0] <= chosen:
            # It is open already, for nothing: no choice can be worse for that.
            self.go(at + 1, chosen, needed - 1)
            return
        for way in more:
            self.go(at + 1, chosen | way, needed - 1)
        if lock not in self.musts:
            self.go(at + 1, chosen, needed)

    def _take(self, chosen: frozenset[Member]) -> None:
        cost = self.cost(chosen)
        if self.best is None or cost < self.best_cost:
            self.best, self.best_cost = chosen, cost

    def _is_hopeless(self, rest: Sequence[Lock], chosen: frozenset[Member], needed: int) -> bool:
        """Whether nothing from here on can be as small as the best: each lock that opens costs what it lacks at least,
        so of `needed` locks the dearest costs as much as the `needed`-th cheapest of all."""
        if self.best is None:
            return False
        lacks = {lock: min((len(way - chosen) for way in self.ways[lock]), default=len(self.best)) for lock in rest}
        dearest = sorted(lacks.values())[needed - 1] if needed > 0 else 0
        for_musts = max((lacks[lock] for lock in self.musts.intersection(rest)), default=0)
        return len(chosen) + max(dearest, for_musts) > len(self.best)


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
    if search.best is None:
        everything = frozenset().union(*(way for lock in able for way in ways[lock]))
        return Choice(everything, proven=False)
    return Choice(search.best, proven=search.left > 0)
