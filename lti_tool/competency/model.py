"""What the rules work on, as frozen values: framework, mapping, evidence, judgement and rule set.

Every rule is a pure function of these values and of a moment, so whoever doubts a level can work it out by hand.
Nothing here knows a database, a clock or a language. What comes out of the rules is in `standing.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from lti_tool.competency.exact import position
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, CompetencyId, EvidenceId, IndicatorId, PersonId

ZERO = Fraction(0)
ONE = Fraction(1)
UNSAVED = EvidenceId(0)


class IndicatorState(StrEnum):
    """Where a person stands in one indicator (rules, section 2). Unknown has two names; neither is zero."""

    NOT_MAPPED = "not_mapped"
    NO_EVIDENCE = "no_evidence"
    ATTAINED = "attained"
    NOT_ATTAINED = "not_attained"
    IN_PROGRESS = "in_progress"


class LevelState(StrEnum):
    """Where a person stands in one level of a competency (rules, section 3)."""

    TRANSPARENT = "transparent"
    NOT_ASSESSABLE = "not_assessable"
    NO_EVIDENCE = "no_evidence"
    MET = "met"
    NOT_MET = "not_met"
    IN_PROGRESS = "in_progress"


class MappingRole(StrEnum):
    """What an activity is for an indicator: a must, a part of the mean, or only ever a help."""

    REQUIRED = "required"
    SUPPORTING = "supporting"
    OPTIONAL = "optional"


class ObservationStep(StrEnum):
    """What a trainer saw (rules, section 1)."""

    NOT_SHOWN = "not_shown"
    EMERGING = "emerging"
    SHOWN = "shown"
    CONVINCING = "convincing"


OBSERVED = {
    ObservationStep.NOT_SHOWN: Decimal("0"),
    ObservationStep.EMERGING: Decimal("0.40"),
    ObservationStep.SHOWN: Decimal("0.70"),
    ObservationStep.CONVINCING: Decimal("1"),
}


# --- Evidence -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """A result as its source gave it, with the ends of its range; `score` brings all kinds to one measure.

    Refuses with `RuleBroken` an empty range or a mark that is not a number. A mark outside its range is kept as
    given (extra credit exists) and clamped in `score`.
    """

    given: Decimal
    minimum: Decimal
    maximum: Decimal

    def __post_init__(self) -> None:
        if not (self.given.is_finite() and self.minimum.is_finite() and self.maximum.is_finite()):
            raise RuleBroken("mark_not_a_number", mark=self.given, minimum=self.minimum, maximum=self.maximum)
        if self.maximum <= self.minimum:
            raise RuleBroken("mark_range_empty", minimum=self.minimum, maximum=self.maximum)

    @property
    def score(self) -> Fraction:
        """(mark - min) / (max - min), clamped to [0, 1] (rules, section 1). Exact."""
        if self.given >= self.maximum:
            return ONE
        if self.given <= self.minimum:
            return ZERO
        return position(self.given, self.minimum, self.maximum)

    @classmethod
    def number(cls, given: Decimal, maximum: Decimal, minimum: Decimal = Decimal(0)) -> Mark:
        """A plain mark, or the points of a rubric row, out of `maximum`."""
        return cls(given, minimum, maximum)

    @classmethod
    def scale(cls, item: int, items: int) -> Mark:
        """The `item`-th of `items` steps, counted from 1, evenly spaced: (i - 1) / (n - 1)."""
        if not 1 <= item <= items:
            raise RuleBroken("scale_item_unknown", item=item, items=items)
        return cls(Decimal(item), Decimal(1), Decimal(items))

    @classmethod
    def scale_table(cls, item: int, table: Sequence[Decimal]) -> Mark:
        """The `item`-th step, counted from 1, of a scale whose steps have scores of their own, each 0 to 1."""
        if not 1 <= item <= len(table):
            raise RuleBroken("scale_item_unknown", item=item, items=len(table))
        if not 0 <= table[item - 1] <= 1:
            raise RuleBroken("scale_score_outside", score=table[item - 1])
        return cls(table[item - 1], Decimal(0), Decimal(1))

    @classmethod
    def completion(cls, done: bool) -> Mark:
        """Done or passed is 1, failed is 0. Not yet completed is no mark at all."""
        return cls(Decimal(int(done)), Decimal(0), Decimal(1))

    @classmethod
    def observation(cls, step: ObservationStep) -> Mark:
        """What a trainer saw: not shown 0, emerging 0.40, shown 0.70, convincing 1."""
        return cls(OBSERVED[step], Decimal(0), Decimal(1))


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry of the ledger about one person."""

    activity: ActivityId
    indicator: IndicatorId | None
    """None for a mark of the whole activity."""
    mark: Mark | None
    """None where the source gives none (any more): withdrawn, ungraded, hidden, excused. No evidence, not zero."""
    worked_at: datetime
    """The time of the mark, aware; the newest by this is current."""
    recorded_at: datetime
    id: EvidenceId = UNSAVED
    """Row id; the last tie-break."""
    voided: bool = False

    def __post_init__(self) -> None:
        if self.worked_at.tzinfo is None or self.recorded_at.tzinfo is None:
            raise ValueError("the times of evidence are aware")


