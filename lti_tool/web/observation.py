"""Observation checklists: the trainer's page of the whole group, stored cell by cell, and the participant's own."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import observing
from lti_tool.competency.rules import rules_of
from lti_tool.grading import gradebook
from lti_tool.people import roster
from lti_tool.web import checklist_page, self_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.observation_text import changes_in
from lti_tool.web.placed import placed_lines
from lti_tool.web.rendering import page

bp = Blueprint("observation", __name__, url_prefix="/c/<course>")


@bp.get("/checklists")
@requires(Permission.COURSE_READ)
def overview(course: str) -> ResponseReturnValue:
    """The checklists and self-assessments of the course, and where the LMS made something else of their points."""
    here, now = course_here(), clock.now()
    return page(
        "trainer/checklists.html",
        checklists=checklist_page.listed(db(), here, now),
        self_assessments=self_page.listed(db(), here, now),
        placed=placed_lines(db(), here.id),
    )


@bp.get("/checklists/<activity>")
@requires(Permission.COURSE_READ)
def checklist(course: str, activity: str) -> ResponseReturnValue:
    """Group × what is looked for."""
    found = observing.checklist(db(), course_here().id, activity)
    built = checklist_page.build(db(), course_here(), found, request.args.get("start", ""), clock.now())
    return page("trainer/checklist.html", checklist=built, may_edit=visit().may_edit)


@bp.post("/checklists/<activity>")
@requires(Permission.COURSE_EDIT)
def observe(course: str, activity: str) -> ResponseReturnValue:
    """Takes what was seen, cell by cell; says which cells another trainer has changed meanwhile."""
    here, now = course_here(), clock.now()
    found = observing.checklist(db(), here.id, activity)
    framework, people = rules_of(db(), here.id, now).framework, roster.participants(db(), here.id, now)
    columns = checklist_page.looked_for(db(), found, framework)
    changes = changes_in(request.form, people, columns)
    clashes = gradebook.accept_observations(db(), found, changes, by=visit().person.id, now=now)
    lines = checklist_page.clash_lines(clashes, people, framework)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(clashes=lines, status=checklist_page.status_of(db(), found, columns, people))
    for line in lines:
        flash(line["said"], "warn")
    flash(_("What you observed is stored; levels and grades follow it."), "good")
    start = request.form.get("start", "0")
    return redirect(url_for("observation.checklist", course=course, activity=activity, start=start), 303)


@bp.get("/observed/<activity>")
@requires(Permission.OWN_RECORD)
def observed(course: str, activity: str) -> ResponseReturnValue:
    """What was observed of the person who asks."""
    found = observing.checklist(db(), course_here().id, activity)
    lines = checklist_page.seen_of(db(), course_here(), found, visit().person.id, clock.now())
    return page("participant/observed.html", title=checklist_page.title_of(found), lines=lines)
