"""What an institute admin sees: all courses of the institute; a course opens to the group page that trainers have."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.competency import group_queries
from lti_tool.competency.group_queries import CourseCounts
from lti_tool.ids import CourseId
from lti_tool.people import queries
from lti_tool.web.auth import Permission, requires, visit
from lti_tool.web.database import db
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
    found = queries.courses_of_platform(db(), visit().person.platform_id, text)
    counts = group_queries.counts_by_course(db())
    return page("admin/courses.html", lines=tuple(_line(each, counts) for each in found), text=text)


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
