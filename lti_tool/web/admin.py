"""What an institute admin sees: all courses of the institute; a course opens to the group page that trainers have."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import group_queries
from lti_tool.competency.group_queries import CourseCounts
from lti_tool.grading import channels
from lti_tool.ids import CourseId
from lti_tool.people import queries
from lti_tool.web import undelivered_page
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.rendering import page

bp = Blueprint("admin", __name__, url_prefix="/institute")


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course in the list."""

    title: str
    label: str
    url: str
    members: int
    indicators: int
    established: int


@bp.get("/courses")
@requires(Permission.INSTITUTE)
def courses() -> ResponseReturnValue:
    """All courses of the institute's platform, searched by title."""
    text = request.args.get("q", "").strip()[:100]
    found = queries.courses_of_platform(db(), visit().platform_id, text)
    counts = group_queries.counts_by_course(db())
    return page("admin/courses.html", lines=tuple(_line(each, counts) for each in found), text=text)


@bp.get("/deliveries")
@requires(Permission.INSTITUTE)
def deliveries() -> ResponseReturnValue:
    """What has not reached the gradebooks of the institute's platform."""
    built = undelivered_page.build(db(), visit().platform_id, request.args, clock.now())
    return page("admin/deliveries.html", undelivered=built)


@bp.post("/deliveries/try")
@requires(Permission.INSTITUTE)
def try_now() -> ResponseReturnValue:
    """Lets the paused platform be tried at once."""
    if channels.try_now(db(), visit().platform_id, clock.now()):
        flash(_("A grade is tried in a moment. Load the page again to see what came of it."), "good")
    else:
        flash(_("The LMS is not paused: what is due goes by itself."), "info")
    return redirect(url_for("admin.deliveries"), 303)


def _line(summary: queries.CourseSummary, counts: dict[CourseId, CourseCounts]) -> CourseLine:
    course = summary.course
    count = counts.get(course.id, CourseCounts())
    return CourseLine(
        title=course.title,
        label=course.label or "",
        url=url_for("trainer.group", course=course.public_id),
        members=summary.members,
        indicators=count.mapped_indicators,
        established=count.established,
    )
