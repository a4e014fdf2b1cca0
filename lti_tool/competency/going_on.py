"""How a person may go on: for one competency or for all, what completes the next level (`next_steps`, pure).

Here is what the planner needs from the database: the person's course as it stands, their record where a level is read
from it, and a few other open courses where this one cannot assess the level. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from lti_tool.competency import ledger_store, next_step_queries, queries
from lti_tool.competency.attainment import stand, stand_in_record
from lti_tool.competency.framework import Competency, Framework
from lti_tool.competency.model import FrameworkShape, IndicatorState
from lti_tool.competency.next_doing import OpenCourse
from lti_tool.competency.next_step_queries import OtherCourse, ToDo
from lti_tool.competency.next_steps import Gap, NextSteps, completes_alone, gap_of, smallest_steps
from lti_tool.competency.plan import CoursePlan
from lti_tool.competency.profile import Explanation
from lti_tool.competency.queries import NamedActivity
from lti_tool.competency.recompute import CourseScope, records_elsewhere, scope_of, standings_now
from lti_tool.competency.record import NOTHING_ELSEWHERE, merged
from lti_tool.competency.rule_set import RuleSet
from lti_tool.competency.standing import CompetencyStanding, IndicatorStanding, PersonRecord, results_of
from lti_tool.ids import ActivityId, CompetencyId, CourseId, IndicatorId, PersonId
from lti_tool.people import courses


class Blocked(StrEnum):
    """Why nothing completes the next level."""

    JUDGED = "judged"
    """A trainer judged an indicator as not attained, and the level cannot be met without it."""
    GONE = "gone"
    """What would show it can no longer be done, or the rules of the course ask for more than it has."""
    NOWHERE = "nowhere"
    """This course cannot assess the level, and no open course completes it."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next level of one competency and what completes it."""

    competency: Competency
    gap: Gap | None
    """None: the highest level is reached."""
    steps: NextSteps | None = None
    blocked: Blocked | None = None
    judged: tuple[IndicatorId, ...] = ()
    """The open indicators that a trainer judged as not attained."""
    alone: frozenset[ActivityId] = frozenset()
    """The activities, not yet done, each of which completes the level without any other."""


@dataclass(frozen=True, slots=True)
class GoingOn:
    """How a person may go on from one course."""

    framework: Framework
    course: CourseId
    is_closed: bool
    levels: tuple[Ahead, ...]
    """In the order of the framework."""
    to_do: Mapping[ActivityId, ToDo]
    """The activities that are named."""
    others: Mapping[CourseId, OtherCourse]
    """The other courses that were looked at."""


def in_one(session: Session, why: Explanation, person_id: PersonId, now: datetime) -> GoingOn:
    """How a person may go on in the competency that has just been explained."""
    person = _Person(person_id, why.indicators, {why.competency.id: why.computed}, why.activities)
    return _going_on(session, person, why.scope, now)


def in_all(session: Session, course_id: CourseId, person_id: PersonId, now: datetime) -> GoingOn:
    """How a person may go on in every competency, with what completes a level alone."""
    scope = scope_of(session, course_id, now)
    standing = standings_now(session, scope, [person_id], scope.moment(now))[person_id]
    known = queries.named_activities(session, course_id)
    person = _Person(person_id, standing.indicators, standing.competencies, known, alone=True)
    return _going_on(session, person, scope, now)


@dataclass(frozen=True, slots=True)
class _Person:
    """Where a person stands in their course."""

    id: PersonId
    indicators: Mapping[IndicatorId, IndicatorStanding]
    standings: Mapping[CompetencyId, CompetencyStanding]
    activities: Mapping[ActivityId, NamedActivity]
    """All of the course."""
    alone: bool = False
    """Whether it is asked what completes a level alone."""


@dataclass(slots=True)
class _Ways:
    """This course, and for each gap the others."""

    here: OpenCourse
    others: dict[CompetencyId, list[OpenCourse]] = field(default_factory=dict)

    def of(self, gap: Gap) -> Sequence[OpenCourse]:
        """The courses in which a gap may be closed, this one first."""
        return [self.here, *self.others.get(gap.competency, ())]