Place = tuple[ActivityId, IndicatorId | None]
"""What an entry speaks of: the mark of an activity for one indicator, or of the whole activity."""


def current(entries: Iterable[Evidence]) -> dict[Place, Evidence]:
    """The current entry of each (activity, indicator or None) of one person: the newest that is not voided.

    Newest by `worked_at`, ties to the later recorded, then to the higher id: the order in which entries arrive or are
    read never matters. An entry without a mark is current like any other: it hides what it withdrew.
    """
    newest: dict[Place, Evidence] = {}
    for entry in entries:
        if entry.voided:
            continue
        place = (entry.activity, entry.indicator)
        held = newest.get(place)
        if held is None or _age(held) < _age(entry):
            newest[place] = entry
    return newest


def _age(entry: Evidence) -> tuple[datetime, datetime, EvidenceId]:
    return entry.worked_at, entry.recorded_at, entry.id


# --- Mapping --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mapping:
    """One cell of the matrix: this activity shows this indicator (rules, section 2). Refuses with `RuleBroken`."""

    activity: ActivityId
    indicator: IndicatorId
    weight: int = 1
    """1 to 5."""
    role: MappingRole = MappingRole.SUPPORTING
    pass_mark: Fraction | None = None
    """What a required activity must reach, 0 to 1; None = the rule set's."""

    def __post_init__(self) -> None:
        if not 1 <= self.weight <= 5:
            raise RuleBroken("weight_outside", weight=self.weight)
        if self.pass_mark is not None and not 0 <= self.pass_mark <= 1:
            raise RuleBroken("pass_mark_outside", pass_mark=self.pass_mark)

    @property
    def is_optional(self) -> bool:
        """Whether it can only help: it is in neither coverage nor "everything is graded"."""
        return self.role is MappingRole.OPTIONAL


# --- Judgement ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judgement:
    """A trainer's own decision on one indicator of one person in one course (rules, section 6)."""

    indicator: IndicatorId
    by: PersonId
    attained: bool
    judged_at: datetime
    until: datetime | None = None
    """From this moment on it no longer counts."""
    decides: bool = False
    """The lead trainer's or an admin's decision of a dispute: stands over both sides."""
    withdrawn: bool = False
    id: int = 0
    """Row id; the last tie-break."""

    def counts_at(self, as_of: datetime) -> bool:
        """Whether it is neither withdrawn nor past its end."""
        return not self.withdrawn and (self.until is None or as_of < self.until)


# --- Framework ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LevelShape:
    """What one level of a competency asks for."""

    number: int
    indicators: tuple[IndicatorId, ...]
    keys: frozenset[IndicatorId] = frozenset()
    """The indicators without which the level is not met."""

    @property
    def needed(self) -> int:
        """k = 2n/3 rounded up: 1 of 1, 2 of 2, 2 of 3, 3 of 4, 4 of 5, 4 of 6, 6 of 9 (rules, section 3)."""
        return -(-2 * len(self.indicators) // 3)


@dataclass(frozen=True, slots=True)
class CompetencyShape:
    """The levels of one competency, lowest first; a level without indicators is there too, and is transparent."""

    id: CompetencyId
    aspect: int
    """Number of the aspect."""
    levels: tuple[LevelShape, ...]


@dataclass(frozen=True, slots=True)
class IndicatorPlace:
    """Where an indicator belongs."""

    indicator: IndicatorId
    competency: CompetencyId
    level: int
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class FrameworkShape:
    """A framework version without its texts: all that the rules need of it."""

    competencies: tuple[CompetencyShape, ...]

    @property
    def top(self) -> int:
        """The highest level number, 3 in the national requirements; 0 in an empty framework."""
        return max((level.number for each in self.competencies for level in each.levels), default=0)

    @classmethod
    def of(
        cls,
        levels: Iterable[int],
        competencies: Iterable[tuple[CompetencyId, int]],
        indicators: Iterable[IndicatorPlace],
    ) -> FrameworkShape:
        """Builds the shape from level numbers, (competency, aspect number) in reading order, and indicators."""
        numbers = sorted(set(levels))
        places = list(indicators)
        return cls(
            tuple(
                CompetencyShape(id_, aspect, tuple(_level(number, id_, places) for number in numbers))
                for id_, aspect in competencies
            )
        )


def _level(number: int, competency: CompetencyId, places: list[IndicatorPlace]) -> LevelShape:
    mine = [place for place in places if place.competency == competency and place.level == number]
    return LevelShape(
        number,
        tuple(place.indicator for place in mine),
        frozenset(place.indicator for place in mine if place.is_key),
    )
