"""Where a person stands: from indicators to levels, established and held, in a course and over all courses.

`stand` is the one place where the levels of a course are computed; it is pure, so a stored standing can always be
rebuilt from the ledger and must come out the same (rules, sections 2, 3, 6 and 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from lti_tool.competency.exact import weighted_mean
from lti_tool.competency.judging import judged
from lti_tool.competency.model import (
    ZERO,
    CompetencyShape,
    Evidence,
    FrameworkShape,
    IndicatorState,
    Judgement,
    LevelShape,
    LevelState,
)
from lti_tool.competency.plan import CoursePlan, can_assess
from lti_tool.competency.record import NOTHING_ELSEWHERE, merged
from lti_tool.competency.scores import Scores, aggregation_of, attain
from lti_tool.competency.standing import (
    CompetencyStanding,
    CourseStanding,
    IndicatorResult,
    IndicatorStanding,
    LevelStanding,
    PersonRecord,
    Results,
    results_of,
)
from lti_tool.ids import CompetencyId, IndicatorId

NOT_YET_NEXT = Fraction(99, 100)
"""Progress within a level stays below the next whole number: only *met* reaches that."""


def stand(
    plan: CoursePlan,
    evidence: Iterable[Evidence],
    judgements: Iterable[Judgement],
    as_of: datetime,
    elsewhere: PersonRecord = NOTHING_ELSEWHERE,
) -> CourseStanding:
    """Where one person stands in one course at one moment.

    `evidence` and `judgements` are the person's in this course, in any order, superseded ones allowed. `elsewhere` is
    the record over the person's *other* courses, with all certified levels; levels that this course cannot
    assess are read from the two together.
    """
    scores = Scores(plan, evidence, as_of)
    aggregate = aggregation_of(plan.rules)
    by_indicator: dict[IndicatorId, list[Judgement]] = {}
    for judgement in judgements:
        by_indicator.setdefault(judgement.indicator, []).append(judgement)
    indicators = {}
    for each in plan.indicators:
        computed = attain(each, scores, plan.rules, aggregate)
        ours = by_indicator.get(each.indicator)
        indicators[each.indicator] = judged(computed, ours, as_of) if ours else computed
    return CourseStanding(indicators, _in_course(plan, indicators, elsewhere))


def stand_in_record(
    shape: FrameworkShape, record: PersonRecord, pass_mark: Fraction
) -> dict[CompetencyId, CompetencyStanding]:
    """Where a person stands over all courses. `pass_mark` is the least that a judged indicator counts for progress."""
    standings = {}
    for each in shape.competencies:
        levels = [(level_in_record(level, each.id, record), record.results) for level in each.levels]
        standings[each.id] = competency_standing(each, levels, pass_mark)
    return standings


def _in_course(
    plan: CoursePlan, indicators: dict[IndicatorId, IndicatorStanding], elsewhere: PersonRecord
) -> dict[CompetencyId, CompetencyStanding]:
    own = results_of(indicators.values())
    record = merged([elsewhere, PersonRecord(own)])
    return {
        each.shape.id: _competency_in_course(each.shape, indicators, own, record, plan.rules.pass_mark)
        for each in plan.competencies
    }


def _competency_in_course(
    shape: CompetencyShape,
    indicators: dict[IndicatorId, IndicatorStanding],
    own: Results,
    record: PersonRecord,
    pass_mark: Fraction,
) -> CompetencyStanding:
    levels = []
    for each in shape.levels:
        level, known = level_standing(each, own), own
        if level.state is LevelState.NOT_ASSESSABLE:
            level, known = level_in_record(each, shape.id, record), record.results
        levels.append((level, known))
    disputed = any(indicators[i].disputed for level in shape.levels for i in level.indicators)
    return competency_standing(shape, levels, pass_mark, disputed=disputed)


# --- Levels ---------------------------------------------------------------------------------------------------------


def level_in_record(level: LevelShape, competency: CompetencyId, record: PersonRecord) -> LevelStanding:
    """A level by the person's record; a certified one counts as met."""
    certified = (competency, level.number) in record.certified
    return level_standing(level, record.results, certified=certified, from_record=True)


