"""The answer to a page that shows how far a worker is: the same lines anew, and nothing else."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from lti_tool import clock
from lti_tool.errors import NotFound
from lti_tool.people.errand import ErrandKind
from lti_tool.web import drift_page, native_marks_page, progress, roster_page
from lti_tool.web.auth import Permission, course_here, requires
from lti_tool.web.database import db
from lti_tool.web.page_data import ProgressView

bp = Blueprint("following", __name__)

SHOWN = {
    ErrandKind.ROSTER.value: roster_page.progress_of,
    ErrandKind.NATIVE_MARKS.value: native_marks_page.progress_of,
    drift_page.COMPARISON: drift_page.progress_of,
}


@bp.get("/c/<course>/progress/<errand>", endpoint="progress")
@requires(Permission.COURSE_READ)
def show(course: str, errand: str) -> ResponseReturnValue:
    """How far it is."""
    return render_template("parts/progress_alone.html", progress=_found(errand))


def _found(errand: str) -> ProgressView:
    if errand == progress.LEVELS:
        return progress.levels(db(), course_here()) or progress.levels_followed()
    if errand not in SHOWN:
        raise NotFound("errand_unknown")
    return SHOWN[errand](db(), course_here(), clock.now())
