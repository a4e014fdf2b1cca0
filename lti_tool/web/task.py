"""A participant's evidence task: write, lay files to it, hand in, see what became of it."""

from __future__ import annotations

from flask import Blueprint, flash, g, jsonify, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.people.model import Activity
from lti_tool.tasks import submissions
from lti_tool.tasks.shelf import FILE_BYTES
from lti_tool.tasks.submissions import Written
from lti_tool.web import task_page, typed
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool
from lti_tool.web.uploads import takes_files

bp = Blueprint("task", __name__, url_prefix="/c/<course>/tasks/<task>")
TAKE_OUT = "take_out:"


@bp.get("")
@requires(Permission.OWN_RECORD)
def show(course: str, task: str) -> ResponseReturnValue:
    """The task and the own work on it."""
    return page("participant/task.html", task=task_page.build(db(), _activity(task), visit().person, clock.now()))


@bp.post("/draft")
@takes_files(FILE_BYTES)
@requires(Permission.OWN_RECORD)
def save(course: str, task: str) -> ResponseReturnValue:
    """Keeps what was written so far, adds or takes out a file, or hands all of it in: one form, so nothing is lost."""
    try:
        version = _saved(task)
        _change_files(task)
    except (RuleBroken, Conflict) as refused:
        undo()
        return _not_saved(task, refused)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(version=version)
    if request.form.get("step") == "hand_in":
        return _handed_in(course, task)
    flash(_("Your draft is stored."), "good")
    return redirect(url_for("task.show", course=course, task=task), 303)


@bp.post("/again")
@requires(Permission.OWN_RECORD)
def again(course: str, task: str) -> ResponseReturnValue:
    """Opens another attempt, with what the last one held."""
    try:
        submissions.begin_again(db(), tool().shelf, _activity(task), visit().person.id, clock.now())
    except RuleBroken as refused:
        undo()
        flash(told(refused), "warn")
    return redirect(url_for("task.show", course=course, task=task), 303)


@bp.get("/files/<file>")
@requires(Permission.OWN_RECORD)
def download(course: str, task: str, file: str) -> ResponseReturnValue:
    """A file, always as a download: it was sent by somebody, and is nobody's page."""
    found = submissions.file_for(
        db(), course_here().id, file, visit().person.id, may_read_course=visit().may_read_course
    )
    g.sandboxed = True
    content = tool().shelf.open(found.shelf_name)
    return send_file(content, found.media_type, as_attachment=True, download_name=found.name, etag=False)


def _activity(task: str) -> Activity:
    return submissions.task_activity(db(), course_here().id, task)


def _saved(task: str) -> int:
    form = request.form
    text = form.get("text", "").replace("\r\n", "\n").replace("\0", "")
    written = Written(text, tuple(line.strip() for line in form.get("links", "").splitlines() if line.strip()))
    who, seen = visit().person.id, typed.version()
    return submissions.save_draft(db(), _activity(task), who, written, seen=seen, now=clock.now())


def _change_files(task: str) -> None:
    """Adds the file that was chosen, whichever button was pressed, and takes out the one whose button it was."""
    step, who, sent = typed.text("step"), visit().person.id, request.files.get("file")
    if step.startswith(TAKE_OUT):
        submissions.remove_file(db(), _activity(task), who, step.removeprefix(TAKE_OUT))
    elif sent is not None and sent.filename:
        submissions.add_file(db(), tool().shelf, _activity(task), who, sent.filename, sent.stream, clock.now())
    elif step == "file":
        raise RuleBroken("file_missing")


def _not_saved(task: str, refused: RuleBroken | Conflict) -> ResponseReturnValue:
    """The page with what stands, and above it what was typed: nothing is lost on either side."""
    if request.accept_mimetypes.best == "application/json":
        return jsonify(said=told(refused)), 409
    sent = request.files.get("file")
    again = [_("Choose the file again, too.")] if sent and sent.filename and isinstance(refused, Conflict) else []
    built = task_page.build(db(), _activity(task), visit().person, clock.now())
    said = [told(refused), *again]
    return page("participant/task.html", task=built, refused=said, typed=request.form), 409


def _handed_in(course: str, task: str) -> ResponseReturnValue:
    try:
        submissions.hand_in(db(), _activity(task), visit().person.id, clock.now())
        flash(_("Your work is handed in. You will see here what your trainer says of it."), "good")
    except RuleBroken as refused:
        flash(told(refused), "warn")
    return redirect(url_for("task.show", course=course, task=task), 303)
