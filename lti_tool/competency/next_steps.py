"""What next: the smallest set of activities that completes the next level of a competency, with its reasons. Pure.

**The next level** is the lowest level above the established one that is neither met nor transparent. **It is
completed** when it would be *met* by the rules (section 3): k of its indicators attained, key ones among them. Whether
an indicator would be attained is asked of `scores.attain` itself, with full marks for the chosen activities and all
other marks as they stand, so required work, weights, coverage and every aggregation count as they always do. A standing
judgement is not changed by any activity.

**Which activities.** Where the course can assess the level, only its own evidence counts, so only its own activities
do. Where it cannot, the level is read from the person's record: there an indicator is attained if any one course gives
it, and activities of other open courses on the same version of the requirements count beside its own. A closed course
gives no activities, and the record is what goes on.

**Which set.** In this order: as few other courses as possible; nothing that would have to be done again for a better
mark, if it can be; as few activities as possible; of these the set with most of this course, then of the courses named
first, then with the highest weights, then by name. So the same marks always give the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import combinations

from lti_tool.competency.model import CompetencyShape, IndicatorState, LevelShape, MappingRole
from lti_tool.competency.next_doing import Doing, OpenCourse
from lti_tool.competency.record import merged
from lti_tool.competency.smallest_set import smallest
from lti_tool.competency.standing import CompetencyStanding, PersonRecord, Results
from lti_tool.ids import ActivityId, CompetencyId, CourseId, IndicatorId

MOST_OTHER_COURSES = 2
"""To go into more courses than that for one level is no advice."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing for the next level of a competency."""

    competency: CompetencyId
    level: LevelShape
    attained: frozenset[IndicatorId]
    """Indicators of the level that are attained, where the level is read from."""
    by_record: bool
    """The course cannot assess the level: it is read from the person's record."""

    @property
    def open(self) -> tuple[IndicatorId, ...]:
        """The indicators that are not attained, in the framework's order."""
        return tuple(each for each in self.level.indicators if each not in self.attained)

    @property
    def missing(self) -> int:
        """How many more must be attained; 0 where only a key one is missing."""
        return max(0, self.level.needed - len(self.attained))

    @property
    def keys(self) -> frozenset[IndicatorId]:
        """The key indicators that are not attained."""
        return self.level.keys - self.attained

    def is_closed_by(self, more: Collection[IndicatorId]) -> bool:
        """Whether the level is met with these attained beside what is."""
        both = self.attained.union(more).intersection(self.level.indicators)
        return len(both) >= self.level.needed and self.level.keys <= both


@dataclass(frozen=True, slots=True)
class NextStep:
    """One activity to be done, and what it is good for."""

    course: CourseId
    activity: ActivityId
    shows: tuple[IndicatorId, ...]
    """The open indicators of the level that it counts for."""
    required_for: frozenset[IndicatorId]
    """Those that cannot be attained without it."""
    again_from: Fraction | None = None
    """It is graded already, with this score at the lowest: a better mark would have to come."""


@dataclass(frozen=True, slots=True)
class NextSteps:
    """The smallest set, this course's activities first, then those that show most."""

    steps: tuple[NextStep, ...]
    proven: bool = True
    """Whether it is certain that no smaller one exists: a search that grows too long ends with the best so far."""


def gap_of(shape: CompetencyShape, standing: CompetencyStanding, own: Results, elsewhere: PersonRecord) -> Gap | None:
    """What is missing for the next level; None where the highest is reached, or none asks for anything.

    `own` are the results of this course, `elsewhere` the person's record over all others.
    """
    level = standing.next_level
    if level is None:
        return None
    results = merged([elsewhere, PersonRecord(own)]).results if level.from_record else own
    wanted = next(each for each in shape.levels if each.number == level.number)
    attained = (each for each in wanted.indicators if each in results and _is_attained(results, each))
    return Gap(shape.id, wanted, frozenset(attained), level.from_record)


