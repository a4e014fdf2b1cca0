"""A course moved to another version of the requirements, or back, with all grades that follow; in one transaction.

So that no page ever shows the one half by the old version and the other by the new, everybody is computed at once. A
course of many people is left to a worker (`impacts`), which nobody waits for.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import moving
from lti_tool.grading import jobs
from lti_tool.ids import CourseId, FrameworkVersionId, PersonId
from lti_tool.people import roster


def accept_move(
    session: Session, course_id: CourseId, to: FrameworkVersionId, seen: str, *, by: PersonId | None, now: datetime
) -> None:
    """Moves the course as it was looked at. Raises as `competency.moving.move` does; then nothing is stored.

    Columns of competencies that are removed stay, their grades are withdrawn; those of new ones are made.
    """
    roster.take_courses(session, course_id, None)
    moving.move(session, course_id, to, seen, by=by, now=now)
    jobs.compute_whole(session, course_id, now)
