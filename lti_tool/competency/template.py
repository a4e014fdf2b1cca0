"""A mapping told by names instead of rows, to be laid over a course: a saved template, or a copied course's origin.

Pure. What is told apart by nobody (two activities of one name) or is not there is said, never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from lti_tool.competency.framework import Framework
from lti_tool.competency.model import Mapping as Cell
from lti_tool.competency.model import MappingRole
from lti_tool.ids import ActivityId

Find = Callable[[str], Sequence[ActivityId]]
"""The activities of a course that a name can mean."""


@dataclass(frozen=True, slots=True)
class TemplateCell:
    """One cell of a matrix: the activity by its name, the indicator by its code."""

    activity: str
    indicator: str
    weight: int
    role: MappingRole
    pass_mark: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A mapping and the rules that belong to it."""

    cells: tuple[TemplateCell, ...]
    """By activity, in the order of the course that they come from."""
    options: dict[str, Any] = field(default_factory=dict)
    """Of the rule set and the encoding, what differs from the defaults."""

    def to_json(self) -> dict[str, Any]:
        """Ready to be stored."""
        cells = [
            [each.activity, each.indicator, each.weight, each.role.value, each.pass_mark and str(each.pass_mark)]
            for each in self.cells
        ]
        return {"cells": cells, "options": self.options}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Template:
        """What `to_json` wrote."""
        cells = tuple(
            TemplateCell(activity, indicator, weight, MappingRole(role), None if own is None else Fraction(own))
            for activity, indicator, weight, role, own in stored["cells"]
        )
        return cls(cells, dict(stored["options"]))


class Match(StrEnum):
    """What a course has for an activity that a template names."""

    SAME = "same"
    """The activity, mapped just so."""
    DIFFERS = "differs"
    """The activity, mapped otherwise or not at all."""
    MISSING = "missing"
    """No activity of this name."""
    AMBIGUOUS = "ambiguous"
    """Several activities of this name."""


@dataclass(frozen=True, slots=True)
class CellDifference:
    """One cell that would become another; None = empty."""

    indicator: str
    here: Cell | None
    there: Cell | None


@dataclass(frozen=True, slots=True)
class Part:
    """One activity of a template, laid over a course: what can be taken or left by itself."""

    name: str
    match: Match
    cells: int
    """How many cells the template has for it."""
    activity: ActivityId | None
    wanted: tuple[Cell, ...] = ()
    differences: tuple[CellDifference, ...] = ()
    unknown: tuple[str, ...] = ()
    """Indicators that the course's version of the requirements does not have."""


def template_of(
    cells: Iterable[Cell], names: Mapping[ActivityId, str], framework: Framework, options: Mapping[str, Any]
) -> Template:
    """A course's mapping and rules, told by names; `names` in the order in which they are to stand."""
    order = {activity: place for place, activity in enumerate(names)}
    ordered = sorted(cells, key=lambda cell: (order[cell.activity], cell.indicator))
    told = (
        TemplateCell(
            names[cell.activity],
            framework.indicator_by_id(cell.indicator).code,
            cell.weight,
            cell.role,
            cell.pass_mark,
        )
        for cell in ordered
    )
    return Template(tuple(told), dict(options))


def lay_over(template: Template, find: Find, framework: Framework, here: Iterable[Cell]) -> tuple[Part, ...]:
    """What the template would make of a course, activity by activity in the template's order.

    `here` is the course's mapping as it is to become by what is drafted already.
    """
    by_name: dict[str, list[TemplateCell]] = {}
    for cell in template.cells:
        by_name.setdefault(cell.activity, []).append(cell)
    stands: dict[ActivityId, dict[int, Cell]] = {}
    for each in here:
        stands.setdefault(each.activity, {})[each.indicator] = each
    return tuple(_part(name, cells, find(name), framework, stands) for name, cells in by_name.items())


def _part(
    name: str,
    cells: Sequence[TemplateCell],
    found: Sequence[ActivityId],
    framework: Framework,
    stands: Mapping[ActivityId, Mapping[int, Cell]],
) -> Part:
    unknown = tuple(cell.indicator for cell in cells if not framework.has_indicator(cell.indicator))
    if len(found) != 1:
        return Part(name, Match.AMBIGUOUS if found else Match.MISSING, len(cells), None, unknown=unknown)
    activity = found[0]
    there = {
        indicator.id: Cell(activity, indicator.id, cell.weight, cell.role, cell.pass_mark)
        for cell in cells
        if framework.has_indicator(cell.indicator)
        for indicator in (framework.indicator(cell.indicator),)
    }
    here = stands.get(activity, {})
    differences = tuple(
        CellDifference(indicator.code, here.get(indicator.id), there.get(indicator.id))
        for indicator in framework.indicators
        if here.get(indicator.id) != there.get(indicator.id)
    )
    match = Match.DIFFERS if differences else Match.SAME
    return Part(name, match, len(cells), activity, tuple(there.values()), differences, unknown)
