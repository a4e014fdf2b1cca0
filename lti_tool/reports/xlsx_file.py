"""A table as an XLSX workbook, row by row: texts are always texts, numbers numbers, times times.

No text becomes a formula, a link or a number, whatever it begins with. The workbook grows on disk, not in memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO, Any

from lti_tool.reports.table import Column, Kind, Row, Table, Value, number_of, text_of

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST = 32_767
"""What a cell can hold; a longer text would be left out by the library."""
SHEET_NAME = 31
NARROWEST, WIDEST = 8, 60
MOST_ROWS = 1_048_575
Advance = Callable[[int], object]
"""Hears how many rows have been written."""


def write(table: Table, file: IO[bytes], advance: Advance = lambda _rows: None) -> None:
    """Writes the workbook: the table with a head that stays and filters, and a sheet of what to know of it.

    Raises ValueError where a sheet cannot hold so many rows.
    """
    # Imported when it is needed: a web process that never writes a workbook need not carry the library.
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": table.title[:255]})
        names = _sheet_names(table)
        _Sheet(workbook, names[0], table).fill(advance)
        if table.notes:
            _write_notes(workbook, names[1], table)


class _Sheet:
    """The sheet of the table while it is filled; how wide its columns must be is known at its end."""

    def __init__(self, workbook: Any, name: str, table: Table) -> None:  # noqa: ANN401  the library carries no types
        self._page = workbook.add_worksheet(name)
        self._table = table
        self._head = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = {"num_format": "@", "valign": "top"}
        self._text = workbook.add_format(text)
        self._formats = [workbook.add_format({**text, **_picture(column)}) for column in table.columns]
        self._widths = [min(_width(column.title), WIDEST // 3) for column in table.columns]

    def fill(self, advance: Advance) -> None:
        """Writes head and rows, and then what depends on them."""
        columns = self._table.columns
        for place, column in enumerate(columns):
            self._page.write_string(0, place, column.title, self._head)
        number = 0
        for number, row in enumerate(self._table.rows, 1):
            if number > MOST_ROWS:
                raise ValueError("more rows than a sheet can hold")
            self._write(number, row)
            advance(number)
        self._page.freeze_panes(1, 1)
        # A text of digits is meant so; Excel need not mark each one.
        self._page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self._page.autofilter(0, 0, max(number, 1), len(columns) - 1)
        for place, width in enumerate(self._widths):
            self._page.set_column(place, place, min(max(width, NARROWEST), WIDEST) + 2)

    def _write(self, number: int, row: Row) -> None:
        cells = zip(row, self._table.columns, self._formats, strict=True)
        for place, (value, column, form) in enumerate(cells):
            if value is None or value == "":
                continue
            self._widths[place] = max(self._widths[place], _width(self._shown(value, column)))
            if isinstance(value, str):
                self._page.write_string(number, place, value[:LONGEST], self._text)
            elif isinstance(value, datetime):
                local = value.astimezone(self._table.zone).replace(tzinfo=None)
                self._page.write_datetime(number, place, local, form)
            else:
                self._page.write_number(number, place, number_of(value, column), form)

    def _shown(self, value: Value, column: Column) -> str:
        said = text_of(value, column, self._table.zone)
        return said if isinstance(value, str) else f"{column.around[0]}{said}{column.around[1]}"


def _picture(column: Column) -> dict[str, str]:
    """How the library is told to show the values of a column."""
    places = "." + "0" * column.places if column.places else ""
    before, after = (f'"{word}"' if word else "" for word in column.around)
    shown = {
        Kind.WHOLE: "0",
        Kind.DECIMAL: f"0{places}",
        Kind.PERCENT: f"0{places}%",
        Kind.MOMENT: "yyyy-mm-dd hh:mm",
        Kind.LEVEL: f"{before}0{after}",
    }
    return {"num_format": shown[column.kind]} if column.kind in shown else {}


def _width(text: str) -> int:
    return max((len(line) for line in text.splitlines()), default=0)


def _sheet_names(table: Table) -> Sequence[str]:
    """Of the table and of its notes: without what no sheet may be called, and not alike."""
    title = re.sub(r"[\[\]:*?/\\\x00-\x1f']", " ", table.title)
    title = " ".join(title.split())[:SHEET_NAME].strip() or "table"
    return (title if title.casefold() not in {"history", "notes"} else "table"), "notes"


def _write_notes(workbook: Any, name: str, table: Table) -> None:  # noqa: ANN401  the library carries no types
    page = workbook.add_worksheet(name)
    bold = workbook.add_format({"bold": True, "valign": "top"})
    plain = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 28)
    page.set_column(1, 1, WIDEST)
    page.write_string(0, 0, table.title[:LONGEST], bold)
    for number, note in enumerate(table.notes, 1):
        page.write_string(number, 0, note.label[:LONGEST], bold)
        page.write_string(number, 1, note.text[:LONGEST], plain)
