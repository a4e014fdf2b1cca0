"""Self-assessment: the participant's form, stored as they go, and the trainer's view of who has handed it in."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import self_assessing
from lti_tool.competency.rules import rules_of
from lti_tool.errors import Conflict, NotAllowed, RuleBroken
from lti_tool.people.model import Activity, CourseRole
from lti_tool.web import self_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.checklist_page import title_of
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("self_assessment", __name__, url_prefix="/c/<course>/self/<activity>")


@bp.get("")
@requires(Permission.OWN_RECORD)
def show(course: str, activity: str) -> ResponseReturnValue:
    """The form, or what was handed in beside what was shown."""
    found, again = _activity(activity), bool(request.args.get("again"))
    built = self_page.build(db(), course_here(), found, visit().person.id, again=again, now=clock.now())
    return page("participant/self_assessment.html", asked=built, may_fill=_may_fill())


@bp.post("")
@requires(Permission.OWN_RECORD)
def save(course: str, activity: str) -> ResponseReturnValue:
    """Keeps what is answered so far, or hands it in."""
    if not _may_fill():
        raise NotAllowed("participants_only")
    submit, by_script = request.form.get("do") == "submit", request.accept_mimetypes.best == "application/json"
    try:
        _save(_activity(activity), submit=submit)
    except (Conflict, RuleBroken) as refused:
        undo()
        if by_script:
            raise
        flash(told(refused), "warn")
        return redirect(url_for("self_assessment.show", course=course, activity=activity), 303)
    if by_script:
        return jsonify(stored=True)
    flash(
        _("Your self-assessment is handed in.") if submit else _("The draft is stored; go on whenever you like."),
        "good",
    )
    return redirect(url_for("self_assessment.show", course=course, activity=activity), 303)


@bp.get("/group")
@requires(Permission.COURSE_READ)
def group(course: str, activity: str) -> ResponseReturnValue:
    """Who has handed it in, and when."""
    found = _activity(activity)
    lines = self_page.group(db(), course_here(), found, clock.now())
    summary = self_page.group_summary(lines)
    return page("trainer/self_assessment.html", title=title_of(found), lines=lines, summary=summary, activity=activity)


def _save(activity: Activity, *, submit: bool) -> None:
    now, attempt = clock.now(), request.form.get("attempt", "")
    framework = rules_of(db(), course_here().id, now).framework
    changes = self_page.changes_in(request.form, self_assessing.asked_for(db(), activity, framework))
    if not attempt.isdecimal() or len(attempt) > 6:
        raise RuleBroken("form_not_ours")
    self_assessing.save(db(), activity, visit().person.id, changes, attempt=int(attempt), submit=submit, now=now)


def _activity(public_id: str) -> Activity:
    return self_assessing.self_assessment(db(), course_here().id, public_id)


def _may_fill() -> bool:
    return visit().role is CourseRole.PARTICIPANT
