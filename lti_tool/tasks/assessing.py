"""Assessing: what waits, one submission after another, a step per indicator; levels follow at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.competency.evidence import NewEvidence
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.model import OBSERVED, ObservationStep
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.grading import gradebook
from lti_tool.ids import ActivityId, CourseId, IndicatorId, PersonId
from lti_tool.people.model import Activity
from lti_tool.tasks import store
from lti_tool.tasks.model import Assessment, Submission, SubmissionState, Task, Waiting
from lti_tool.tasks.tables import AssessmentRow, SubmissionRow, TaskRow

SOURCE = "trainer"
COMMENT_LENGTH = 10_000
INSTRUCTIONS_LENGTH = 20_000
Steps = Mapping[IndicatorId, ObservationStep]


@dataclass(frozen=True, slots=True)
class Said:
    """What a trainer says of a submission."""

    steps: Steps
    comment: str


def indicators_of(session: Session, course_id: CourseId, activity_id: ActivityId) -> tuple[IndicatorId, ...]:
    """What an activity shows by the course's mapping, in the framework's order of ids."""
    return tuple(sorted(cell.indicator for cell in mapping_of(session, course_id) if cell.activity == activity_id))


def set_task(
    session: Session,
    activity: Activity,
    instructions: str,
    due_at: datetime | None,
    *,
    seen: int,
    by: PersonId,
    now: datetime,
) -> Task:
    """Sets a task's instructions and due date.

    Raises RuleBroken (`text_too_long`), Conflict (`task_changed_meanwhile`) where it is no longer version `seen`.
    """
    if len(instructions) > INSTRUCTIONS_LENGTH:
        raise RuleBroken("text_too_long", most=INSTRUCTIONS_LENGTH)
    row = store.task_row(session, activity.id, take=True)
    if seen != (row.version if row else 0):
        raise Conflict("task_changed_meanwhile")
    if row is None:
        row = TaskRow(activity_id=activity.id, course_id=activity.course_id, version=0)
        session.add(row)
    row.instructions, row.due_at, row.version = instructions, due_at, row.version + 1
    row.changed_at, row.changed_by = now, by
    session.flush()
    return store.as_task(activity.id, row)


def waiting(session: Session, course_id: CourseId, activity_id: ActivityId | None = None) -> tuple[Waiting, ...]:
    """What waits for an assessment, at all tasks or at one, the longest waiting first.

    Of a person's attempts at a task only the newest waits; an attempt that a later one has followed waits no more,
    whether that one is assessed already or not.
    """
    return store.waiting(session, course_id, activity_id)


def submission_of(session: Session, course_id: CourseId, public_id: str) -> Submission:
    """A submission that was handed in. Raises NotFound where there is none; drafts are nobody else's to see."""
    found = store.submissions(session, course_id, SubmissionRow.public_id == public_id)
    if not found or found[0].state is SubmissionState.DRAFT:
        raise NotFound("submission_unknown")
    return found[0]


def assess(
    session: Session, course_id: CourseId, public_id: str, said: Said, *, seen: int, by: PersonId, now: datetime
) -> Assessment:
    """Stores an assessment and everything that follows from it.

    An indicator without a step is not assessed; one that had a step before loses its mark. The same assessment twice
    is stored once. Raises NotFound as `submission_of`, RuleBroken for an indicator that the task does not show or a
    comment too long, Conflict (`assessed_meanwhile`) where it is no longer version `seen`; then nothing is stored.
    """
    submission = submission_of(session, course_id, public_id)
    _check(session, submission, said, course_id)
    row = store.submission_row(session, course_id, public_id)
    before = store.latest_assessment(session, submission.id)
    if before is not None and (before.steps, before.comment, before.by) == (dict(said.steps), said.comment, by):
        return before
    if row is None or seen != (before.version if before else 0):
        raise Conflict("assessed_meanwhile")
    row.state = SubmissionState.ASSESSED.value
    stored = AssessmentRow(course_id=course_id, submission_id=submission.id, version=seen + 1)
    stored.steps = {str(indicator): step.value for indicator, step in said.steps.items()}
    stored.comment, stored.assessed_at, stored.assessed_by = said.comment, now, by
    session.add(stored)
    session.flush()
    entries = _evidence(submission, before.steps if before else {}, said.steps)
    if entries:
        gradebook.accept_results(session, course_id, entries, by=by, now=now)
    return Assessment(dict(said.steps), said.comment, by, now, stored.version)


def _check(session: Session, submission: Submission, said: Said, course_id: CourseId) -> None:
    if len(said.comment) > COMMENT_LENGTH:
        raise RuleBroken("text_too_long", most=COMMENT_LENGTH)
    strangers = said.steps.keys() - set(indicators_of(session, course_id, submission.activity_id))
    earlier = submission.assessment.steps.keys() if submission.assessment else set()
    if strangers - earlier:
        raise RuleBroken("indicator_not_of_task")


def _evidence(submission: Submission, before: Steps, after: Steps) -> list[NewEvidence]:
    """What the ledger is told: every step that is new or another, and every one that is gone."""
    return [
        NewEvidence(
            person_id=submission.person_id,
            activity_id=submission.activity_id,
            indicator_id=indicator,
            mark=OBSERVED[after[indicator]] if indicator in after else None,
            mark_min=Decimal(0),
            mark_max=Decimal(1),
            source=SOURCE,
            worked_at=submission.handed_in_at or submission.saved_at,
        )
        for indicator in sorted(before.keys() | after.keys())
        if after.get(indicator) != before.get(indicator)
    ]