def _is_attained(results: Results, indicator: IndicatorId) -> bool:
    return results[indicator].state is IndicatorState.ATTAINED


def smallest_steps(gap: Gap, courses: Sequence[OpenCourse], as_of: datetime) -> NextSteps | None:
    """The smallest set that completes the level; None where nothing does.

    `courses`: this one, then the others that may be gone to, the preferred first.
    """
    doings = [Doing(each, gap.open, as_of) for each in (courses if gap.by_record else courses[:1])]
    others = range(1, len(doings))
    for number in range(min(MOST_OTHER_COURSES, len(others)) + 1):
        for again in (False, True):
            chosen = [[doings[0], *(doings[at] for at in more)] for more in combinations(others, number)]
            found = [each for among in chosen if (each := _Among(gap, doings, among, again).search())]
            if found:
                return min(found, key=lambda each: each[0])[1]
    return None


def completes_alone(gap: Gap, courses: Sequence[OpenCourse], as_of: datetime) -> frozenset[ActivityId]:
    """The activities, not yet done, each of which completes the level without any other."""
    found = set()
    for course in courses if gap.by_record else courses[:1]:
        doing = Doing(course, gap.open, as_of)
        for activity in doing.candidates(again=False):
            shown = [each for each in gap.open if doing.attains(each, frozenset({activity}))]
            if gap.is_closed_by(shown):
                found.add(activity)
    return frozenset(found)


_Cost = tuple[int, int, int, int, int, tuple[str, ...], tuple[ActivityId, ...]]


@dataclass(frozen=True, slots=True)
class _Among:
    """The search among the activities of some courses."""

    gap: Gap
    all: Sequence[Doing]
    doings: Sequence[Doing]
    again: bool

    def search(self) -> tuple[_Cost, NextSteps] | None:
        """The best set with its cost."""
        able = {each for doing in self.doings for each in self.gap.open if doing.can_attain(each, again=self.again)}
        if not self.gap.is_closed_by(able):
            return None
        ways = {
            each: [way for doing in self.doings for way in doing.ways(each, again=self.again)] for each in self.gap.open
        }
        found = smallest(ways, self.gap.missing, self.gap.keys, self._cost)
        if found is None:
            return None
        complete = all(doing.looked_at_all for doing in self.doings)
        return self._cost(found.members), NextSteps(self._steps(found.members), found.proven and complete)

    def _home(self, activity: ActivityId) -> int:
        """Which course it is of: 0 is this one."""
        return next(at for at, doing in enumerate(self.all) if activity in doing.course.doable)

    def _cost(self, members: frozenset[ActivityId]) -> _Cost:
        homes = {each: self._home(each) for each in members}
        weight = sum(self.all[home].weight(each) for each, home in homes.items())
        names = sorted((self.all[home].course.doable[each], each) for each, home in homes.items())
        outside = sum(home > 0 for home in homes.values())
        again = sum(self.all[home].lowest_score(each) is not None for each, home in homes.items())
        words, ids = tuple(name for name, _ in names), tuple(each for _, each in names)
        return len(members), again, outside, sum(homes.values()), -weight, words, ids

    def _steps(self, members: frozenset[ActivityId]) -> tuple[NextStep, ...]:
        def order(activity: ActivityId) -> tuple[int, int, int, str, ActivityId]:
            home = self._home(activity)
            doing = self.all[home]
            shown = -len(doing.shows(activity))
            return home, shown, -doing.weight(activity), doing.course.doable[activity], activity

        return tuple(self._step(each) for each in sorted(members, key=order))

    def _step(self, activity: ActivityId) -> NextStep:
        doing = self.all[self._home(activity)]
        cells = doing.shows(activity)
        required = frozenset(each for each, part in cells.items() if part.mapping.role is MappingRole.REQUIRED)
        return NextStep(doing.course.id, activity, tuple(cells), required, doing.lowest_score(activity))
