"""What somebody would attain in one course by doing some of its activities with full marks. Pure.

The rules are not said again here: every "would be attained" is an answer of `scores.attain`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import combinations

from lti_tool.competency import model
from lti_tool.competency.model import ONE, IndicatorState
from lti_tool.competency.plan import CoursePlan, IndicatorPlan
from lti_tool.competency.scores import Scored, Scores, aggregation_of, attain
from lti_tool.competency.standing import Contribution, IndicatorStanding
from lti_tool.ids import ActivityId, CourseId, IndicatorId

MOST_TRIED = 2_000
"""So many sets of activities are tried for one indicator: thirteen activities of different weight are six thousand."""


@dataclass(frozen=True, slots=True)
class OpenCourse:
    """A course as one person can go on in it."""

    id: CourseId
    plan: CoursePlan
    standing: Mapping[IndicatorId, IndicatorStanding]
    """Where the person stands there; at least in the indicators that are asked about."""
    doable: Mapping[ActivityId, str]
    """The activities that can still be done, with their names; empty in a closed course."""


class _Hoped(Scores):
    """The scores of one indicator as they would be, with full marks for some activities."""

    def __init__(self, parts: Mapping[ActivityId, Contribution], done: Collection[ActivityId], at: datetime) -> None:
        self._parts, self._done, self._at = parts, done, at

    def of(self, mapping: model.Mapping) -> Scored | None:
        """The score of a mapped cell."""
        if mapping.activity in self._done:
            return Scored(ONE, self._at)
        part = self._parts[mapping.activity]
        return None if part.score is None else Scored(part.score, part.worked_at, part.evidence)


class Doing:
    """One course and the indicators that are asked about; remembers what it has worked out."""

    def __init__(self, course: OpenCourse, asked: Sequence[IndicatorId], as_of: datetime) -> None:
        self.course = course
        self.looked_at_all = True
        """Whether every set of activities was tried that could matter."""
        self._as_of = as_of
        self._aggregate = aggregation_of(course.plan.rules)
        wanted = set(asked)
        self._plans: dict[IndicatorId, IndicatorPlan] = {
            each.indicator: each for each in course.plan.indicators if each.indicator in wanted and each.mappings
        }
        self._parts = {
            each: {part.mapping.activity: part for part in course.standing[each].contributions} for each in self._plans
        }
        self._cells = self._by_activity(asked)
        self._before = self._alike()
        self._known: dict[tuple[IndicatorId, frozenset[ActivityId]], bool] = {}
        self._ways: dict[tuple[IndicatorId, bool], tuple[frozenset[ActivityId], ...]] = {}

    def _by_activity(self, asked: Iterable[IndicatorId]) -> dict[ActivityId, dict[IndicatorId, Contribution]]:
        cells: dict[ActivityId, dict[IndicatorId, Contribution]] = {}
        for indicator in asked:
            for activity, part in self._parts.get(indicator, {}).items():
                if activity in self.course.doable:
                    cells.setdefault(activity, {})[indicator] = part
        return cells

    def _alike(self) -> dict[ActivityId, ActivityId]:
        """Of activities that count alike for everything asked, each is only tried together with the one before it."""
        before: dict[ActivityId, ActivityId] = {}
        last: dict[object, ActivityId] = {}
        for activity in sorted(self._cells, key=lambda each: (self.course.doable[each], each)):
            like = tuple((each, *_kind(part)) for each, part in self._cells[activity].items())
            if like in last:
                before[activity] = last[like]
            last[like] = activity
        return before

    # --- One activity -----------------------------------------------------------------------------------------------

    def shows(self, activity: ActivityId) -> Mapping[IndicatorId, Contribution]:
        """The asked indicators that it is mapped to, with what it has given so far."""
        return self._cells[activity]

    def weight(self, activity: ActivityId) -> int:
        """Its weights together."""
        return sum(part.mapping.weight for part in self._cells[activity].values())

    def lowest_score(self, activity: ActivityId) -> Fraction | None:
        """The lowest of its marks, where it is graded in everything asked; None where it is still to be done."""
        scores = [part.score for part in self._cells[activity].values() if part.evidence is not None]
        graded = [each for each in scores if each is not None]
        return min(graded) if len(graded) == len(self._cells[activity]) else None

    def candidates(self, *, again: bool) -> tuple[ActivityId, ...]:
        """What can be done, by name; with `again` also what is graded and could become better."""
        by_name = sorted(self._cells, key=lambda each: (self.course.doable[each], each))
        return tuple(each for each in by_name if again or self.lowest_score(each) is None)

    # --- One indicator ----------------------------------------------------------------------------------------------

    def attains(self, indicator: IndicatorId, done: frozenset[ActivityId]) -> bool:
        """Whether the indicator would be attained with full marks in these activities."""
        plan, standing = self._plans.get(indicator), self.course.standing.get(indicator)
        if plan is None or standing is None:
            return False
        if standing.judgement is not None:
            return standing.judgement.attained
        key = indicator, done.intersection(self._parts[indicator])
        if key not in self._known:
            hoped = _Hoped(self._parts[indicator], key[1], self._as_of)
            found = attain(plan, hoped, self.course.plan.rules, self._aggregate)
            self._known[key] = found.state is IndicatorState.ATTAINED
        return self._known[key]

    def can_attain(self, indicator: IndicatorId, *, again: bool) -> bool:
        """Whether anything that can be done attains it: more full marks never harm, so all of them are tried."""
        return self.attains(indicator, frozenset(self._for(indicator, again=again)))

    def ways(self, indicator: IndicatorId, *, again: bool) -> tuple[frozenset[ActivityId], ...]:
        """The sets of activities that attain it and of which none can be left out."""
        key = indicator, again
        if key not in self._ways:
            able = self.can_attain(indicator, again=again)
            self._ways[key] = tuple(self._smallest_sets(indicator, self._for(indicator, again=again))) if able else ()
        return self._ways[key]

    def _for(self, indicator: IndicatorId, *, again: bool) -> tuple[ActivityId, ...]:
        return tuple(each for each in self.candidates(again=again) if indicator in self._cells[each])

    def _smallest_sets(self, indicator: IndicatorId, among: tuple[ActivityId, ...]) -> list[frozenset[ActivityId]]:
        found: list[frozenset[ActivityId]] = []
        tried = 0
        for size in range(1, len(among) + 1):
            for members in map(frozenset, combinations(among, size)):
                tried += 1
                if tried > MOST_TRIED:
                    self.looked_at_all = False
                    return found or [self._thinned(indicator, among)]
                is_new = self._is_first_of_its_kind(members) and not any(way <= members for way in found)
                if is_new and self.attains(indicator, members):
                    found.append(members)
        return found

    def _is_first_of_its_kind(self, members: frozenset[ActivityId]) -> bool:
        return all(self._before.get(each, each) in members for each in members)

    def _thinned(self, indicator: IndicatorId, among: tuple[ActivityId, ...]) -> frozenset[ActivityId]:
        """All of them without those that can be left out, the lightest first."""
        members = frozenset(among)
        for each in sorted(among, key=lambda activity: self._cells[activity][indicator].mapping.weight):
            if self.attains(indicator, members - {each}):
                members -= {each}
        return members


def _kind(part: Contribution) -> tuple[object, ...]:
    """All of a mapped cell that the rules look at."""
    cell = part.mapping
    return cell.weight, cell.role, cell.pass_mark, part.score, part.worked_at, part.evidence is None
