"""Self-assessment: how participants see themselves, at the entry and at the exit of a course.

It is kept in tables of its own and is never evidence: nothing here leads to the ledger, to a level or to a grade. It
can be done again; what was handed in never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import lru_cache

from sqlalchemy.orm import Session

from lti_tool.competency import closing, crossing, self_queries, self_store
from lti_tool.competency.attainment import stand_in_record
from lti_tool.competency.framework import Framework, Indicator
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import ZERO, FrameworkShape, IndicatorState
from lti_tool.competency.rules import version_of
from lti_tool.competency.standing import IndicatorResult, PersonRecord
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.ids import CompetencyId, CourseId, IndicatorId, PersonId
from lti_tool.people import activities, roster
from lti_tool.people.model import Activity, ActivityKind


class SelfStep(IntEnum):
    """How a person sees themselves in one indicator."""

    NOT_YET = 0
    WITH_HELP = 1
    ALONE = 2
    COULD_TEACH = 3


@dataclass(frozen=True, slots=True)
class SelfView:
    """One indicator as a person sees themselves: at the entry, and at the exit where they have said it again."""

    entry: SelfStep
    entry_at: datetime
    exit: SelfStep | None = None
    exit_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SelfState:
    """How far a person is with one self-assessment."""

    draft: dict[IndicatorId, SelfStep] | None
    """None where nothing is begun."""
    times: tuple[datetime, ...]
    """When it was handed in, oldest first."""


def views(answers: Iterable[tuple[IndicatorId, int, datetime]]) -> dict[IndicatorId, SelfView]:
    """Of each indicator the first answer as entry and the latest after it as exit; `answers` from the oldest on."""
    found: dict[IndicatorId, SelfView] = {}
    for indicator, step, at in answers:
        first = found.get(indicator)
        if first is None:
            found[indicator] = SelfView(SelfStep(step), at)
        else:
            found[indicator] = SelfView(first.entry, first.entry_at, SelfStep(step), at)
    return found


def levels_said(shape: FrameworkShape, said: Mapping[IndicatorId, SelfView]) -> Mapping[CompetencyId, int | None]:
    """The levels at which a person sees themselves, by the rules of levels; the latest answers speak.

    Who does something on their own is taken to have attained it. What nobody answered is unknown: a level of which
    too little was answered says nothing, and None is not level 0.
    """
    if not said:
        return _nothing_said(shape)
    results = {indicator: IndicatorResult(_state_said(view), None) for indicator, view in said.items()}
    stood = stand_in_record(shape, PersonRecord(results), ZERO)
    return {competency: each.established for competency, each in stood.items()}


@lru_cache(maxsize=16)
def _nothing_said(shape: FrameworkShape) -> Mapping[CompetencyId, int | None]:
    # Of most people, on the page that everybody opens.
    return {each.competency: each.established for each in stand_in_record(shape, PersonRecord(), ZERO).values()}


def _state_said(view: SelfView) -> IndicatorState:
    step = view.entry if view.exit is None else view.exit
    return IndicatorState.ATTAINED if step >= SelfStep.ALONE else IndicatorState.NOT_ATTAINED


def views_of(
    session: Session, course_id: CourseId, person_id: PersonId, version: Framework | None = None
) -> dict[IndicatorId, SelfView]:
    """How a person sees themselves in a course, over all of its self-assessments.

    `version` is the one that the course is pinned to; it is asked for where the caller does not know it.
    """
    said = self_queries.submitted_answers(session, course_id, person_id)
    return views(_as_now(session, course_id, said, version))


def _as_now(
    session: Session,
    course_id: CourseId,
    said: Sequence[tuple[IndicatorId, int, datetime]],
    version: Framework | None = None,
) -> Sequence[tuple[IndicatorId, int, datetime]]:
    """What was said before the course moved to another version of the requirements, as it speaks of that."""
    version = version or version_of(session, course_id)
    return said if version is None else crossing.answers(session, course_id, version, said)


def self_assessments_of(session: Session, course_id: CourseId) -> tuple[Activity, ...]:
    """The self-assessments of a course."""
    listed = activities.activities_of(session, course_id)
    return tuple(activity for activity in listed if activity.kind is ActivityKind.SELF_ASSESSMENT)


def self_assessment(session: Session, course_id: CourseId, public_id: str) -> Activity:
    """The self-assessment with this public id. Raises NotFound for any other activity."""
    found = [each for each in self_assessments_of(session, course_id) if each.public_id == public_id]
    if not found:
        raise NotFound("self_assessment_unknown")
    return found[0]


def asked_for(session: Session, activity: Activity, framework: Framework) -> tuple[Indicator, ...]:
    """What it asks about: the indicators mapped to it, or all where none is."""
    cells = mapping_of(session, activity.course_id)
    mapped = {cell.indicator for cell in cells if cell.activity == activity.id}
    return tuple(each for each in framework.indicators if each.id in mapped) or framework.indicators


def state_of(session: Session, activity: Activity, person_id: PersonId) -> SelfState:
    """How far a person is with it."""
    rows = self_store.assessments(session, activity.course_id, person_id, activity.id)
    drafts = [row for row in rows if row.submitted_at is None]
    times = tuple(row.submitted_at for row in rows if row.submitted_at is not None)
    if not drafts:
        return SelfState(None, times)
    kept = self_store.answers(session, drafts[-1])
    dated = [(IndicatorId(indicator), step, drafts[-1].saved_at) for indicator, step in kept.items()]
    said = _as_now(session, activity.course_id, dated)
    return SelfState({indicator: SelfStep(step) for indicator, step, _at in said}, times)


def save(
    session: Session,
    activity: Activity,
    person_id: PersonId,
    changes: Mapping[IndicatorId, SelfStep | None],
    *,
    attempt: int,
    submit: bool,
    now: datetime,
) -> None:
    """Puts these answers into the draft, and hands it in where that is wanted.

    `attempt` is how often the person had handed it in when they saw the form. Raises Conflict where that has changed:
    a form sent twice must not pass for an exit. Raises RuleBroken for a draft without a single answer, and in a
    closed course (`course_closed`); then nothing is stored.
    """
    closing.check_open(session, activity.course_id)
    # Only this course, and only so that two tabs of one person do not begin two drafts.
    roster.take_courses(session, activity.course_id, ())
    rows = self_store.assessments(session, activity.course_id, person_id, activity.id)
    if sum(row.submitted_at is not None for row in rows) != attempt:
        raise Conflict("self_assessment_handed_in")
    drafts = [row for row in rows if row.submitted_at is None]
    kept = self_store.answers(session, drafts[-1]) if drafts else {}
    said = kept | dict(changes)
    if submit and all(step is None for step in said.values()):
        raise RuleBroken("self_assessment_empty")
    row = drafts[-1] if drafts else self_store.add_draft(session, activity.course_id, person_id, activity.id, now)
    self_store.save_answers(session, row, changes)
    row.saved_at = now
    if submit:
        row.submitted_at = now
    session.flush()
