"""Closing a course, reopening it, and deciding what later marks do to its certified levels."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency.closing import Settlement
from lti_tool.competency.decisions import Who
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.grading import closing
from lti_tool.web import closing_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.refusals import told
from lti_tool.web.rendering import page

bp = Blueprint("closing", __name__, url_prefix="/c/<course>/closing")


@bp.get("")
@requires(Permission.COURSE_READ)
def show(course: str) -> ResponseReturnValue:
    """What closing would do; in a closed course what is certified and what waits for a decision."""
    return _page(), 200


@bp.post("")
@requires(Permission.COURSE_READ)
def change(course: str) -> ResponseReturnValue:
    """Closes the course as it was looked at, or reopens it."""
    try:
        if request.form.get("step") == "reopen":
            closing.accept_reopening(db(), course_here().id, by=_who(), now=clock.now())
            said = _("The course is open again: its levels follow the marks.")
        else:
            seen = request.form.get("seen", "")
            closing.accept_closing(db(), course_here().id, seen, by=_who(), now=clock.now())
            said = _("The course is closed and its levels are certified.")
    except (RuleBroken, Conflict) as refused:
        undo()
        return _page(told(refused)), 409
    flash(said, "good")
    return redirect(url_for("closing.show", course=course), 303)


@bp.post("/cases/<case>")
@requires(Permission.COURSE_READ)
def settle(course: str, case: str) -> ResponseReturnValue:
    """Decides a case of a later re-grade."""
    said = Settlement(case, request.form.get("side") == "adopt", _reason(), _level(request.form.get("computed", "")))
    try:
        closing.accept_settlement(db(), course_here().id, said, by=_who(), now=clock.now())
    except (RuleBroken, Conflict) as refused:
        undo()
        return _page(told(refused), case), 409
    flash(_("The decision is stored."), "good")
    return redirect(url_for("closing.show", course=course), 303)


def _page(refused: str = "", case: str = "") -> str:
    here, who = course_here(), _who()
    built = closing_page.build(db(), here, who, clock.now())
    typed = {case: request.form.get("reason", "")}
    return page("trainer/closing.html", closing=built, refused=refused, typed=typed)


def _who() -> Who:
    return Who(visit().person.id, visit().is_admin)


def _reason() -> str:
    return request.form.get("reason", "").replace("\r\n", "\n").replace("\0", "").strip()


def _level(typed: str) -> int | None:
    """The number of a level as the form holds it; None for "not established"."""
    return int(typed) if len(typed) == 1 and typed.isascii() and typed.isdecimal() else None
