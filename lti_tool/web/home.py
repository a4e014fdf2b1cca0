"""The first page of a session that has no course of its own: the courses one came from, and the institute's."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from lti_tool.people import queries
from lti_tool.people.model import Course, CourseRole
from lti_tool.web.auth import Permission, login_in_force, requires, visit
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import EmptyState, Link
from lti_tool.web.rendering import page

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Permission.PUBLIC)
def home() -> ResponseReturnValue:
    """The courses of the session; without a session, what this is and how to come in."""
    return page("welcome.html") if login_in_force() is None else _courses()


@requires(Permission.SIGNED_IN)
def _courses() -> ResponseReturnValue:
    if visit().account is not None:
        return redirect(url_for("admin.courses" if visit().is_admin else "administration.registrations"), 303)
    links = [_way(course, role) for course, role in queries.courses_of_session(db(), visit().login.id)]
    if visit().is_admin:
        links.append((Link(_("All courses of the institute"), url_for("admin.courses")), None))
    empty = EmptyState(
        title=_("No course here"),
        why=_("The LMS did not say what your part in a course is, so nothing can be shown."),
        next_steps=(_("Open the activity again from your course in the LMS."),),
    )
    return page("home.html", links=tuple(links), empty=None if links else empty)


def _way(course: Course, role: CourseRole) -> tuple[Link, Link | None]:
    """The first page of a course, and for participants their tasks there."""
    if role is CourseRole.TRAINER:
        return Link(course.title, url_for("trainer.group", course=course.public_id)), None
    tasks = Link(_("My tasks"), url_for("my_tasks.show", course=course.public_id))
    return Link(course.title, url_for("participant.me", course=course.public_id)), tasks
