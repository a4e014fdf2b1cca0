"""Marks of Moodle's own activities: the institute's connection, and in a course the choice of what counts."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.errors import PlatformError, RuleBroken
from lti_tool.moodle import connections, native_marks
from lti_tool.web import native_marks_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db, undo
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page
from lti_tool.web.tool import tool

bp = Blueprint("native_marks", __name__)


@bp.get("/institute/moodle")
@requires(Permission.INSTITUTE)
def connection() -> ResponseReturnValue:
    """The connection to Moodle's web service."""
    return page("admin/moodle.html", moodle=native_marks_page.connection(db(), visit().platform_id))


@bp.post("/institute/moodle")
@requires(Permission.INSTITUTE)
def connect() -> ResponseReturnValue:
    """Keeps address and token."""
    here, url = visit().person, request.form.get("url", "")
    try:
        _connect(url, request.form.get("token", ""))
    except (RuleBroken, PlatformError) as refused:
        undo()
        shown = native_marks_page.connection(db(), here.platform_id, refused, url)
        return page("admin/moodle.html", moodle=shown), 422
    flash(_("The connection is stored. Test it now."), "good")
    return redirect(url_for("native_marks.connection"), 303)


@bp.post("/institute/moodle/test")
@requires(Permission.INSTITUTE)
def test() -> ResponseReturnValue:
    """Asks Moodle who it is."""
    message, kind = native_marks_page.tested(db(), tool(), visit().platform_id, clock.now())
    flash(message, kind)
    return redirect(url_for("native_marks.connection"), 303)


@bp.post("/institute/moodle/remove")
@requires(Permission.INSTITUTE)
def disconnect() -> ResponseReturnValue:
    """Forgets address and token."""
    connections.disconnect(db(), visit().platform_id)
    flash(_("The connection is removed. Marks that came in stay."), "good")
    return redirect(url_for("native_marks.connection"), 303)


@bp.get("/c/<course>/native-marks")
@requires(Permission.COURSE_EDIT)
def choice(course: str) -> ResponseReturnValue:
    """What Moodle's gradebook lists, what is chosen, and how the last reading went."""
    built = native_marks_page.build(db(), course_here(), clock.now())
    ways = {
        "read_url": url_for("native_marks.read", course=course),
        "mapping_url": url_for("mapping.show", course=course),
    }
    return page("trainer/native_marks.html", marks=built, **ways)


@bp.post("/c/<course>/native-marks")
@requires(Permission.COURSE_EDIT)
def choose(course: str) -> ResponseReturnValue:
    """These activities' marks count from now on."""
    native_marks.choose(db(), course_here().id, request.form.getlist("item"), clock.now(), by=visit().person.id)
    flash(_("The choice is stored. The marks are being read."), "good")
    return redirect(url_for("native_marks.choice", course=course), 303)


@bp.post("/c/<course>/native-marks/read")
@requires(Permission.COURSE_EDIT)
def read(course: str) -> ResponseReturnValue:
    """Has Moodle read now."""
    native_marks.ask(db(), course_here().id, clock.now(), by=visit().person.id)
    return redirect(url_for("native_marks.choice", course=course), 303)


def _connect(url: str, token: str) -> None:
    shared, here, seal = tool(), visit().person, tool().seal
    if seal is None:
        raise RuleBroken("moodle_token_faulty")
    shared.outbound.check(url.strip())
    connections.connect(db(), seal, here.platform_id, url, token, by=here.id, now=clock.now())
