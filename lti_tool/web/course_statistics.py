"""A course in figures, and each of its groups: for its trainers, and for the institute's admins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.competency import rules
from lti_tool.competency.framework import Competency
from lti_tool.people import member_queries
from lti_tool.people.model import Course
from lti_tool.reports import queries
from lti_tool.web import statistics_view
from lti_tool.web.auth import Permission, course_here, requires
from lti_tool.web.database import db
from lti_tool.web.dates import moment
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import EmptyState
from lti_tool.web.rendering import page
from lti_tool.web.statistics_view import Statistics, Ways

bp = Blueprint("statistics", __name__, url_prefix="/c/<course>")


@dataclass(frozen=True, slots=True)
class CourseStatisticsPage:
    """The whole page."""

    people: str
    as_of: str
    group: str
    groups: tuple[tuple[str, str], ...]
    """Id and name of each group in the LMS."""
    statistics: Statistics | None
    small: bool
    empty: EmptyState | None


@bp.get("/statistics")
@requires(Permission.COURSE_READ)
def show(course: str) -> ResponseReturnValue:
    """How many stand where, what is weakest, what has grown."""
    return page("trainer/statistics.html", told=build(db(), course_here(), request.args, clock.now()))


def build(session: Session, course: Course, asked: Mapping[str, str], now: datetime) -> CourseStatisticsPage:
    """The page of a course, or of one of its groups; as the worker counted it last."""
    counted = queries.course(session, course.id)
    if counted is None or counted.tally.people == 0:
        return CourseStatisticsPage("", "", "", (), None, small=False, empty=_nothing())
    group = asked.get("group", "")
    tally = counted.groups.get(group, counted.tally)
    names = member_queries.group_names(session, course.id)
    framework = rules.rules_of(session, course.id, now).framework
    return CourseStatisticsPage(
        people=ngettext("%(num)d participant", "%(num)d participants", tally.people),
        as_of=_("As of %(time)s.", time=moment(counted.as_of)),
        group=group if group in counted.groups else "",
        groups=tuple((each, names.get(each) or _("group %(id)s", id=each)) for each in sorted(counted.groups)),
        statistics=None if tally.is_small else statistics_view.statistics(framework, tally, _ways(course, group)),
        small=tally.is_small,
        empty=None,
    )


def _ways(course: Course, group: str) -> Ways:
    def cell(competency: Competency, _level: int | None) -> str:
        return url_for(
            "trainer.group", course=course.public_id, sort=competency.code, order="descending", group=group or None
        )

    return Ways(cell, lambda _indicator: "")


def _nothing() -> EmptyState:
    return EmptyState(
        title=_("Nothing has been counted yet"),
        why=_("Figures appear within a minute after somebody has taken part."),
    )