def level_standing(
    level: LevelShape, results: Results, *, certified: bool = False, from_record: bool = False
) -> LevelStanding:
    """A level by what is known of its indicators in one scope. Mapped there is what has a result, or a judgement."""
    states = {each: results[each].state for each in level.indicators if each in results}
    certified = certified and bool(level.indicators)
    return LevelStanding(
        number=level.number,
        state=LevelState.MET if certified else _level_state(level, states),
        attained=list(states.values()).count(IndicatorState.ATTAINED),
        mapped=len(states),
        total=len(level.indicators),
        needed=level.needed,
        from_record=from_record,
        certified=certified,
        keys_missing=tuple(each for each in level.keys if states.get(each) is not IndicatorState.ATTAINED),
    )


def _level_state(level: LevelShape, states: dict[IndicatorId, IndicatorState]) -> LevelState:
    """The tests in the order of the rules ("Precisely"). Reach = attained + mapped and undecided."""
    known = list(states.values())
    keys = [states.get(each) for each in level.keys]
    reach = len(known) - known.count(IndicatorState.NOT_ATTAINED)
    if not level.indicators:
        return LevelState.TRANSPARENT
    if not can_assess(level, states):
        return LevelState.NOT_ASSESSABLE
    if known.count(IndicatorState.ATTAINED) >= level.needed and keys.count(IndicatorState.ATTAINED) == len(keys):
        return LevelState.MET
    if reach < level.needed or IndicatorState.NOT_ATTAINED in keys:
        return LevelState.NOT_MET
    if known.count(IndicatorState.NO_EVIDENCE) == len(known):
        return LevelState.NO_EVIDENCE
    return LevelState.IN_PROGRESS


# --- Competency -----------------------------------------------------------------------------------------------------


def established_level(levels: Iterable[LevelStanding]) -> int | None:
    """The highest met level below which every level is met or transparent; `levels` are given lowest first.

    0 only where the lowest level that asks for anything is not met; None where nothing is established yet.
    """
    reached = None
    for level in levels:
        if level.state is LevelState.MET:
            reached = level.number
        elif level.state is LevelState.NOT_MET and reached is None:
            return 0
        elif level.state is not LevelState.TRANSPARENT:
            break
    return reached


def competency_standing(
    shape: CompetencyShape,
    levels: Sequence[tuple[LevelStanding, Results]],
    pass_mark: Fraction,
    *,
    disputed: bool = False,
) -> CompetencyStanding:
    """What the levels of a competency come to; each is given with the results that it was read from."""
    established = established_level(standing for standing, _ in levels)
    reached = established or 0
    told = tuple(
        replace(each, held=True) if each.state is LevelState.MET and each.number > reached else each
        for each, _ in levels
    )
    ahead = (
        mean_worth(level, results, pass_mark)
        for level, (_, results) in zip(shape.levels, levels, strict=True)
        if level.number > reached and level.indicators
    )
    progress = reached + min(NOT_YET_NEXT, next(ahead, ZERO))
    return CompetencyStanding(shape.id, told, established, progress, disputed)


def mean_worth(level: LevelShape, results: Results, pass_mark: Fraction) -> Fraction:
    """The mean value over all indicators of a level that has some: missing is 0, granted by judgement at least t."""
    return weighted_mean([(1, _worth(results.get(each), pass_mark)) for each in level.indicators])


def _worth(result: IndicatorResult | None, pass_mark: Fraction) -> Fraction:
    if result is None:
        return ZERO
    value = ZERO if result.value is None else result.value
    granted = result.by_judgement and result.state is IndicatorState.ATTAINED
    return max(value, pass_mark) if granted else value
