"""Days, moments and months in the page's language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lti_tool.reports.periods import Month
from lti_tool.web import dates
from lti_tool.web.assets import WEB_ROOT
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


def _written_alike_everywhere(path: Path) -> Iterator[str]:
    for part in ast.walk(ast.parse(path.read_text())):
        if isinstance(part, ast.Attribute) and part.attr in {"strftime", "ctime"}:
            yield f"{path.name}: {part.attr}"
        if isinstance(part, ast.FormattedValue) and part.format_spec and "f" in ast.unparse(part.format_spec):
            yield f"{path.name}: {ast.unparse(part)}"


def test_no_page_writes_days_or_fractions_past_its_language() -> None:
    found = [each for path in sorted(WEB_ROOT.rglob("*.py")) for each in _written_alike_everywhere(path)]

    # Both are values of fields: one for a moment, which browsers write themselves, one as it was typed.
    assert [each.partition(":")[0] for each in found] == ["queue_page.py", "rules_page.py"]
