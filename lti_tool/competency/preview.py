"""What a change of the rules or the mapping would do to whom, before anyone stores it.

The same pure rules as `recompute`, over the mapping or the rules that somebody is about to publish, compared with the
standings that are stored. Nothing is written; publishing the same change at the same moment does exactly this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.competency import closing_store, model, recompute
from lti_tool.competency.group_queries import group_standings
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.recompute import CourseScope
from lti_tool.competency.rule_set import RuleSet
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.ids import CompetencyId, CourseId, PersonId
from lti_tool.people import roster


@dataclass(frozen=True, slots=True)
class LevelChange:
    """One person whose established level in one competency would be another."""

    person: PersonId
    competency: CompetencyId
    before: int | None
    """None: not established."""
    after: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would follow from a change."""

    as_of: datetime
    scope: CourseScope
    """The rules and the mapping as they would be."""
    persons: int
    """How many participants were looked at."""
    changes: tuple[LevelChange, ...]
    """By person and competency; who is not in it keeps all levels."""
    gained: tuple[CompetencyId, ...]
    """Competencies of which the course would assess a level, and does not now."""
    lost: tuple[CompetencyId, ...]
    """Competencies of which it would not assess any level any more: their grades are withdrawn."""


def of_rules(session: Session, course_id: CourseId, options: dict[str, Any], now: datetime) -> Preview:
    """What these options would change. Raises RuleBroken for an option that the rules do not know or allow."""
    here = recompute.scope_of(session, course_id, now)
    rules = replace(here.rules, rule_set=RuleSet.from_options(options), options=options)
    wanted = recompute.scope_with(session, course_id, rules, mapping_of(session, course_id))
    return _compare(session, here, wanted, now)


def of_mapping(session: Session, course_id: CourseId, cells: Iterable[model.Mapping], now: datetime) -> Preview:
    """What this whole mapping would change. Raises RuleBroken for an indicator that is not of the framework."""
    here = recompute.scope_of(session, course_id, now)
    return _compare(session, here, recompute.scope_with(session, course_id, here.rules, cells), now)


def of_reopening(session: Session, course_id: CourseId, now: datetime) -> Preview:
    """What reopening a closed course would change: its levels follow the marks again."""
    here = recompute.scope_of(session, course_id, now)
    end = replace(closing_store.course_end(session, course_id), closed_at=None)
    wanted = recompute.scope_with(session, course_id, here.rules, mapping_of(session, course_id), end)
    return _compare(session, here, wanted, now)


def _compare(session: Session, here: CourseScope, wanted: CourseScope, now: datetime) -> Preview:
    persons = roster.participant_ids(session, here.course_id, now)
    held = group_standings(session, here.course_id)
    before, after = _targets(here), _targets(wanted)
    changes = [
        change
        for portion in recompute.portions_of(persons)
        for person, standing in recompute.standings_now(session, wanted, portion, now).items()
        for change in level_changes(person, before | after, after, held.get(person, {}), standing.competencies)
    ]
    return Preview(
        now, wanted, len(persons), tuple(changes), _ordered(wanted, after - before), _ordered(here, before - after)
    )


def _targets(scope: CourseScope) -> set[CompetencyId]:
    return {plan.shape.id for plan in scope.targeted}


def _ordered(scope: CourseScope, chosen: set[CompetencyId]) -> tuple[CompetencyId, ...]:
    return tuple(plan.shape.id for plan in scope.plan.competencies if plan.shape.id in chosen)


def level_changes(
    person: PersonId,
    looked_at: set[CompetencyId],
    targeted: set[CompetencyId],
    held: Mapping[CompetencyId, CompetencyStanding],
    wanted: Mapping[CompetencyId, CompetencyStanding],
) -> Iterable[LevelChange]:
    """Where a person's established level would be another in the competencies looked at; `targeted`: those kept."""
    for competency in sorted(looked_at):
        before = held[competency].established if competency in held else None
        after = wanted[competency].established if competency in targeted else None
        if before != after:
            yield LevelChange(person, competency, before, after)
