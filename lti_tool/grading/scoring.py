"""The number that is sent: from a standing to a score in the gradebook, and from a fraction to what is shown.

Comparisons come before rounding and rounding goes down, so nobody sees 60 % and "not attained" beside it; and what is
not known sends nothing, never 0 (rules, section 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Any

from lti_tool.competency.model import Evidence, LevelState
from lti_tool.competency.plan import CoursePlan
from lti_tool.competency.scores import MISSED, Scored, Scores, mean, value_of
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId

PLACES = 2
"""Decimals of a score: as many as Moodle shows, or Moodle would round ours up."""


class EncodingKind(StrEnum):
    """How a course says a level in one number."""

    LEVEL = "level"
    PROGRESS = "progress"
    PASS = "pass"  # noqa: S105  a way of grading, not a password


@dataclass(frozen=True, slots=True)
class Encoding:
    """A course's choice of what is sent. Refuses an impossible target with `RuleBroken`."""

    kind: EncodingKind = EncodingKind.LEVEL
    target_level: int | None = None
    """The target level τ of all its competencies; None = of each the top of what the course can assess."""

    def __post_init__(self) -> None:
        if self.target_level is not None and self.target_level < 1:
            raise RuleBroken("option_outside", option="target_level", value=self.target_level)

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Encoding:
        """Reads the encoding out of the options stored with a rule set; absent ones have their defaults."""
        kind, target = options.get("encoding", EncodingKind.LEVEL), options.get("target_level")
        if kind not in list(EncodingKind):
            raise RuleBroken("option_faulty", option="encoding", value=kind)
        if target is not None and type(target) is not int:
            raise RuleBroken("option_faulty", option="target_level", value=target)
        return cls(EncodingKind(kind), target)

    def to_options(self) -> dict[str, Any]:
        """The options that differ from the defaults, ready for JSON."""
        options: dict[str, Any] = {}
        if self.kind is not EncodingKind.LEVEL:
            options["encoding"] = self.kind.value
        if self.target_level is not None:
            options["target_level"] = self.target_level
        return options

    def maximum(self, top: int) -> Decimal:
        """The maximum of its columns; `top` is the framework's highest level."""
        match self.kind:
            case EncodingKind.LEVEL:
                return Decimal(top)
            case EncodingKind.PROGRESS:
                return Decimal(100)
            case EncodingKind.PASS:
                return Decimal(1)


@dataclass(frozen=True, slots=True)
class Grade:
    """What should stand in one column for one person."""

    given: Decimal | None
    """None = nothing: what was sent before is withdrawn, not zeroed."""
    maximum: Decimal
    keep_sent: bool = False
    """A judgement is disputed: what was sent last stays, and nothing sent stays nothing."""


# --- Columns of competencies ----------------------------------------------------------------------------------------


def grade_of(standing: CompetencyStanding, encoding: Encoding, default_target: int | None, top: int) -> Grade:
    """What the column of a competency should show.

    `default_target` is the plan's target level of this competency (None where the course can assess none of its
    levels: then nothing is sent), `top` the framework's highest level.
    """
    maximum = encoding.maximum(top)
    if standing.disputed:
        return Grade(None, maximum, keep_sent=True)
    if default_target is None:
        return Grade(None, maximum)
    return Grade(_given(standing, encoding.kind, encoding.target_level or default_target), maximum)


def _given(standing: CompetencyStanding, kind: EncodingKind, target: int) -> Decimal | None:
    match kind:
        case EncodingKind.LEVEL:
            return None if standing.established is None else Decimal(standing.established)
        case EncodingKind.PROGRESS:
            return progress_towards(standing.progress, target) if _is_under_way(standing) else None
        case EncodingKind.PASS:
            return None if standing.established is None else Decimal(int(standing.established >= target))


def _is_under_way(standing: CompetencyStanding) -> bool:
    """Whether the lowest level that asks for anything is met, not met, or in progress with evidence."""
    told = (LevelState.MET, LevelState.NOT_MET, LevelState.IN_PROGRESS)
    return standing.lowest is not None and standing.lowest.state in told


def progress_towards(progress: Fraction, target: int) -> Decimal:
    """100 · min(g, τ) / τ, rounded down to two decimals."""
    return rounded_down(100 * min(progress, Fraction(target)) / target, PLACES)


# --- Columns of own activities --------------------------------------------------------------------------------------


def activity_grade(
    plan: CoursePlan, activity: ActivityId, evidence: Iterable[Evidence], as_of: datetime, maximum: Decimal
) -> Grade:
    """What an own graded activity's column should show: the weighted mean of its indicator scores, of `maximum`.

    Nothing until every indicator that it is required or supporting for is assessed; optional ones only ever help.
    `evidence` is one person's in this course, in any order.
    """
    scores = Scores(plan, evidence, as_of)
    mappings = [mapping for each in plan.indicators for mapping in each.mappings if mapping.activity == activity]
    scored = [_assessed(scores.of(mapping)) for mapping in mappings]
    if any(found is None and not mapping.is_optional for mapping, found in zip(mappings, scored, strict=True)):
        return Grade(None, maximum)
    score, _ = value_of(mappings, scored, mean)
    return Grade(None if score is None else rounded_down(score * Fraction(maximum), PLACES), maximum)


def _assessed(scored: Scored | None) -> Scored | None:
    """Work that was missed may count 0 for an indicator, but nobody has assessed it."""
    return None if scored is MISSED else scored


# --- Shown ----------------------------------------------------------------------------------------------------------


def rounded_down(value: Fraction, places: int) -> Decimal:
    """`value` with so many decimals, never more than it is."""
    return Decimal(floor(value * 10**places)).scaleb(-places)


def percent(value: Fraction) -> Decimal:
    """A share as a percentage with one decimal, rounded down: 0.5999 is 59.9, never 60."""
    return rounded_down(value * 100, 1)
