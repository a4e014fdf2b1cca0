"""Loads and saves tasks, submissions, files and assessments for the use cases of this package."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session, aliased

from lti_tool.competency.model import ObservationStep
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId, PublicId
from lti_tool.tasks.model import Assessment, StoredFile, Submission, SubmissionState, Task, Waiting
from lti_tool.tasks.tables import AssessmentRow, FileRow, SubmissionRow, TaskRow


def task_row(session: Session, activity_id: ActivityId, *, take: bool = False) -> TaskRow | None:
    """What a trainer set for a task; with `take` until the end of the transaction nobody else's to change."""
    query = select(TaskRow).where(TaskRow.activity_id == activity_id)
    return session.scalar(query.with_for_update() if take else query)


def as_task(activity_id: ActivityId, row: TaskRow | None) -> Task:
    """The row as the value that leaves this package; none = nothing set yet."""
    return Task(activity_id) if row is None else Task(activity_id, row.instructions, row.due_at, row.version)


def submission_row(session: Session, course_id: CourseId, public_id: str) -> SubmissionRow | None:
    """The submission of the course with this public id, taken until the end of the transaction."""
    query = select(SubmissionRow).where(
        SubmissionRow.course_id == course_id, SubmissionRow.public_id == PublicId(public_id)
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def attempts(
    session: Session, course_id: CourseId, activity_id: ActivityId, person_id: PersonId
) -> tuple[Submission, ...]:
    """All attempts of a person at a task, the newest first."""
    chosen = (SubmissionRow.activity_id == activity_id, SubmissionRow.person_id == person_id)
    return submissions(session, course_id, *chosen)


def submissions(session: Session, course_id: CourseId, *chosen: ColumnElement[bool]) -> tuple[Submission, ...]:
    """Submissions of a course that are `chosen`, with files and assessments, the newest attempt first."""
    query = select(SubmissionRow).where(SubmissionRow.course_id == course_id, *chosen)
    rows = list(session.scalars(query.order_by(SubmissionRow.attempt.desc(), SubmissionRow.id)))
    ids = [row.id for row in rows]
    files, said = _files(session, ids), _assessments(session, ids)
    return tuple(_as_submission(row, files[row.id], said.get(row.id)) for row in rows)


def waiting(session: Session, course_id: CourseId, activity_id: ActivityId | None) -> tuple[Waiting, ...]:
    """What is handed in and was followed by no later attempt, the longest waiting first."""
    later = aliased(SubmissionRow)
    followed = exists().where(
        later.course_id == course_id,
        later.activity_id == SubmissionRow.activity_id,
        later.person_id == SubmissionRow.person_id,
        later.attempt > SubmissionRow.attempt,
        later.state != SubmissionState.DRAFT.value,
    )
    row = SubmissionRow
    query = (
        select(row.public_id, row.activity_id, row.person_id, row.attempt, row.handed_in_at)
        .where(row.course_id == course_id, row.state == SubmissionState.HANDED_IN.value, ~followed)
        .order_by(row.handed_in_at, row.id)
    )
    if activity_id is not None:
        query = query.where(row.activity_id == activity_id)
    return tuple(
        Waiting(PublicId(public_id), ActivityId(activity), PersonId(person), attempt, handed_in_at)
        for public_id, activity, person, attempt, handed_in_at in session.execute(query)
        if handed_in_at is not None
    )


def insert_submission(session: Session, row: SubmissionRow) -> None:
    """Adds a submission; IntegrityError where the person's other tab was first."""
    session.add(row)
    session.flush()


def file_row(session: Session, course_id: CourseId, public_id: str) -> FileRow | None:
    """The file of the course with this public id."""
    query = select(FileRow).where(FileRow.course_id == course_id, FileRow.public_id == PublicId(public_id))
    return session.scalar(query)


def files_of(session: Session, submission_id: int, *, is_feedback: bool = False) -> list[FileRow]:
    """The files that were handed in with a submission, or those that were given back."""
    query = select(FileRow).where(FileRow.submission_id == submission_id, FileRow.is_feedback.is_(is_feedback))
    return list(session.scalars(query.order_by(FileRow.id)))


def remove_file(session: Session, row: FileRow) -> None:
    """Forgets a file."""
    session.execute(delete(FileRow).where(FileRow.id == row.id))


def known_shelf_names(session: Session, names: Iterable[str]) -> set[str]:
    """Those of these names under which a file is kept."""
    return set(session.scalars(select(FileRow.shelf_name).where(FileRow.shelf_name.in_(list(names)))))


def latest_assessment(session: Session, submission_id: int) -> Assessment | None:
    """The assessment in force."""
    return _assessments(session, [submission_id]).get(submission_id)


def _files(session: Session, ids: Collection[int]) -> dict[int, list[StoredFile]]:
    found: dict[int, list[StoredFile]] = defaultdict(list)
    for row in session.scalars(select(FileRow).where(FileRow.submission_id.in_(ids)).order_by(FileRow.id)):
        found[row.submission_id].append(as_file(row))
    return found


def as_file(row: FileRow) -> StoredFile:
    """The row as the value that leaves this package."""
    return StoredFile(
        PublicId(row.public_id), row.name, row.media_type, row.size, row.shelf_name, is_feedback=row.is_feedback
    )


def _assessments(session: Session, ids: Collection[int]) -> dict[int, Assessment]:
    newest = (
        select(AssessmentRow.submission_id, func.max(AssessmentRow.version).label("version"))
        .where(AssessmentRow.submission_id.in_(ids))
        .group_by(AssessmentRow.submission_id)
        .subquery()
    )
    same = (AssessmentRow.submission_id == newest.c.submission_id) & (AssessmentRow.version == newest.c.version)
    rows = session.scalars(select(AssessmentRow).join(newest, same))
    return {
        row.submission_id: Assessment(
            {IndicatorId(int(indicator)): ObservationStep(step) for indicator, step in row.steps.items()},
            row.comment,
            PersonId(row.assessed_by),
            row.assessed_at,
            row.version,
        )
        for row in rows
    }


def _as_submission(row: SubmissionRow, files: Iterable[StoredFile], said: Assessment | None) -> Submission:
    return Submission(
        id=row.id,
        public_id=PublicId(row.public_id),
        activity_id=ActivityId(row.activity_id),
        person_id=PersonId(row.person_id),
        attempt=row.attempt,
        state=SubmissionState(row.state),
        text=row.text,
        links=tuple(row.links),
        version=row.version,
        saved_at=row.saved_at,
        handed_in_at=row.handed_in_at,
        files=tuple(files),
        assessment=said,
    )
