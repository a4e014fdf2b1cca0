"""One indicator over the institute: how many have attained it, month by month and course by course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency.framework import Indicator
from lti_tool.ids import PlatformId
from lti_tool.reports import queries
from lti_tool.reports.model import CourseFilter
from lti_tool.reports.tally import Row, Tally, attained_share, total
from lti_tool.web import charts, version_choice
from lti_tool.web.dates import month_name
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.overview_page import Choice
from lti_tool.web.page_data import FrameworkText, Link
from lti_tool.web.paging import Pages, count, opened
from lti_tool.web.statistics_view import percent

SIZE = 50
NOBODY: Row = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class CountLine:
    """A month or a course: how many have attained the indicator."""

    label: str
    url: str
    counts: tuple[str, ...]
    """Attained, in progress, not attained, no evidence; empty where so few take part that nothing is said."""
    share: str
    width: float


@dataclass(frozen=True, slots=True)
class IndicatorPage:
    """The whole page."""

    code: str
    version: str
    """Of the requirements; empty where all courses are on one."""
    text: FrameworkText
    back: Link
    total: CountLine
    months: tuple[CountLine, ...]
    courses: tuple[CountLine, ...]
    pages: Pages


def build(
    session: Session, platform_id: PlatformId, code: str, asked: Mapping[str, str], now: datetime
) -> IndicatorPage:
    """The page of an indicator. Raises NotFound("indicator_unknown")."""
    choice = replace(Choice.read(asked), people=False)
    looked_by = version_choice.read(session, platform_id, asked)
    indicator = looked_by.framework.indicator(code)
    months = queries.months(session, platform_id, looked_by.id, choice.period)
    chosen = CourseFilter(period=choice.period, version=looked_by.only)
    carried: dict[str, Any] = {name: value for name, value in choice.query.items() if name != "count"}
    courses, pages = opened(
        asked,
        lambda skip: queries.courses(session, platform_id, chosen, skip=skip, number=SIZE, now=now),
        lambda page: url_for("institute.one_indicator", indicator=code, **carried, page=page),
        SIZE,
    )
    tallies = queries.tallies_of(session, [each.id for each in courses])
    return IndicatorPage(
        code=code,
        version=looked_by.name if looked_by.is_one_of_several else "",
        text=framework_text(indicator.texts, current_locale(), looked_by.framework),
        back=Link(_("Overview"), url_for("institute.overview", **carried)),
        total=_line(_("All courses of the period"), "", indicator, total(each.tally for each in months.values())),
        months=tuple(_line(month_name(month), "", indicator, each.tally) for month, each in months.items()),
        courses=tuple(
            _line(each.title, url_for("statistics.show", course=each.public_id), indicator, tallies[each.id])
            for each in courses
            if each.id in tallies
        ),
        pages=pages,
    )


def _line(label: str, url: str, indicator: Indicator, tally: Tally) -> CountLine:
    row = tally.indicators.get(indicator.id, NOBODY)
    if tally.is_small:
        return CountLine(label, url, (), "", 0)
    share = attained_share(row)
    return CountLine(label, url, tuple(map(count, row)), percent(share), round(float(share or 0) * charts.WIDTH, 2))
