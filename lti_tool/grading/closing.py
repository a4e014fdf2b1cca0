"""The door for closing a course, reopening it and deciding its cases; the grades follow in the same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import closing
from lti_tool.competency.closing import Settlement
from lti_tool.competency.decisions import Who
from lti_tool.errors import Conflict
from lti_tool.grading import gradebook, jobs
from lti_tool.ids import CourseId
from lti_tool.people import roster


def accept_closing(session: Session, course_id: CourseId, seen: str, *, by: Who, now: datetime) -> None:
    """The course is closed as it was looked at.

    Raises as `competency.closing.close`, and Conflict("levels_under_way") while the levels still follow a change;
    then nothing is stored.
    """
    roster.take_courses(session, course_id, None)
    if jobs.progress_of(session, course_id) is not None:
        raise Conflict("levels_under_way")
    gradebook.follow_computed(session, closing.close(session, course_id, seen, by=by, now=now), now=now)


def accept_reopening(session: Session, course_id: CourseId, *, by: Who, now: datetime) -> None:
    """The course is open again and its levels follow the marks. Raises as `competency.closing.reopen`."""
    roster.take_courses(session, course_id, None)
    closing.reopen(session, course_id, by=by, now=now)
    jobs.compute_anew(session, course_id, now)


def accept_settlement(session: Session, course_id: CourseId, said: Settlement, *, by: Who, now: datetime) -> None:
    """Cases are decided. Raises as `competency.closing.settle`; then nothing is stored."""
    roster.take_courses(session, course_id, None)
    gradebook.follow_computed(session, closing.settle(session, course_id, said, by=by, now=now), now=now)
