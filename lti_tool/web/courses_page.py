"""All courses of the institute: searched, narrowed, sorted; how far each is, and what of it has not arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.ids import PlatformId
from lti_tool.reports import queries
from lti_tool.reports.model import CourseFilter, CourseOrder
from lti_tool.reports.periods import Period
from lti_tool.reports.queries import CountedCourse
from lti_tool.web import charts
from lti_tool.web.dates import moment, month_name
from lti_tool.web.group_page import Head
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.paging import Pages, count, opened
from lti_tool.web.statistics_view import percent

SIZE = 50
KEPT = ("q", "trainer", "from", "to", "state")
STATES = ("open", "closed", "undelivered", "unmapped")
DESCENDS_FIRST = frozenset(CourseOrder) - {CourseOrder.TITLE}


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course in the list."""

    title: str
    label: str
    url: str
    statistics_url: str
    month: str
    closed: bool
    participants: str
    indicators: str
    established: str
    width: float
    """Of the bar of what is established, in hundredths."""
    undelivered: Link | None


@dataclass(frozen=True, slots=True)
class CoursesPage:
    """The whole page."""

    asked: Mapping[str, str]
    narrows: bool
    states: tuple[tuple[str, str], ...]
    heads: tuple[tuple[str, Head], ...]
    lines: tuple[CourseLine, ...]
    pages: Pages
    as_of: str


def build(session: Session, platform_id: PlatformId, asked: Mapping[str, str], now: datetime) -> CoursesPage:
    """The page of a platform, as the address narrows and sorts it."""
    kept = {name: asked.get(name, "").strip()[:100] for name in KEPT}
    chosen = read(asked)
    carried: dict[str, Any] = {name: value for name, value in kept.items() if value}
    sort: dict[str, Any] = {"sort": chosen.order.value, "order": "descending" if chosen.descending else "ascending"}
    found, pages = opened(
        asked,
        lambda skip: queries.courses(session, platform_id, chosen, skip=skip, number=SIZE, now=now),
        lambda page: url_for("admin.courses", **carried, **sort, page=page),
        SIZE,
    )
    return CoursesPage(
        asked=kept,
        narrows=bool(carried),
        states=_states(),
        heads=tuple((label, _head(order, chosen, carried)) for order, label in _heads()),
        lines=tuple(_line(each) for each in found),
        pages=pages,
        as_of=_("As of %(time)s.", time=moment(min(each.as_of for each in found))) if found else "",
    )


def read(asked: Mapping[str, str]) -> CourseFilter:
    """What an address asks for; what it does not know it leaves out."""
    state = asked.get("state", "")
    order = CourseOrder(asked["sort"]) if asked.get("sort") in {*CourseOrder} else CourseOrder.MONTH
    return CourseFilter(
        text=asked.get("q", "").replace("\0", "").strip()[:100],
        trainer=asked.get("trainer", "").strip()[:100],
        period=Period.read(asked.get("from", ""), asked.get("to", "")),
        closed={"open": False, "closed": True}.get(state),
        undelivered=state == "undelivered",
        unmapped=state == "unmapped",
        order=order,
        descending=asked.get("order", "descending" if order in DESCENDS_FIRST else "ascending") == "descending",
    )


def _states() -> tuple[tuple[str, str], ...]:
    words = (_("open"), _("closed"), _("with undelivered grades"), _("nothing mapped"))
    return tuple(zip(STATES, words, strict=True))


def _heads() -> tuple[tuple[CourseOrder, str], ...]:
    return (
        (CourseOrder.TITLE, _("Course")),
        (CourseOrder.MONTH, _("Begins")),
        (CourseOrder.PARTICIPANTS, _("Participants")),
        (CourseOrder.COVERAGE, _("Mapped indicators")),
        (CourseOrder.ESTABLISHED, _("Established levels")),
        (CourseOrder.UNDELIVERED, _("Undelivered grades")),
    )


def _head(order: CourseOrder, chosen: CourseFilter, carried: Mapping[str, Any]) -> Head:
    here = order is chosen.order
    descends = not chosen.descending if here else order in DESCENDS_FIRST
    direction = "descending" if descends else "ascending"
    now = ("descending" if chosen.descending else "ascending") if here else None
    return Head(url_for("admin.courses", **carried, sort=order.value, order=direction), now)


def _line(course: CountedCourse) -> CourseLine:
    share = Fraction(course.established, course.standings) if course.standings else None
    waiting = url_for("trainer.deliveries", course=course.public_id, state="waiting")
    return CourseLine(
        title=course.title,
        label=course.label,
        url=url_for("trainer.group", course=course.public_id),
        statistics_url=url_for("statistics.show", course=course.public_id),
        month=month_name(course.month),
        closed=course.closed,
        participants=count(course.participants),
        indicators=count(course.mapped_indicators),
        established=percent(share),
        width=round(float(share or 0) * charts.WIDTH, 2),
        undelivered=Link(count(course.undelivered), waiting) if course.undelivered else None,
    )
