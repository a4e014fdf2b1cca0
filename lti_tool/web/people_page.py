"""Finding a person of the institute, and one person across courses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal
from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency.framework import Competency
from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId
from lti_tool.reports import people_queries, person_queries, queries
from lti_tool.reports.people_queries import After, FoundPerson
from lti_tool.reports.person_queries import CourseOfPerson
from lti_tool.web import version_choice
from lti_tool.web.dates import moment
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.paging import count

SIZE = 50
MOST_COUNTED = 100
"""Of a search that finds more it is only said that it does: a page never waits for a long count."""
BETWEEN = "~"
"""Between the two parts of a place in the list; no word has it at its end."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody in the list."""

    link: Link
    detail: str
    courses: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """The whole page."""

    text: str
    counted: str
    """How many are found; empty where nobody is, or everybody has not been counted yet."""
    lines: tuple[PersonLine, ...]
    following: str
    """Address of the next page; empty on the last."""


@dataclass(frozen=True, slots=True)
class LevelCell:
    """A level of somebody in a competency of one course, with the way to the reason."""

    text: str
    url: str
    best: bool
    """The highest of all courses."""


@dataclass(frozen=True, slots=True)
class CompetencyLine:
    """A competency over all courses of a person that are on one version of the requirements."""

    version: str
    """Empty where all courses of the person are on one."""
    code: str
    title: str
    best: str
    cells: tuple[LevelCell | None, ...]
    """One of each course; None where it says nothing of this competency."""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person across courses."""

    title: str
    detail: str
    data_url: str
    carried_url: str
    """Where badges and records that they made are."""
    """Everything that is held about them, and the way to erase them."""
    courses: tuple[Link, ...]
    notes: tuple[str, ...]
    """Of each course: role, closed, gone."""
    lines: tuple[CompetencyLine, ...]


def build(session: Session, platform_id: PlatformId, asked: Mapping[str, str]) -> PeoplePage:
    """People whose name, ID number or e-mail begins so; everybody where nothing is looked for."""
    text, after = looked_for(asked), _after(asked.get("after", ""))
    found = people_queries.search(session, platform_id, text, after, SIZE + 1)
    last = found[SIZE - 1] if len(found) > SIZE else None
    is_all = after is None and last is None
    return PeoplePage(
        text=text,
        counted=_counted(session, platform_id, text, len(found) if is_all else None),
        lines=tuple(_line(each) for each in found[:SIZE]),
        following=url_for("institute.people", q=text or None, after=f"{last.key}{BETWEEN}{last.id}") if last else "",
    )


def looked_for(asked: Mapping[str, str]) -> str:
    """The words that somebody is looked for by; empty: everybody."""
    return asked.get("q", "").replace("\0", "").strip()[:100]


def somebody(session: Session, platform_id: PlatformId, public_id: str) -> FoundPerson:
    """The person of the platform. Raises NotFound("person_unknown")."""
    person = person_queries.find(session, platform_id, public_id)
    if person is None:
        raise NotFound("person_unknown", key=public_id)
    return person


def build_person(session: Session, platform_id: PlatformId, public_id: str) -> PersonPage:
    """One person of the platform. Raises NotFound("person_unknown")."""
    person = somebody(session, platform_id, public_id)
    courses = person_queries.courses_of(session, person.id)
    shown = competencies_of(session, platform_id, courses)
    return PersonPage(
        title=person.name or _("Name not shared"),
        detail=person.detail,
        data_url=url_for("institute_person.show", person=public_id),
        carried_url=url_for("carried_away.show", person=public_id),
        courses=tuple(
            Link(each.title, url_for("participant.somebody", course=each.public_id, person=public_id))
            for each in courses
        ),
        notes=tuple(note_of(each) for each in courses),
        lines=tuple(_line_of(version, each, courses, public_id) for version, each in shown),
    )


def _counted(session: Session, platform_id: PlatformId, text: str, known: int | None) -> str:
    if not text:
        return _everybody(session, platform_id)
    most = MOST_COUNTED
    number = people_queries.how_many(session, platform_id, text, most + 1) if known is None else known
    return (
        _("Found: %(count)s.", count=count(number))
        if number <= most
        else _("Found: more than %(count)s.", count=count(most))
    )


def _everybody(session: Session, platform_id: PlatformId) -> str:
    """Whom the overview counts; trainers and others whom nothing is counted of stand in the list, too."""
    counted = queries.people(session, platform_id)
    if counted is None:
        return ""
    told = {"count": count(counted.tally.people), "time": moment(counted.as_of)}
    return _("People whose levels are counted: %(count)s, as of %(time)s.", **told)


def _after(asked: str) -> After | None:
    word, _between, person = asked.rpartition(BETWEEN)
    good = "\0" not in word and person.isascii() and person.isdecimal() and len(person) < 19
    return After(word, int(person)) if word and good else None


def _line(found: FoundPerson) -> PersonLine:
    return PersonLine(
        link=Link(found.name or _("Name not shared"), url_for("institute.person", person=found.public_id)),
        detail=found.detail,
        courses=ngettext("%(num)d course", "%(num)d courses", found.courses),
    )


def note_of(course: CourseOfPerson) -> str:
    """What one should know of a course beside its title; mostly nothing."""
    said = []
    if not course.active:
        said.append(_("no longer enrolled"))
    if course.closed:
        said.append(_("closed"))
    return ", ".join(said)


def competencies_of(
    session: Session, platform_id: PlatformId, courses: Sequence[CourseOfPerson]
) -> list[tuple[str, Competency]]:
    """What the courses of a person say something of, with the version of the requirements where there are several."""
    found = [
        (version_choice.name_of(framework.framework, framework.version), each)
        for framework in version_choice.frameworks(session, platform_id)
        for each in framework.competencies
        if any(each.id in course.levels for course in courses)
    ]
    several = len({version for version, _competency in found}) > 1
    return [(version if several else "", each) for version, each in found]


def highest(competency: Competency, courses: Sequence[CourseOfPerson]) -> int | None:
    """The highest level that any of the courses has established; None: none has."""
    known = (each.levels.get(competency.id) for each in courses)
    return max((level for level in known if level is not None), default=None)


def _line_of(version: str, competency: Competency, courses: Sequence[CourseOfPerson], public_id: str) -> CompetencyLine:
    best = highest(competency, courses)
    return CompetencyLine(
        version=version,
        code=competency.code,
        title=competency.short_title(current_locale()),
        best=_said(best),
        cells=tuple(_cell(competency, each, best, public_id) for each in courses),
    )


def _cell(competency: Competency, course: CourseOfPerson, best: int | None, public_id: str) -> LevelCell | None:
    if competency.id not in course.levels:
        return None
    level = course.levels[competency.id]
    url = url_for("participant.somebodys_competency", course=course.public_id, person=public_id, code=competency.code)
    return LevelCell(_said(level), url, best=best is not None and level == best)


def _said(level: int | None) -> str:
    if level is None:
        return _("Not yet established")
    return _("Level %(level)s", level=format_decimal(level, locale=current_locale()))
