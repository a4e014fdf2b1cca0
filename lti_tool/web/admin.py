"""What an institute admin sees: all courses of the institute; a course opens to the group page that trainers have."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.grading import channels
from lti_tool.web import courses_page, exports, undelivered_page
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page

bp = Blueprint("admin", __name__, url_prefix="/institute")


@bp.get("/courses")
@requires(Permission.INSTITUTE)
def courses() -> ResponseReturnValue:
    """All courses of the institute's platform, searched, narrowed and sorted."""
    return page("admin/courses.html", courses=courses_page.build(db(), visit().platform_id, request.args, clock.now()))


@bp.route("/courses.<kind>", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def courses_file(kind: str) -> ResponseReturnValue:
    """The courses as a file."""
    return exports.answer("courses", kind)


@bp.get("/deliveries")
@requires(Permission.INSTITUTE)
def deliveries() -> ResponseReturnValue:
    """What has not reached the gradebooks of the institute's platform."""
    built = undelivered_page.build(db(), visit().platform_id, request.args, clock.now())
    return page("admin/deliveries.html", undelivered=built)


@bp.route("/deliveries.<kind>", methods=["GET", "POST"])
@requires(Permission.INSTITUTE)
def deliveries_file(kind: str) -> ResponseReturnValue:
    """Courses with undelivered grades as a file."""
    return exports.answer("undelivered", kind)


@bp.post("/deliveries/try")
@requires(Permission.INSTITUTE)
def try_now() -> ResponseReturnValue:
    """Lets the paused platform be tried at once."""
    if channels.try_now(db(), visit().platform_id, clock.now()):
        flash(_("A grade is tried in a moment. Load the page again to see what came of it."), "good")
    else:
        flash(_("The LMS is not paused: what is due goes by itself."), "info")
    return redirect(url_for("admin.deliveries"), 303)
