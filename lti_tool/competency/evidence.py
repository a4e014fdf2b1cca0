"""Where results enter, in one place, and where everything that follows from them is computed.

A result goes into the append-only ledger; in the same transaction the person's attainments and standings in the
course are computed anew by the pure rules, and in those other courses whose levels rest on the person's record.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.competency import ledger_store, model
from lti_tool.competency.recompute import Computed, CourseScope, compute_course, courses_resting_on
from lti_tool.errors import RuleBroken
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId
from lti_tool.people import roster

PLACES = 5
"""Moodle's own precision, and the ledger's. A source that knows more rounds by itself: nothing is in silence."""
STEP = Decimal(1).scaleb(-PLACES)
LARGEST = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A result as its source gives it. `mark` None: the source withdraws what it gave before."""

    person_id: PersonId
    activity_id: ActivityId
    indicator_id: IndicatorId | None
    mark: Decimal | None
    mark_min: Decimal
    mark_max: Decimal
    source: str
    worked_at: datetime


@dataclass(frozen=True, slots=True)
class CurrentEvidence:
    """The current entry of a place of the ledger."""

    mark: Decimal | None
    mark_min: Decimal
    mark_max: Decimal
    worked_at: datetime
    source: str


LedgerPlace = tuple[PersonId, ActivityId, IndicatorId | None]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Whose standings were computed anew, by course; grading makes the wanted scores from it."""

    persons: dict[CourseId, frozenset[PersonId]] = field(default_factory=dict)
    scopes: dict[CourseId, CourseScope] = field(default_factory=dict)
    """The rules and the mapping that each course was computed by."""


def record(
    session: Session, course_id: CourseId, entries: Sequence[NewEvidence], *, by: PersonId | None, now: datetime
) -> Recomputed:
    """Appends results to the ledger and computes everything that follows from them, in the caller's transaction.

    Raises RuleBroken for a mark that is not a number, that no gradebook can hold (`mark_outside`), an empty range or
    a naive time; then nothing is stored.
    """
    rows = [_row(course_id, entry, by, now) for entry in entries]
    persons = {entry.person_id for entry in entries}
    roster.take_courses(session, course_id, persons)
    ledger_store.add_evidence(session, rows)
    return _compute(session, course_id, persons, now)


def recompute(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId] | None, now: datetime
) -> Recomputed:
    """Computes these persons' standings anew (None: of everyone in the course), and what rests on them elsewhere."""
    roster.take_courses(session, course_id, person_ids)
    return _compute(session, course_id, person_ids, now)


def _compute(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId] | None, now: datetime
) -> Recomputed:
    return follow(session, compute_course(session, course_id, person_ids, now), now)


def follow(session: Session, first: Computed, now: datetime) -> Recomputed:
    """Computes what rests in other courses on what has changed in this one."""
    course_id = first.scope.course_id
    done = {course_id: first}
    for other, persons in courses_resting_on(session, course_id, first.changed).items():
        done[other] = compute_course(session, other, persons, now)
    return Recomputed(
        {course: computed.persons for course, computed in done.items()},
        {course: computed.scope for course, computed in done.items()},
    )


def current_evidence(session: Session, course_id: CourseId) -> dict[LedgerPlace, CurrentEvidence]:
    """The newest entry of every place in a course's ledger, withdrawn ones included (their mark is None).

    Voided ones too: a source that names the same mark again says nothing new, so it does not come back that way.
    """
    sources = ledger_store.evidence_sources(session, course_id)
    persons = ledger_store.persons_with_evidence(session, course_id)
    found: dict[LedgerPlace, CurrentEvidence] = {}
    for person, entries in ledger_store.ledger(session, course_id, persons, voided_too=True).items():
        for (activity, indicator), entry in model.current(entries).items():
            source, maximum = sources[entry.id]
            found[PersonId(person), activity, indicator] = CurrentEvidence(
                mark=entry.mark.given if entry.mark else None,
                mark_min=entry.mark.minimum if entry.mark else Decimal(0),
                mark_max=entry.mark.maximum if entry.mark else maximum,
                worked_at=entry.worked_at,
                source=source,
            )
    return found


def _row(course_id: CourseId, entry: NewEvidence, by: PersonId | None, now: datetime) -> dict[str, object]:
    if entry.worked_at.tzinfo is None:
        raise RuleBroken("time_naive", worked_at=entry.worked_at)
    # The value refuses an impossible mark before anything is stored.
    model.Mark(entry.mark if entry.mark is not None else entry.mark_max, entry.mark_min, entry.mark_max)
    for each in (entry.mark, entry.mark_min, entry.mark_max):
        if each is not None and not is_storable(each):
            raise RuleBroken("mark_outside", mark=each, places=PLACES, below=LARGEST)
    return {
        "course_id": course_id,
        "person_id": entry.person_id,
        "activity_id": entry.activity_id,
        "indicator_id": entry.indicator_id,
        "mark": entry.mark,
        "mark_min": entry.mark_min,
        "mark_max": entry.mark_max,
        "source": entry.source,
        "worked_at": entry.worked_at,
        "recorded_at": now,
        "recorded_by": by,
    }


def is_storable(mark: Decimal) -> bool:
    """Whether the ledger holds this number exactly, on either database: below 10⁹, with at most five decimals."""
    return abs(mark) < LARGEST and mark == mark.quantize(STEP)