def _going_on(session: Session, person: _Person, scope: CourseScope, now: datetime) -> GoingOn:
    framework = scope.rules.framework
    gaps = _gaps(session, person, scope, now)
    to_do = {} if scope.closed_at else next_step_queries.to_do_among(scope.course_id, person.activities)
    here = OpenCourse(scope.course_id, scope.plan, person.indicators, {each.id: each.name for each in to_do.values()})
    ways = _Ways(here)
    others: dict[CourseId, OtherCourse] = {}
    read_elsewhere = [gap for gap in gaps.values() if gap is not None and gap.by_record]
    if read_elsewhere:
        others, ways.others = _others(session, person.id, scope, read_elsewhere, now)
    known = {**to_do, **{each: it for other in others.values() for each, it in other.to_do.items()}}
    levels = tuple(_ahead(framework.competency_by_id(each), gap, ways, person, now) for each, gap in gaps.items())
    return GoingOn(framework, scope.course_id, scope.closed_at is not None, levels, known, others)


def _ahead(competency: Competency, gap: Gap | None, ways: _Ways, person: _Person, now: datetime) -> Ahead:
    if gap is None:
        return Ahead(competency, None)
    found = smallest_steps(gap, ways.of(gap), now)
    alone = completes_alone(gap, ways.of(gap), now) if person.alone and found else frozenset()
    if found is not None:
        return Ahead(competency, gap, found, alone=alone)
    judged = tuple(each for each in gap.open if _is_judged(person.indicators.get(each)))
    why = Blocked.NOWHERE if gap.by_record else Blocked.JUDGED if judged else Blocked.GONE
    return Ahead(competency, gap, None, why, judged)


def _is_judged(standing: IndicatorStanding | None) -> bool:
    return standing is not None and standing.judgement is not None and standing.state is IndicatorState.NOT_ATTAINED


# --- What is missing ------------------------------------------------------------------------------------------------


def _gaps(session: Session, person: _Person, scope: CourseScope, now: datetime) -> dict[CompetencyId, Gap | None]:
    """What is missing for the next level of each competency.

    By the course where it says anything of the competency; else, and where the course is closed, by the record alone.
    """
    shapes = [each for each in scope.rules.framework.shape().competencies if each.id in person.standings]
    targeted = set() if scope.closed_at else {each.shape.id for each in scope.targeted}
    beside = tuple(each for each in shapes if each.id not in targeted)
    own, elsewhere = results_of(person.indicators.values()), NOTHING_ELSEWHERE
    if beside or any(_reads_record(each) for each in person.standings.values()):
        elsewhere = records_elsewhere(session, scope, [person.id], now)[person.id]
    record = merged([elsewhere, PersonRecord(own)])
    by_record = stand_in_record(FrameworkShape(beside), record, scope.rules.rule_set.pass_mark)
    standings = {**person.standings, **by_record}
    return {each.id: gap_of(each, standings[each.id], own, elsewhere) for each in shapes}


def _reads_record(standing: CompetencyStanding) -> bool:
    level = standing.next_level
    return level is not None and level.from_record


# --- Other courses --------------------------------------------------------------------------------------------------


def _others(
    session: Session, person_id: PersonId, scope: CourseScope, gaps: Sequence[Gap], now: datetime
) -> tuple[dict[CourseId, OtherCourse], dict[CompetencyId, list[OpenCourse]]]:
    """The open courses that show most of what is missing, and those for each gap as the person can go on in them."""
    platform = courses.get_course(session, scope.course_id).platform_id
    ranked = next_step_queries.ranked_courses(
        session, platform, scope.course_id, person_id, [gap.open for gap in gaps], now
    )
    chosen = {course for each in ranked for course in each}
    asked = {indicator for gap in gaps for indicator in gap.open}
    known = next_step_queries.other_courses(session, chosen, person_id, asked)
    opened = _opened(session, person_id, scope, list(known.values()), now)
    return known, {
        gap.competency: [opened[course] for course in each if course in opened]
        for gap, each in zip(gaps, ranked, strict=True)
    }


def _opened(
    session: Session, person_id: PersonId, scope: CourseScope, others: Sequence[OtherCourse], now: datetime
) -> dict[CourseId, OpenCourse]:
    ids = [each.id for each in others]
    rules = ledger_store.rule_sets(session, ids)
    evidence = next_step_queries.evidence_in(session, ids, person_id)
    judged = next_step_queries.judgements_in(session, ids, person_id)
    shape = scope.rules.framework.shape()
    opened = {}
    for each in others:
        rule_set = RuleSet.from_options(rules[each.id].options) if each.id in rules else RuleSet()
        plan = CoursePlan.of(shape, each.cells, rule_set)
        stood = stand(plan, evidence.get(each.id, ()), judged.get(each.id, ()), now)
        doable = {activity: it.name for activity, it in each.to_do.items()}
        opened[each.id] = OpenCourse(each.id, plan, stood.indicators, doable)
    return opened
