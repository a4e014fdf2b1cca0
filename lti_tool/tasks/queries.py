"""What pages show of evidence tasks. Values, never rows."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.ids import ActivityId, CourseId, PersonId, PublicId
from lti_tool.people.tables import PersonRow
from lti_tool.tasks import store
from lti_tool.tasks.model import Submission, Task
from lti_tool.tasks.tables import FileRow, SubmissionRow, TaskRow


def task_of(session: Session, activity_id: ActivityId) -> Task:
    """What was set for a task."""
    return store.as_task(activity_id, store.task_row(session, activity_id))


def tasks_of(session: Session, course_id: CourseId) -> dict[ActivityId, Task]:
    """What was set for the tasks of a course."""
    rows = session.scalars(select(TaskRow).where(TaskRow.course_id == course_id))
    return {ActivityId(row.activity_id): store.as_task(ActivityId(row.activity_id), row) for row in rows}


def attempts_of(
    session: Session, course_id: CourseId, activity_id: ActivityId, person_id: PersonId
) -> tuple[Submission, ...]:
    """All attempts of a person at a task, the newest first."""
    return store.attempts(session, course_id, activity_id, person_id)


def whose_submission(session: Session, course_id: CourseId, public_id: str) -> PublicId | None:
    """Who handed it in; None where there is no such submission in the course."""
    query = select(PersonRow.public_id).join(SubmissionRow, SubmissionRow.person_id == PersonRow.id)
    found = session.scalar(query.where(SubmissionRow.course_id == course_id, SubmissionRow.public_id == public_id))
    return PublicId(found) if found else None


def whose_file(session: Session, course_id: CourseId, public_id: str) -> PublicId | None:
    """To whose submission a file belongs; None where there is no such file in the course."""
    query = (
        select(PersonRow.public_id)
        .join(SubmissionRow, SubmissionRow.person_id == PersonRow.id)
        .join(FileRow, FileRow.submission_id == SubmissionRow.id)
    )
    found = session.scalar(query.where(FileRow.course_id == course_id, FileRow.public_id == public_id))
    return PublicId(found) if found else None
