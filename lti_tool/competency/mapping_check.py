"""What a trainer should know about a mapping before people are judged by it: gaps, levels out of reach, lopsidedness.

Nothing here forbids anything: a course may well assess one level of one competency by one piece of work. Only
competencies that the mapping touches are looked at; what a course leaves out altogether is no gap in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from lti_tool.competency.model import LevelShape
from lti_tool.competency.plan import CompetencyPlan, CoursePlan, IndicatorPlan
from lti_tool.competency.rule_set import Aggregation
from lti_tool.ids import ActivityId, CompetencyId, IndicatorId

LARGEST_SHARE = Fraction(1, 3)
"""How much of the course's indicators one activity may claim unremarked."""


class FindingKind(StrEnum):
    """What is remarkable."""

    UNMAPPED = "unmapped"
    """Nothing shows these indicators of a competency that the course touches."""
    NOT_ASSESSABLE = "not_assessable"
    """A level of which too few indicators, or not all key ones, are mapped (rules, section 3)."""
    UNREACHABLE = "unreachable"
    """A level above one that the course cannot assess: it counts only with what is shown elsewhere."""
    CLAIMS_MUCH = "claims_much"
    """One activity that shows more than a third of the course's indicators."""
    ONE_DECIDES = "one_decides"
    """One of several activities weighs so much that the others cannot change whether the indicator is attained."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark, with what it is about."""

    kind: FindingKind
    competency: CompetencyId | None = None
    level: int | None = None
    activity: ActivityId | None = None
    indicators: tuple[IndicatorId, ...] = ()
    needed: int = 0
    """Of a level: how many indicators must be mapped. Of an activity: how many the course maps in all."""


def check(plan: CoursePlan) -> tuple[Finding, ...]:
    """Everything remarkable about the mapping of this plan, gaps first, each kind in the framework's order."""
    mapped = {each.indicator for each in plan.indicators if each.mappings}
    touched = [each for each in plan.competencies if mapped & _indicators(each)]
    return (
        *(finding for each in touched for finding in _unmapped(each, mapped)),
        *(finding for each in touched for finding in _not_assessable(each, mapped)),
        *(
            Finding(FindingKind.UNREACHABLE, each.shape.id, level)
            for each in touched
            for level in each.cannot_count_alone
        ),
        *_claims(plan, len(mapped)),
        *(finding for each in plan.indicators for finding in _one_decides(plan, each)),
    )


def _indicators(plan: CompetencyPlan) -> set[IndicatorId]:
    return {indicator for level in plan.shape.levels for indicator in level.indicators}


def _unmapped(plan: CompetencyPlan, mapped: set[IndicatorId]) -> Iterator[Finding]:
    missing = tuple(each for level in plan.shape.levels for each in level.indicators if each not in mapped)
    if missing:
        yield Finding(FindingKind.UNMAPPED, plan.shape.id, indicators=missing)


def _not_assessable(plan: CompetencyPlan, mapped: set[IndicatorId]) -> Iterator[Finding]:
    for level in plan.shape.levels:
        if level.indicators and level.number not in plan.assessable:
            shown = _shown(level, mapped)
            yield Finding(FindingKind.NOT_ASSESSABLE, plan.shape.id, level.number, None, shown, level.needed)


def _shown(level: LevelShape, mapped: set[IndicatorId]) -> tuple[IndicatorId, ...]:
    return tuple(each for each in level.indicators if each in mapped)


def _claims(plan: CoursePlan, mapped: int) -> Iterator[Finding]:
    shown: dict[ActivityId, list[IndicatorId]] = defaultdict(list)
    for each in plan.indicators:
        for cell in each.mappings:
            shown[cell.activity].append(each.indicator)
    for activity, indicators in sorted(shown.items()):
        if len(indicators) > mapped * LARGEST_SHARE:
            yield Finding(FindingKind.CLAIMS_MUCH, activity=activity, indicators=tuple(indicators), needed=mapped)


def _one_decides(plan: CoursePlan, indicator: IndicatorPlan) -> Iterator[Finding]:
    """Full marks there attain it, and none there lose it, whatever the others give; only a mean knows weights."""
    cells = [cell for cell in indicator.mappings if not cell.is_optional]
    if plan.rules.aggregation is not Aggregation.MEAN or len(cells) < 2:
        return
    for cell in cells:
        share = Fraction(cell.weight, indicator.mapped_weight)
        if share >= plan.rules.pass_mark > 1 - share:
            yield Finding(FindingKind.ONE_DECIDES, activity=cell.activity, indicators=(indicator.indicator,))
