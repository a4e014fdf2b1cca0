"""What the institute's report for print is made of: plain figures, wherever they come from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lti_tool.reports.periods import Month, Period
from lti_tool.reports.tally import Tally


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The courses that begin in one month, together."""

    month: Month
    courses: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class InstituteReport:
    """An institute in figures."""

    platform: str
    """How the institute's LMS is known."""
    period: Period
    """Of the courses that are counted."""
    people: int | None
    """Everybody once; None where a period is asked for, which counts participations."""
    courses: int
    tally: Tally
    """Where people stand: everybody once, or each participation of the period."""
    months: tuple[MonthFigures, ...]
    as_of: datetime | None
    """The oldest of its figures; None: nothing is counted yet."""
