"""Pages of the institute as tables for files: all courses, and where grades have not arrived."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from lti_tool.grading import undelivered_queries
from lti_tool.reports import queries
from lti_tool.reports import undelivered as counting
from lti_tool.reports.model import CourseFilter
from lti_tool.reports.table import Column, Kind, Note, Row, Table, file_name
from lti_tool.web import courses_page
from lti_tool.web.dates import month_name
from lti_tool.web.export_words import as_of
from lti_tool.web.exports import Asked
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _

AT_A_TIME = 500


def courses(asked: Asked) -> Table:
    """All courses that the page lists, on all of its pages."""
    chosen = courses_page.read(asked.query)
    _first, everything = queries.courses(asked.session, asked.platform_id, chosen, skip=0, number=1, now=asked.now)
    narrowed = {name: asked.query.get(name, "").strip() for name in courses_page.KEPT}
    said = ", ".join(value for value in narrowed.values() if value)
    return Table(
        name=file_name(_("Courses")),
        title=_("Courses"),
        columns=(
            Column(_("Course")),
            Column(_("Short name")),
            Column(_("Begins")),
            Column(_("State")),
            Column(_("Participants"), Kind.WHOLE),
            Column(_("Mapped indicators"), Kind.WHOLE),
            Column(_("Established levels"), Kind.PERCENT),
            Column(_("Undelivered grades"), Kind.WHOLE),
            Column(_("As of"), Kind.MOMENT),
        ),
        rows=_courses(asked, chosen),
        count=everything,
        notes=(as_of(asked.now), *((Note(_("Narrowed to"), said),) if said else ())),
        language=current_locale(),
    )


def _courses(asked: Asked, chosen: CourseFilter) -> Iterator[Row]:
    skip = 0
    while True:
        found, everything = queries.courses(
            asked.session, asked.platform_id, chosen, skip=skip, number=AT_A_TIME, now=asked.now
        )
        for each in found:
            yield (
                each.title,
                each.label,
                month_name(each.month),
                _("closed") if each.closed else _("open"),
                each.participants,
                each.mapped_indicators,
                Fraction(each.established, each.standings) if each.standings else None,
                each.undelivered,
                each.as_of,
            )
        skip += AT_A_TIME
        if skip >= everything:
            return


def undelivered(asked: Asked) -> Table:
    """The courses whose gradebooks are not as they should be, worst first."""
    seen = counting.undelivered(asked.session, asked.platform_id, asked.now)
    courses = seen.what.courses
    named = undelivered_queries.named(asked.session, courses)
    rows: list[Row] = [
        (named[course][1], each.stuck, each.due, each.oldest, each.differing) for course, each in courses.items()
    ]
    return Table(
        name=file_name(_("Undelivered grades")),
        title=_("Undelivered grades"),
        columns=(
            Column(_("Course")),
            Column(_("Held back or given up"), Kind.WHOLE),
            Column(_("On its way"), Kind.WHOLE),
            Column(_("Waiting since"), Kind.MOMENT),
            Column(_("Differs in the LMS"), Kind.WHOLE),
        ),
        rows=rows,
        count=len(rows),
        notes=(as_of(seen.as_of),),
        language=current_locale(),
    )
