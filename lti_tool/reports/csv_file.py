"""A table as CSV (RFC 4180, UTF-8), a piece at a time: the first leaves before the last row is read.

Texts stand in quotation marks and numbers do not, so that a reader can tell "007" from 7. A text that a spreadsheet
would take for a formula gets an apostrophe before it, which `delimited.rearm` takes off again: quotation marks do not
help in Excel (ADR 19). Notes are not written: a CSV file is its table and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lti_tool.competency.delimited import disarm
from lti_tool.reports.table import Row, Table, Value, text_of

CONTENT_TYPE = "text/csv; charset=utf-8"
PIECE = 64 * 1024
LINE_END = "\r\n"
COMMA_COUNTRIES = frozenset({"ky", "ru"})
"""Languages whose spreadsheets write 1,5 and take the semicolon for what parts cells."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file is written."""

    separator: str = ","
    decimal_mark: str = "."
    bom: bool = False
    """Bytes at the beginning by which Excel knows UTF-8."""


PLAIN = Dialect()


def for_excel(language: str) -> Dialect:
    """What Excel opens by a double click where people speak this language."""
    return Dialect(";", ",", bom=True) if language in COMMA_COUNTRIES else Dialect(bom=True)


def pieces(table: Table, dialect: Dialect = PLAIN) -> Iterator[bytes]:
    """The file in pieces of about 64 kB, the first as soon as the head is known."""
    mark = "\ufeff" if dialect.bom else ""
    head = dialect.separator.join(_quoted(column.title) for column in table.columns)
    yield f"{mark}{head}{LINE_END}".encode()
    waiting: list[str] = []
    size = 0
    for row in table.rows:
        waiting.append(_line(row, table, dialect))
        size += len(waiting[-1])
        if size >= PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()


def _line(row: Row, table: Table, dialect: Dialect) -> str:
    cells = (
        _cell(value, text_of(value, column, table.zone), dialect)
        for value, column in zip(row, table.columns, strict=True)
    )
    return dialect.separator.join(cells) + LINE_END


def _cell(value: Value, said: str, dialect: Dialect) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return said if isinstance(value, datetime) else said.replace(".", dialect.decimal_mark)


def _quoted(text: str) -> str:
    if not text:
        return ""
    doubled = disarm(text).replace('"', '""')
    return f'"{doubled}"'
