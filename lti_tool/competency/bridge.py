"""What was shown under other versions of the requirements, as it counts under one. Pure.

An indicator has ways to be shown: each way names indicators of another version that say it together, and any one way is
enough. What no way leads to is unknown and not "not shown". Joining can be done in any order and only ever adds to what
the version itself says (rules, section 7: other framework versions join through the crosswalk).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from itertools import product
from typing import TypeVar

from lti_tool.competency.crosswalk import Kind, Line
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Evidence, FrameworkShape, IndicatorState, Judgement, MappingRole, current
from lti_tool.competency.model import Mapping as Cell
from lti_tool.competency.record import better
from lti_tool.competency.standing import IndicatorResult, Results
from lti_tool.ids import ActivityId, CompetencyId, IndicatorId

Way = tuple[IndicatorId, ...]
_Said = TypeVar("_Said")
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bridge:
    """The ways to each indicator of a version from those of others."""

    ways: Mapping[IndicatorId, tuple[Way, ...]] = field(default_factory=dict)
    """What has none is not here."""

    def over(
        self,
        said: Mapping[IndicatorId, _Said],
        together: Callable[[Sequence[_Said]], _Said],
        best: Callable[[_Said, _Said], _Said],
    ) -> dict[IndicatorId, _Said]:
        """What is said of the indicators of other versions, said of those of this one.

        `together` makes one of what the indicators of a way say; `best` chooses between two ways.
        """
        found: dict[IndicatorId, _Said] = {}
        for indicator, ways in self.ways.items():
            for way in ways:
                if all(each in said for each in way):
                    told = together([said[each] for each in way])
                    found[indicator] = best(found[indicator], told) if indicator in found else told
        return found

    @property
    def leads(self) -> dict[IndicatorId, set[IndicatorId]]:
        """Where each indicator of another version leads to, be it alone or with others."""
        found: dict[IndicatorId, set[IndicatorId]] = defaultdict(set)
        for indicator, ways in self.ways.items():
            for way in ways:
                for each in way:
                    found[each].add(indicator)
        return found


NO_BRIDGE = Bridge()


def forward(lines: Iterable[Line], old: Framework, new: Framework) -> Bridge:
    """From the version before to the one after."""
    ways: dict[IndicatorId, tuple[Way, ...]] = {}
    for line in lines:
        before = tuple(old.indicator(code).id for code in line.old)
        for code in line.new:
            ways[new.indicator(code).id] = _ways_on(line, before, code, old)
    return Bridge({indicator: each for indicator, each in ways.items() if each})


def _ways_on(line: Line, before: Way, code: str, old: Framework) -> tuple[Way, ...]:
    match line.kind:
        case Kind.SAME | Kind.REWORDED:
            return (before,)
        case Kind.SPLIT:
            return (before,) if code in line.carries else ()
        case Kind.MERGED:
            return (before, *((old.indicator(each).id,) for each in line.carries))
        case Kind.NEW | Kind.REMOVED:
            return ()


def backward(lines: Iterable[Line], old: Framework, new: Framework) -> Bridge:
    """From the version after to the one before: the parts of a split together say the whole; a merger says no part."""
    ways: dict[IndicatorId, tuple[Way, ...]] = {}
    for line in lines:
        if line.kind in {Kind.SAME, Kind.REWORDED, Kind.SPLIT}:
            ways[old.indicator(line.old[0]).id] = (tuple(new.indicator(code).id for code in line.new),)
    return Bridge(ways)


def joined(first: Bridge, second: Bridge) -> Bridge:
    """From the first version by a second to a third."""
    found: dict[IndicatorId, tuple[Way, ...]] = {}
    for indicator, ways in second.ways.items():
        whole = (
            tuple(sorted({each for part in parts for each in part}))
            for way in ways
            for parts in product(*(first.ways.get(each, ()) for each in way))
        )
        distinct = tuple(dict.fromkeys(whole))
        if distinct:
            found[indicator] = distinct
    return Bridge(found)


def beside(bridges: Iterable[Bridge]) -> Bridge:
    """Several versions' ways to the same one."""
    ways: dict[IndicatorId, tuple[Way, ...]] = {}
    for bridge in bridges:
        for indicator, each in bridge.ways.items():
            ways[indicator] = ways.get(indicator, ()) + each
    return Bridge(ways)


