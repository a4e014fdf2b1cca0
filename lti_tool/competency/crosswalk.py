"""From one version of the requirements to the next: which indicator has become which. Pure.

Lines name indicators by their codes. A crosswalk is whole when every indicator of either version stands in exactly
one line; `faults_of` says where it is not. What a line lets count is decided with care: of a split indicator nothing
that was shown before counts for the new ones, and merged ones count only together, unless the line says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.competency.delimited import plain
from lti_tool.competency.framework import Framework, Indicator


class Kind(StrEnum):
    """What has become of indicators."""

    SAME = "same"
    REWORDED = "reworded"
    SPLIT = "split"
    MERGED = "merged"
    NEW = "new"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Line:
    """What has become of some indicators."""

    kind: Kind
    old: tuple[str, ...] = ()
    """Codes in the version before."""
    new: tuple[str, ...] = ()
    """Codes in the version after."""
    carries: tuple[str, ...] = ()
    """Of a split: the new ones for which what was shown of the old one counts. Of a merger: the old ones of which each
    alone is enough for the new one; all of them together always are."""

    @property
    def several(self) -> tuple[str, ...]:
        """The side that has several: what `carries` may name."""
        return {Kind.SPLIT: self.new, Kind.MERGED: self.old}.get(self.kind, ())


Crosswalk = tuple[Line, ...]


class Wrong(StrEnum):
    """What can be wrong with a crosswalk."""

    SHAPE = "shape"
    """The kind asks for other numbers of indicators on its sides."""
    UNKNOWN = "unknown"
    """Its version has no such indicator."""
    TWICE = "twice"
    """It stands in several lines, or several times in one."""
    MISSING = "missing"
    """It stands in no line."""
    NOT_THE_SAME = "not_the_same"
    """Said to be the same, and worded otherwise."""
    CARRIES = "carries"
    """Named to count, and not one of the several of this line."""


class Side(StrEnum):
    """Of which version an indicator is."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True, repr=False)
class Fault:
    """One thing that is wrong; for an operator it says so itself."""

    wrong: Wrong
    line: int | None
    """Counted from 1; None: of no line."""
    code: str = ""
    side: Side | None = None
    kind: Kind | None = None

    def __repr__(self) -> str:
        side = f"the {self.side} version"
        told = {
            Wrong.SHAPE: f"{self.kind} has other numbers of old and new indicators",
            Wrong.UNKNOWN: f"{self.code} is not in {side}",
            Wrong.TWICE: f"{self.code} stands in several lines",
            Wrong.MISSING: f"{self.code} of {side} stands in no line",
            Wrong.NOT_THE_SAME: f"{self.code} is worded otherwise, so it is not the same",
            Wrong.CARRIES: f"{self.code} is none of the several indicators of its line",
        }[self.wrong]
        return told if self.line is None else f"line {self.line}: {told}"


_ONE, _SEVERAL, _NONE = range(1, 2), range(2, 1000), range(1)
_SHAPES: Mapping[Kind, tuple[range, range]] = {
    Kind.SAME: (_ONE, _ONE),
    Kind.REWORDED: (_ONE, _ONE),
    Kind.SPLIT: (_ONE, _SEVERAL),
    Kind.MERGED: (_SEVERAL, _ONE),
    Kind.NEW: (_NONE, _ONE),
    Kind.REMOVED: (_ONE, _NONE),
}


def faults_of(lines: Sequence[Line], old: Framework, new: Framework) -> tuple[Fault, ...]:
    """Everything that is wrong, line by line, then what no line names; empty: it is whole."""
    found: list[Fault] = []
    seen: dict[Side, set[str]] = {Side.OLD: set(), Side.NEW: set()}
    for number, line in enumerate(lines, start=1):
        found += _of_line(number, line, {Side.OLD: old, Side.NEW: new}, seen)
    for side, framework in ((Side.OLD, old), (Side.NEW, new)):
        missing = (each.code for each in framework.indicators if each.code not in seen[side])
        found += (Fault(Wrong.MISSING, None, code, side) for code in missing)
    return tuple(found)


def _of_line(
    number: int, line: Line, versions: Mapping[Side, Framework], seen: Mapping[Side, set[str]]
) -> Iterable[Fault]:
    olds, news = _SHAPES[line.kind]
    if len(line.old) not in olds or len(line.new) not in news:
        yield Fault(Wrong.SHAPE, number, kind=line.kind)
    for side, codes in ((Side.OLD, line.old), (Side.NEW, line.new)):
        for code in codes:
            if not versions[side].has_indicator(code):
                yield Fault(Wrong.UNKNOWN, number, code, side)
            elif code in seen[side]:
                yield Fault(Wrong.TWICE, number, code, side)
            seen[side].add(code)
    for code in line.carries:
        if code not in line.several:
            yield Fault(Wrong.CARRIES, number, code)
    if line.kind is Kind.SAME and not _is_same(line, versions):
        yield Fault(Wrong.NOT_THE_SAME, number, line.new[0], Side.NEW)


def _is_same(line: Line, versions: Mapping[Side, Framework]) -> bool:
    """True also where the line is faulty otherwise: that is told already."""
    known = [
        versions[side].indicator(code)
        for side, codes in ((Side.OLD, line.old), (Side.NEW, line.new))
        for code in codes
        if versions[side].has_indicator(code)
    ]
    return len(known) != 2 or wording(known[0]) == wording(known[1])


def wording(indicator: Indicator) -> str:
    """The official text, without differences that nobody sees."""
    return plain(indicator.texts.ky)


def to_json(lines: Iterable[Line]) -> list[list[object]]:
    """Ready to be stored."""
    return [[each.kind.value, list(each.old), list(each.new), list(each.carries)] for each in lines]


def from_json(stored: Iterable[Sequence[object]]) -> Crosswalk:
    """What `to_json` wrote."""
    return tuple(Line(Kind(str(kind)), _codes(old), _codes(new), _codes(carries)) for kind, old, new, carries in stored)


def _codes(stored: object) -> tuple[str, ...]:
    return tuple(str(each) for each in stored) if isinstance(stored, list) else ()


def in_order(lines: Iterable[Line], old: Framework, new: Framework) -> Crosswalk:
    """The lines as somebody reads them: by the new version's order, a removed one where its neighbours stood."""
    places = {each.code: position for position, each in enumerate(new.indicators)}
    before = {each.code: position for position, each in enumerate(old.indicators)}
    listed = tuple(lines)
    became = sorted(
        (before[line.old[0]], places[line.new[0]])
        for line in listed
        if line.old and line.new and line.old[0] in before and line.new[0] in places
    )

    def place(line: Line) -> tuple[float, int]:
        if line.new:
            return float(places.get(line.new[0], len(places))), 0
        own = before.get(line.old[0], len(before)) if line.old else len(before)
        return max((after for former, after in became if former < own), default=-1), 1

    return tuple(sorted(listed, key=place))
