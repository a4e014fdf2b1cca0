"""The own record on this platform: over all courses, and what happened in the order of time."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.web import record_page, timeline_page
from lti_tool.web.addresses import url_for
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.rendering import page

bp = Blueprint("my_record", __name__, url_prefix="/c/<course>/me")


@bp.get("/record")
@requires(Permission.OWN_RECORD)
def show(course: str) -> ResponseReturnValue:
    """Which course gave which indicator, levels over all courses beside this one's, what is certified."""
    built = record_page.build(db(), course_here(), visit().person.id, clock.now())
    return page("participant/record.html", record=built, ways=ways(course))


@bp.get("/timeline")
@requires(Permission.OWN_RECORD)
def timeline(course: str) -> ResponseReturnValue:
    """Marks, judgements, self-assessments, certified levels, closings: the newest first."""
    built = timeline_page.build(db(), course_here(), visit().person.id, request.args)
    return page("participant/timeline.html", timeline=built, ways=ways(course))


def ways(course: str) -> tuple[Link, ...]:
    """The ways from one's competencies in a course to both pages."""
    return (
        Link(_("Across courses"), url_for("my_record.show", course=course)),
        Link(_("Timeline"), url_for("my_record.timeline", course=course)),
    )
