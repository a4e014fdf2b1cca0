"""What the four steps of an observation look like, indicator by indicator, in a trainer's words; always optional.

It helps to assess alike and tells participants what is expected; it changes no mark. A copied course reads its
origin's words until it has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import rubric_store
from lti_tool.competency.bridge import Bridge
from lti_tool.competency.model import ObservationStep
from lti_tool.competency.tables import RubricRow
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.ids import CourseId, IndicatorId, PersonId
from lti_tool.people import courses, roster
from lti_tool.people.model import Course

LONGEST = 500
"""Letters of one step's description: it stands beside the step while somebody assesses."""
Steps = Mapping[ObservationStep, str]


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What was written of one indicator."""

    steps: dict[ObservationStep, str]
    """Only steps that have a text, from the lowest to the highest."""
    version: int
    """0 where this course has none of its own; grows with each change."""


NONE = Descriptors({}, 0)


def descriptors_of(session: Session, course: Course) -> dict[IndicatorId, Descriptors]:
    """What is told of each indicator in a course: its own words, else those of the nearest course it is a copy of."""
    sources = [course.id, *(origin.id for origin in courses.origins_of(session, course))]
    rows = rubric_store.rows_of(session, sources)
    found: dict[IndicatorId, Descriptors] = {}
    for row in sorted(rows, key=lambda each: -sources.index(CourseId(each.course_id))):
        found[IndicatorId(row.indicator_id)] = _descriptors(row, own=row.course_id == course.id)
    return found


def describe(
    session: Session,
    course_id: CourseId,
    indicator: IndicatorId,
    steps: Steps,
    *,
    seen: int,
    by: PersonId,
    now: datetime,
) -> None:
    """Writes what the steps of one indicator look like; what is empty says nothing of that step.

    Raises RuleBroken (`description_too_long`), Conflict (`described_meanwhile`) where this course's words are no
    longer version `seen`; then nothing is stored.
    """
    if any(len(text) > LONGEST for text in steps.values()):
        raise RuleBroken("description_too_long", most=LONGEST)
    told = {step.value: steps[step].strip() for step in ObservationStep if steps.get(step, "").strip()}
    # Only this course: nobody's level rests on it.
    roster.take_courses(session, course_id, ())
    row = rubric_store.row_of(session, course_id, indicator)
    if row is not None and row.steps == told:
        return
    if seen != (row.version if row else 0):
        raise Conflict("described_meanwhile")
    if row is None:
        row = RubricRow(course_id=course_id, indicator_id=indicator, version=0)
    row.steps, row.version, row.changed_at, row.changed_by = told, row.version + 1, now, by
    rubric_store.save(session, row)


def lead_over(session: Session, course_id: CourseId, ahead: Bridge) -> None:
    """The course has moved to another version: what was written of an indicator is told of the one that it has become.

    Where several have become one, or one several, nobody's words are taken for another's; what is there stays.
    """
    rows = {IndicatorId(row.indicator_id): row for row in rubric_store.rows_of(session, [course_id])}
    for indicator, ways in ahead.ways.items():
        like = next((rows[way[0]] for way in ways if len(way) == 1 and way[0] in rows), None)
        if like is None or indicator in rows:
            continue
        row = RubricRow(course_id=course_id, indicator_id=indicator, version=1, steps=dict(like.steps))
        row.changed_at, row.changed_by = like.changed_at, like.changed_by
        rubric_store.save(session, row)


def _descriptors(row: RubricRow, *, own: bool) -> Descriptors:
    told = {step: row.steps[step.value] for step in ObservationStep if step.value in row.steps}
    return Descriptors(told, row.version if own else 0)
