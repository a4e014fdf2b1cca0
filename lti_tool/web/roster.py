"""Who is in a course, and why; the platform's list read anew on demand, by the worker."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import decisions
from lti_tool.competency.decisions import Who
from lti_tool.errors import RuleBroken
from lti_tool.lti import courses as lti_courses
from lti_tool.people import queries as people
from lti_tool.web import roster_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("roster", __name__, url_prefix="/c/<course>/roster")


@bp.get("")
@requires(Permission.COURSE_READ)
def show(course: str) -> ResponseReturnValue:
    """Everybody who is or was here."""
    built = roster_page.build(db(), course_here(), _who(), clock.now())
    return page("trainer/roster.html", roster=built, may_edit=visit().may_edit)


@bp.post("/read")
@requires(Permission.COURSE_EDIT)
def read(course: str) -> ResponseReturnValue:
    """Has the list read next; the request itself does not wait for the platform."""
    if lti_courses.ask_for_roster(db(), course_here().id, clock.now(), visit().person.id):
        return redirect(url_for("roster.show", course=course), 303)
    flash(_("The list was asked for a moment ago, or the LMS does not share it. Try again in a minute."), "warn")
    return redirect(url_for("roster.show", course=course), 303)


@bp.post("/lead")
@requires(Permission.COURSE_READ)
def lead(course: str) -> ResponseReturnValue:
    """Names who leads the course."""
    try:
        _name_lead()
        flash(_("The lead trainer is named."), "good")
    except RuleBroken as refused:
        undo()
        flash(told(refused), "warn")
    return redirect(url_for("roster.show", course=course), 303)


def _name_lead() -> None:
    found = people.person_of_course(db(), course_here().id, request.form.get("person", "").replace("\0", ""))
    if found is None:
        raise RuleBroken("lead_not_staff")
    decisions.name_lead(db(), course_here().id, found.id, by=_who(), now=clock.now())


def _who() -> Who:
    return Who(visit().person.id, visit().is_admin)
