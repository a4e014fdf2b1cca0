"""Days, moments and months as the page's language writes them; the same on pages, in files and in comments."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date, format_datetime

from lti_tool.reports.periods import Month, Period
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.sentences import day_pattern

_SHORT_DAYS = {"ky": "y-'ж'. d-MMM"}
_MONTHS = {"ky": "y-'ж'. MMMM"}
"""Kyrgyz begins with the year; Russian and English put it last."""


def install(app: Flask) -> None:
    """Gives every template a filter for each way to write a time, and the test whether a text is a `month`."""
    app.jinja_env.filters.update(day=day, short_day=short_day, moment=moment, short_moment=short_moment)
    app.jinja_env.tests["month"] = lambda typed: Month.read(str(typed)) is not None


def day(at: date) -> str:
    """Like "26 November 2026"."""
    return str(format_date(at, day_pattern(current_locale())))


def short_day(at: date) -> str:
    """Like "26 Nov 2026", for narrow tables."""
    return str(format_date(at, _of_page(_SHORT_DAYS, "d MMM y")))


def moment(at: datetime) -> str:
    """Like "26 November 2026, 13:25"."""
    return str(format_datetime(at, day_pattern(current_locale()) + ", HH:mm"))


def short_moment(at: datetime) -> str:
    """Like "26 Nov 2026, 13:25", for narrow tables."""
    return str(format_datetime(at, _of_page(_SHORT_DAYS, "d MMM y") + ", HH:mm"))


def month_name(month: Month) -> str:
    """A month with its year, like "September 2026", as it stands alone in a table."""
    return str(format_date(date(month.year or 1, month.month, 1), _of_page(_MONTHS, "LLLL y")))


def period_name(period: Period) -> str:
    """A period of courses, like "September 2026 – May 2027"."""
    if period.is_open:
        return _("all courses")
    begin, end = ("…" if each is None else month_name(each) for each in (period.begin, period.end))
    return begin if begin == end else f"{begin} – {end}"


def _of_page(patterns: dict[str, str], others: str) -> str:
    return patterns.get(current_locale(), others)
