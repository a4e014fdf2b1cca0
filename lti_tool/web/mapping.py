"""The mapping of a course: edited as a draft, looked at, published; as a page and as a file."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import mapping_draft
from lti_tool.competency.mapping_draft import Clash
from lti_tool.competency.rules import rules_of
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.grading import publishing
from lti_tool.moodle import mapping_import
from lti_tool.moodle.activity_names import kept_name
from lti_tool.people.activities import activities_of, ensure_activity
from lti_tool.people.model import ActivityKind, ActivitySource
from lti_tool.web import draft_page, matrix_page, typed
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.cell_text import changes_in, written
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.offer_lines import offer_lines
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("mapping", __name__, url_prefix="/c/<course>")
Downloads = {
    "csv": (mapping_import.mapping_as_csv, "text/csv; charset=utf-8"),
    "xlsx": (
        mapping_import.mapping_as_workbook,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


@bp.get("/mapping")
@requires(Permission.COURSE_READ)
def show(course: str) -> ResponseReturnValue:
    """The matrix, whole or narrowed."""
    built = matrix_page.build(db(), course_here(), request.args, clock.now())
    offers = offer_lines(db(), course_here().id, clock.now()) if visit().may_map else ()
    return page("trainer/matrix.html", matrix=built, may_edit=visit().may_map, offers=offers)


@bp.post("/mapping")
@requires(Permission.COURSE_EDIT)
def save(course: str) -> ResponseReturnValue:
    """Puts changed cells into the draft, each by itself; says which were not taken and why."""
    here, now = course_here(), clock.now()
    listed, framework = activities_of(db(), here.id), rules_of(db(), here.id, now).framework
    changes = changes_in(request.form, listed, framework)
    clashes = mapping_draft.change_cells(db(), here.id, changes, by=visit().person.id, now=now)
    lines = draft_page.clash_lines(clashes, listed, framework)
    if request.accept_mimetypes.best == "application/json":
        return _as_json(lines)
    for _name, sentence, _clash in lines:
        flash(sentence, "warn")
    flash(_("The draft is stored. It counts once it is published."), "good")
    chosen = {name: request.form[name] for name in matrix_page.FILTERS if request.form.get(name)}
    address = url_for("mapping.show", course=course)
    return redirect(f"{address}?{urlencode(chosen)}" if chosen else address, 303)


@bp.get("/mapping/preview")
@requires(Permission.COURSE_EDIT)
def preview(course: str) -> ResponseReturnValue:
    """What publishing the draft would do."""
    return page("trainer/mapping_preview.html", draft=draft_page.build(db(), course_here(), clock.now()))


@bp.post("/mapping/publish")
@requires(Permission.COURSE_EDIT)
def publish(course: str) -> ResponseReturnValue:
    """The draft that was looked at becomes the mapping."""
    seen = request.form.get("seen", "")
    try:
        publishing.publish_draft(db(), course_here().id, seen, by=visit().person.id, now=clock.now())
    except Conflict as refused:
        flash(told(refused), "warn")
        return redirect(url_for("mapping.preview", course=course), 303)
    flash(_("The mapping is published and the levels follow it."), "good")
    return redirect(url_for("mapping.show", course=course), 303)


@bp.post("/mapping/discard")
@requires(Permission.COURSE_EDIT)
def discard(course: str) -> ResponseReturnValue:
    """Throws the draft away."""
    mapping_draft.discard(db(), course_here().id)
    flash(_("The draft is thrown away. What is published stands as it did."), "good")
    return redirect(url_for("mapping.show", course=course), 303)


@bp.post("/activities")
@requires(Permission.COURSE_EDIT)
def add_activity(course: str) -> ResponseReturnValue:
    """Makes an activity of the LMS known by the name that its gradebook prints, or its full mark where it is known."""
    name = kept_name(" ".join(typed.text("name").split()))
    kind, source = ActivityKind.NATIVE, ActivitySource.GRADEBOOK
    try:
        maximum = _maximum(request.form.get("maximum", ""))
        ensure_activity(db(), course_here().id, kind, source, name, name, clock.now(), maximum)
        flash(_("%(name)s is in the list now.", name=name), "good")
    except RuleBroken as refused:
        flash(told(refused), "warn")
    return redirect(url_for("mapping.show", course=course), 303)


@bp.get("/mapping.<kind>")
@requires(Permission.COURSE_READ)
def download(course: str, kind: str) -> ResponseReturnValue:
    """The published mapping as a file, which the upload takes back."""
    if kind not in Downloads:
        raise NotFound("file_kind_unknown", kind=kind)
    write, content_type = Downloads[kind]
    content = write(mapping_import.export_mapping(db(), course_here().id, clock.now()))
    answer = Response(content, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="mapping.{kind}"'
    return answer


@bp.post("/mapping/file")
@requires(Permission.COURSE_EDIT)
def upload(course: str) -> ResponseReturnValue:
    """The draft becomes a file's mapping, or takes it in; what that would change is shown next."""
    sent, merge = request.files.get("file"), bool(request.form.get("merge"))
    content = sent.read() if sent else b""
    try:
        mapping_import.draft_mapping(
            db(), course_here().id, content, merge=merge, by=visit().person.id, now=clock.now()
        )
    except RuleBroken as refused:
        undo()
        flash(told(refused), "warn")
        return redirect(url_for("mapping.show", course=course), 303)
    return redirect(url_for("mapping.preview", course=course), 303)


def _as_json(lines: tuple[tuple[str, str, Clash], ...]) -> ResponseReturnValue:
    drafted = len(mapping_draft.draft_of(db(), course_here().id).cells)
    return jsonify(
        clashes=[{"name": name, "value": written(clash.stands), "said": said} for name, said, clash in lines],
        drafted=ngettext("%(num)d cell differs from what counts.", "%(num)d cells differ from what counts.", drafted)
        if drafted
        else "",
    )


def _maximum(said: str) -> Decimal | None:
    """A full mark as it was typed; None where nothing was."""
    text = said.strip().replace(",", ".")
    if not text:
        return None
    try:
        return Decimal(text[:20])
    except InvalidOperation as error:
        raise RuleBroken("mark_maximum_faulty", maximum=text[:20]) from error
