"""Computing people's standings in a course from the ledger, and storing what came out.

The rules are pure (`attainment.stand`); here is what they need from the database, for many people in few queries,
and the comparison with what stood there, so that only changed rows are written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.competency import closing_store, crossing, ledger_store, regrading
from lti_tool.competency.attainment import stand
from lti_tool.competency.closing_store import CourseEnd
from lti_tool.competency.ledger_store import results_elsewhere
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import FrameworkShape, IndicatorState, LevelState
from lti_tool.competency.model import Mapping as Cell
from lti_tool.competency.plan import CompetencyPlan, CoursePlan, can_assess
from lti_tool.competency.record import record_of
from lti_tool.competency.rules import CourseRules, framework_of, rules_of
from lti_tool.competency.standing import (
    CompetencyStanding,
    CourseStanding,
    IndicatorStanding,
    LevelStanding,
    PersonRecord,
)
from lti_tool.ids import CourseId, IndicatorId, PersonId
from lti_tool.people import activities, roster
from lti_tool.people.model import ActivityKind

LEVEL_FIELDS = tuple(each.name for each in fields(LevelStanding))
PORTION = 200
"""How many people are computed at a time: their evidence is held in memory together."""


@dataclass(frozen=True, slots=True)
class Computed:
    """Who was computed, and whose indicators came out differently than they stood."""

    scope: CourseScope
    persons: frozenset[PersonId]
    changed: frozenset[PersonId]


@dataclass(frozen=True, slots=True)
class CourseScope:
    """A course made ready for computing: its rules, and its mapping laid over the framework."""

    course_id: CourseId
    rules: CourseRules
    plan: CoursePlan
    closed_at: datetime | None = None
    """Since when the course's levels are frozen; None: it is open."""

    def moment(self, now: datetime) -> datetime:
        """The moment at which the course's levels are looked at: nothing passes in a course that is closed."""
        return self.closed_at or now

    @property
    def targeted(self) -> tuple[CompetencyPlan, ...]:
        """The competencies that the course can say something of."""
        return tuple(each for each in self.plan.competencies if each.is_targeted)

    @property
    def rests_on_record(self) -> bool:
        """Whether a targeted competency has a level that the course cannot assess itself."""
        mapped = {each.indicator for each in self.plan.indicators if each.mappings}
        return _reads_record(self.rules.framework.shape(), mapped)


def scope_of(session: Session, course_id: CourseId, now: datetime) -> CourseScope:
    """The course's rules and mapping as they stand."""
    return scope_with(session, course_id, rules_of(session, course_id, now), mapping_of(session, course_id))


def scope_with(
    session: Session, course_id: CourseId, rules: CourseRules, mapping: Iterable[Cell], end: CourseEnd | None = None
) -> CourseScope:
    """The course by these rules, this mapping and this end, be they stored (`end` None) or only proposed."""
    self_assessed = {
        activity.id
        for activity in activities.activities_of(session, course_id)
        if activity.kind is ActivityKind.SELF_ASSESSMENT
    }
    end = end or closing_store.course_end(session, course_id)
    plan = CoursePlan.of(
        rules.framework.shape(),
        mapping,
        rules.rule_set,
        closes_at=end.work_ends_at,
        self_assessments=self_assessed,
    )
    return CourseScope(course_id, rules, plan, end.closed_at)


def compute_course(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId] | None, now: datetime
) -> Computed:
    """Computes and stores the standings of these persons in a course; None: of everyone who is or was in it."""
    scope = scope_of(session, course_id, now)
    if person_ids is None:
        person_ids = everyone(session, course_id, now)
    changed: set[PersonId] = set()
    for portion in portions_of(person_ids):
        changed |= _compute(session, scope, portion, now)
    return Computed(scope, frozenset(person_ids), frozenset(changed))


def everyone(session: Session, course_id: CourseId, now: datetime) -> set[PersonId]:
    """Whoever has standings in a course: its participants, and those who were here and left marks."""
    return roster.participant_ids(session, course_id, now) | ledger_store.persons_with_evidence(session, course_id)


def portions_of(person_ids: Collection[PersonId]) -> Iterator[list[PersonId]]:
    """These persons in portions that are computed at a time."""
    ordered = sorted(person_ids)
    return (ordered[start : start + PORTION] for start in range(0, len(ordered), PORTION))


