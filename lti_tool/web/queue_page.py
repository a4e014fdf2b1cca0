"""What a trainer sees of evidence tasks: the queue, a task's settings, and one submission beside its rubric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import rubric
from lti_tool.competency.rules import rules_of
from lti_tool.ids import ActivityId
from lti_tool.people import activities, roster
from lti_tool.people.model import Activity, ActivityKind, Course
from lti_tool.tasks import assessing as use
from lti_tool.tasks import queries
from lti_tool.tasks.model import Task, Waiting
from lti_tool.web.i18n import TIME_ZONE
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.task_page import OWN_PREFIX, AttemptPart, IndicatorLine, attempt_part, lines_of, steps_in_words

Form = Mapping[str, str]
MOST_LINES = 60
"""So many are listed; the queue itself leads through all of them."""


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A submission that waits."""

    link: Link
    task: str
    attempt: int
    at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of the course."""

    link: Link
    due_at: datetime | None
    has_instructions: bool
    waiting: int
    queue: str
    """Address of the queue of this task alone."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The whole page of the queue."""

    lines: tuple[WaitingLine, ...]
    more: int
    """How many wait beside those that are listed."""
    tasks: tuple[TaskLine, ...]
    only: str
    """The title of the task that the queue is narrowed to; empty = all."""


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


def build(session: Session, course: Course, only: str | None) -> QueuePage:
    """The queue, the longest waiting first, of all tasks or of one, and the tasks."""
    names, tasks = _names(session, course), _tasks(session, course)
    waits, told = use.waiting(session, course.id), queries.tasks_of(session, course.id)
    narrowed = task_named(tasks, only)
    chosen = [each for each in waits if each.activity_id in tasks and narrowed in {None, each.activity_id}]
    lines = tuple(
        WaitingLine(
            Link(names.get(each.person_id) or _("Name not shared"), address(course, each, only)),
            _title(tasks[each.activity_id]),
            each.attempt,
            each.handed_in_at,
            is_late=_is_late(told.get(each.activity_id), each.handed_in_at),
        )
        for each in chosen[:MOST_LINES]
    )
    listed = tuple(_task_line(course, each, told, waits) for each in tasks.values())
    title = "" if narrowed is None else _title(tasks[narrowed])
    return QueuePage(lines, len(chosen) - len(lines), listed, title)


def queue_of(session: Session, course: Course, only: str | None) -> tuple[Waiting, ...]:
    """What waits, of all tasks or of the one that an address names."""
    return use.waiting(session, course.id, task_named(_tasks(session, course), only))


def task_named(tasks: Mapping[ActivityId, Activity], only: str | None) -> ActivityId | None:
    """The task that an address names; none = all of them. An id of no task narrows nothing."""
    return next((each.id for each in tasks.values() if each.public_id == only), None)


def settings_of(session: Session, activity: Activity, form: Form | None = None) -> SettingsPage:
    """A task's settings; with what was typed where that could not be stored."""
    task = queries.task_of(session, activity.id)
    due_at = task.due_at.astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%dT%H:%M") if task.due_at else ""
    typed = form or {}
    return SettingsPage(
        _title(activity), typed.get("instructions", task.instructions), typed.get("due_at", due_at), task.version
    )


def assessing(
    session: Session, course: Course, public_id: str, now: datetime, only: str | None, form: Form | None = None
) -> AssessingPage:
    """One submission; with what was typed where that could not be stored. Raises NotFound as `submission_of`."""
    found = use.submission_of(session, course.id, public_id)
    activity = _tasks(session, course)[found.activity_id]
    framework, names = rules_of(session, course.id, now).framework, _names(session, course)
    lines = lines_of(session, activity, framework, found, rubric.descriptors_of(session, course))
    said = found.assessment
    waits = queue_of(session, course, only)
    place = next((number for number, each in enumerate(waits) if each.public_id == found.public_id), None)
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
        previous=_neighbour(course, waits, place, -1, only),
        following=_neighbour(course, waits, place, 1, only),
        stands=_stands(lines, said.comment if said else "") if form else (),
    )


def _stands(lines: tuple[IndicatorLine, ...], comment: str) -> tuple[str, ...]:
    steps = tuple(f"{line.code}: {line.step or _('not assessed')}" for line in lines)
    return (*steps, comment) if comment else steps


def _neighbour(
    course: Course, waits: tuple[Waiting, ...], place: int | None, step: int, only: str | None
) -> str | None:
    if place is None:
        return address(course, waits[0], only) if waits and step > 0 else None
    return address(course, waits[place + step], only) if 0 <= place + step < len(waits) else None


def address(course: Course, submission: Waiting, only: str | None) -> str:
    """Of the page of a submission, in the queue of all tasks or of one."""
    return url_for("assessing.assess", course=course.public_id, submission=submission.public_id, task=only or None)


def _is_late(task: Task | None, at: datetime) -> bool:
    return task is not None and task.due_at is not None and at > task.due_at


def _names(session: Session, course: Course) -> dict[int, str]:
    return {person.id: person.name for person in roster.participants_for_matching(session, course.id)}


def _tasks(session: Session, course: Course) -> dict[ActivityId, Activity]:
    listed = activities.activities_of(session, course.id)
    return {each.id: each for each in listed if each.kind is ActivityKind.EVIDENCE}


def _task_line(
    course: Course, activity: Activity, told: Mapping[ActivityId, Task], waits: tuple[Waiting, ...]
) -> TaskLine:
    task = told.get(activity.id, Task(activity.id))
    settings = url_for("assessing.task_settings", course=course.public_id, task=activity.public_id)
    waiting = sum(each.activity_id == activity.id for each in waits)
    queue = url_for("assessing.queue", course=course.public_id, task=activity.public_id)
    return TaskLine(Link(_title(activity), settings), task.due_at, bool(task.instructions), waiting, queue)


def _title(activity: Activity) -> str:
    return activity.name.removeprefix(OWN_PREFIX)
