"""The rules of a course: shown to trainers and admins, previewed and published by trainers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import preview
from lti_tool.competency.rules import rules_of
from lti_tool.errors import RuleBroken
from lti_tool.grading import publishing
from lti_tool.people.model import Course
from lti_tool.web import rules_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("rules", __name__, url_prefix="/c/<course>/rules")


@bp.get("")
@requires(Permission.COURSE_READ)
def show(course: str) -> ResponseReturnValue:
    """The rules in force, and every version before."""
    built = rules_page.build(db(), course_here(), rules_of(db(), course_here().id, clock.now()))
    return page("trainer/rules.html", rules=built, may_edit=visit().may_map, refused=None)


@bp.post("")
@requires(Permission.COURSE_EDIT)
def change(course: str) -> ResponseReturnValue:
    """Says what the chosen rules would change; publishes them once that was seen."""
    here, now, form = course_here(), clock.now(), request.form
    rules = rules_of(db(), here.id, now)
    try:
        options = rules_page.read(form, rules.framework)
    except RuleBroken as refused:
        built = rules_page.build(db(), here, rules, form)
        return page("trainer/rules.html", rules=built, may_edit=True, refused=told(refused)), 422
    if form.get("step") == "publish" and form.get("previewed") == rules_page.fingerprint(options):
        return _publish(course, here, options)
    built = rules_page.build(db(), here, rules, form, preview.of_rules(db(), here.id, options, now))
    return page("trainer/rules.html", rules=built, may_edit=True, refused=None)


def _publish(course: str, here: Course, options: dict[str, object]) -> ResponseReturnValue:
    seen = request.form.get("seen", "")
    publishing.publish_rules(db(), here.id, options, seen, by=visit().person.id, now=clock.now())
    flash(_("The rules are published and the levels follow them."), "good")
    return redirect(url_for("rules.show", course=course), 303)