# --- The record -----------------------------------------------------------------------------------------------------


def results_over(bridge: Bridge, results: Results) -> Results:
    """Results of one course, with what those under other versions say of this one's indicators."""
    found = dict(results)
    for indicator, told in bridge.over(results, _together, better).items():
        found[indicator] = better(found[indicator], told) if indicator in found else told
    return found


def _together(results: Sequence[IndicatorResult]) -> IndicatorResult:
    """Attained where all are; not attained where one is not; else as far as it goes."""
    states = [each.state for each in results]
    values = [each.value for each in results]
    known = [value for value in values if value is not None]
    value = min(known) if len(known) == len(values) else None
    return IndicatorResult(_state(states), value, all(each.by_judgement for each in results))


def _state(states: Sequence[IndicatorState]) -> IndicatorState:
    if len(set(states)) == 1:
        return states[0]
    if IndicatorState.NOT_MAPPED in states:
        return IndicatorState.NOT_MAPPED
    return IndicatorState.NOT_ATTAINED if IndicatorState.NOT_ATTAINED in states else IndicatorState.IN_PROGRESS


def certified_over(
    bridge: Bridge,
    certified: Collection[tuple[CompetencyId, int]],
    others: Iterable[FrameworkShape],
    own: FrameworkShape,
) -> frozenset[tuple[CompetencyId, int]]:
    """Certified levels, with those of this version all of whose indicators stem from certified levels of others.

    A level that asks for something new is not among them: what was certified stays so, and says nothing of that.
    """
    shown = {
        indicator
        for shape in others
        for competency in shape.competencies
        for level in competency.levels
        if (competency.id, level.number) in certified
        for indicator in level.indicators
    }
    gained = {
        (competency.id, level.number)
        for competency in own.competencies
        for level in competency.levels
        if level.indicators
        and all(any(shown.issuperset(way) for way in bridge.ways.get(each, ())) for each in level.indicators)
    }
    return frozenset(certified) | gained


# --- One course that was moved --------------------------------------------------------------------------------------


def mapping_over(bridge: Bridge, cells: Iterable[Cell], pass_mark: Fraction) -> tuple[Cell, ...]:
    """A mapping under this version: who shows one indicator of any way shows the one that the way leads to.

    Where two cells become one, it is as demanding as either: the greater weight, the stricter role, the higher pass
    mark (`pass_mark` where a cell has none of its own). Where an indicator is shown only by several together, the one
    activity that showed one of them is required: what it has not shown is unknown, however good the others are.
    """
    listed, leads = tuple(cells), bridge.leads
    alone = _alone(listed)
    found: dict[tuple[ActivityId, IndicatorId], Cell] = {}
    for cell in listed:
        for indicator in leads.get(cell.indicator, ()):
            place = (cell.activity, indicator)
            owed = cell in alone and all(len(way) > 1 for way in bridge.ways[indicator])
            moved = replace(_required(cell) if owed else cell, indicator=indicator)
            found[place] = _stricter(found[place], moved, pass_mark) if place in found else moved
    return tuple(found[place] for place in sorted(found))


def _alone(cells: Iterable[Cell]) -> set[Cell]:
    """Those that are the only required or supporting ones of their indicator."""
    by_indicator: dict[IndicatorId, list[Cell]] = defaultdict(list)
    for cell in cells:
        if not cell.is_optional:
            by_indicator[cell.indicator].append(cell)
    return {listed[0] for listed in by_indicator.values() if len(listed) == 1}


