"""The mapping page: one competency at a time, rows the activities, columns its indicators.

A cell is one choice: nothing, or role and weight together. What was shown is sent along (`seen`), so that two
trainers at once do not undo each other's work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping as Fields
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.competency import group_queries, recompute
from lti_tool.competency.framework import Competency, Framework
from lti_tool.competency.mapping import mapping_of
from lti_tool.competency.mapping_check import check
from lti_tool.competency.model import Mapping, MappingRole
from lti_tool.competency.plan import CompetencyPlan
from lti_tool.errors import Conflict, RuleBroken
from lti_tool.ids import ActivityId, IndicatorId
from lti_tool.people import activities, roster
from lti_tool.people.model import Activity, Course
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.mapping_remarks import cell_name, remarks
from lti_tool.web.page_data import FrameworkText, Link
from lti_tool.web.participant_pages import framework_text

LETTERS = {MappingRole.SUPPORTING: "s", MappingRole.REQUIRED: "r", MappingRole.OPTIONAL: "o"}
ROLES = {letter: role for role, letter in LETTERS.items()}


@dataclass(frozen=True, slots=True)
class IndicatorHead:
    """A column."""

    code: str
    level: str
    text: FrameworkText


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One choice; `value` is like "2r", empty for nothing."""

    name: str
    value: str
    label: str
    """For screen readers: which activity, which indicator."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One activity."""

    name: str
    note: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A competency to choose, with how far it is mapped."""

    link: Link
    coverage: str
    levels: str


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """The whole page."""

    title: str
    code: str
    competency: str
    text: FrameworkText
    choices: tuple[Choice, ...]
    heads: tuple[IndicatorHead, ...]
    rows: tuple[MatrixRow, ...]
    options: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """Groups of choices of a cell: (role, ((value, label), …))."""
    seen: str
    remarks: tuple[Link, ...]
    """The mapping check: each leads to where it can be mended."""
    unmapped: str
    """Which activities show nothing yet, in one sentence; else empty."""


def build(session: Session, course: Course, code: str | None, now: datetime) -> MatrixPage:
    """The page for one competency (the first where none is named). Raises NotFound for an unknown code."""
    scope = recompute.scope_of(session, course.id, now)
    framework = scope.rules.framework
    competency = framework.competency(code) if code else framework.competencies[0]
    cells = mapping_of(session, course.id)
    listed = activities.activities_of(session, course.id)
    marked = group_queries.marks_by_activity(session, course.id)
    return MatrixPage(
        title=f"{_('Mapping')} {competency.code}",
        code=competency.code,
        competency=competency.short_title(current_locale()),
        text=framework_text(competency.texts, current_locale()),
        choices=tuple(_choice(course, framework, plan, cells, competency.code) for plan in scope.plan.competencies),
        heads=tuple(_head(framework, each.id) for each in competency.indicators),
        rows=tuple(_row(activity, competency, cells, marked.get(activity.id, 0)) for activity in listed),
        options=_options(),
        seen=fingerprint(_of_competency(cells, competency)),
        remarks=remarks(course, framework, listed, check(scope.plan)),
        unmapped=_unmapped(listed, cells),
    )


def read(
    session: Session, course: Course, framework: Framework, code: str, form: Fields[str, str]
) -> tuple[Mapping, ...]:
    """The course's whole mapping as it is to be: the shown competency from the form, everything else as it stands.

    Raises Conflict where somebody changed the shown part since it was shown, RuleBroken for a choice that is none.
    """
    competency = framework.competency(code)
    # Before the look, so that of two who store at the same moment the second sees what the first has done.
    roster.take_courses(session, course.id, None)
    cells = mapping_of(session, course.id)
    shown = _of_competency(cells, competency)
    if form.get("seen") != fingerprint(shown):
        raise Conflict("mapping_changed_meanwhile", competency=code)
    pass_marks = {(cell.activity, cell.indicator): cell.pass_mark for cell in shown}
    chosen = []
    for activity in activities.activities_of(session, course.id):
        for indicator in competency.indicators:
            value = form.get(cell_name(activity, indicator.code), "")
            if value:
                kept = pass_marks.get((activity.id, indicator.id))
                weight, role = _parsed(value)
                chosen.append(Mapping(activity.id, indicator.id, weight, role, kept))
    return (*(cell for cell in cells if cell not in shown), *chosen)


def fingerprint(cells: Iterable[Mapping]) -> str:
    """What stands in these cells, in few letters."""
    told = sorted((cell.activity, cell.indicator, cell.weight, cell.role.value, str(cell.pass_mark)) for cell in cells)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _parsed(value: str) -> tuple[int, MappingRole]:
    weight, letter = value[:-1], value[-1:]
    if letter not in ROLES or not weight.isdecimal():
        raise RuleBroken("mapping_choice_unknown", value=value[:10])
    return int(weight), ROLES[letter]


def _of_competency(cells: Iterable[Mapping], competency: Competency) -> tuple[Mapping, ...]:
    own = {indicator.id for indicator in competency.indicators}
    return tuple(cell for cell in cells if cell.indicator in own)


def _choice(
    course: Course, framework: Framework, plan: CompetencyPlan, cells: tuple[Mapping, ...], current: str
) -> Choice:
    competency = framework.competency_by_id(plan.shape.id)
    mapped = {cell.indicator for cell in _of_competency(cells, competency)}
    levels = ", ".join(str(number) for number in plan.assessable)
    return Choice(
        link=Link(
            f"{competency.code} {competency.short_title(current_locale())}",
            url_for("trainer.matrix", course=course.public_id, competency=competency.code),
            competency.code == current,
        ),
        coverage=_("%(mapped)d of %(total)d indicators", mapped=len(mapped), total=len(competency.indicators)),
        levels=_("assesses level %(levels)s", levels=levels) if levels else _("assesses no level"),
    )


def _head(framework: Framework, indicator_id: IndicatorId) -> IndicatorHead:
    indicator = framework.indicator_by_id(indicator_id)
    level = framework.level(indicator.level)
    return IndicatorHead(
        indicator.code, level.name(current_locale()), framework_text(indicator.texts, current_locale())
    )


def _row(activity: Activity, competency: Competency, cells: tuple[Mapping, ...], people: int) -> MatrixRow:
    own = {cell.indicator: cell for cell in cells if cell.activity == activity.id}
    return MatrixRow(
        name=activity.name,
        note=ngettext("marks of %(num)d person", "marks of %(num)d people", people) if people else _("no marks yet"),
        cells=tuple(
            MatrixCell(
                name=cell_name(activity, indicator.code),
                value=_value(own.get(indicator.id)),
                label=_("%(activity)s shows %(code)s", activity=activity.name, code=indicator.code),
            )
            for indicator in competency.indicators
        ),
    )


def _value(cell: Mapping | None) -> str:
    return f"{cell.weight}{LETTERS[cell.role]}" if cell else ""


def _options() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    words = {
        MappingRole.SUPPORTING: _("supporting"),
        MappingRole.REQUIRED: _("required"),
        MappingRole.OPTIONAL: _("optional"),
    }
    return tuple(
        (word, tuple((f"{weight}{LETTERS[role]}", f"{weight} · {word}") for weight in range(1, 6)))
        for role, word in words.items()
    )


def _unmapped(listed: tuple[Activity, ...], cells: tuple[Mapping, ...]) -> str:
    mapped: set[ActivityId] = {cell.activity for cell in cells}
    names = [activity.name for activity in listed if activity.id not in mapped]
    if not names:
        return ""
    return _("These activities show nothing yet: %(names)s.", names=", ".join(names))
