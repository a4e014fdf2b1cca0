"""What became of activities that were placed by deep linking: Moodle changes a bad full mark without a word."""

from __future__ import annotations

from dataclasses import dataclass

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId
from lti_tool.lti.picked_queries import PlacedItem, placed_items
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One activity in a sentence; `differs` where the LMS holds something else than was chosen."""

    title: str
    said: str
    differs: bool


def placed_lines(session: Session, course_id: CourseId) -> tuple[PlacedLine, ...]:
    """Everything that was placed in a course, newest first."""
    return tuple(
        PlacedLine(each.title, _said(each), differs=_differs(each)) for each in placed_items(session, course_id)
    )


def _differs(item: PlacedItem) -> bool:
    return item.points is not None and item.held is not None and item.held != item.points


def _said(item: PlacedItem) -> str:
    if item.activity is None:
        return _("Not opened yet. Open it once in the LMS, so that the course knows it.")
    if item.points is None:
        return _("In the course.")
    if item.held is None:
        return _("Full mark %(points)d chosen; the LMS has not told yet what it made of it.", points=item.points)
    held = format_decimal(item.held, locale=current_locale())
    if _differs(item):
        return _(
            "Full mark %(points)d chosen, but the LMS made %(held)s of it. Grades are sent on the LMS's scale; where"
            " that is wrong, change the points in the activity's settings in the LMS.",
            points=item.points,
            held=held,
        )
    return _("Full mark %(held)s, as chosen.", held=held)
