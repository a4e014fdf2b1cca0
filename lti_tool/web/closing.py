"""Closing a course, reopening it, and deciding what later marks do to its certified levels."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency.closing import Settlement
from lti_tool.competency.decisions import Who
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.grading import closing
from lti_tool.web import closing_page, typed
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


@bp.post("/cases")
@requires(Permission.COURSE_READ)
def settle(course: str) -> ResponseReturnValue:
    """Decides the chosen cases of later re-grades."""
    chosen = tuple(_case(value) for value in request.form.getlist("case"))
    said = Settlement(chosen, request.form.get("side") == "adopt", typed.text("reason"))
    try:
        closing.accept_settlement(db(), course_here().id, said, by=_who(), now=clock.now())
    except (RuleBroken, Conflict) as refused:
        undo()
        return _page(told(refused)), 409
    flash(_("The decision is stored."), "good")
    return redirect(url_for("closing.show", course=course), 303)


def _page(refused: str = "") -> str:
    chosen = set(request.form.getlist("case")) if refused else request.args.get("choose", "")
    built = closing_page.build(db(), course_here(), _who(), chosen, clock.now())
    return page("trainer/closing.html", closing=built, refused=refused, reason=typed.text("reason"))


def _who() -> Who:
    return Who(visit().person.id, visit().is_admin)


def _case(value: str) -> tuple[str, int | None]:
    """A case and what its marks said on the page: "id:2", "id:" where they gave nothing."""
    case, _sep, level = value.replace("\0", "").partition(":")
    return case, int(level) if len(level) == 1 and level.isascii() and level.isdecimal() else None