def _required(cell: Cell) -> Cell:
    """A pass mark of its own bound it only where it was required before."""
    own = cell.pass_mark if cell.role is MappingRole.REQUIRED else None
    return replace(cell, role=MappingRole.REQUIRED, pass_mark=own)


_STRICT = (MappingRole.OPTIONAL, MappingRole.SUPPORTING, MappingRole.REQUIRED)


def _stricter(one: Cell, other: Cell, pass_mark: Fraction) -> Cell:
    marks = [pass_mark if each.pass_mark is None else each.pass_mark for each in (one, other)]
    own = None if one.pass_mark is None and other.pass_mark is None else max(marks)
    role = max(one.role, other.role, key=_STRICT.index)
    return replace(one, weight=max(one.weight, other.weight), role=role, pass_mark=own)


def evidence_over(
    bridge: Bridge, entries: Iterable[Evidence], asked: Mapping[ActivityId, Collection[IndicatorId]]
) -> list[Evidence]:
    """A person's ledger in a course, with what marks for indicators of other versions say of this one's.

    Marks of whole activities count by the mapping. `asked` says which indicators an activity was mapped to before: of
    several that say something together it owes only those. Their mark is the lowest of them, at the time of the latest.
    """
    found = list(entries)
    by_activity: dict[ActivityId, dict[IndicatorId, Evidence]] = defaultdict(dict)
    for (activity, indicator), entry in current(found).items():
        if indicator is not None:
            by_activity[activity][indicator] = entry
    for activity, said in by_activity.items():
        owed = Bridge({each: _owed(ways, asked.get(activity, ())) for each, ways in bridge.ways.items()})
        for indicator, entry in owed.over(said, _lowest, _better_entry).items():
            found.append(replace(entry, indicator=indicator))
    return found


def _owed(ways: Iterable[Way], asked: Collection[IndicatorId]) -> tuple[Way, ...]:
    return tuple(tuple(each for each in way if each in asked) or way for way in ways)


def _lowest(entries: Sequence[Evidence]) -> Evidence:
    """One of them without a mark: none."""
    lowest = min(entries, key=_score)
    return replace(
        lowest,
        worked_at=max(each.worked_at for each in entries),
        recorded_at=max(each.recorded_at for each in entries),
    )


def _better_entry(one: Evidence, other: Evidence) -> Evidence:
    return max(one, other, key=_score)


def _score(entry: Evidence) -> Fraction:
    return Fraction(-1) if entry.mark is None else entry.mark.score


def judgements_over(bridge: Bridge, judgements: Iterable[Judgement]) -> list[Judgement]:
    """A person's judgements in a course, with what those on indicators of other versions say of this one's.

    Of several indicators that say something together one trainer must have judged all, and alike.
    """
    found = list(judgements)
    alone = [(way[0], indicator) for indicator, ways in bridge.ways.items() for way in ways if len(way) == 1]
    several = Bridge({each: tuple(way for way in ways if len(way) > 1) for each, ways in bridge.ways.items()})
    carried = [replace(each, indicator=to) for each in found for before, to in alone if each.indicator == before]
    by_trainer: dict[tuple[int, bool, bool], dict[IndicatorId, Judgement]] = defaultdict(dict)
    for each in sorted(found, key=lambda judgement: (judgement.judged_at, judgement.id)):
        if not each.withdrawn:
            by_trainer[each.by, each.decides, each.attained][each.indicator] = each
    for said in by_trainer.values():
        for indicator, judgement in several.over(said, _all_judged, _newer).items():
            carried.append(replace(judgement, indicator=indicator))
    return found + carried


def _all_judged(judgements: Sequence[Judgement]) -> Judgement:
    """As old as the oldest of them, and over when the first of them is."""
    oldest = min(judgements, key=lambda each: (each.judged_at, each.id))
    ends = min((each.until or NEVER) for each in judgements)
    return replace(oldest, until=None if ends is NEVER else ends)


def _newer(one: Judgement, other: Judgement) -> Judgement:
    return max(one, other, key=lambda each: (each.judged_at, each.id))
