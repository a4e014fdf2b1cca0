"""Heat maps of shares: months or courses by competencies, each cell the share that has reached a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency.framework import Competency, Framework
from lti_tool.ids import PlatformId
from lti_tool.reports import queries
from lti_tool.reports.model import CourseFilter
from lti_tool.reports.periods import Month, Period
from lti_tool.reports.tally import Spread, Tally
from lti_tool.web import charts, version_choice
from lti_tool.web.dates import month_name
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.paging import Pages, count, opened
from lti_tool.web.statistics_view import percent
from lti_tool.web.version_choice import LookedBy

SIZE = 50
LEVEL = 1
KEPT = ("from", "to", "level", "q", "version")


@dataclass(frozen=True, slots=True)
class ShareCell:
    """The share of those whose level is known that has reached the level asked for."""

    share: str
    known: str
    """Of how many people a level is known; empty where that is all of the row, or nobody is counted."""
    shade: int


NOT_COUNTED = ShareCell("", "", 0)


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A month or a course."""

    label: str
    url: str
    people: str
    cells: tuple[ShareCell, ...]
    """Empty where so few take part that nothing is said of them."""


@dataclass(frozen=True, slots=True)
class MapPage:
    """The whole page."""

    by: str
    """months | courses"""
    looked_by: LookedBy
    period: Period
    level: int
    levels: tuple[tuple[str, str], ...]
    text: str
    heads: tuple[tuple[str, str], ...]
    """Code and short title of each competency."""
    rows: tuple[ShareRow, ...]
    pages: Pages | None


@dataclass(frozen=True, slots=True)
class MapChoice:
    """What a map shows."""

    by_courses: bool
    """Else by months."""
    period: Period
    level: int
    text: str
    """Words of the titles of courses."""
    looked_by: LookedBy

    @property
    def courses(self) -> CourseFilter:
        """The courses that are its rows."""
        return CourseFilter(text=self.text, period=self.period, version=self.looked_by.only)


def read(asked: Mapping[str, str], looked_by: LookedBy) -> MapChoice:
    """As it stands in an address; what that does not know it leaves out."""
    return MapChoice(
        by_courses=asked.get("by") == "courses",
        period=Period.read(asked.get("from", ""), asked.get("to", "")),
        level=_level(asked.get("level", ""), looked_by.framework),
        text=asked.get("q", "").strip()[:100],
        looked_by=looked_by,
    )


def build(session: Session, platform_id: PlatformId, asked: Mapping[str, str], now: datetime) -> MapPage:
    """The map of a platform, by months or by courses."""
    looked_by = version_choice.read(session, platform_id, asked)
    choice, framework = read(asked, looked_by), looked_by.framework
    by = "courses" if choice.by_courses else "months"
    pages: Pages | None = None
    if not choice.by_courses:
        months = queries.months(session, platform_id, looked_by.id, choice.period)
        counted = [
            (month_name(month), url_for("admin.courses", **_ends(month)), each.tally) for month, each in months.items()
        ]
    else:
        carried: dict[str, Any] = {
            name: asked[name] for name in ("from", "to", "level", "q", "version") if asked.get(name)
        }
        courses, pages = opened(
            asked,
            lambda skip: queries.courses(session, platform_id, choice.courses, skip=skip, number=SIZE, now=now),
            lambda page: url_for("institute.levels", by=by, page=page, **carried),
            SIZE,
        )
        tallies = queries.tallies_of(session, [each.id for each in courses])
        counted = [
            (each.title, url_for("statistics.show", course=each.public_id), tallies.get(each.id, Tally()))
            for each in courses
        ]
    return MapPage(
        by=by,
        looked_by=looked_by,
        period=choice.period,
        level=choice.level,
        levels=tuple((str(each.number), each.name(current_locale())) for each in framework.levels),
        text=choice.text,
        heads=tuple((each.code, each.short_title(current_locale())) for each in framework.competencies),
        rows=tuple(_row(label, url, framework.competencies, tally, choice.level) for label, url, tally in counted),
        pages=pages,
    )


def _ends(month: Month) -> dict[str, Any]:
    return {"from": str(month), "to": str(month)}


def _level(asked: str, framework: Framework) -> int:
    return {str(each.number): each.number for each in framework.levels}.get(asked, LEVEL)


def _row(label: str, url: str, competencies: Sequence[Competency], tally: Tally, level: int) -> ShareRow:
    if tally.is_small:
        return ShareRow(label, url, _("fewer than 5"), ())
    cells = tuple(
        _cell(Spread.of([tally.levels[each.id]]), level, tally.people) if each.id in tally.levels else NOT_COUNTED
        for each in competencies
    )
    return ShareRow(label, url, count(tally.people), cells)


def _cell(spread: Spread, level: int, people: int) -> ShareCell:
    share = spread.share_from(level)
    known = "" if spread.established == people else _("of %(num)s", num=count(spread.established))
    return ShareCell(percent(share), known, charts.shade(share))
