"""The trainer's pages of a course: group, mapping, results, grades sent. Institute admins read them too."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency.rules import rules_of
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.grading import gradebook, wishes
from lti_tool.moodle import mapping_import, results_import
from lti_tool.people.activities import ensure_activity
from lti_tool.people.model import ActivityKind, ActivitySource
from lti_tool.web import deliveries_page, group_page, matrix_page, results_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("trainer", __name__, url_prefix="/c/<course>")
Downloads = {
    "csv": (mapping_import.mapping_as_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        mapping_import.mapping_as_workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@bp.get("/group")
@requires(Permission.COURSE_READ)
def group(course: str) -> ResponseReturnValue:
    """Participants × competencies."""
    built = group_page.build(db(), course_here(), may_edit=visit().may_edit, now=clock.now())
    return page("trainer/group.html", group=built)


@bp.get("/mapping")
@requires(Permission.COURSE_READ)
def matrix(course: str) -> ResponseReturnValue:
    """The matrix, one competency at a time."""
    built = matrix_page.build(db(), course_here(), request.args.get("competency"), clock.now())
    return page("trainer/matrix.html", matrix=built, may_edit=visit().may_edit)


@bp.post("/mapping")
@requires(Permission.COURSE_EDIT)
def save_matrix(course: str) -> ResponseReturnValue:
    """Stores the shown competency's cells and computes everybody's levels anew."""
    code, now = request.form.get("competency", ""), clock.now()
    framework = rules_of(db(), course_here().id, now).framework
    cells = matrix_page.read(db(), course_here(), framework, code, request.form)
    gradebook.accept_mapping(db(), course_here().id, cells, by=visit().person.id, now=now)
    flash(_("The mapping is stored and the levels follow it."), "good")
    return redirect(url_for("trainer.matrix", course=course, competency=code), 303)


@bp.post("/activities")
@requires(Permission.COURSE_EDIT)
def add_activity(course: str) -> ResponseReturnValue:
    """Makes an activity of the LMS known by the name that its gradebook prints."""
    name = " ".join(request.form.get("name", "").split())
    try:
        ensure_activity(db(), course_here().id, ActivityKind.NATIVE, ActivitySource.GRADEBOOK, name, name, clock.now())
        flash(_("%(name)s is in the list now.", name=name), "good")
    except RuleBroken as refused:
        flash(told(refused), "warn")
    back = url_for("trainer.matrix", course=course, competency=request.form.get("competency") or None)
    return redirect(back, 303)


@bp.get("/mapping.<kind>")
@requires(Permission.COURSE_READ)
def download_mapping(course: str, kind: str) -> ResponseReturnValue:
    """The mapping as a file, which the upload takes back."""
    if kind not in Downloads:
        raise NotFound("file_kind_unknown", kind=kind)
    write, content_type = Downloads[kind]
    content = write(mapping_import.export_mapping(db(), course_here().id, clock.now()))
    answer = Response(content, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="mapping.{kind}"'
    return answer


@bp.post("/mapping/file")
@requires(Permission.COURSE_EDIT)
def upload_mapping(course: str) -> ResponseReturnValue:
    """Takes a mapping file over, whole or added to what stands."""
    try:
        report = _imported_mapping()
    except RuleBroken as refused:
        undo()
        flash(told(refused), "warn")
    else:
        flash(_("The file's mapping is stored: %(cells)d cells.", cells=report.cells), "good")
    return redirect(url_for("trainer.matrix", course=course), 303)


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
    built = deliveries_page.build(db(), course_here(), may_edit=visit().may_edit)
    return page("trainer/deliveries.html", deliveries=built)


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


def _imported_mapping() -> mapping_import.MappingReport:
    merge = bool(request.form.get("merge"))
    return mapping_import.import_mapping(
        db(), course_here().id, _sent_file(), merge=merge, by=visit().person.id, now=clock.now()
    )


def _sent_file() -> bytes:
    sent = request.files.get("file")
    return sent.read() if sent else b""
