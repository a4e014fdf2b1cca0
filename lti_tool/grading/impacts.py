"""What moving all courses of an institute would do, and moving them: course by course, by workers, with progress.

Each course is an errand of its own (ADR 11), so that any number of workers do it, and one that dies costs its course
only. Only counts are kept; who is meant is worked out anew when somebody opens a course. A course moves only if it
comes out as it was seen; else its new figures are there to be looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from lti_tool.competency import impact_store, moving, version_store
from lti_tool.competency.impact import Impact
from lti_tool.competency.moving import Look
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict, ToolError
from lti_tool.grading.moving import accept_move
from lti_tool.ids import CourseId, FrameworkVersionId, PersonId, PlatformId
from lti_tool.people import errands
from lti_tool.people.errand import ErrandKind, Held

PER_TURN = 50
CHANGED = "impact_changed_meanwhile"
"""Of a course that was to be moved: its figures are new, and it was not moved."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Impacts:
    """How far it is."""

    courses: tuple[Impact, ...]

    @property
    def done(self) -> int:
        """How many courses are looked at, or could not be."""
        return sum(each.computed_at is not None for each in self.courses)

    @property
    def waiting(self) -> int:
        """How many wait for a worker: to be looked at, or moved."""
        return sum(each.computed_at is None or each.move for each in self.courses)


def ask(session: Session, platform_id: PlatformId, to: FrameworkVersionId, by: PersonId | None, now: datetime) -> int:
    """Has workers look at every open course of a platform from which a confirmed crosswalk leads to this version."""
    known = version_store.crosswalks(session, platform_id)
    courses = [
        course
        for each in known
        if each.new == to
        for course in version_store.open_courses_on(session, platform_id, each.old)
    ]
    impact_store.begin(session, courses, to, platform_id, by, now)
    errands.ask_many(session, courses, ErrandKind.IMPACT, by, now)
    return len(courses)


def impacts_of(session: Session, platform_id: PlatformId) -> Impacts:
    """What is known so far."""
    return Impacts(impact_store.impacts_of(session, platform_id))


def ask_moves(
    session: Session, platform_id: PlatformId, courses: Collection[str], by: PersonId | None, now: datetime
) -> int:
    """Has workers move these courses (public ids), as far as they were looked at without a fault."""
    ready = [
        each.course_id
        for each in impact_store.impacts_of(session, platform_id)
        if each.public_id in courses
        and each.computed_at is not None
        and each.fault in {None, CHANGED}
        and not each.move
    ]
    impact_store.want_moves(session, ready, by)
    errands.ask_many(session, ready, ErrandKind.IMPACT, by, now)
    return len(ready)


def advance(sessions: SessionFactory, now: datetime) -> None:
    """A turn of a worker."""
    for _ in range(PER_TURN):
        with unit_of_work(sessions) as session:
            held = errands.take_next(session, [ErrandKind.IMPACT], [], now)
        if held is None:
            return
        try:
            _do(sessions, held, now)
        except errands.HandsOff:
            log.warning("errand_lost", course_id=held.course_id, kind=held.kind.value)
        except Exception as failure:
            # One course that nobody foresaw must not cost the others their turn.
            log.exception("course_not_looked_at", course_id=held.course_id)
            _note(sessions, held, failure, now)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What somebody wanted of a course when a worker took it up."""

    to: FrameworkVersionId
    move: bool
    seen: str
    asked_at: datetime
    by: PersonId | None


def _do(sessions: SessionFactory, held: Held, now: datetime) -> None:
    with unit_of_work(sessions, writes=False) as session:
        wish = _wish(session, held.course_id)
    if held.is_hopeless:
        _note(sessions, held, ToolError("workers_lost"), now)
    elif wish is None:
        _store(sessions, held, None, None, now)
    else:
        _try(sessions, held, wish, now)


def _wish(session: Session, course_id: CourseId) -> _Wish | None:
    row = impact_store.impact_row(session, course_id)
    if row is None:
        return None
    by = None if row.asked_by is None else PersonId(row.asked_by)
    return _Wish(FrameworkVersionId(row.to_version_id), row.move, row.fingerprint, row.asked_at, by)


def _try(sessions: SessionFactory, held: Held, wish: _Wish, now: datetime) -> None:
    try:
        if wish.move:
            _move(sessions, held, wish, now)
        else:
            _look(sessions, held, wish, now)
    except Conflict:
        _look(sessions, held, wish, now, CHANGED)
    except ToolError as refused:
        log.info("course_cannot_move", course_id=held.course_id, code=refused.code)
        _note(sessions, held, refused, now)


def _move(sessions: SessionFactory, held: Held, wish: _Wish, now: datetime) -> None:
    with unit_of_work(sessions) as session:
        errands.close(session, held)
        move_now(session, held.course_id, wish.to, wish.seen, wish.by, now)
    log.info("course_moved", course_id=held.course_id, version_id=wish.to)


def _look(sessions: SessionFactory, held: Held, wish: _Wish, now: datetime, fault: str | None = None) -> None:
    # Without the right to write: looking at a large course must not keep others waiting.
    with unit_of_work(sessions, writes=False) as session:
        found = moving.look(session, held.course_id, wish.to, now)
    _store(sessions, held, wish, found, now, fault)


def _note(sessions: SessionFactory, held: Held, failure: Exception, now: datetime) -> None:
    code = failure.code if isinstance(failure, ToolError) else type(failure).__name__
    _store(sessions, held, None, None, now, code)


def _store(
    sessions: SessionFactory,
    held: Held,
    wish: _Wish | None,
    found: Look | None,
    now: datetime,
    fault: str | None = None,
) -> None:
    with unit_of_work(sessions) as session:
        row = impact_store.impact_row(session, held.course_id)
        if row is not None and wish is not None and row.asked_at != wish.asked_at:
            # Somebody has asked for something else meanwhile.
            errands.give_back(session, held)
            return
        errands.close(session, held)
        if row is None:
            return
        row.computed_at, row.move, row.fault = now, False, None if fault is None else fault[:60]
        if found is not None:
            row.persons, row.gaining, row.losing = found.persons, len(found.gaining), len(found.losing)
            row.fingerprint = found.fingerprint


def totals(courses: Sequence[Impact]) -> tuple[int, int, int]:
    """Participants, who gains and who loses, over these courses; a person in two of them counts twice."""
    return (
        sum(each.persons for each in courses),
        sum(each.gaining for each in courses),
        sum(each.losing for each in courses),
    )


def move_now(
    session: Session, course_id: CourseId, to: FrameworkVersionId, seen: str, by: PersonId | None, now: datetime
) -> None:
    """One course, here and now; nothing waits of it any more. Raises as `moving.accept_move` does."""
    accept_move(session, course_id, to, seen, by=by, now=now)
    row = impact_store.impact_row(session, course_id)
    if row is not None:
        impact_store.forget(session, row)
