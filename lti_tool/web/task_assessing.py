"""Assessing evidence tasks: what was set, what waits, and one submission after another."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency.model import ObservationStep
from lti_tool.competency.rules import rules_of
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.tasks import assessing, submissions
from lti_tool.tasks.assessing import Said
from lti_tool.tasks.shelf import FILE_BYTES
from lti_tool.web import queue_page, typed
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page
from lti_tool.web.results_page import chosen_time
from lti_tool.web.tool import tool
from lti_tool.web.uploads import takes_files

bp = Blueprint("assessing", __name__, url_prefix="/c/<course>")
STEP = "step-"


@bp.get("/queue")
@requires(Permission.COURSE_READ)
def queue(course: str) -> ResponseReturnValue:
    """What waits, and the course's evidence tasks."""
    return page("trainer/queue.html", queue=queue_page.build(db(), course_here(), _only()))


@bp.get("/tasks/<task>/settings")
@requires(Permission.COURSE_EDIT)
def task_settings(course: str, task: str) -> ResponseReturnValue:
    """What a task asks for."""
    built = queue_page.settings_of(db(), submissions.task_activity(db(), course_here().id, task))
    return page("trainer/task_settings.html", task=built, refused=None)


@bp.post("/tasks/<task>/settings")
@requires(Permission.COURSE_EDIT)
def set_task(course: str, task: str) -> ResponseReturnValue:
    """Stores what a task asks for."""
    activity = submissions.task_activity(db(), course_here().id, task)
    try:
        instructions, due_at, seen = _settings()
        assessing.set_task(db(), activity, instructions, due_at, seen=seen, by=visit().person.id, now=clock.now())
    except (RuleBroken, Conflict) as refused:
        undo()
        built = queue_page.settings_of(db(), activity, request.form)
        return page("trainer/task_settings.html", task=built, refused=told(refused)), 409
    flash(_("The task is stored."), "good")
    return redirect(url_for("assessing.queue", course=course), 303)


@bp.get("/queue/<submission>")
@requires(Permission.COURSE_READ)
def assess(course: str, submission: str) -> ResponseReturnValue:
    """One submission beside its rubric."""
    built = queue_page.assessing(db(), course_here(), submission, clock.now(), _only())
    return page("trainer/assess.html", work=built, may_edit=visit().may_edit, refused=None)


@bp.post("/queue/<submission>")
@takes_files(FILE_BYTES)
@requires(Permission.COURSE_EDIT)
def store_assessment(course: str, submission: str) -> ResponseReturnValue:
    """Stores the assessment and opens the next that waits."""
    onward = _onward(submission)
    try:
        _assess(submission)
    except (RuleBroken, Conflict) as refused:
        undo()
        built = queue_page.assessing(db(), course_here(), submission, clock.now(), _only(), request.form)
        return page("trainer/assess.html", work=built, may_edit=True, refused=told(refused)), 409
    flash(_("The assessment is stored and the levels follow it."), "good")
    return redirect(onward, 303)


def _onward(public_id: str) -> str:
    """Where to after this one: what follows it in the queue, at its end what was passed over, then the queue."""
    here = course_here()
    waits = queue_page.queue_of(db(), here, _only())
    ids = [str(each.public_id) for each in waits]
    place = ids.index(public_id) if public_id in ids else -1
    others = [*waits[place + 1 :], *waits[: max(place, 0)]]
    if others:
        return queue_page.address(here, others[0], _only())
    return url_for("assessing.queue", course=here.public_id, task=_only())


def _only() -> str | None:
    """The task that the queue is narrowed to."""
    return request.args.get("task")


def _assess(public_id: str) -> None:
    form, here, now, by = request.form, course_here().id, clock.now(), visit().person.id
    framework = rules_of(db(), here, now).framework
    steps = {
        framework.indicator(name.removeprefix(STEP)).id: _step(value)
        for name, value in form.items()
        if name.startswith(STEP) and value
    }
    comment = typed.text("comment")
    assessing.assess(db(), here, public_id, Said(steps, comment), seen=typed.version(), by=by, now=now)
    sent = request.files.get("feedback")
    if sent is not None and sent.filename:
        submissions.give_back(db(), tool().shelf, here, public_id, sent.filename, sent.stream, by=by, now=now)


def _step(value: str) -> ObservationStep:
    if value not in set(ObservationStep):
        raise RuleBroken("step_unknown")
    return ObservationStep(value)


def _settings() -> tuple[str, datetime | None, int]:
    form = request.form
    instructions = typed.text("instructions")
    return instructions, chosen_time(form.get("due_at", "")), typed.version()
