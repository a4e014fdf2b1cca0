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
from lti_tool.competency.scores import Scores, attain
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
    by_indicator: dict[IndicatorId, list[Judgement]] = {}
    for judgement in judgements:
        by_indicator.setdefault(judgement.indicator, []).append(judgement)
    indicators = {}
    for each in plan.indicators:
        computed = attain(each, scores, plan.rules)
        ours = by_indicator.get(each.indicator)
        indicators[each.indicator] = judged(computed, ours, as_of) if ours else computed
    return CourseStanding(indicators, _in_course(plan, indicators, elsewhere))


def stand_in_record(
    shape: FrameworkShape, record: PersonRecord, pass_mark: Fraction
) -> dict[CompetencyId, CompetencyStanding]:
    """Where a person stands over all courses. `pass_mark` is the least that a judged indicator counts for progress."""
    standings = {}
    for each in shape.competencies:
        levels = [level_in_record(level, each.id, record) for level in each.levels]
        worth = {level.number: mean_worth(level, record.results, pass_mark) for level in each.levels}
        standings[each.id] = competency_standing(each.id, levels, worth)
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
    levels, worth = [], {}
    for each in shape.levels:
        level, known = level_standing(each, own), own
        if level.state is LevelState.NOT_ASSESSABLE:
            level, known = level_in_record(each, shape.id, record), record.results
        levels.append(level)
        worth[each.number] = mean_worth(each, known, pass_mark)
    disputed = any(indicators[i].disputed for level in shape.levels for i in level.indicators)
    return competency_standing(shape.id, levels, worth, disputed=disputed)


# --- Levels ---------------------------------------------------------------------------------------------------------


def level_in_record(level: LevelShape, competency: CompetencyId, record: PersonRecord) -> LevelStanding:
    """A level by the person's record; a certified one counts as met. What no course can assess stays so."""
    standing = level_standing(level, record.results, certified=(competency, level.number) in record.certified)
    known = standing.state not in (LevelState.NOT_ASSESSABLE, LevelState.TRANSPARENT)
    return replace(standing, from_record=known)


def level_standing(level: LevelShape, results: Results, *, certified: bool = False) -> LevelStanding:
    """A level by what is known of its indicators in one scope. Mapped there is what has a result, or a judgement."""
    states = {each: results[each].state for each in level.indicators if each in results}
    attained = [each for each, state in states.items() if state is IndicatorState.ATTAINED]
    return LevelStanding(
        number=level.number,
        state=LevelState.MET if certified and level.indicators else _level_state(level, states),
        attained=len(attained),
        mapped=len(states),
        total=len(level.indicators),
        needed=level.needed,
        certified=certified and bool(level.indicators),
        keys_missing=tuple(each for each in level.indicators if each in level.keys and each not in attained),
    )


def _level_state(level: LevelShape, states: dict[IndicatorId, IndicatorState]) -> LevelState:
    """The tests in the order of the rules ("Precisely"). Reach = attained + mapped and undecided."""
    attained = {each for each, state in states.items() if state is IndicatorState.ATTAINED}
    refused = {each for each, state in states.items() if state is IndicatorState.NOT_ATTAINED}
    if not level.indicators:
        return LevelState.TRANSPARENT
    if not can_assess(level, states.keys()):
        return LevelState.NOT_ASSESSABLE
    if len(attained) >= level.needed and level.keys <= attained:
        return LevelState.MET
    if len(states) - len(refused) < level.needed or level.keys & refused:
        return LevelState.NOT_MET
    if all(state is IndicatorState.NO_EVIDENCE for state in states.values()):
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


def mean_worth(level: LevelShape, results: Results, pass_mark: Fraction) -> Fraction:
    """The mean value over all indicators of a level, missing ones 0; attained by judgement counts at least t."""
    if not level.indicators:
        return ZERO
    return weighted_mean([(1, _worth(results.get(each), pass_mark)) for each in level.indicators])


def _worth(result: IndicatorResult | None, pass_mark: Fraction) -> Fraction:
    if result is None:
        return ZERO
    value = ZERO if result.value is None else result.value
    granted = result.by_judgement and result.state is IndicatorState.ATTAINED
    return max(value, pass_mark) if granted else value


def competency_standing(
    competency: CompetencyId,
    levels: Sequence[LevelStanding],
    worth: dict[int, Fraction],
    *,
    disputed: bool = False,
) -> CompetencyStanding:
    """What the levels of a competency, lowest first, come to; `worth` is the mean value of each by its number."""
    established = established_level(levels)
    reached = established or 0
    told = tuple(
        replace(each, held=True) if each.state is LevelState.MET and each.number > reached else each for each in levels
    )
    following = (each.number for each in levels if each.number > reached and each.state is not LevelState.TRANSPARENT)
    ahead = min(NOT_YET_NEXT, worth.get(next(following, 0), ZERO))
    return CompetencyStanding(competency, told, established, reached + ahead, disputed)
