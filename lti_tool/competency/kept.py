"""The mapping of a course as it was before a move, to be led over a crosswalk, and to be brought back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from lti_tool.competency import bridge, model
from lti_tool.competency.bridge import Bridge
from lti_tool.competency.model import MappingRole
from lti_tool.ids import ActivityId, IndicatorId, PersonId

Place = tuple[ActivityId, IndicatorId]


@dataclass(frozen=True, slots=True)
class KeptCell:
    """A cell of the matrix with who put it there: the first of them leads the course."""

    mapping: model.Mapping
    at: datetime
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A drafted cell; `mapping` None: to be emptied."""

    place: Place
    mapping: model.Mapping | None
    at: datetime
    by: PersonId | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The mapping of a course and its draft."""

    cells: tuple[KeptCell, ...]
    draft: tuple[KeptDraft, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Ready to be stored."""
        return {
            "cells": [[*_cell(each.mapping), each.at.isoformat(), each.by] for each in self.cells],
            "draft": [
                [*each.place, *_cell(each.mapping)[2:], each.at.isoformat(), each.by]
                if each.mapping
                else [*each.place, None, None, None, each.at.isoformat(), each.by]
                for each in self.draft
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Kept:
        """What `to_json` wrote."""
        cells = (KeptCell(_mapping(*each[:5]), _time(each[5]), each[6]) for each in stored["cells"])
        draft = (
            KeptDraft(
                (ActivityId(each[0]), IndicatorId(each[1])),
                None if each[2] is None else _mapping(*each[:5]),
                _time(each[5]),
                each[6],
            )
            for each in stored["draft"]
        )
        return cls(tuple(cells), tuple(draft))


def _cell(mapping: model.Mapping) -> list[object]:
    own = None if mapping.pass_mark is None else str(mapping.pass_mark)
    return [mapping.activity, mapping.indicator, mapping.weight, mapping.role.value, own]


def _mapping(activity: int, indicator: int, weight: int, role: str, own: str | None) -> model.Mapping:
    mark = None if own is None else Fraction(own)
    return model.Mapping(ActivityId(activity), IndicatorId(indicator), weight, MappingRole(role), mark)


def _time(stored: str) -> datetime:
    return datetime.fromisoformat(stored)


# --- Led over a crosswalk -------------------------------------------------------------------------------------------


def led_over(ahead: Bridge, kept: Kept, pass_mark: Fraction) -> Kept:
    """A mapping and its draft under another version. A cell is as old as the oldest that it comes from."""
    cells = _cells_over(ahead, kept.cells, pass_mark)
    drafted = {each.place: each for each in kept.draft}
    if not drafted:
        return Kept(cells)
    wanted = [each for each in kept.cells if (each.mapping.activity, each.mapping.indicator) not in drafted]
    wanted += [KeptCell(each.mapping, each.at, each.by) for each in kept.draft if each.mapping is not None]
    became = {_place(each.mapping): each for each in _cells_over(ahead, wanted, pass_mark)}
    stands = {_place(each.mapping): each for each in cells}
    newest = max(kept.draft, key=lambda each: each.at)
    draft = (
        KeptDraft(place, None, newest.at, newest.by)
        if place not in became
        else KeptDraft(place, became[place].mapping, became[place].at, became[place].by)
        for place in sorted(stands.keys() | became.keys())
        if (stands[place].mapping if place in stands else None) != (became[place].mapping if place in became else None)
    )
    return Kept(cells, tuple(draft))


def _cells_over(ahead: Bridge, cells: Iterable[KeptCell], pass_mark: Fraction) -> tuple[KeptCell, ...]:
    listed = sorted(cells, key=lambda each: (each.at, _place(each.mapping)))
    leads = ahead.leads
    first: dict[Place, KeptCell] = {}
    for each in listed:
        for indicator in leads.get(each.mapping.indicator, ()):
            first.setdefault((each.mapping.activity, indicator), each)
    moved = bridge.mapping_over(ahead, (each.mapping for each in listed), pass_mark)
    return tuple(KeptCell(each, first[_place(each)].at, first[_place(each)].by) for each in moved)


def _place(cell: model.Mapping) -> Place:
    return cell.activity, cell.indicator