def courses_resting_on(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId]
) -> dict[CourseId, frozenset[PersonId]]:
    """The other courses of these persons that read levels from the person's record, with the persons concerned.

    Without those that are closed: what is shown elsewhere moves them no longer.
    """
    concerned: dict[CourseId, set[PersonId]] = defaultdict(set)
    for other, person in roster.other_courses(session, course_id, person_ids):
        concerned[other].add(person)
    return {other: frozenset(concerned[other]) for other in resting_among(session, concerned)}


def resting_among(session: Session, course_ids: Collection[CourseId]) -> list[CourseId]:
    """Those of some courses that read levels from the person's record, and are not closed."""
    mapped = ledger_store.mapped_indicators(session, course_ids)
    known = ledger_store.rule_sets(session, mapped)
    closed = closing_store.closed_among(session, known)
    return [
        CourseId(course)
        for course, rule_set in known.items()
        if course not in closed and _reads_record(framework_of(session, rule_set).shape(), mapped[course])
    ]


def _reads_record(shape: FrameworkShape, mapped: Collection[IndicatorId]) -> bool:
    """Whether this mapping targets a competency of which it cannot assess some level."""
    for competency in shape.competencies:
        assessable = {can_assess(level, mapped) for level in competency.levels if level.indicators}
        if len(assessable) > 1:
            return True
    return False


def standings_now(
    session: Session,
    scope: CourseScope,
    person_ids: Collection[PersonId],
    as_of: datetime,
    records: Mapping[PersonId, PersonRecord] | None = None,
) -> dict[PersonId, CourseStanding]:
    """What the rules say of these persons in a course; stores nothing.

    `records` are those over their other courses, with all certified levels; None: they are read here.
    """
    version = scope.rules.framework
    ledger = crossing.ledger(session, scope.course_id, version, person_ids)
    judged = crossing.judgements(session, scope.course_id, version, person_ids)
    records = _records_elsewhere(session, scope, person_ids, as_of) if records is None else records
    return {
        person: stand(scope.plan, ledger.get(person, ()), judged.get(person, ()), as_of, records[person])
        for person in person_ids
    }


def _records_elsewhere(
    session: Session, scope: CourseScope, person_ids: Collection[PersonId], as_of: datetime
) -> dict[PersonId, PersonRecord]:
    """Each person's record over their other courses, where the course rests on it."""
    if not scope.rests_on_record:
        return {person: PersonRecord() for person in person_ids}
    return records_elsewhere(session, scope, person_ids, as_of)


def records_elsewhere(
    session: Session, scope: CourseScope, person_ids: Collection[PersonId], as_of: datetime
) -> dict[PersonId, PersonRecord]:
    """Each person's record over their other courses under the version of this one, whether this one rests on it or
    not; with all certified levels."""
    version, course_id = scope.rules.framework, scope.course_id
    results = crossing.results(session, course_id, version, results_elsewhere(session, person_ids, course_id))
    levels = closing_store.certified(session, person_ids, as_of)
    certified = crossing.certified(session, course_id, version, levels)
    return {
        person: record_of(results.get(person, {}).values(), certified=certified.get(person, ()))
        for person in person_ids
    }


def _compute(session: Session, scope: CourseScope, person_ids: list[PersonId], now: datetime) -> set[PersonId]:
    computed = standings_now(session, scope, person_ids, now)
    if scope.closed_at is None:
        return store_computed(session, scope, computed, now)
    # What was shown of each indicator goes on counting in the person's record; the levels of the course are frozen.
    regrading.review(session, scope.course_id, _levels_at_closing(session, scope, person_ids, now), now)
    return _store_attainments(session, scope, computed)


def _levels_at_closing(
    session: Session, scope: CourseScope, person_ids: list[PersonId], now: datetime
) -> dict[tuple[int, int], int | None]:
    """What today's marks say of the levels at the moment of closing: established level by person and competency."""
    standings = standings_now(session, scope, person_ids, scope.moment(now))
    targeted = [each.shape.id for each in scope.targeted]
    return {
        (person, competency): standing.competencies[competency].established
        for person, standing in standings.items()
        for competency in targeted
    }


