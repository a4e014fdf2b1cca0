"""A large course computed anew after a change of its mapping or rules: in batches, by a worker, with progress.

The change itself is stored at once, and every mark that comes in meanwhile counts by it. What is computed later are
the levels of those about whom nothing new came in; each batch is a transaction of its own. A change during that begins
it again, and whatever a worker leaves undone the next one goes on with. A course that cannot be computed is set aside
for a while, the longer the more often it failed, and its trainers are told why; the others do not wait for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from lti_tool.competency import recompute
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import ToolError
from lti_tool.grading import gradebook, store
from lti_tool.grading.tables import JobRow
from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people import roster

AT_ONCE = 100
"""Courses of so many people are computed together with the change, in well under a second."""
BATCH = 100
COURSES_PER_TURN = 20
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
"""A course that failed once waits a minute, then twice as long each time."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a course is; `fault` is why it broke off, and `retry_at` when it is tried again."""

    done: int
    total: int
    fault: str | None = None
    retry_at: datetime | None = None


def compute_anew(session: Session, course_id: CourseId, now: datetime) -> None:
    """Has the course follow a change: at once where it is small, else by a worker."""
    everyone = recompute.everyone(session, course_id, now)
    row = store.job(session, course_id)
    if len(everyone) <= AT_ONCE:
        gradebook.recompute_course(session, course_id, now)
        if row is not None:
            _end(row, now)
        return
    if row is None:
        row = JobRow(course_id=course_id)
        session.add(row)
    row.total, row.done, row.reached, row.began_at, row.finished_at = len(everyone), 0, 0, now, None
    _take_up(row)
    session.flush()


def compute_later(session: Session, course_ids: Collection[CourseId], now: datetime) -> None:
    """Leaves these courses to a worker, however small they are: they are many, and nobody waits for any of them."""
    held, people = store.jobs_of(session, course_ids), store.people_of(session, course_ids)
    for course_id in course_ids:
        row = held.get(course_id) or JobRow(course_id=course_id)
        row.total, row.done, row.reached = people.get(course_id, 0), 0, 0
        row.began_at, row.finished_at = now, None
        _take_up(row)
        session.add(row)
    session.flush()


def courses_under_way(session: Session, platform_id: PlatformId) -> int:
    """In how many courses of a platform levels are being computed anew."""
    return store.count_open_jobs(session, platform_id)


def compute_whole(session: Session, course_id: CourseId, now: datetime) -> None:
    """Has the course follow a change here and now, however large it is; whatever was under way is done by that."""
    gradebook.recompute_course(session, course_id, now)
    row = store.job(session, course_id)
    if row is not None:
        _end(row, now)


def progress_of(session: Session, course_id: CourseId) -> Progress | None:
    """How far the course is; None where nothing is under way."""
    row = store.job(session, course_id)
    if row is None or row.finished_at is not None:
        return None
    return Progress(row.done, row.total, row.fault, row.retry_at)


def advance(sessions: SessionFactory, now: datetime) -> int:
    """Computes all that is under way, batch by batch; how many people. Any number of workers may do so at once.

    Whatever goes wrong in one course is logged and kept with it; the others are computed all the same.
    """
    with unit_of_work(sessions, writes=False) as session:
        courses = store.open_jobs(session, now, COURSES_PER_TURN)
    total = 0
    for course_id in courses:
        try:
            total += _finish(sessions, course_id, now)
        except Exception as failure:
            log.exception("course_not_computed", course_id=course_id)
            with unit_of_work(sessions) as session:
                _set_aside(session, course_id, failure, now)
    return total


def _set_aside(session: Session, course_id: CourseId, failure: Exception, now: datetime) -> None:
    roster.take_courses(session, course_id, None)
    row = store.job(session, course_id)
    if row is None or row.finished_at is not None:
        return
    row.failures = min(row.failures + 1, 100)
    row.retry_at = now + min(FIRST_WAIT * 2 ** min(row.failures - 1, 20), LONGEST_WAIT)
    row.fault = (failure.code if isinstance(failure, ToolError) else type(failure).__name__)[:60]


def _end(row: JobRow, now: datetime) -> None:
    row.finished_at = row.finished_at or now
    _take_up(row)


def _take_up(row: JobRow) -> None:
    """What went wrong before does not count any more."""
    row.failures, row.retry_at, row.fault = 0, None, None


def _finish(sessions: SessionFactory, course_id: CourseId, now: datetime) -> int:
    total = 0
    while True:
        with unit_of_work(sessions) as session:
            computed = _batch(session, course_id, now)
        total += computed
        if computed < BATCH:
            return total


def _batch(session: Session, course_id: CourseId, now: datetime) -> int:
    """The next people of the course, all in the caller's transaction; 0 where it is done."""
    # The course first, as everybody takes it; another worker's batch is then seen here as done.
    roster.take_courses(session, course_id, None)
    row = store.job(session, course_id)
    if row is None or row.finished_at is not None:
        return 0
    left = sorted(person for person in recompute.everyone(session, course_id, now) if person > row.reached)
    batch: list[PersonId] = left[:BATCH]
    if batch:
        gradebook.welcome(session, course_id, batch, now=now)
        row.reached, row.done = batch[-1], row.done + len(batch)
    if len(left) <= BATCH:
        row.finished_at = now
    _take_up(row)
    session.flush()
    return len(batch)
