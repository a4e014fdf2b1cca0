"""Days, moments and months in the page's language."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lti_tool.reports.periods import Month
from lti_tool.web import dates
from tests.unit.web.conftest import Speak

LATE = datetime(2026, 11, 25, 19, 5, tzinfo=UTC)
"""Five past one of the next day in Bishkek."""


@pytest.mark.parametrize(
    ("locale", "day", "short", "moment", "month"),
    [
        ("ky", "2026-ж. 26-ноябрь", "2026-ж. 26-ноя.", "2026-ж. 26-ноябрь, 01:05", "2026-ж. ноябрь"),
        ("ru", "26 ноября 2026", "26 нояб. 2026", "26 ноября 2026, 01:05", "ноябрь 2026"),
        ("en", "26 November 2026", "26 Nov 2026", "26 November 2026, 01:05", "November 2026"),
    ],
)
def test_each_language_writes_them_in_its_own_order(
    speak: Speak, locale: str, day: str, short: str, moment: str, month: str
) -> None:
    with speak(locale):
        assert (dates.day(LATE), dates.short_day(LATE), dates.moment(LATE)) == (day, short, moment)
        assert dates.month_name(Month(2026 * 12 + 10)) == month


def test_a_day_without_an_hour_is_the_same_everywhere(speak: Speak) -> None:
    with speak("en"):
        assert dates.day(date(2026, 11, 25)) == "25 November 2026"
