"""A table that leaves as a file: what its columns are called, what kind of value each holds, and its rows one by one.

Pure. A page that wants to be downloaded describes itself as a `Table`; the writers (`csv_file`, `xlsx_file`,
`pdf_file`) know nothing of pages. Rows are read once, while they are written, so a table may be longer than memory.
Numbers are rounded down to the places of their column, as the pages show them. None is an empty cell: unknown is
not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

Value = str | int | Decimal | Fraction | datetime | None
Row = Sequence[Value]
NAME_LENGTH = 60
BISHKEK = ZoneInfo("Asia/Bishkek")
_PER_CENT = 100


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    PERCENT = "percent"
    """A share: 1 is a hundred per cent."""
    MOMENT = "moment"
    LEVEL = "level"
    """A level from 0 to 3; a text where none is established says how far it is."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its kind, and how its values are written."""

    title: str
    kind: Kind = Kind.TEXT
    places: int = 0
    """Decimals that are shown, of DECIMAL and PERCENT."""
    around: tuple[str, str] = ("", "")
    """Words before and after the number of a level where a file can show them beside the number ("Level ", "")."""
    short: str = ""
    """A head for where there is little room; what it means is then said beside the table."""


@dataclass(frozen=True, slots=True)
class Note:
    """What one should know of the table beside it: as of when, how it was narrowed."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a value; `rows` can be gone through once."""

    name: str
    """Of the file, without its ending: letters that every system takes."""
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    count: int
    """How many rows there are, or about so many: decides whether somebody has to wait for the file."""
    notes: tuple[Note, ...] = ()
    language: str = "en"
    zone: tzinfo = BISHKEK
    """In which times are written."""

    @property
    def cells(self) -> int:
        """How many cells it has, about."""
        return self.count * len(self.columns)


def number_of(value: Value, column: Column) -> Decimal | None:
    """The number of a cell, rounded down to the column's places (a share: to those of its per cent).

    None where the cell holds no number.
    """
    if value is None or isinstance(value, (str, datetime)):
        return None
    if column.kind in {Kind.WHOLE, Kind.LEVEL}:
        return Decimal(int(value))
    if column.kind is Kind.PERCENT:
        return _floor(Fraction(value) * _PER_CENT, column.places) / _PER_CENT
    return _floor(Fraction(value), column.places)


def _floor(value: Fraction, places: int) -> Decimal:
    scale: int = 10**places
    # Decimal's own division would round before the floor is taken.
    whole = value * scale // 1
    return (Decimal(int(whole)) / scale).quantize(Decimal(1).scaleb(-places), ROUND_FLOOR)


def text_of(value: Value, column: Column, zone: tzinfo) -> str:
    """A cell in writing that people and programs read alike: 2, 63.3%, 2026-11-26 10:15; empty where it is None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    number = number_of(value, column)
    if number is None:
        return ""
    return f"{number * _PER_CENT:.{column.places}f}%" if column.kind is Kind.PERCENT else f"{number:f}"


def file_name(*parts: str) -> str:
    """A name for a file out of a title's parts: letters of any language, digits, - and _; never empty."""
    said = "-".join(part for part in parts if part)
    kept = "".join(letter if letter.isalnum() or letter in "-_" else " " for letter in said)
    return "_".join(kept.split())[:NAME_LENGTH].strip("-_") or "table"
