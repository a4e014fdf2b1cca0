"""A course on paper: the rules' values by short names, so that a test reads like the worked example it checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from lti_tool.competency.attainment import stand
from lti_tool.competency.model import (
    CompetencyShape,
    Evidence,
    FrameworkShape,
    IndicatorState,
    Judgement,
    LevelShape,
    Mapping,
    MappingRole,
    Mark,
)
from lti_tool.competency.plan import CoursePlan
from lti_tool.competency.record import NOTHING_ELSEWHERE
from lti_tool.competency.rule_set import RuleSet
from lti_tool.competency.standing import (
    CompetencyStanding,
    CourseStanding,
    IndicatorStanding,
    LevelStanding,
    PersonRecord,
)
from lti_tool.grading.scoring import Encoding, EncodingKind, Grade, grade_of
from lti_tool.ids import ActivityId, CompetencyId, EvidenceId, IndicatorId, PersonId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

EXAMPLE = {"C": [["i1", "i2", "i3"], ["j1", "j2"], ["k1"]]}
"""The competency of the worked examples."""


def number(name: str) -> int:
    """A row id that is the same for the same name."""
    return int.from_bytes(name.encode())


def indicator(name: str) -> IndicatorId:
    return IndicatorId(number(name))


def competency(name: str = "C") -> CompetencyId:
    return CompetencyId(number(name))


def activity(name: str) -> ActivityId:
    return ActivityId(number(name))


def day(number_: int) -> datetime:
    """So many days after (or before) the present."""
    return NOW + timedelta(days=number_)


def shape_of(framework: dict[str, list[list[str]]] = EXAMPLE, keys: Iterable[str] = ()) -> FrameworkShape:
    """A framework from names: competency → indicators by level, each competency an aspect of its own."""
    key_ids = {indicator(name) for name in keys}

    def level(at: int, names: list[str]) -> LevelShape:
        ids = tuple(indicator(name) for name in names)
        return LevelShape(at, ids, frozenset(ids) & key_ids)

    return FrameworkShape(
        tuple(
            CompetencyShape(competency(name), aspect, tuple(level(at, names) for at, names in enumerate(levels, 1)))
            for aspect, (name, levels) in enumerate(framework.items(), 1)
        )
    )


def score(value: str | Fraction) -> Mark:
    """A mark with this score, given as a decimal of up to 1."""
    return Mark.number(Decimal(str(value)), Decimal(1))


class Stood:
    """A course standing, asked by names."""

    def __init__(self, standing: CourseStanding, plan: CoursePlan) -> None:
        self.whole = standing
        self.plan = plan

    def indicator(self, name: str) -> IndicatorStanding:
        return self.whole.indicators[indicator(name)]

    def state(self, name: str) -> IndicatorState:
        return self.indicator(name).state

    def competency(self, name: str = "C") -> CompetencyStanding:
        return self.whole.competencies[competency(name)]

    def level(self, at: int, name: str = "C") -> LevelStanding:
        return next(level for level in self.competency(name).levels if level.number == at)

    @property
    def established(self) -> int | None:
        return self.competency().established

    def sends(self, kind: EncodingKind = EncodingKind.LEVEL, target: int | None = None) -> Grade:
        """What goes to the column of C."""
        default = next(each.target for each in self.plan.competencies if each.shape.id == competency())
        return grade_of(self.competency(), Encoding(kind, target), default, 3)

    def given(self, kind: EncodingKind = EncodingKind.LEVEL, target: int | None = None) -> Decimal | None:
        return self.sends(kind, target).given


class PaperCourse:
    """One course and one person in it; every method returns the course, so that an example is one chain."""

    def __init__(self, shape: FrameworkShape | None = None, rules: RuleSet | None = None) -> None:
        self.shape = shape or shape_of()
        self.rules = rules or RuleSet()
        self.mappings: list[Mapping] = []
        self.entries: list[Evidence] = []
        self.judgements: list[Judgement] = []
        self.closes_at: datetime | None = None
        self.self_assessments: Sequence[ActivityId] = ()

    def maps(
        self, activity_: str, *indicators: str, weight: int = 1, role: str = "supporting", pass_mark: str | None = None
    ) -> PaperCourse:
        own = None if pass_mark is None else Fraction(pass_mark)
        self.mappings += [
            Mapping(activity(activity_), indicator(name), weight, MappingRole(role), own) for name in indicators
        ]
        return self

    def marks(
        self, activity_: str, mark: Mark | str | None, indicator_: str | None = None, at: datetime = NOW
    ) -> PaperCourse:
        """One more entry of the ledger; a text is a score, None withdraws."""
        given = score(mark) if isinstance(mark, str) else mark
        about = None if indicator_ is None else indicator(indicator_)
        self.entries.append(Evidence(activity(activity_), about, given, at, NOW, EvidenceId(len(self.entries) + 1)))
        return self

    def shows(self, name: str, value: str | None) -> PaperCourse:
        """An activity for this indicator alone, with this score; None maps it and leaves it ungraded."""
        self.maps(f"for {name}", name)
        return self if value is None else self.marks(f"for {name}", value)

    def judges(
        self,
        name: str,
        attained: bool,
        by: str = "X",
        at: datetime = NOW,
        until: datetime | None = None,
        decides: bool = False,
    ) -> PaperCourse:
        judged = Judgement(indicator(name), PersonId(number(by)), attained, at, until, decides)
        self.judgements.append(replace(judged, id=len(self.judgements) + 1))
        return self

    def plan(self) -> CoursePlan:
        return CoursePlan.of(
            self.shape, self.mappings, self.rules, closes_at=self.closes_at, self_assessments=self.self_assessments
        )

    def stand(self, as_of: datetime = NOW, elsewhere: PersonRecord = NOTHING_ELSEWHERE) -> Stood:
        plan = self.plan()
        return Stood(stand(plan, self.entries, self.judgements, as_of, elsewhere), plan)
