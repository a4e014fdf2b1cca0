"""Months as pages write them."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from lti_tool.reports.periods import Month, Period
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _


def month_name(month: Month) -> str:
    """A month with its year, like "September 2026", as it stands alone in a table."""
    return str(format_date(date(month.year or 1, month.month, 1), "LLLL y", locale=current_locale()))


def period_name(period: Period) -> str:
    """A period of courses, like "September 2026 – May 2027"."""
    if period.is_open:
        return _("all courses")
    begin, end = ("…" if each is None else month_name(each) for each in (period.begin, period.end))
    return begin if begin == end else f"{begin} – {end}"
