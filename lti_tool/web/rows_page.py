"""The people behind a figure of the institute: a page at a time, each with the way to the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency.framework import Competency
from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId
from lti_tool.people import queries as people_of
from lti_tool.reports import people_queries
from lti_tool.reports.people_queries import FoundPerson
from lti_tool.web import overview_page, version_choice
from lti_tool.web.dates import moment
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.overview_page import Choice
from lti_tool.web.page_data import Link
from lti_tool.web.paging import count
from lti_tool.web.version_choice import LookedBy

SIZE = 50


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody, and where they are in the tool."""

    link: Link
    detail: str
    course: Link | None
    """The course that is counted, where participations are."""
    courses: str
    """Else in how many courses they are."""


@dataclass(frozen=True, slots=True)
class RowsPage:
    """The whole page."""

    title: str
    back: Link
    what: str
    counted: str
    """How many the figure counted, and as of when; empty where it has not been counted yet."""
    version: str
    """Of the requirements; empty where all courses are on one."""
    lines: tuple[PersonLine, ...]
    following: str
    """Address of the next page; empty on the last."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What the people are counted by."""

    looked_by: LookedBy
    competency: Competency
    level: int | None
    """None: not yet established."""

    @property
    def title(self) -> str:
        """The competency and the level in words."""
        return _title(self.competency, self.level)


def figure(session: Session, platform_id: PlatformId, code: str, at: str, asked: Mapping[str, str]) -> Figure:
    """The figure that an address names. Raises NotFound for a competency or a level that does not exist."""
    looked_by = version_choice.read(session, platform_id, asked)
    return Figure(looked_by, looked_by.framework.competency(code), _level(at, len(looked_by.framework.levels)))


def build(session: Session, platform_id: PlatformId, code: str, at: str, asked: Mapping[str, str]) -> RowsPage:
    """Who stands at a level of a competency. Raises NotFound for a competency or a level that does not exist."""
    choice = Choice.read(asked)
    of = figure(session, platform_id, code, at, asked)
    looked_by, competency, level = of.looked_by, of.competency, of.level
    after = _after(asked.get("after", ""))
    if choice.people:
        found = people_queries.at_level(session, platform_id, competency.id, level, after[0], SIZE + 1)
        lines, last = [_person(each) for each in found[:SIZE]], found[SIZE - 1 : SIZE]
        key = f"{last[0].id}" if len(found) > SIZE else ""
    else:
        pairs = people_queries.participations_at_level(
            session, platform_id, competency.id, level, choice.period, after, SIZE + 1
        )
        lines = _participations(session, pairs[:SIZE])
        key = "{}.{}".format(*pairs[SIZE - 1]) if len(pairs) > SIZE else ""
    return RowsPage(
        title=of.title,
        back=Link(_("Overview"), url_for("institute.overview", **choice.query)),
        what=_("By the highest level in any of their courses.") if choice.people else _("By course."),
        counted=_counted(session, platform_id, of, choice),
        version=looked_by.name if looked_by.is_one_of_several else "",
        lines=tuple(lines),
        following=_next(code, at, asked, key) if key else "",
    )


def _counted(session: Session, platform_id: PlatformId, of: Figure, choice: Choice) -> str:
    """What the roll-up says, as the overview reads it: the list itself is of now, and nobody counts it for a page."""
    found = overview_page.counted(session, platform_id, of.looked_by, choice)
    row = found.tally.levels.get(of.competency.id, ()) if found else ()
    place = 0 if of.level is None else of.level + 1
    if found is None or place >= len(row):
        return ""
    return _("Counted: %(count)s, as of %(time)s.", count=count(row[place]), time=moment(found.as_of))


def _title(competency: Competency, level: int | None) -> str:
    at = _("Not yet established") if level is None else _("Level %(level)d", level=level)
    return f"{competency.code} {competency.short_title(current_locale())}: {at}"


def _level(asked: str, highest: int) -> int | None:
    if asked == "none":
        return None
    if asked.isascii() and asked.isdecimal() and len(asked) < 3 and int(asked) <= highest:
        return int(asked)
    raise NotFound("level_unknown", key=asked)


def _after(asked: str) -> tuple[int, int]:
    """Where a page begins; what is no such place begins at the beginning."""
    numbers = [int(part) for part in asked.split(".") if part.isascii() and part.isdecimal() and len(part) < 19]
    return (numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else (0, 0)


def _next(code: str, at: str, asked: Mapping[str, str], key: str) -> str:
    carried: dict[str, Any] = {name: asked[name] for name in ("from", "to", "count", "version") if asked.get(name)}
    return url_for("institute.rows", code=code, level=at, **carried, after=key)


def _person(found: FoundPerson) -> PersonLine:
    return PersonLine(
        link=_link(found, url_for("institute.person", person=found.public_id)),
        detail=found.detail,
        course=None,
        courses=ngettext("%(num)d course", "%(num)d courses", found.courses),
    )


def _participations(session: Session, pairs: Sequence[tuple[int, int]]) -> list[PersonLine]:
    people = people_queries.people_by_id(session, [person for person, _course in pairs])
    courses = people_of.courses_by_id(session, [course for _person, course in pairs])
    lines = []
    for person_id, course_id in pairs:
        person, course = people[person_id], courses[course_id]
        address = url_for("participant.somebody", course=course.public_id, person=person.public_id)
        line = PersonLine(
            link=_link(person, address),
            detail=person.detail,
            course=Link(course.title, url_for("trainer.group", course=course.public_id)),
            courses="",
        )
        lines.append(line)
    return lines


def _link(found: FoundPerson, address: str) -> Link:
    """Who was erased is counted on and leads nowhere."""
    return Link(_("Erased person"), "") if found.erased else Link(found.name or _("Name not shared"), address)
