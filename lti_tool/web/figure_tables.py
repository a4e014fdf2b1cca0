"""What stands behind figures of the institute as tables for files: the people of a figure, and one indicator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lti_tool.competency.framework import Indicator
from lti_tool.people import queries as people_of
from lti_tool.reports import people_queries, queries
from lti_tool.reports.model import CourseFilter
from lti_tool.reports.table import Column, Kind, Note, Row, Table, file_name
from lti_tool.reports.tally import Tally, attained_share, total
from lti_tool.web import overview_page, rows_page, version_choice
from lti_tool.web.dates import month_name, period_name
from lti_tool.web.export_words import as_of
from lti_tool.web.exports import Asked
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.indicator_page import NOBODY
from lti_tool.web.overview_page import Choice
from lti_tool.web.people_tables import called

AT_A_TIME = 500


def rows(asked: Asked) -> Table:
    """The people of a figure of the overview, on all pages of their list."""
    choice = Choice.read(asked.query)
    found = rows_page.figure(asked.session, asked.platform_id, asked.values["code"], asked.values["level"], asked.query)
    row = overview_page.figures(asked.session, asked.platform_id, choice).shown.levels.get(found.competency.id, ())
    place = 0 if found.level is None else found.level + 1
    last = Column(_("Courses"), Kind.WHOLE) if choice.people else Column(_("Course"))
    return Table(
        name=file_name(found.title),
        title=found.title,
        columns=(Column(_("Participant")), Column(_("ID number or e-mail")), last),
        rows=_people(asked, found) if choice.people else _participations(asked, found, choice),
        count=row[place] if place < len(row) else 0,
        notes=(
            Note(_("Period"), period_name(choice.period)),
            Note(_("Requirements"), found.looked_by.name),
            as_of(asked.now),
        ),
        language=current_locale(),
    )


def _people(asked: Asked, of: rows_page.Figure) -> Iterator[Row]:
    after = 0
    while found := people_queries.at_level(
        asked.session, asked.platform_id, of.competency.id, of.level, after, AT_A_TIME
    ):
        yield from ((called(each), each.detail, each.courses) for each in found)
        after = found[-1].id


def _participations(asked: Asked, of: rows_page.Figure, choice: Choice) -> Iterator[Row]:
    after = (0, 0)
    while pairs := people_queries.participations_at_level(
        asked.session, asked.platform_id, of.competency.id, of.level, choice.period, after, AT_A_TIME
    ):
        people = people_queries.people_by_id(asked.session, [person for person, _course in pairs])
        courses = people_of.courses_by_id(asked.session, [course for _person, course in pairs])
        for person, course in pairs:
            yield (called(people[person]), people[person].detail, courses[course].title)
        after = pairs[-1]


def indicator(asked: Asked) -> Table:
    """One indicator by month and by course, on all pages of the courses."""
    choice = replace(Choice.read(asked.query), people=False)
    looked_by = version_choice.read(asked.session, asked.platform_id, asked.query)
    of = looked_by.framework.indicator(asked.values["indicator"])
    months = queries.months(asked.session, asked.platform_id, looked_by.id, choice.period)
    chosen = CourseFilter(period=choice.period, version=looked_by.only)
    courses, everything = queries.courses(
        asked.session, asked.platform_id, chosen, skip=0, number=10_000, now=asked.now
    )
    tallies = queries.tallies_of(asked.session, [each.id for each in courses])
    lines = [
        (_("All courses of the period"), "", total(each.tally for each in months.values())),
        *((month_name(month), "", each.tally) for month, each in months.items()),
        *(("", each.title, tallies[each.id]) for each in courses if each.id in tallies),
    ]
    counts = (_("Attained"), _("In progress"), _("Not attained"), _("No evidence yet"))
    return Table(
        name=file_name(_("Indicator %(code)s", code=of.code)),
        title=_("Indicator %(code)s", code=of.code),
        columns=(
            Column(_("Month")),
            Column(_("Course")),
            Column(_("Share attained"), Kind.PERCENT),
            *(Column(each, Kind.WHOLE) for each in counts),
        ),
        rows=[(month, course, *_attained(tally, of)) for month, course, tally in lines],
        count=len(months) + everything,
        notes=(
            Note(_("Indicator"), of.text(current_locale())),
            Note(_("Period"), period_name(choice.period)),
            Note(_("Requirements"), looked_by.name),
            as_of(asked.now),
        ),
        language=current_locale(),
    )


def _attained(tally: Tally, of: Indicator) -> Row:
    row = tally.indicators.get(of.id, NOBODY)
    if tally.is_small:
        return (_("fewer than 5"), None, None, None, None)
    return (attained_share(row), *row)
