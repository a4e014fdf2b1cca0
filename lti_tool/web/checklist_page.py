"""The page of an observation checklist: rows the participants, columns what is looked for, and whose it is to see."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import observing, rubric
from lti_tool.competency.framework import Framework, Indicator
from lti_tool.competency.observing import ObservationClash
from lti_tool.competency.rubric import Descriptors
from lti_tool.competency.rules import rules_of
from lti_tool.ids import PersonId
from lti_tool.people import roster
from lti_tool.people.model import Activity, Course, Person
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.observation_text import cell_name, in_words, step_words, written
from lti_tool.web.page_data import FrameworkText, Link
from lti_tool.web.rubric_page import words_of

CELLS_A_PAGE = 1200
"""Forty people × thirty indicators; a bigger group is shown in portions."""
LEAST_PEOPLE = 10
TOOL_PREFIX = "External tool: "


@dataclass(frozen=True, slots=True)
class Column:
    """One indicator."""

    code: str
    text: FrameworkText
    steps: tuple[tuple[str, str], ...] = ()
    """(step, what it looks like) of the steps that are described."""


@dataclass(frozen=True, slots=True)
class ChecklistCell:
    """One cell; `other` is said where a mark stands in it that is no step."""

    name: str
    code: str
    value: str
    other: str


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """One participant."""

    name: str
    url: str
    detail: str
    cells: tuple[ChecklistCell, ...]


@dataclass(frozen=True, slots=True)
class ChecklistPage:
    """The whole page."""

    title: str
    public_id: str
    columns: tuple[Column, ...]
    rows: tuple[ChecklistRow, ...]
    choices: tuple[tuple[str, str], ...]
    shown: str
    """What the cells held when the page was made, as JSON by name; those not yet observed are left out."""
    status: str
    portions: tuple[Link, ...]
    """The parts of a big group; empty where all are here."""
    start: int


@dataclass(frozen=True, slots=True)
class ListedChecklist:
    """A checklist in the list of a course."""

    title: str
    url: str
    status: str


@dataclass(frozen=True, slots=True)
class SeenOfMe:
    """One indicator as a participant reads what was observed of them."""

    code: str
    text: FrameworkText
    value: str
    label: str
    at: datetime | None
    by: str
    url: str


def title_of(activity: Activity) -> str:
    """The activity's own title, without what the LMS's gradebook puts before it."""
    return activity.name.removeprefix(TOOL_PREFIX)


def looked_for(session: Session, activity: Activity, framework: Framework) -> tuple[Indicator, ...]:
    """The indicators of a checklist in the order of the requirements."""
    mapped = observing.indicators_of(session, activity)
    return tuple(each for each in framework.indicators if each.id in mapped)


def build(session: Session, course: Course, activity: Activity, start: str, now: datetime) -> ChecklistPage:
    """The page for the participants from number `start` on."""
    framework = rules_of(session, course.id, now).framework
    columns, people = looked_for(session, activity, framework), roster.participants(session, course.id, now)
    size = max(LEAST_PEOPLE, CELLS_A_PAGE // max(1, len(columns)))
    first = int(start) // size * size if start.isdecimal() and len(start) < 7 and int(start) < len(people) else 0
    told = rubric.descriptors_of(session, course)
    here = people[first : first + size]
    cells = observing.observed(session, activity, {person.id for person in people})
    rows = tuple(_row(course, person, columns, cells) for person in here)
    stands = {cell.name: cell.value for row in rows for cell in row.cells if cell.value}
    return ChecklistPage(
        title=title_of(activity),
        public_id=activity.public_id,
        columns=tuple(_column(framework, each, told.get(each.id)) for each in columns),
        rows=rows,
        choices=step_words(),
        shown=json.dumps(stands, separators=(",", ":")),
        status=_status(people, columns, cells),
        portions=_portions(course, activity, people, size, first),
        start=first,
    )


def _column(framework: Framework, indicator: Indicator, told: Descriptors | None) -> Column:
    return Column(indicator.code, framework_text(indicator.texts, current_locale(), framework), words_of(told))


def status_of(session: Session, activity: Activity, columns: Sequence[Indicator], people: Sequence[Person]) -> str:
    """How much of a checklist is observed, in one sentence."""
    return _status(people, columns, observing.observed(session, activity, {person.id for person in people}))


def listed(session: Session, course: Course, now: datetime) -> tuple[ListedChecklist, ...]:
    """Every checklist of a course."""
    framework, people = rules_of(session, course.id, now).framework, roster.participants(session, course.id, now)
    return tuple(
        ListedChecklist(
            title_of(each),
            url_for("observation.checklist", course=course.public_id, activity=each.public_id),
            status_of(session, each, looked_for(session, each, framework), people),
        )
        for each in observing.checklists_of(session, course.id)
    )


def seen_of(session: Session, course: Course, activity: Activity, person: PersonId, now: datetime) -> list[SeenOfMe]:
    """What was observed of one person in one checklist."""
    framework = rules_of(session, course.id, now).framework
    cells = observing.observed(session, activity, [person])
    lines = []
    for each in looked_for(session, activity, framework):
        found = cells.get((person, each.id))
        url = url_for("participant.my_competency", course=course.public_id, code=each.competency)
        lines.append(
            SeenOfMe(
                code=each.code,
                text=framework_text(each.texts, current_locale(), framework),
                value=written(found),
                label=in_words(found),
                at=found.at if found else None,
                by=(found.by or "") if found else "",
                url=url,
            )
        )
    return lines


def clash_lines(
    clashes: Sequence[ObservationClash], people: Sequence[Person], framework: Framework
) -> list[dict[str, str]]:
    """Of each change that was not taken: the name of its field, what it holds now, and what to tell its author."""
    known = {person.id: person for person in people}
    lines = []
    for clash in clashes:
        person, code = known[clash.change.person], framework.indicator_by_id(clash.change.indicator).code
        said = _(
            "%(person)s, %(code)s: %(who)s has put “%(stands)s” here meanwhile; what you chose was not stored.",
            person=_name(person),
            code=code,
            who=(clash.stands.by if clash.stands else None) or _("somebody else"),
            stands=in_words(clash.stands),
        )
        lines.append({"name": cell_name(person, code), "value": written(clash.stands), "said": said})
    return lines


def _row(
    course: Course, person: Person, columns: Sequence[Indicator], cells: dict[observing.Cell, observing.Observed]
) -> ChecklistRow:
    made = []
    for each in columns:
        found = cells.get((person.id, each.id))
        other = in_words(found) if found and not found.step else ""
        made.append(ChecklistCell(cell_name(person, each.code), each.code, written(found), other))
    return ChecklistRow(
        name=_name(person),
        url=url_for("participant.somebody", course=course.public_id, person=person.public_id),
        detail=person.id_number or person.email or "",
        cells=tuple(made),
    )


def _name(person: Person) -> str:
    return person.name or _("Name not shared")


def _status(people: Sequence[Person], columns: Sequence[Indicator], cells: Mapping[observing.Cell, object]) -> str:
    wanted = {each.id for each in columns}
    done = sum(indicator in wanted for _person, indicator in cells)
    return _("%(done)d of %(all)d observed", done=done, all=len(people) * len(columns))


def _portions(course: Course, activity: Activity, people: Sequence[Person], size: int, first: int) -> tuple[Link, ...]:
    if len(people) <= size:
        return ()
    return tuple(
        Link(
            ngettext("%(num)d participant", "%(num)d participants", len(people[at : at + size]))
            + f": {_name(people[at])} – {_name(people[min(at + size, len(people)) - 1])}",
            url_for("observation.checklist", course=course.public_id, activity=activity.public_id, start=at),
            current=at == first,
        )
        for at in range(0, len(people), size)
    )
