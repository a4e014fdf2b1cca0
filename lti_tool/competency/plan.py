"""What a course can show, worked out once for all its people: the mapping laid over the framework.

Which levels a course can assess, and how far its unbroken chain of them reaches, depends on nobody's marks; a course
of a thousand people need not find it out a thousand times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from lti_tool.competency.model import CompetencyShape, FrameworkShape, LevelShape, Mapping
from lti_tool.competency.rule_set import RuleSet
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, IndicatorId


@dataclass(frozen=True, slots=True)
class IndicatorPlan:
    """How one indicator can be shown in the course; without mappings it is *not mapped*."""

    indicator: IndicatorId
    mappings: tuple[Mapping, ...]
    """By activity."""
    mapped_weight: int
    """Weight of the required and supporting mappings: the denominator of coverage."""


@dataclass(frozen=True, slots=True)
class CompetencyPlan:
    """How far the course's mapping reaches in one competency."""

    shape: CompetencyShape
    assessable: tuple[int, ...]
    """Numbers of the levels that the mapping can assess, lowest first."""
    target: int | None
    """The default of the target level: the top of the unbroken chain of assessable levels; None = nothing."""

    @property
    def is_targeted(self) -> bool:
        """Whether the course gives grades for it: it can assess at least one level (rules, section 5)."""
        return bool(self.assessable)

    @property
    def cannot_count_alone(self) -> tuple[int, ...]:
        """Levels assessed above a gap in the chain: worth a warning, they count only with what is shown elsewhere."""
        return tuple(number for number in self.assessable if self.target is not None and number > self.target)


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """Framework, rule set and mapping of a course, ready for any number of people."""

    rules: RuleSet
    indicators: tuple[IndicatorPlan, ...]
    """Every indicator of the framework, in its order."""
    competencies: tuple[CompetencyPlan, ...]
    """Every competency of the framework, in its order."""
    closes_at: datetime | None = None

    @classmethod
    def of(
        cls,
        shape: FrameworkShape,
        mappings: Iterable[Mapping],
        rules: RuleSet,
        *,
        closes_at: datetime | None = None,
        self_assessments: Collection[ActivityId] = (),
    ) -> CoursePlan:
        """Lays the mapping over the framework.

        Mappings of `self_assessments` are left out: self-assessment never counts (rules, section 1). Refuses with
        `RuleBroken` a cell given twice and an indicator that the framework does not have.
        """
        cells = _cells(mappings, self_assessments)
        asked = [i for competency in shape.competencies for level in competency.levels for i in level.indicators]
        strangers = sorted(cells.keys() - set(asked))
        if strangers:
            raise RuleBroken("indicator_unknown", indicators=strangers)
        return cls(
            rules=rules,
            indicators=tuple(_indicator(indicator, cells.get(indicator, {})) for indicator in asked),
            competencies=tuple(_competency(each, cells.keys()) for each in shape.competencies),
            closes_at=closes_at,
        )


Cells = dict[IndicatorId, dict[ActivityId, Mapping]]


def _cells(mappings: Iterable[Mapping], self_assessments: Collection[ActivityId]) -> Cells:
    cells: Cells = {}
    for mapping in mappings:
        if mapping.activity in self_assessments:
            continue
        column = cells.setdefault(mapping.indicator, {})
        if mapping.activity in column:
            raise RuleBroken("mapping_doubled", activity=mapping.activity, indicator=mapping.indicator)
        column[mapping.activity] = mapping
    return cells


def _indicator(indicator: IndicatorId, column: dict[ActivityId, Mapping]) -> IndicatorPlan:
    mappings = tuple(column[activity] for activity in sorted(column))
    return IndicatorPlan(indicator, mappings, sum(each.weight for each in mappings if not each.is_optional))


def _competency(shape: CompetencyShape, mapped: Collection[IndicatorId]) -> CompetencyPlan:
    assessable = tuple(level.number for level in shape.levels if can_assess(level, mapped))
    return CompetencyPlan(shape, assessable, default_target(shape.levels, assessable))


def can_assess(level: LevelShape, mapped: Collection[IndicatorId]) -> bool:
    """Whether k of the level's indicators, and every key one, are among the mapped (rules, section 3)."""
    shown = [each for each in level.indicators if each in mapped]
    return bool(shown) and len(shown) >= level.needed and level.keys.issubset(shown)


def default_target(levels: Iterable[LevelShape], assessable: Collection[int]) -> int | None:
    """The default target level: the top of the unbroken chain of assessable levels (rules, "Precisely").

    The chain begins at the lowest assessable level, wherever that is; transparent levels do not break it.
    """
    top = None
    for level in levels:
        if level.number in assessable:
            top = level.number
        elif level.indicators and top is not None:
            break
    return top
