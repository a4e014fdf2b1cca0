"""Pages of the institute's people as tables for files: all of them, one across courses, and who is behind a figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lti_tool.competency.framework import Competency
from lti_tool.reports import people_queries, person_queries
from lti_tool.reports.people_queries import After, FoundPerson
from lti_tool.reports.person_queries import CourseOfPerson
from lti_tool.reports.table import Column, Kind, Note, Row, Table, file_name
from lti_tool.web import people_page
from lti_tool.web.export_words import as_of, level_words
from lti_tool.web.exports import Asked
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _

AT_A_TIME = 500
MOST_COUNTED = 10_000
"""Beyond, a file is long whatever their number."""


def people(asked: Asked) -> Table:
    """Everybody whom the page finds, on all of its pages."""
    text = people_page.looked_for(asked.query)
    return Table(
        name=file_name(_("People")),
        title=_("People"),
        columns=(
            Column(_("Person")),
            Column(_("ID number or e-mail")),
            Column(_("Courses"), Kind.WHOLE),
        ),
        rows=_people(asked, text),
        count=people_queries.how_many(asked.session, asked.platform_id, text, MOST_COUNTED),
        notes=(as_of(asked.now), *((Note(_("Narrowed to"), text),) if text else ())),
        language=current_locale(),
    )


def _people(asked: Asked, text: str) -> Iterator[Row]:
    after = None
    while found := people_queries.search(asked.session, asked.platform_id, text, after, AT_A_TIME):
        for each in found:
            yield (called(each), each.detail, each.courses)
        after = After(found[-1].key, found[-1].id)


def called(person: FoundPerson) -> str:
    """A name as lists of the institute say it."""
    return _("Erased person") if person.erased else person.name or _("Name not shared")


def person(asked: Asked) -> Table:
    """One person across courses: a row a competency, a column a course."""
    found = people_page.somebody(asked.session, asked.platform_id, asked.values["person"])
    courses = person_queries.courses_of(asked.session, found.id)
    shown = people_page.competencies_of(asked.session, asked.platform_id, courses)
    several = any(version for version, _competency in shown)
    return Table(
        name=file_name(called(found)),
        title=called(found),
        columns=(
            *((Column(_("Requirements")),) if several else ()),
            Column(_("Code")),
            Column(_("Competency")),
            Column(_("Highest"), Kind.LEVEL, around=level_words()),
            *(Column(_titled(each), Kind.LEVEL, around=level_words()) for each in courses),
        ),
        rows=[(*((version,) if several else ()), *_stands(each, courses)) for version, each in shown],
        count=len(shown),
        notes=(
            Note(_("Name"), called(found)),
            *((Note(_("ID number or e-mail"), found.detail),) if found.detail else ()),
            as_of(asked.now),
        ),
        language=current_locale(),
    )


def _titled(course: CourseOfPerson) -> str:
    note = people_page.note_of(course)
    return f"{course.title} ({note})" if note else course.title


def _stands(competency: Competency, courses: Sequence[CourseOfPerson]) -> Row:
    """None where a course says nothing of the competency."""
    highest = people_page.highest(competency, courses)
    cells = (_level(each.levels[competency.id]) if competency.id in each.levels else None for each in courses)
    return (competency.code, competency.short_title(current_locale()), _level(highest), *cells)


def _level(level: int | None) -> int | str:
    return _("Not yet established") if level is None else level
