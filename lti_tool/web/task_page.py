"""What a participant sees of an evidence task: what is asked, what they have written, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from lti_tool.competency import rubric
from lti_tool.competency.framework import Framework
from lti_tool.competency.model import ObservationStep
from lti_tool.competency.rubric import Descriptors
from lti_tool.competency.rules import rules_of
from lti_tool.errors import RuleBroken
from lti_tool.ids import CourseId, IndicatorId
from lti_tool.people import courses
from lti_tool.people.model import Activity, Person
from lti_tool.tasks import queries
from lti_tool.tasks.assessing import indicators_of
from lti_tool.tasks.model import StoredFile, Submission, SubmissionState
from lti_tool.tasks.shelf import FILE_BYTES
from lti_tool.tasks.submissions import MOST_FILES, MOST_LINKS
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText
from lti_tool.web.refusals import told
from lti_tool.web.rubric_page import words_of

OWN_PREFIX = "External tool: "
NOTHING: Mapping[IndicatorId, Descriptors] = {}


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as it is listed."""

    name: str
    size: str
    public_id: str


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """What the task shows, and what was seen of it; `step` empty = not assessed."""

    code: str
    text: FrameworkText
    step: str
    key: str
    """Of the step, for its look."""
    steps: tuple[tuple[str, str], ...] = ()
    """(step, what it looks like) of the steps that are described."""


@dataclass(frozen=True, slots=True)
class AttemptPart:
    """One attempt that was handed in."""

    title: str
    at: datetime
    is_late: bool
    state: str
    text: str
    links: tuple[str, ...]
    files: tuple[ShownFile, ...]
    lines: tuple[IndicatorLine, ...]
    comment: str
    feedback: tuple[ShownFile, ...]


@dataclass(frozen=True, slots=True)
class DraftPart:
    """What is being written."""

    text: str
    links: str
    """One a line."""
    files: tuple[ShownFile, ...]
    version: int
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """The whole page."""

    title: str
    activity: str
    instructions: str
    due_at: datetime | None
    is_late: bool
    indicators: tuple[IndicatorLine, ...]
    draft: DraftPart | None
    """None once it is handed in."""
    attempts: tuple[AttemptPart, ...]
    limits: str
    most_bytes: int
    too_large: str
    """Said before a file is sent that is refused anyway."""


def build(session: Session, activity: Activity, person: Person, now: datetime) -> TaskPage:
    """The page of one person's task."""
    task = queries.task_of(session, activity.id)
    framework = rules_of(session, activity.course_id, now).framework
    attempts = queries.attempts_of(session, activity.course_id, activity.id, person.id)
    newest = attempts[0] if attempts else None
    described = rubric.descriptors_of(session, courses.get_course(session, activity.course_id))
    return TaskPage(
        title=activity.name.removeprefix(OWN_PREFIX),
        activity=activity.public_id,
        instructions=task.instructions,
        due_at=task.due_at,
        is_late=task.due_at is not None and now > task.due_at,
        indicators=lines_of(session, activity, framework, None, described),
        draft=_draft(newest),
        attempts=_handed_in(session, activity, framework, attempts),
        limits=_("At most %(files)d files of 20 MB each and %(links)d links.", files=MOST_FILES, links=MOST_LINKS),
        most_bytes=FILE_BYTES,
        too_large=told(RuleBroken("file_larger_than", megabytes=FILE_BYTES // 1024**2)),
    )


def _handed_in(
    session: Session, activity: Activity, framework: Framework, attempts: tuple[Submission, ...]
) -> tuple[AttemptPart, ...]:
    handed_in = [each for each in attempts if each.state is not SubmissionState.DRAFT]
    return tuple(
        attempt_part(session, activity, framework, each, is_newest=number == 0) for number, each in enumerate(handed_in)
    )


def attempt_part(
    session: Session, activity: Activity, framework: Framework, each: Submission, *, is_newest: bool = True
) -> AttemptPart:
    """An attempt that was handed in, with what became of it."""
    said = each.assessment
    waits = _("waits for its assessment") if is_newest else _("followed by a later attempt")
    due_at, at = queries.task_of(session, activity.id).due_at, each.handed_in_at or each.saved_at
    return AttemptPart(
        title=_("Attempt %(number)d", number=each.attempt),
        at=at,
        is_late=due_at is not None and at > due_at,
        state=_("assessed") if said else waits,
        text=each.text,
        links=each.links,
        files=tuple(_shown(file) for file in each.files if not file.is_feedback),
        lines=lines_of(session, activity, framework, each) if said else (),
        comment=said.comment if said else "",
        feedback=tuple(_shown(file) for file in each.files if file.is_feedback),
    )


def lines_of(
    session: Session,
    activity: Activity,
    framework: Framework,
    submission: Submission | None,
    described: Mapping[IndicatorId, Descriptors] = NOTHING,
) -> tuple[IndicatorLine, ...]:
    """The indicators of the task in the document's order, with the steps of the submission's assessment, and with what
    is said of how the steps look."""
    said = submission.assessment.steps if submission and submission.assessment else {}
    asked = {*indicators_of(session, CourseId(activity.course_id), activity.id), *said}
    return tuple(
        IndicatorLine(
            indicator.code,
            framework_text(indicator.texts, current_locale(), framework),
            steps_in_words()[said[indicator.id]] if indicator.id in said else "",
            said[indicator.id].value if indicator.id in said else "",
            words_of(described.get(indicator.id)),
        )
        for indicator in framework.indicators
        if indicator.id in asked
    )


def steps_in_words() -> dict[ObservationStep, str]:
    """The four steps of the rubric (rules, section 1)."""
    return {
        ObservationStep.NOT_SHOWN: _("not shown"),
        ObservationStep.EMERGING: _("emerging"),
        ObservationStep.SHOWN: _("shown"),
        ObservationStep.CONVINCING: _("convincing"),
    }


def _draft(newest: Submission | None) -> DraftPart | None:
    if newest is None:
        return DraftPart("", "", (), 0, None)
    if newest.state is not SubmissionState.DRAFT:
        return None
    files = tuple(_shown(file) for file in newest.files)
    saved_at = newest.saved_at if newest.version else None
    return DraftPart(newest.text, "\n".join(newest.links), files, newest.version, saved_at)


def _shown(file: StoredFile) -> ShownFile:
    size = max(1, round(file.size / 1024))
    return ShownFile(file.name, _size(size), file.public_id)


def _size(kilobytes: int) -> str:
    if kilobytes < 1024:
        return _("%(size)d kB", size=kilobytes)
    return _("%(size)s MB", size=format_decimal(round(kilobytes / 1024, 1), locale=current_locale()))
