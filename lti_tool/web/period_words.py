"""Months as pages write them."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from lti_tool.reports.periods import Month
from lti_tool.web.i18n import current_locale


def month_name(month: Month) -> str:
    """A month with its year, like "September 2026", as it stands alone in a table."""
    return str(format_date(date(month.year or 1, month.month, 1), "LLLL y", locale=current_locale()))
