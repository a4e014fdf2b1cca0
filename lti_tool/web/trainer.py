"""The trainer's pages of a course: group, results, grades sent. Institute admins read them too."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.errors import RuleBroken
from lti_tool.grading import wishes
from lti_tool.moodle import results_import
from lti_tool.web import deliveries_page, delivery_page, exports, group_page, results_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("trainer", __name__, url_prefix="/c/<course>")


@bp.get("/group")
@requires(Permission.COURSE_READ)
def group(course: str) -> ResponseReturnValue:
    """Participants × competencies."""
    built = group_page.build(db(), course_here(), request.args, may_edit=visit().may_edit, now=clock.now())
    return page("trainer/group.html", group=built)


@bp.route("/group.<kind>", methods=["GET", "POST"])
@requires(Permission.COURSE_READ)
def group_file(course: str, kind: str) -> ResponseReturnValue:
    """The group as a file."""
    return exports.answer("group", kind)


@bp.route("/report.pdf", methods=["GET", "POST"])
@requires(Permission.COURSE_READ)
def report(course: str) -> ResponseReturnValue:
    """The course's report for print."""
    return exports.answer(exports.COURSE_REPORT, "pdf", page="trainer.group")


@bp.route("/roster.<kind>", methods=["GET", "POST"])
@requires(Permission.COURSE_READ)
def roster_file(course: str, kind: str) -> ResponseReturnValue:
    """Everybody who is or was in the course, as a file."""
    return exports.answer("roster", kind)


@bp.get("/results")
@requires(Permission.COURSE_EDIT)
def results(course: str) -> ResponseReturnValue:
    """Where a gradebook file is uploaded."""
    return page("trainer/results.html", report=None, refused=None)


@bp.post("/results")
@requires(Permission.COURSE_EDIT)
def upload_results(course: str) -> ResponseReturnValue:
    """Takes a gradebook file's marks, or says what they would change."""
    try:
        report = _imported()
    except RuleBroken as refused:
        undo()
        asks = results_page.question(refused)
        meanings = results_page.meanings()
        return page("trainer/results.html", report=None, refused=told(refused), asks=asks, meanings=meanings), 422
    return page("trainer/results.html", report=results_page.report_of(report), refused=None)


@bp.get("/deliveries")
@requires(Permission.COURSE_READ)
def deliveries(course: str) -> ResponseReturnValue:
    """What was sent to the LMS's gradebook, what waits, and why."""
    may_edit = visit().may_edit
    built = deliveries_page.build(db(), course_here(), request.args, may_edit=may_edit, now=clock.now())
    return page("trainer/deliveries.html", deliveries=built)


@bp.route("/deliveries.<kind>", methods=["GET", "POST"])
@requires(Permission.COURSE_READ)
def deliveries_file(course: str, kind: str) -> ResponseReturnValue:
    """The grades sent as a file."""
    return exports.answer("deliveries", kind)


@bp.get("/deliveries/again")
@requires(Permission.COURSE_EDIT)
def ask_again(course: str) -> ResponseReturnValue:
    """Asks whether all that is stuck of a choice shall be sent again."""
    return page("trainer/send_again.html", asking=deliveries_page.ask(db(), course_here(), request.args))


@bp.post("/deliveries/again")
@requires(Permission.COURSE_EDIT)
def send_all_again(course: str) -> ResponseReturnValue:
    """Sends all that is stuck of a choice again."""
    over_newer = bool(request.form.get("over_newer"))
    which = deliveries_page.chosen(db(), course_here(), request.args, over_newer=over_newer)
    sent = wishes.send_all_again(db(), which, clock.now())
    said = ngettext("%(num)d grade is on its way again.", "%(num)d grades are on their way again.", sent)
    flash(said if sent else _("There was nothing to send again."), "good" if sent else "info")
    return redirect(url_for("trainer.deliveries", course=course), 303)


@bp.get("/deliveries/<delivery>")
@requires(Permission.COURSE_READ)
def delivery(course: str, delivery: str) -> ResponseReturnValue:
    """The history of one grade."""
    built = delivery_page.build(db(), course_here(), delivery, may_edit=visit().may_edit, now=clock.now())
    return page("trainer/delivery.html", delivery=built)


@bp.post("/deliveries/<delivery>/again")
@requires(Permission.COURSE_EDIT)
def send_again(course: str, delivery: str) -> ResponseReturnValue:
    """Sends one grade again, over whatever stands in the LMS."""
    wishes.send_again(db(), course_here().id, delivery, clock.now())
    flash(_("The grade is on its way again."), "good")
    return redirect(url_for("trainer.deliveries", course=course), 303)


def _imported() -> results_import.ImportReport:
    form = request.form
    return results_import.import_results(
        db(),
        course_here().id,
        _sent_file(),
        now=clock.now(),
        by=visit().person.id,
        as_of=results_page.chosen_time(form.get("as_of", "")),
        columns=results_page.chosen_columns(form),
        dry_run=bool(form.get("dry_run")),
    )


def _sent_file() -> bytes:
    sent = request.files.get("file")
    return sent.read() if sent else b""
