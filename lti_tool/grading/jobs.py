"""A large course computed anew after a change of its mapping or rules: in batches, by a worker, with progress.

The change itself is stored at once, and every mark that comes in meanwhile counts by it. What is computed later are
the levels of those about whom nothing new came in; each batch is a transaction of its own. A change during that begins
it again, and whatever a worker leaves undone the next one goes on with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import recompute
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading import gradebook, store
from lti_tool.grading.tables import JobRow
from lti_tool.ids import CourseId, PersonId
from lti_tool.people import roster

AT_ONCE = 100
"""Courses of so many people are computed together with the change, in well under a second."""
BATCH = 100
COURSES_PER_TURN = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a course is."""

    done: int
    total: int


def compute_anew(session: Session, course_id: CourseId, now: datetime) -> None:
    """Has the course follow a change: at once where it is small, else by a worker."""
    everyone = recompute.everyone(session, course_id, now)
    row = store.job(session, course_id)
    if len(everyone) <= AT_ONCE:
        gradebook.recompute_course(session, course_id, now)
        if row is not None:
            row.finished_at = row.finished_at or now
        return
    if row is None:
        row = JobRow(course_id=course_id)
        session.add(row)
    row.total, row.done, row.reached, row.began_at, row.finished_at = len(everyone), 0, 0, now, None
    session.flush()


def progress_of(session: Session, course_id: CourseId) -> Progress | None:
    """How far the course is; None where nothing is under way."""
    row = store.job(session, course_id)
    return None if row is None or row.finished_at is not None else Progress(row.done, row.total)


def advance(sessions: SessionFactory, now: datetime) -> int:
    """Computes all that is under way, batch by batch; how many people. Any number of workers may do so at once."""
    with unit_of_work(sessions, writes=False) as session:
        courses = store.open_jobs(session, COURSES_PER_TURN)
    return sum(_finish(sessions, course_id, now) for course_id in courses)


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
    session.flush()
    return len(batch)
