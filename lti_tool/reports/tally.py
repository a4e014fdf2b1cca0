"""Tallies: how many people stand where. Pure values that add up, so that courses make months and months a period.

A tally counts *participations*: whoever takes part in two courses is counted in each. Where people are meant, the tally
of the platform's people counts everybody once, by their highest established level (`rollup`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from lti_tool.competency.model import IndicatorState
from lti_tool.ids import CompetencyId, IndicatorId

SMALL = 5
"""Statistics of fewer people than this are not shown: they would speak of persons."""

Row = tuple[int, ...]
_Id = TypeVar("_Id", CompetencyId, IndicatorId)
INDICATOR_STATES = (
    IndicatorState.ATTAINED,
    IndicatorState.IN_PROGRESS,
    IndicatorState.NOT_ATTAINED,
    IndicatorState.NO_EVIDENCE,
)
"""The order of counts in `Tally.indicators`."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Self-assessments of one indicator by those who gave one at the entry and another at the exit."""

    people: int = 0
    entry: int = 0
    """Sum of their first steps, 0 to 3 each (`self_assessing.SelfStep`)."""
    exit: int = 0
    """Sum of their last steps."""

    def __add__(self, other: Growth) -> Growth:
        return Growth(self.people + other.people, self.entry + other.entry, self.exit + other.exit)

    def means(self) -> tuple[Fraction, Fraction] | None:
        """Mean step at the entry and at the exit; None where nobody gave both."""
        return (Fraction(self.entry, self.people), Fraction(self.exit, self.people)) if self.people else None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people of one group stand where; in `levels` only those whose course targets the competency."""

    people: int = 0
    levels: Mapping[CompetencyId, Row] = field(default_factory=dict)
    """First those whose level is not established, then those at level 0, 1, 2 …; unknown is not zero."""
    indicators: Mapping[IndicatorId, Row] = field(default_factory=dict)
    """In the order of INDICATOR_STATES."""
    growth: Mapping[IndicatorId, Growth] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        growth = dict(self.growth)
        for indicator, one in other.growth.items():
            growth[indicator] = growth.get(indicator, Growth()) + one
        return Tally(
            self.people + other.people,
            _joined(self.levels, other.levels),
            _joined(self.indicators, other.indicators),
            growth,
        )

    @property
    def is_small(self) -> bool:
        """Whether so few people were counted that the figures would speak of persons."""
        return 0 < self.people < SMALL


EMPTY = Tally()


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together; their order does not matter."""
    return sum(tallies, EMPTY)


@dataclass(frozen=True, slots=True)
class Spread:
    """How the people of one competency, or of one aspect, are spread over its levels."""

    unknown: int
    at: Row
    """By level, from 0."""

    @staticmethod
    def of(rows: Iterable[Row]) -> Spread:
        """The counts of `Tally.levels`, of one competency or of several together."""
        first, *rest = _sum_of(rows) or (0,)
        return Spread(first, tuple(rest))

    @property
    def people(self) -> int:
        """All who are counted."""
        return self.unknown + self.established

    @property
    def established(self) -> int:
        """Those whose level is known."""
        return sum(self.at)

    def share_from(self, level: int) -> Fraction | None:
        """The share, of those whose level is known, that has reached this one; None where none is known."""
        return Fraction(sum(self.at[level:]), self.established) if self.established else None

    def mean(self) -> Fraction | None:
        """The mean level of those whose level is known."""
        if not self.established:
            return None
        return Fraction(sum(level * count for level, count in enumerate(self.at)), self.established)


def attained_share(row: Row) -> Fraction | None:
    """Of an indicator: the share of attained among those where it is decided; None where it is decided for nobody."""
    attained, _in_progress, not_attained, _nothing = row
    decided = attained + not_attained
    return Fraction(attained, decided) if decided else None


def weakest(tally: Tally, number: int, least: int = SMALL) -> list[tuple[IndicatorId, Fraction]]:
    """The indicators that the fewest attain, the weakest first; none that is decided for fewer than `least` people."""
    decided = {each: row for each, row in tally.indicators.items() if row[0] + row[2] >= least}
    shares = [(each, share) for each, row in decided.items() if (share := attained_share(row)) is not None]
    return sorted(shares, key=lambda one: (one[1], -sum(decided[one[0]]), one[0]))[:number]


def to_json(tally: Tally) -> dict[str, Any]:
    """As it is stored: numbers by the ids of competencies and indicators."""
    return {
        "people": tally.people,
        "levels": {str(each): list(row) for each, row in sorted(tally.levels.items())},
        "indicators": {str(each): list(row) for each, row in sorted(tally.indicators.items())},
        "growth": {str(each): [one.people, one.entry, one.exit] for each, one in sorted(tally.growth.items())},
    }


def from_json(stored: Mapping[str, Any]) -> Tally:
    """The tally that was stored so."""
    return Tally(
        stored["people"],
        {CompetencyId(int(each)): tuple(row) for each, row in stored["levels"].items()},
        {IndicatorId(int(each)): tuple(row) for each, row in stored["indicators"].items()},
        {IndicatorId(int(each)): Growth(*row) for each, row in stored["growth"].items()},
    )


def _joined(one: Mapping[_Id, Row], other: Mapping[_Id, Row]) -> dict[_Id, Row]:
    joined = dict(one)
    for each, row in other.items():
        joined[each] = _sum_of((joined[each], row)) if each in joined else row
    return joined


def _sum_of(rows: Iterable[Row]) -> Row:
    known = list(rows)
    length = max((len(row) for row in known), default=0)
    return tuple(sum(row[place] for row in known if place < len(row)) for place in range(length))
