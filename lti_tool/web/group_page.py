"""The group page: participants × competencies, each cell a level in words, each opening to its why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import group_queries, recompute
from lti_tool.competency.framework import Competency
from lti_tool.competency.model import LevelState
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.ids import CompetencyId
from lti_tool.people import roster
from lti_tool.people.model import Course, Person
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import EmptyState, Link


@dataclass(frozen=True, slots=True)
class Column:
    """A competency that the course targets, with how many people stand where."""

    code: str
    title: str
    counts: str
    """Like "Level 0: 1, level 1: 3"; people without an established level are not in it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one person stands in one competency."""

    key: str
    """met | not_met | in_progress | no_evidence | held: chooses border and background."""
    text: str
    note: str
    """What a level alone does not say: held levels, disputes; else empty."""
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One participant."""

    name: str
    url: str
    detail: str
    """ID number or e-mail, to tell people of one name apart."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GroupPage:
    """The whole page."""

    title: str
    summary: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: EmptyState | None


def build(session: Session, course: Course, *, may_edit: bool, now: datetime) -> GroupPage:
    """The group page of a course; its number of queries does not depend on how many take part."""
    scope = recompute.scope_of(session, course.id, now)
    targeted = [scope.rules.framework.competency_by_id(plan.shape.id) for plan in scope.targeted]
    people = roster.participants(session, course.id, now)
    standings = group_queries.group_standings(session, course.id)
    rows = tuple(_row(course, person, targeted, standings.get(person.id, {})) for person in people)
    columns = tuple(
        _column(each, [standings.get(person.id, {}).get(each.id) for person in people]) for each in targeted
    )
    return GroupPage(
        title=_("Group"),
        summary=ngettext("%(num)d participant", "%(num)d participants", len(people)),
        columns=columns,
        rows=rows,
        empty=_empty(course, has_people=bool(people), has_targets=bool(targeted), may_edit=may_edit),
    )


def _column(competency: Competency, standings: Sequence[CompetencyStanding | None]) -> Column:
    levels = [each.established for each in standings if each is not None and each.established is not None]
    counts = ", ".join(
        _("level %(level)d: %(people)d", level=level, people=levels.count(level)) for level in sorted(set(levels))
    )
    return Column(competency.code, competency.short_title(current_locale()), counts or _("nobody yet"))


def _row(
    course: Course, person: Person, targeted: list[Competency], standings: dict[CompetencyId, CompetencyStanding]
) -> Row:
    return Row(
        name=person.name or _("Name not shared"),
        url=url_for("participant.somebody", course=course.public_id, person=person.public_id),
        detail=person.id_number or person.email or "",
        cells=tuple(_cell(course, person, each, standings.get(each.id)) for each in targeted),
    )


def _cell(course: Course, person: Person, competency: Competency, standing: CompetencyStanding | None) -> Cell:
    url = url_for(
        "participant.somebodys_competency", course=course.public_id, person=person.public_id, code=competency.code
    )
    if standing is None:
        return Cell("no_evidence", _("Not yet"), "", url)
    return Cell(_key(standing), _text(standing), _note(standing), url)


def _key(standing: CompetencyStanding) -> str:
    if standing.established is not None:
        return "met" if standing.established > 0 else "not_met"
    if standing.held:
        return "held"
    started = any(level.state in {LevelState.IN_PROGRESS, LevelState.NOT_MET} for level in standing.levels)
    return "in_progress" if started else "no_evidence"


def _text(standing: CompetencyStanding) -> str:
    if standing.established is not None:
        return _("Level %(level)d", level=standing.established)
    return _("In progress") if _key(standing) == "in_progress" else _("Not yet")


def _note(standing: CompetencyStanding) -> str:
    notes = []
    if standing.held:
        notes.append(_("level %(levels)s held", levels=", ".join(map(str, standing.held))))
    if standing.disputed:
        notes.append(_("disputed"))
    return ", ".join(notes)


def _empty(course: Course, *, has_people: bool, has_targets: bool, may_edit: bool) -> EmptyState | None:
    if not has_targets:
        return EmptyState(
            title=_("This course shows no competency yet"),
            why=_("No activity is mapped to enough indicators of a level. Levels follow from that mapping."),
            next_steps=(_("Say in the mapping which activity shows which indicators."),) if may_edit else (),
            link=Link(_("Open the mapping"), url_for("mapping.show", course=course.public_id)) if may_edit else None,
        )
    if not has_people:
        return EmptyState(
            title=_("Nobody takes part yet"),
            why=_("Participants appear as soon as they open the course's link, or when the LMS shares its list."),
        )
    return None
