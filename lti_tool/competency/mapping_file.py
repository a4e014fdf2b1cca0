"""The mapping of a course as a table, for import and export: `activity,indicator,weight,role,pass_mark` and `max`.

Pure: records in, lines out. `activity` is the name as Moodle's gradebook prints it, `pass_mark` a share from 0 to 1
with at most five decimals ("0.6"), `max` the full mark of the activity where the file tells it. An empty weight is 1,
an empty role supporting, an empty pass mark the rule set's (rules, section 2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from lti_tool.competency.delimited import Record, check_width, plain
from lti_tool.competency.model import MappingRole
from lti_tool.errors import RuleBroken

HEADER = ("activity", "indicator", "weight", "role", "pass_mark")
MAXIMUM = "max"
NEEDED = ("activity", "indicator")
ACTIVITY_LENGTH = 400

_ROLES = {
    "": MappingRole.SUPPORTING,
    **{role.value: role for role in MappingRole},
    **{role.value[0]: role for role in MappingRole},
}
_SHARE = re.compile(r"[01](?:[.,]\d{1,5})?|[.,]\d{1,5}")
_POINTS = re.compile(r"\d{1,9}(?:[.,]\d{1,5})?")


@dataclass(frozen=True, slots=True)
class MappingLine:
    """One line: this activity shows this indicator. `line` is the line of the file it stands on (0: of none)."""

    activity: str
    indicator: str
    weight: int = 1
    role: MappingRole = MappingRole.SUPPORTING
    pass_mark: Fraction | None = None
    maximum: Decimal | None = None
    line: int = 0


def known_headers(header: Sequence[str]) -> int:
    """How many names of a header belong to a mapping table; decides between separators."""
    return len({_name(field) for field in header} & {*HEADER, MAXIMUM})


def parse_mapping(records: Sequence[Record]) -> tuple[MappingLine, ...]:
    """The lines of a mapping table whose first record is the header; columns may stand in any order.

    Raises RuleBroken: `mapping_header` (found, expected), `row_length` (line, found, expected), `mapping_faulty`
    (line, column, found, expected), `mapping_twice` (line, first, activity, indicator), `maximum_differs` (line,
    first, activity).
    """
    columns = _columns(records[0].fields)
    check_width(records)
    lines = tuple(_line(record, columns) for record in records[1:])
    _refuse_repeats(lines)
    return lines


def format_mapping(lines: Iterable[MappingLine]) -> tuple[tuple[str, ...], ...]:
    """The table of these lines, header first; `max` is a column only where some line has one."""
    listed = tuple(lines)
    with_maximum = any(line.maximum is not None for line in listed)
    header = (*HEADER, MAXIMUM) if with_maximum else HEADER
    return (header, *(_fields(line, with_maximum) for line in listed))


def _name(field: str) -> str:
    return plain(field).casefold()


def _columns(header: Sequence[str]) -> dict[str, int]:
    names = [_name(field) for field in header]
    known = {*HEADER, MAXIMUM}
    if not set(names) <= known or not set(NEEDED) <= set(names) or len(set(names)) < len(names):
        raise RuleBroken("mapping_header", found=",".join(names)[:200], expected=",".join(HEADER))
    return {name: position for position, name in enumerate(names)}


def _line(record: Record, columns: Mapping[str, int]) -> MappingLine:
    said = {name: record.fields[position].strip() for name, position in columns.items()}
    activity = plain(said["activity"])
    # A workbook can hold control characters, which no database takes.
    if not 0 < len(activity) <= ACTIVITY_LENGTH or any(unicodedata.category(each) == "Cc" for each in activity):
        raise _faulty(record, "activity", activity, f"a name of 1 to {ACTIVITY_LENGTH} characters")
    if not said["indicator"]:
        raise _faulty(record, "indicator", "", "the code of an indicator")
    return MappingLine(
        activity=activity,
        indicator=said["indicator"],
        weight=_weight(record, said.get("weight", "")),
        role=_role(record, said.get("role", "")),
        pass_mark=_share(record, said.get("pass_mark", "")),
        maximum=_maximum(record, said.get(MAXIMUM, "")),
        line=record.line,
    )


def _weight(record: Record, said: str) -> int:
    if said not in {"", "1", "2", "3", "4", "5"}:
        raise _faulty(record, "weight", said, "a whole number from 1 to 5")
    return int(said or "1")


def _role(record: Record, said: str) -> MappingRole:
    role = _ROLES.get(said.casefold())
    if role is None:
        raise _faulty(record, "role", said, "required, supporting or optional")
    return role


def _share(record: Record, said: str) -> Fraction | None:
    if not said:
        return None
    # The pattern refuses "60" and "60 %": a pass mark is a share, and guessing which is meant could fail a course.
    if not said.isascii() or not _SHARE.fullmatch(said) or not 0 <= Decimal(said.replace(",", ".")) <= 1:
        raise _faulty(record, "pass_mark", said, "a share from 0 to 1 with at most 5 decimals, like 0.6")
    return Fraction(said.replace(",", "."))


def _maximum(record: Record, said: str) -> Decimal | None:
    if not said:
        return None
    if not said.isascii() or not _POINTS.fullmatch(said) or not Decimal(said.replace(",", ".")):
        raise _faulty(record, MAXIMUM, said, "a full mark above 0 with at most 5 decimals")
    return Decimal(said.replace(",", "."))


def _faulty(record: Record, column: str, found: str, expected: str) -> RuleBroken:
    return RuleBroken("mapping_faulty", line=record.line, column=column, found=found[:60], expected=expected)


def _refuse_repeats(lines: Iterable[MappingLine]) -> None:
    cells: dict[tuple[str, str], int] = {}
    maxima: dict[str, MappingLine] = {}
    for line in lines:
        first = cells.setdefault((line.activity, line.indicator), line.line)
        if first != line.line:
            where = {"activity": line.activity, "indicator": line.indicator}
            raise RuleBroken("mapping_twice", line=line.line, first=first, **where)
        if line.maximum is not None:
            other = maxima.setdefault(line.activity, line)
            if other.maximum != line.maximum:
                raise RuleBroken("maximum_differs", line=line.line, first=other.line, activity=line.activity)


def _fields(line: MappingLine, with_maximum: bool) -> tuple[str, ...]:
    pass_mark = "" if line.pass_mark is None else _decimal(line.pass_mark)
    fields = (line.activity, line.indicator, str(line.weight), line.role.value, pass_mark)
    return (*fields, "" if line.maximum is None else f"{line.maximum:f}") if with_maximum else fields


def _decimal(share: Fraction) -> str:
    return f"{Decimal(share.numerator) / Decimal(share.denominator):f}"
