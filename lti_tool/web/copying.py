"""What a course takes over from its origin or from a template, and what it gives as one."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.grading import publishing
from lti_tool.moodle import course_copy
from lti_tool.web import copy_page, rules_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("copying", __name__, url_prefix="/c/<course>/templates")


@bp.get("")
@requires(Permission.COURSE_READ)
def show(course: str) -> ResponseReturnValue:
    """Origins and templates; one of them laid over the course."""
    here, viewer, now = course_here(), visit().person.id, clock.now()
    try:
        built = copy_page.build(db(), here, request.args.get("source", ""), viewer=viewer, now=now)
    except RuleBroken as refused:
        return _back(course, "", refused)
    return page("trainer/copying.html", copying=built, may_edit=visit().may_map)


@bp.post("")
@requires(Permission.COURSE_EDIT)
def save(course: str) -> ResponseReturnValue:
    """Keeps the course's mapping and rules as a template."""
    name, by, now = request.form.get("name", ""), visit().person.id, clock.now()
    return _do(
        course,
        lambda: course_copy.save_as_template(db(), course_here(), name, by=by, now=now),
        _("The template is stored. Every course of the institute can take it over."),
    )


@bp.post("/take")
@requires(Permission.COURSE_EDIT)
def take(course: str) -> ResponseReturnValue:
    """Puts the chosen activities into the draft; what that would change is shown next."""
    here, by, now, key = course_here(), visit().person.id, clock.now(), request.form.get("source", "")
    chosen = set(request.form.getlist("part"))
    try:
        template = course_copy.told_by(db(), course_copy.find_source(db(), here, key), now)
        taken = course_copy.take(db(), here, template, chosen, by=by, now=now)
    except RuleBroken as refused:
        undo()
        return _back(course, key, refused)
    if not taken:
        flash(_("Nothing was chosen, and nothing has changed."), "warn")
        return _back(course, key)
    return redirect(url_for("mapping.preview", course=course), 303)


@bp.post("/rules")
@requires(Permission.COURSE_EDIT)
def take_rules(course: str) -> ResponseReturnValue:
    """Publishes the rules that were looked at."""
    form = request.form
    try:
        _publish(form.get("source", ""), form.get("offered", ""), form.get("seen", ""))
    except (RuleBroken, Conflict) as refused:
        undo()
        return _back(course, form.get("source", ""), refused)
    flash(_("The rules are published and the levels follow them."), "good")
    return _back(course, form.get("source", ""))


@bp.post("/settle")
@requires(Permission.COURSE_EDIT)
def settle(course: str) -> ResponseReturnValue:
    """Nothing more is to be taken from the origin."""
    by, now = visit().person.id, clock.now()
    return _do(
        course,
        lambda: course_copy.settle(db(), course_here(), by=by, now=now),
        _("Noted: the course stays as it is now. You can still take something over from here."),
    )


@bp.post("/forget")
@requires(Permission.COURSE_EDIT)
def forget(course: str) -> ResponseReturnValue:
    """Deletes a template that the person made."""
    by, key = visit().person.id, request.form.get("source", "")
    return _do(
        course,
        lambda: course_copy.forget(db(), course_here(), course_copy.find_source(db(), course_here(), key), by=by),
        _("The template is deleted. Courses that took it over keep what they have."),
    )


def _publish(key: str, offered: str, seen: str) -> None:
    """The rules of a source; Conflict where they, or the course's own, are others than those looked at."""
    here, now = course_here(), clock.now()
    options = course_copy.told_by(db(), course_copy.find_source(db(), here, key), now).options
    if offered != rules_page.fingerprint(options):
        raise Conflict("rules_changed_meanwhile")
    publishing.publish_rules(db(), here.id, options, seen, by=visit().person.id, now=now)


def _do(course: str, change: Callable[[], None], done: str) -> ResponseReturnValue:
    """Makes a change and says so, or says why not."""
    try:
        change()
    except RuleBroken as refused:
        undo()
        return _back(course, "", refused)
    flash(done, "good")
    return _back(course, "")


def _back(course: str, key: str, refused: RuleBroken | Conflict | None = None) -> ResponseReturnValue:
    if refused is not None:
        flash(told(refused), "warn")
    if key and not (refused and refused.code == "template_gone"):
        return redirect(url_for("copying.show", course=course, source=key), 303)
    return redirect(url_for("copying.show", course=course), 303)
