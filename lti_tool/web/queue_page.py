"""What a trainer sees of evidence tasks: the queue, a task's settings, and one submission beside its rubric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency.rules import rules_of
from lti_tool.ids import ActivityId
from lti_tool.people import activities, roster
from lti_tool.people.model import Activity, ActivityKind, Course
from lti_tool.tasks import assessing as use
from lti_tool.tasks import queries
from lti_tool.tasks.model import Submission, Task
from lti_tool.web.i18n import TIME_ZONE
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.task_page import OWN_PREFIX, AttemptPart, IndicatorLine, attempt_part, lines_of, steps_in_words

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A submission that waits."""

    link: Link
    task: str
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of the course."""

    link: Link
    due_at: datetime | None
    has_instructions: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The whole page of the queue."""

    lines: tuple[WaitingLine, ...]
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """What a task asks for, as it stands or as it was typed."""

    title: str
    instructions: str
    due_at: str
    version: int


@dataclass(frozen=True, slots=True)
class RubricLine:
    """One indicator of the rubric; `chosen` is the value of its step, empty for none."""

    line: IndicatorLine
    chosen: str


@dataclass(frozen=True, slots=True)
class AssessingPage:
    """The whole page of one submission."""

    title: str
    person: str
    task: str
    activity: str
    submission: str
    work: AttemptPart
    rubric: tuple[RubricLine, ...]
    steps: tuple[tuple[str, str], ...]
    comment: str
    version: int
    said_by: str
    """Who assessed it last, and when it is not yet assessed nobody."""
    place: str
    previous: str | None
    """Addresses of the neighbours in the queue."""
    following: str | None
    stands: tuple[str, ...]
    """Where somebody else was first: what they said, to be compared with what was typed."""


def build(session: Session, course: Course) -> QueuePage:
    """The queue, the longest waiting first, and the tasks."""
    names, tasks = _names(session, course), _tasks(session, course)
    waits, told = use.waiting(session, course.id), queries.tasks_of(session, course.id)
    lines = tuple(
        WaitingLine(
            Link(names.get(each.person_id) or _("Name not shared"), _address(course, each)),
            _title(tasks[each.activity_id]),
            each.attempt,
            each.handed_in_at or each.saved_at,
        )
        for each in waits
        if each.activity_id in tasks
    )
    return QueuePage(lines, tuple(_task_line(course, each, told, waits) for each in tasks.values()))


def settings_of(session: Session, activity: Activity, form: Form | None = None) -> SettingsPage:
    """A task's settings; with what was typed where that could not be stored."""
    task = queries.task_of(session, activity.id)
    due_at = task.due_at.astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%dT%H:%M") if task.due_at else ""
    typed = form or {}
    return SettingsPage(
        _title(activity), typed.get("instructions", task.instructions), typed.get("due_at", due_at), task.version
    )


def assessing(
    session: Session, course: Course, public_id: str, now: datetime, form: Form | None = None
) -> AssessingPage:
    """One submission; with what was typed where that could not be stored. Raises NotFound as `submission_of`."""
    found = use.submission_of(session, course.id, public_id)
    activity = _tasks(session, course)[found.activity_id]
    framework, names = rules_of(session, course.id, now).framework, _names(session, course)
    lines, said = lines_of(session, activity, framework, found), found.assessment
    waits = use.waiting(session, course.id)
    place = next((number for number, each in enumerate(waits) if each.id == found.id), None)
    person = names.get(found.person_id) or _("Name not shared")
    return AssessingPage(
        title=_("%(person)s: %(task)s", person=person, task=_title(activity)),
        person=person,
        task=_title(activity),
        activity=activity.public_id,
        submission=found.public_id,
        work=attempt_part(session, activity, framework, found),
        rubric=tuple(RubricLine(line, (form or {}).get(f"step-{line.code}", line.key)) for line in lines),
        steps=tuple((step.value, word) for step, word in steps_in_words().items()),
        comment=(form or {}).get("comment", said.comment if said else ""),
        version=said.version if said else 0,
        said_by=(names.get(said.by) or _("a trainer")) if said else "",
        place="" if place is None else _("%(place)d of %(all)d that wait", place=place + 1, all=len(waits)),
        previous=_neighbour(course, waits, place, -1),
        following=_neighbour(course, waits, place, 1),
        stands=_stands(lines, said.comment if said else "") if form else (),
    )


def _stands(lines: tuple[IndicatorLine, ...], comment: str) -> tuple[str, ...]:
    steps = tuple(f"{line.code}: {line.step or _('not assessed')}" for line in lines)
    return (*steps, comment) if comment else steps


def _neighbour(course: Course, waits: tuple[Submission, ...], place: int | None, step: int) -> str | None:
    if place is None:
        return _address(course, waits[0]) if waits and step > 0 else None
    return _address(course, waits[place + step]) if 0 <= place + step < len(waits) else None


def _address(course: Course, submission: Submission) -> str:
    return url_for("assessing.assess", course=course.public_id, submission=submission.public_id)


def _names(session: Session, course: Course) -> dict[int, str]:
    return {person.id: person.name for person in roster.participants_for_matching(session, course.id)}


def _tasks(session: Session, course: Course) -> dict[ActivityId, Activity]:
    listed = activities.activities_of(session, course.id)
    return {each.id: each for each in listed if each.kind is ActivityKind.EVIDENCE}


def _task_line(
    course: Course, activity: Activity, told: Mapping[ActivityId, Task], waits: tuple[Submission, ...]
) -> TaskLine:
    task = told.get(activity.id, Task(activity.id))
    address = url_for("assessing.task_settings", course=course.public_id, task=activity.public_id)
    waiting = sum(each.activity_id == activity.id for each in waits)
    return TaskLine(Link(_title(activity), address), task.due_at, bool(task.instructions), waiting)


def _title(activity: Activity) -> str:
    return activity.name.removeprefix(OWN_PREFIX)
