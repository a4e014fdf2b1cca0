"""*What next*: what completes the next level of each competency, for the person who asks."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.competency import going_on
from lti_tool.web import what_next_page
from lti_tool.web.auth import Permission, course_here, requires, visit
from lti_tool.web.database import db
from lti_tool.web.rendering import page

bp = Blueprint("what_next", __name__, url_prefix="/c/<course>")


@bp.get("/me/next")
@requires(Permission.OWN_RECORD)
def show(course: str) -> ResponseReturnValue:
    """All competencies, the nearest level first."""
    here, who = course_here(), visit().person.id
    found = going_on.in_all(db(), here.id, who, clock.now())
    return page("participant/next.html", ahead=what_next_page.build(db(), here, found, who))
