"""The mapping page: rows the course's activities, columns the indicators, in the draft that its trainers share.

What is shown can be narrowed to an aspect, a competency, a level or a text; the rest of the draft is not touched then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from lti_tool.competency import group_queries, recompute
from lti_tool.competency.framework import Competency, Framework, Indicator
from lti_tool.competency.mapping_check import check
from lti_tool.competency.mapping_draft import Draft, draft_of
from lti_tool.competency.model import Mapping
from lti_tool.competency.rules import rules_of
from lti_tool.ids import ActivityId, IndicatorId
from lti_tool.people import activities
from lti_tool.people.model import Activity, Course
from lti_tool.web.cell_text import cell_name, written
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _
from lti_tool.web.mapping_remarks import remarks
from lti_tool.web.page_data import FrameworkText, Link

FILTERS = ("aspect", "competency", "level", "text")
Cells = dict[tuple[ActivityId, IndicatorId], Mapping]


@dataclass(frozen=True, slots=True)
class Band:
    """A head over several columns."""

    label: str
    title: str
    span: int


@dataclass(frozen=True, slots=True)
class Column:
    """One indicator."""

    code: str
    text: FrameworkText


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One cell; `value` as `cell_text.written` gives it."""

    name: str
    value: str
    drafted: bool
    """It differs from what is published."""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One activity."""

    name: str
    note: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    """The whole page."""

    filters: Fields[str, str]
    """What the page is narrowed to, by FILTERS; empty = not at all."""
    aspects: tuple[tuple[str, str], ...]
    competencies: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, str], ...]
    bands: tuple[tuple[Band, ...], ...]
    """Aspects, competencies and levels over the columns."""
    columns: tuple[Column, ...]
    rows: tuple[MatrixRow, ...]
    shown: str
    """What the cells held when the page was made, as JSON by name; empty cells are left out."""
    drafted: int
    """How many cells of the whole course differ from what is published."""
    remarks: tuple[Link, ...]
    """The check of the draft: each leads to where it can be mended."""
    unmapped: str
    """Which activities show nothing yet, in one sentence; else empty."""


def build(session: Session, course: Course, asked: Fields[str, str], now: datetime) -> MatrixPage:
    """The page narrowed to what is asked for; what names nothing is left out of account."""
    rules, draft = rules_of(session, course.id, now), draft_of(session, course.id)
    framework, listed = rules.framework, activities.activities_of(session, course.id)
    filters = {name: asked.get(name, "").strip()[:100] for name in FILTERS}
    columns = _narrowed(framework, filters)
    rows = _rows(listed, columns, draft, group_queries.marks_by_activity(session, course.id))
    scope = recompute.scope_with(session, course.id, rules, draft.wanted)
    return MatrixPage(
        filters=filters,
        aspects=tuple((str(each.number), each.title(current_locale())) for each in framework.aspects),
        competencies=tuple((each.code, each.short_title(current_locale())) for each in framework.competencies),
        levels=tuple((str(each.number), each.name(current_locale())) for each in framework.levels),
        bands=_bands(framework, columns),
        columns=tuple(Column(each.code, framework_text(each.texts, current_locale(), framework)) for each in columns),
        rows=rows,
        shown=json.dumps({cell.name: cell.value for row in rows for cell in row.cells if cell.value}),
        drafted=len(draft.cells),
        remarks=remarks(course, framework, listed, check(scope.plan)),
        unmapped=_unmapped(listed, draft.wanted),
    )


def _narrowed(framework: Framework, filters: Fields[str, str]) -> tuple[Indicator, ...]:
    text = filters["text"].casefold()
    return tuple(
        indicator
        for competency in framework.competencies
        if filters["competency"] in {"", competency.code} and filters["aspect"] in {"", str(competency.aspect)}
        for indicator in competency.indicators
        if filters["level"] in {"", str(indicator.level)} and text in _searched(indicator)
    )


def _searched(indicator: Indicator) -> str:
    return f"{indicator.code} {indicator.text(current_locale())} {indicator.text('ky')}".casefold()


def _rows(
    listed: Sequence[Activity], columns: Sequence[Indicator], draft: Draft, marked: Fields[ActivityId, int]
) -> tuple[MatrixRow, ...]:
    cells: Cells = {(cell.activity, cell.indicator): cell for cell in draft.wanted}
    drafted = {(cell.activity, cell.indicator) for cell in draft.cells}
    return tuple(
        MatrixRow(
            name=activity.name,
            note=_note(marked.get(activity.id, 0)),
            cells=tuple(
                MatrixCell(
                    name=cell_name(activity, indicator.code),
                    value=written(cells.get((activity.id, indicator.id))),
                    drafted=(activity.id, indicator.id) in drafted,
                )
                for indicator in columns
            ),
        )
        for activity in listed
    )


def _note(people: int) -> str:
    return ngettext("marks of %(num)d person", "marks of %(num)d people", people) if people else _("no marks yet")


def _bands(framework: Framework, columns: Sequence[Indicator]) -> tuple[tuple[Band, ...], ...]:
    owner = {indicator.id: competency for competency in framework.competencies for indicator in competency.indicators}

    def aspect(indicator: Indicator) -> tuple[str, str]:
        found = framework.aspect(owner[indicator.id].aspect)
        return f"{found.number}", found.title(current_locale())

    def competency(indicator: Indicator) -> tuple[str, str]:
        found: Competency = owner[indicator.id]
        return found.code, found.short_title(current_locale())

    def level(indicator: Indicator) -> tuple[str, str, str]:
        return owner[indicator.id].code, str(indicator.level), framework.level(indicator.level).name(current_locale())

    return (
        tuple(Band(*key, len(list(group))) for key, group in groupby(columns, aspect)),
        tuple(Band(*key, len(list(group))) for key, group in groupby(columns, competency)),
        tuple(Band(*key[1:], len(list(group))) for key, group in groupby(columns, level)),
    )


def _unmapped(listed: Sequence[Activity], cells: Sequence[Mapping]) -> str:
    mapped = {cell.activity for cell in cells}
    names = [activity.name for activity in listed if activity.id not in mapped]
    if not names:
        return ""
    return _("These activities show nothing yet: %(names)s.", names=", ".join(names))
