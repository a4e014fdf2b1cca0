"""One person in one course, as pages show them: where they stand in everything, and why in one competency.

The overview is read as it is stored, for it is the page that everybody opens. The why is worked out anew by the same
pure rules from the ledger, so that it always speaks of the marks that stand there now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from sqlalchemy.orm import Session

from lti_tool.competency import crossing, person_record, queries
from lti_tool.competency.attainment import stand_in_record
from lti_tool.competency.decision_queries import JudgementEntry
from lti_tool.competency.framework import Competency, Framework
from lti_tool.competency.person_record import NOWHERE, Sources
from lti_tool.competency.queries import LedgerEntry, NamedActivity
from lti_tool.competency.recompute import CourseScope, scope_of, standings_now
from lti_tool.competency.record import merged
from lti_tool.competency.rule_set import RuleSet
from lti_tool.competency.rules import rules_of
from lti_tool.competency.standing import CompetencyStanding, CourseStanding, IndicatorStanding, PersonRecord
from lti_tool.ids import ActivityId, CompetencyId, CourseId, EvidenceId, IndicatorId, PersonId


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """Where a person stands in all competencies of the course's framework."""

    framework: Framework
    rules: RuleSet
    standings: dict[CompetencyId, CompetencyStanding]
    """Every competency, in the order of the framework."""
    computed_at: datetime | None
    """None where nothing is stored yet and the standings were worked out for this answer."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a person stands where they stand in one competency: everything down to the marks."""

    framework: Framework
    rules: RuleSet
    version: int
    """Of the rules in force."""
    since: datetime
    """When that version of them was made."""
    closed_at: datetime | None
    """Since when the course's levels are frozen; None: it is open."""
    competency: Competency
    standing: CompetencyStanding
    """What counts: in a closed course the frozen standing."""
    computed: CompetencyStanding
    """What the marks say."""
    indicators: dict[IndicatorId, IndicatorStanding]
    """Those of this competency."""
    activities: dict[ActivityId, NamedActivity]
    entries: dict[EvidenceId, LedgerEntry]
    """The marks that the contributions name."""
    judgements: dict[IndicatorId, tuple[JudgementEntry, ...]]
    """All that was ever judged of the person here, the newest first."""
    elsewhere: Sources
    """What the person's other courses say; empty where no level rests on that."""
    record: PersonRecord
    """That and this course together: what a level that the course cannot assess is read from."""
    as_of: datetime
    scope: CourseScope
    """The course by which all of it was worked out."""


def profile_of(session: Session, course_id: CourseId, person_id: PersonId, as_of: datetime) -> PersonProfile:
    """Where a person stands in a course; two queries where standings are stored."""
    rules = rules_of(session, course_id, as_of)
    stored = queries.stored_standings(session, course_id, person_id)
    found = stored.standings or _computed(session, course_id, person_id, as_of).competencies
    return PersonProfile(
        framework=rules.framework,
        rules=rules.rule_set,
        standings={**_unassessed(rules.framework, rules.rule_set.pass_mark), **found},
        computed_at=stored.computed_at,
    )


def _computed(session: Session, course_id: CourseId, person_id: PersonId, as_of: datetime) -> CourseStanding:
    scope = scope_of(session, course_id, as_of)
    return standings_now(session, scope, [person_id], scope.moment(as_of))[person_id]


@lru_cache(maxsize=16)
def _unassessed(framework: Framework, pass_mark: Fraction) -> Mapping[CompetencyId, CompetencyStanding]:
    """All competencies as a person without any evidence or mapping has them: what is not targeted is not stored."""
    return stand_in_record(framework.shape(), PersonRecord(), pass_mark)


def explain(session: Session, course_id: CourseId, person_id: PersonId, code: str, as_of: datetime) -> Explanation:
    """Why a person stands where they stand in the competency with this code.

    Raises NotFound("competency_unknown").
    """
    scope = scope_of(session, course_id, as_of)
    competency, moment = scope.rules.framework.competency(code), scope.moment(as_of)
    elsewhere = _elsewhere(session, scope, person_id, moment)
    standing = standings_now(session, scope, [person_id], moment, {person_id: elsewhere.record})[person_id]
    return _explanation(session, scope, competency, standing, elsewhere, (person_id, moment))


def _elsewhere(session: Session, scope: CourseScope, person_id: PersonId, moment: datetime) -> Sources:
    if not scope.rests_on_record:
        return NOWHERE
    course_id = scope.course_id
    return person_record.sources_of(session, course_id, scope.rules.framework, person_id, moment, without=course_id)


def _explanation(
    session: Session,
    scope: CourseScope,
    competency: Competency,
    standing: CourseStanding,
    elsewhere: Sources,
    of: tuple[PersonId, datetime],
) -> Explanation:
    indicators = {each.id: standing.indicators[each.id] for each in competency.indicators}
    counts = standing.competencies[competency.id]
    if scope.closed_at is not None:
        counts = queries.stored_standings(session, scope.course_id, of[0]).standings.get(competency.id, counts)
    behind = {part.evidence for each in indicators.values() for part in each.contributions if part.evidence is not None}
    return Explanation(
        framework=scope.rules.framework,
        rules=scope.rules.rule_set,
        version=scope.rules.version,
        since=scope.rules.since,
        closed_at=scope.closed_at,
        competency=competency,
        standing=counts,
        computed=standing.competencies[competency.id],
        indicators=indicators,
        activities=queries.named_activities(session, scope.course_id),
        entries=queries.ledger_entries(session, scope.course_id, behind),
        judgements=crossing.judgements_on(session, scope.course_id, scope.rules.framework, of[0]),
        elsewhere=elsewhere,
        record=merged([elsewhere.record, PersonRecord(standing.results)]),
        as_of=of[1],
        scope=scope,
    )