def store_computed(
    session: Session, scope: CourseScope, computed: Mapping[PersonId, CourseStanding], now: datetime
) -> set[PersonId]:
    """Stores these persons' standings where they differ from what is stored; whose indicators do."""
    changed = _store_attainments(session, scope, computed)
    _store_standings(session, scope, computed, now)
    return changed


def _store_attainments(
    session: Session, scope: CourseScope, computed: Mapping[PersonId, CourseStanding]
) -> set[PersonId]:
    """Writes those attainments of these persons that differ from what is stored; tells whose they are."""
    held = ledger_store.attainments(session, scope.course_id, computed.keys())
    wanted = {
        (person, indicator): _attainment(each)
        for person, standing in computed.items()
        for indicator, each in standing.indicators.items()
        if each.state is not IndicatorState.NOT_MAPPED
    }
    gone = [place for place in held if place not in wanted]
    differing = [place for place, values in wanted.items() if held.get(place) != values]
    rows = {place: {"course_id": scope.course_id, **_at(place), **wanted[place]} for place in differing}
    ledger_store.delete_attainments(session, scope.course_id, gone)
    ledger_store.insert_attainments(session, [row for place, row in rows.items() if place not in held])
    ledger_store.update_attainments(session, [row for place, row in rows.items() if place in held])
    return {PersonId(person) for person, _indicator in (*gone, *differing)}


def _at(place: tuple[int, int]) -> dict[str, int]:
    return {"person_id": place[0], "indicator_id": place[1]}


def _attainment(standing: IndicatorStanding) -> dict[str, Any]:
    return {
        "state": standing.state.value,
        "computed": standing.computed.value,
        "value": standing.value,
        "coverage": standing.coverage,
        "by_judgement": standing.judgement is not None,
        "disputed": standing.disputed,
        "review_due": standing.review_due,
    }


def _store_standings(
    session: Session, scope: CourseScope, computed: Mapping[PersonId, CourseStanding], now: datetime
) -> None:
    targeted = {each.shape.id for each in scope.targeted}
    held = ledger_store.standings(session, scope.course_id, computed.keys())
    wanted = {
        (person, competency): _standing(standing.competencies[competency], scope)
        for person, standing in computed.items()
        for competency in targeted
    }
    ledger_store.delete_standings(session, scope.course_id, [place for place in held if place not in wanted])
    stamp = {"course_id": scope.course_id, "computed_at": now}
    rows = {place: {**values, **stamp, **_place(place)} for place, values in wanted.items()}
    ledger_store.insert_standings(session, [row for place, row in rows.items() if place not in held])
    differing = [place for place, values in wanted.items() if place in held and held[place] != values]
    ledger_store.update_standings(session, [rows[place] for place in differing])


def store_level(
    session: Session, scope: CourseScope, person_id: PersonId, standing: CompetencyStanding, now: datetime
) -> None:
    """Stores one standing of one person, whatever stood there."""
    place = (person_id, standing.competency)
    stamp = {"course_id": scope.course_id, "computed_at": now}
    ledger_store.put_standing(session, {**_standing(standing, scope), **stamp, **_place(place)})


def _place(place: tuple[int, int]) -> dict[str, int]:
    return {"person_id": place[0], "competency_id": place[1]}


def _standing(standing: CompetencyStanding, scope: CourseScope) -> dict[str, Any]:
    return {
        "established": standing.established,
        "progress": standing.progress,
        "levels": [level_to_json(level) for level in standing.levels],
        "disputed": standing.disputed,
        "rule_set_id": scope.rules.id,
    }


def level_to_json(level: LevelStanding) -> dict[str, Any]:
    """A level's standing as it is stored."""
    stored = {name: getattr(level, name) for name in LEVEL_FIELDS}
    return {**stored, "state": level.state.value, "keys_missing": list(level.keys_missing)}


def level_from_json(stored: Mapping[str, Any]) -> LevelStanding:
    """A stored level's standing as a value."""
    return LevelStanding(
        **{**stored, "state": LevelState(stored["state"]), "keys_missing": tuple(stored["keys_missing"])}
    )


@lru_cache(4096)
def levels_from_text(stored: str) -> tuple[LevelStanding, ...]:
    """Stored levels as values, from their JSON text: a course of a thousand people holds some dozens of different."""
    return tuple(level_from_json(level) for level in json.loads(stored))
