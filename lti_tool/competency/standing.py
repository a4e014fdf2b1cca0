"""What the rules answer, as frozen values that carry the facts for their own explanation.

A page turns these facts into a sentence that a teacher understands; it never computes any of them again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from lti_tool.competency.model import IndicatorState, Judgement, LevelState, Mapping, MappingRole
from lti_tool.ids import CompetencyId, EvidenceId, IndicatorId


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one mapped activity gave to an indicator."""

    mapping: Mapping
    score: Fraction | None
    """0 to 1; None = no evidence."""
    worked_at: datetime | None
    evidence: EvidenceId | None
    """The ledger entry behind the score; None also where missing work counts 0."""
    counted: bool
    """Whether it is part of the value. An optional one that would not raise it is not, an ungraded one never."""
    pass_mark: Fraction
    """Its own or the rule set's; binding where the activity is required."""
    expired: bool = False
    """There is a mark, past its validity: it counts as not there."""

    @property
    def failed(self) -> bool:
        """Whether it is a graded required activity below its pass mark: the indicator is not attained then."""
        return self.mapping.role is MappingRole.REQUIRED and self.score is not None and self.score < self.pass_mark

    @property
    def awaited(self) -> bool:
        """Whether it is a required or supporting activity without evidence."""
        return self.score is None and not self.mapping.is_optional


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """The part of an indicator's standing that other courses may use: what a person's record is made of."""

    state: IndicatorState
    value: Fraction | None
    """a, 0 to 1; None = nothing graded. A judgement never sets it."""
    by_judgement: bool = False
    """Whether a judgement set the state."""


Results = dict[IndicatorId, IndicatorResult]
"""A person's indicators in some scope; one that is absent is not mapped there."""


@dataclass(frozen=True, slots=True)
class IndicatorStanding:
    """Where a person stands in one indicator in one course, and why."""

    indicator: IndicatorId
    state: IndicatorState
    """The state that counts: the standing judgement's, else the computed one."""
    computed: IndicatorState
    """What the evidence alone says; stays visible beside a judgement."""
    value: Fraction | None
    """a, 0 to 1, exact; None = nothing graded."""
    coverage: Fraction | None
    """Graded weight / mapped weight over required and supporting mappings; 1 where all are optional; None unmapped."""
    contributions: tuple[Contribution, ...] = ()
    """One per mapping, by activity."""
    judgement: Judgement | None = None
    """The one that stands."""
    disputed: bool = False
    """Trainers hold opposite sides: neither counts."""
    review_due: bool = False
    """There is evidence newer than the standing judgement."""

    @property
    def result(self) -> IndicatorResult:
        """What the person's record takes over."""
        return IndicatorResult(self.state, self.value, self.judgement is not None)


@dataclass(frozen=True, slots=True)
class LevelStanding:
    """Where a person stands in one level of a competency."""

    number: int
    state: LevelState
    attained: int
    """How many indicators are attained."""
    mapped: int
    """How many can be shown in the scope: mapped, or judged."""
    total: int
    needed: int
    """How many must be attained."""
    held: bool = False
    """Met above a break: shown, never lost, not counted."""
    from_record: bool = False
    """The course cannot assess it; read from the person's record over all courses."""
    certified: bool = False
    """Met because it was certified when a course was closed."""
    keys_missing: tuple[IndicatorId, ...] = ()
    """Key indicators that are not attained."""


@dataclass(frozen=True, slots=True)
class CompetencyStanding:
    """Where a person stands in a competency."""

    competency: CompetencyId
    levels: tuple[LevelStanding, ...]
    """Lowest first."""
    established: int | None
    """None = not yet established, which is not level 0."""
    progress: Fraction
    """g: for bars and sorting, never for awarding."""
    disputed: bool = False

    @property
    def held(self) -> tuple[int, ...]:
        """Numbers of the levels that are met but not counted, because something below is not met."""
        return tuple(level.number for level in self.levels if level.held)

    @property
    def lowest(self) -> LevelStanding | None:
        """The lowest level that asks for anything; None in a competency without indicators."""
        return next((level for level in self.levels if level.state is not LevelState.TRANSPARENT), None)

    @property
    def next_level(self) -> LevelStanding | None:
        """The lowest level above the established one that asks for anything; None at the top."""
        reached = self.established or 0
        above = (level for level in self.levels if level.number > reached)
        return next((level for level in above if level.state is not LevelState.TRANSPARENT), None)


@dataclass(frozen=True, slots=True)
class CourseStanding:
    """All that the rules say of one person in one course."""

    indicators: dict[IndicatorId, IndicatorStanding]
    """Every indicator of the framework, the unmapped ones included."""
    competencies: dict[CompetencyId, CompetencyStanding]

    @property
    def results(self) -> Results:
        """What the person's record takes over from this course."""
        return results_of(self.indicators.values())


def results_of(standings: Iterable[IndicatorStanding]) -> Results:
    """The results of all that is mapped or judged."""
    return {each.indicator: each.result for each in standings if each.state is not IndicatorState.NOT_MAPPED}


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """The person's record over courses: per indicator the best unexpired result, and the certified levels."""

    results: Results = field(default_factory=dict)
    """Only indicators that are mapped in one of the courses, or judged."""
    certified: frozenset[tuple[CompetencyId, int]] = frozenset()
    """Competency and level number of each certified level that has not expired."""


@dataclass(frozen=True, slots=True)
class AspectStanding:
    """Where a person stands in an aspect."""

    aspect: int
    level: int | None
    """The lowest level among the assessed competencies; None where none is."""
    assessed: int
    total: int


@dataclass(frozen=True, slots=True)
class Profile:
    """The overall level."""

    level: int | None
    """None where nothing is assessed."""
    provisional: bool
    """Not all competencies are assessed; the level is the lowest established one."""
    assessed: int
    total: int
    aspects: tuple[AspectStanding, ...] = ()
