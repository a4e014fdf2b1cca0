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
from lti_tool.reports.tally import Tally
from lti_tool.web import exports, statistics_view
from lti_tool.web.auth import Permission, course_here, requires
from lti_tool.web.database import db
from lti_tool.web.delivery_words import moment
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
    erased: str
    """How many of them are nobody any more; empty where all are somebody."""
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


@bp.route("/statistics/<part>.<kind>", methods=["GET", "POST"])
@requires(Permission.COURSE_READ)
def file(course: str, part: str, kind: str) -> ResponseReturnValue:
    """A part of it as a file."""
    statistics_view.part_of(part)
    return exports.answer("course statistics", kind, page="statistics.show")


@dataclass(frozen=True, slots=True)
class Looked:
    """What of a course is looked at: all of it, or one of its groups."""

    tally: Tally
    group: str
    """Empty: everybody."""
    groups: Mapping[str, str]
    """The name of each group in the LMS by its id."""
    as_of: datetime

    @property
    def group_name(self) -> str:
        """Empty: everybody."""
        return self.groups.get(self.group, "")


def read(session: Session, course: Course, asked: Mapping[str, str]) -> Looked | None:
    """The tally that an address asks for, as the worker counted it last; None where there is none yet."""
    counted = queries.course(session, course.id)
    if counted is None or counted.tally.people == 0:
        return None
    names = member_queries.group_names(session, course.id)
    group = asked.get("group", "") if asked.get("group", "") in counted.groups else ""
    return Looked(
        tally=counted.groups[group] if group else counted.tally,
        group=group,
        groups={each: names.get(each) or _("group %(id)s", id=each) for each in sorted(counted.groups)},
        as_of=counted.as_of,
    )


def build(session: Session, course: Course, asked: Mapping[str, str], now: datetime) -> CourseStatisticsPage:
    """The page of a course, or of one of its groups."""
    looked = read(session, course, asked)
    if looked is None:
        return CourseStatisticsPage("", "", "", "", (), None, small=False, empty=_nothing())
    tally, group = looked.tally, looked.group
    framework = rules.rules_of(session, course.id, now).framework
    return CourseStatisticsPage(
        people=ngettext("%(num)d participant", "%(num)d participants", tally.people),
        erased=_erased(session, course, group, now),
        as_of=_("As of %(time)s.", time=moment(looked.as_of)),
        group=group,
        groups=tuple(looked.groups.items()),
        statistics=None if tally.is_small else statistics_view.statistics(framework, tally, _ways(course, group)),
        small=tally.is_small,
        empty=None,
    )


def _erased(session: Session, course: Course, group: str, now: datetime) -> str:
    groups = member_queries.groups_of_erased(session, course.id, now)
    number = sum(group in each for each in groups) if group else len(groups)
    said = ngettext(
        "Of them %(num)d was erased: counted without a name, and not in the group's list.",
        "Of them %(num)d were erased: counted without names, and not in the group's list.",
        number,
    )
    return said if number else ""


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
