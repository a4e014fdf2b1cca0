"""The group page as a table for files: a row a participant, a column a competency, with the page's own words."""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.competency.framework import Competency
from lti_tool.errors import NotFound
from lti_tool.people.member_queries import Member
from lti_tool.reports.table import Column, Kind, Note, Row, Table, file_name
from lti_tool.web import group_page
from lti_tool.web.export_words import as_of, level_words
from lti_tool.web.exports import Asked
from lti_tool.web.group_choice import DOWN
from lti_tool.web.group_page import Group
from lti_tool.web.group_words import Flags, words_of
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _


def table(asked: Asked) -> Table:
    """Who is shown on the page, in its order."""
    if asked.course is None:
        raise NotFound("course_unknown")
    group = group_page.read(asked.session, asked.course, asked.query, asked.now)
    return Table(
        name=file_name(_("Group"), asked.course.label or asked.course.title),
        title=f"{_('Group')}: {asked.course.title}",
        columns=(
            Column(_("Name")),
            Column(_("ID number or e-mail")),
            *(_column(each) for each in group.targeted),
            Column(_("Evaluated competencies"), Kind.WHOLE, short=_("Evaluated")),
            Column(_("Remarks")),
        ),
        rows=_rows(group),
        count=len(group.shown),
        notes=(Note(_("Course"), asked.course.title), as_of(asked.now), *_choice(group)),
        language=current_locale(),
    )


def _column(competency: Competency) -> Column:
    title = f"{competency.code} {competency.short_title(current_locale())}"
    return Column(title, Kind.LEVEL, around=level_words(), short=competency.code)


def _rows(group: Group) -> Iterator[Row]:
    for person in group.shown:
        standings = group.standings.get(person.id, {})
        said = [words_of(standings.get(each.id), _flags(group, person, each)) for each in group.targeted]
        levels = [standings[each.id].established if each.id in standings else None for each in group.targeted]
        remarks = [
            f"{each.code}: {remark}"
            for each, words in zip(group.targeted, said, strict=True)
            for remark in (words.held, *words.tags)
            if remark
        ]
        yield (
            person.name or _("Name not shared"),
            person.detail,
            *(words.text if level is None else level for level, words in zip(levels, said, strict=True)),
            group_page.evaluated(group.targeted, standings),
            "; ".join(remarks),
        )


def _flags(group: Group, person: Member, competency: Competency) -> Flags:
    return group.flags.get((person.id, competency.id), Flags())


def _choice(group: Group) -> Iterator[Note]:
    choice = group.choice
    yield Note(_("Shown"), group_page.summary(group))
    if group.erased:
        yield Note(_("Statistics"), group_page.erased_in_words(group.erased))
    if choice.group:
        yield Note(_("Group in the LMS"), dict(group.groups)[choice.group])
    if choice.text:
        yield Note(_("Name, ID number or e-mail"), choice.text)
    by = next((each.code for each in group.targeted if each.code == choice.sort), _("Name"))
    yield Note(_("Ordered by"), f"{by} ({_('descending')})" if choice.direction == DOWN else by)
