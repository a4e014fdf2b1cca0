"""From competencies to aspects, a profile and a group (rules, section 4).

A roll-up says how many it could not judge: whoever is not assessed is counted apart and never as level 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from lti_tool.competency.model import FrameworkShape, IndicatorState
from lti_tool.competency.standing import AspectStanding, CompetencyStanding, CourseStanding, Profile
from lti_tool.ids import CompetencyId, IndicatorId

Established = Mapping[CompetencyId, int | None]
"""The established level by competency; None, or absent, where none is established yet."""


# --- One person -----------------------------------------------------------------------------------------------------


def established_levels(standings: Mapping[CompetencyId, CompetencyStanding]) -> dict[CompetencyId, int | None]:
    """What the roll-ups work on."""
    return {competency: standing.established for competency, standing in standings.items()}


def profile(shape: FrameworkShape, established: Established, needed: int = 9) -> Profile:
    """The overall level and the aspects. `needed` is the rule set's `overall_needed`, 9 of the 11 by default.

    The highest level that `needed` competencies reach while none is more than one below it. Where a competency is not
    assessed the profile is provisional and shows the lowest established level.
    """
    levels = [established.get(each.id) for each in shape.competencies]
    assessed = [level for level in levels if level is not None]
    complete = bool(levels) and len(assessed) == len(levels)
    return Profile(
        level=_overall(assessed, needed) if complete else min(assessed, default=None),
        provisional=not complete,
        assessed=len(assessed),
        total=len(levels),
        aspects=aspects(shape, established),
    )


def _overall(levels: list[int], needed: int) -> int:
    """`levels` must not be empty. A framework with fewer competencies than `needed` asks for all of them."""
    enough = min(needed, len(levels))
    reached_by_enough = sorted(levels, reverse=True)[enough - 1]
    return min(reached_by_enough, min(levels) + 1)


def aspects(shape: FrameworkShape, established: Established) -> tuple[AspectStanding, ...]:
    """Each aspect's level: the lowest among its assessed competencies, with "k of m assessed"."""
    by_aspect: dict[int, list[int | None]] = {}
    for each in shape.competencies:
        by_aspect.setdefault(each.aspect, []).append(established.get(each.id))
    return tuple(_aspect(number, levels) for number, levels in sorted(by_aspect.items()))


def _aspect(number: int, levels: list[int | None]) -> AspectStanding:
    assessed = [level for level in levels if level is not None]
    return AspectStanding(number, min(assessed, default=None), len(assessed), len(levels))


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A competency whose established level differs between two standings of one person; None = not established."""

    competency: CompetencyId
    before: int | None
    after: int | None


def level_changes(before: CourseStanding, after: CourseStanding) -> tuple[LevelChange, ...]:
    """Whose level a change of mapping or rules moves, from what to what, for the trainer to see beforehand."""
    was, becomes = established_levels(before.competencies), established_levels(after.competencies)
    competencies = list(dict.fromkeys([*was, *becomes]))
    return tuple(
        LevelChange(each, was.get(each), becomes.get(each))
        for each in competencies
        if was.get(each) != becomes.get(each)
    )


# --- A group --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many people established which level of one competency (or overall)."""

    counts: tuple[int, ...]
    """By level, from 0 to the highest."""
    unknown: int
    """People with no established level: not in `counts`, and not level 0."""

    @property
    def assessed(self) -> int:
        """People with an established level, level 0 included."""
        return sum(self.counts)

    @property
    def people(self) -> int:
        """All of them."""
        return self.assessed + self.unknown

    def share_at_least(self, level: int) -> Fraction | None:
        """The share of the assessed who reached `level`; None where nobody is assessed."""
        return Fraction(sum(self.counts[level:]), self.assessed) if self.assessed else None


def distribution(levels: Iterable[int | None], top: int) -> Distribution:
    """Counts established levels, one per person; `top` is the framework's highest level."""
    counted = Counter(levels)
    return Distribution(tuple(counted[level] for level in range(top + 1)), counted[None])


@dataclass(frozen=True, slots=True)
class IndicatorTally:
    """How many people stand where in one indicator."""

    counts: Mapping[IndicatorState, int]

    @property
    def with_evidence(self) -> int:
        """People of whom anything is known."""
        known = (IndicatorState.ATTAINED, IndicatorState.NOT_ATTAINED, IndicatorState.IN_PROGRESS)
        return sum(self.counts.get(state, 0) for state in known)

    @property
    def share_attained(self) -> Fraction | None:
        """The share of those with evidence who attained it; None where nobody has any."""
        attained = self.counts.get(IndicatorState.ATTAINED, 0)
        return Fraction(attained, self.with_evidence) if self.with_evidence else None


def tally(states: Iterable[IndicatorState]) -> IndicatorTally:
    """Counts the states of one indicator, one per person."""
    return IndicatorTally(Counter(states))


def weakest(tallies: Mapping[IndicatorId, IndicatorTally], limit: int) -> tuple[IndicatorId, ...]:
    """The indicators with the smallest share of attained, weakest first; those without any evidence are left out."""
    shares = [(tally.share_attained, each) for each, tally in tallies.items()]
    known = sorted((share, each) for share, each in shares if share is not None)
    return tuple(each for _, each in known[:limit])
