"""Pages of a course as tables for files: its people, the grades sent, open decisions, and one person's record."""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.competency import profile
from lti_tool.competency.framework import Aspect, Competency
from lti_tool.competency.profile import PersonProfile
from lti_tool.errors import NotFound
from lti_tool.ids import PersonId
from lti_tool.people import queries as people
from lti_tool.people.model import Course
from lti_tool.reports import person_queries
from lti_tool.reports.table import Column, Kind, Note, Row, Table, file_name
from lti_tool.web import deliveries_page, explain, judging_page, roster_page
from lti_tool.web.explain import level_count
from lti_tool.web.export_words import as_of, level_words
from lti_tool.web.exports import Asked
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.states import level_flags, level_mark


def roster(asked: Asked) -> Table:
    """Who is or was in the course, as what and why."""
    course = _course(asked)
    lines = roster_page.lines(asked.session, course, asked.now)
    heads = (_("Name"), _("ID number or e-mail"), _("Here as"), _("Why"), _("On the list as"))
    return Table(
        name=file_name(_("People"), course.label or course.title),
        title=f"{_('People')}: {course.title}",
        columns=(
            *map(Column, heads),
            Column(_("Last opened the course as")),
            Column(_("Last opened at"), Kind.MOMENT),
            Column(_("Groups in the LMS")),
        ),
        rows=(
            (each.name, each.detail, each.role, each.why, each.listed, each.launched, each.launched_at, each.groups)
            for each in lines
        ),
        count=len(lines),
        notes=(Note(_("Course"), course.title), as_of(asked.now)),
        language=current_locale(),
    )


def deliveries(asked: Asked) -> Table:
    """The grades sent, narrowed as the page is, all of its pages."""
    course = _course(asked)
    count, lines, filters = deliveries_page.every_line(asked.session, course, asked.query, now=asked.now)
    gone, shown = _("Confirmed by the LMS"), _("In the LMS now")
    heads = (_("Participant"), _("Column"), _("Worked out"), gone, shown, _("State"), _("Since"), _("Why"))
    state, column = dict(filters.states).get(filters.state), dict(filters.columns).get(filters.column)
    chosen = ((_("State"), state), (_("Column"), column), (_("Name"), filters.text))
    return Table(
        name=file_name(_("Grades sent"), course.label or course.title),
        title=f"{_('Grades sent')}: {course.title}",
        columns=(*map(Column, heads), Column(_("Next try"))),
        rows=(
            (
                each.person,
                each.column,
                each.wanted,
                each.sent,
                each.shown,
                each.mark.label,
                each.since,
                each.why,
                each.next_try,
            )
            for each in lines
        ),
        count=count,
        notes=(
            Note(_("Course"), course.title),
            as_of(asked.now),
            *(Note(label, value) for label, value in chosen if value),
        ),
        language=current_locale(),
    )


def decisions(asked: Asked) -> Table:
    """What waits for a decision."""
    course = _course(asked)
    found = judging_page.matters(asked.session, course, asked.now)
    heads = (_("Name"), _("Code"), _("Indicator"), _("Why it waits"))
    disputed, overtaken = _("Disputes"), _("Due for review")
    return Table(
        name=file_name(_("Open decisions"), course.label or course.title),
        title=f"{_('Open decisions')}: {course.title}",
        columns=tuple(map(Column, heads)),
        rows=((each.person, each.code, each.text.text, disputed if each.disputed else overtaken) for each in found),
        count=len(found),
        notes=(Note(_("Course"), course.title), as_of(asked.now)),
        language=current_locale(),
    )


def record(asked: Asked) -> Table:
    """One person's levels in the course, every competency with what its levels stand at."""
    person = people.person_of_course(asked.session, _course(asked).id, asked.values["person"])
    if person is None:
        raise NotFound("person_unknown")
    return _record(asked, person.id, person.name)


def own_record(asked: Asked) -> Table:
    """The same of who asks, who may be an admin and never have taken part."""
    person = person_queries.find(asked.session, asked.platform_id, asked.values["person"])
    if person is None:
        raise NotFound("person_unknown")
    return _record(asked, person.id, person.name)


def _record(asked: Asked, person: PersonId, called: str) -> Table:
    course = _course(asked)
    found = profile.profile_of(asked.session, course.id, person, asked.now)
    name = called or _("Name not shared")
    levels = [each.name(current_locale()) for each in found.framework.levels]
    return Table(
        name=file_name(name, course.label or course.title),
        title=f"{name}: {course.title}",
        columns=(
            Column(_("Aspect")),
            Column(_("Code")),
            Column(_("Competency")),
            Column(_("Established levels"), Kind.LEVEL, around=level_words()),
            *map(Column, levels),
        ),
        rows=_levels(found),
        count=len(found.framework.competencies),
        notes=(Note(_("Name"), name), Note(_("Course"), course.title), as_of(found.computed_at or asked.now)),
        language=current_locale(),
    )


def _levels(found: PersonProfile) -> Iterator[Row]:
    for aspect in found.framework.aspects:
        for competency in aspect.competencies:
            yield _stands(found, aspect, competency)


def _stands(found: PersonProfile, aspect: Aspect, competency: Competency) -> Row:
    standing, locale = found.standings[competency.id], current_locale()
    cells = (
        ", ".join(
            said
            for said in (
                level_mark(level.state).label,
                level_count(level),
                *(flag.label for flag in level_flags(level, standing.established)),
            )
            if said
        )
        for level in standing.levels
    )
    known = explain.standing_name(None, str) if standing.established is None else standing.established
    return (aspect.title(locale), competency.code, competency.short_title(locale), known, *cells)


def _course(asked: Asked) -> Course:
    if asked.course is None:
        raise NotFound("course_unknown")
    return asked.course
