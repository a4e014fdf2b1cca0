"""Which kinds of files there are, and how a table or a report is written to one: in a request, a worker, a command."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import IO

from lti_tool.errors import NotFound
from lti_tool.reports import csv_file, pdf_file, xlsx_file
from lti_tool.reports.csv_file import Dialect
from lti_tool.reports.report import Report
from lti_tool.reports.table import Table
from lti_tool.web.i18n import current_locale

Tell = Callable[[int, int | None], object]
"""Hears how many rows are written, of how many."""


class Kind(StrEnum):
    """Which files there are; each is the ending of an address."""

    CSV = "csv"
    EXCEL = "csv-excel"
    XLSX = "xlsx"
    PDF = "pdf"

    @property
    def ending(self) -> str:
        """Of the file's name."""
        return "csv" if self is Kind.EXCEL else self.value

    @property
    def content_type(self) -> str:
        """As browsers are told."""
        return {Kind.XLSX: xlsx_file.CONTENT_TYPE, Kind.PDF: pdf_file.CONTENT_TYPE}.get(self, csv_file.CONTENT_TYPE)

    @classmethod
    def of(cls, ending: str) -> Kind:
        """The kind of this ending. Raises NotFound where there is none."""
        if ending not in {*cls}:
            raise NotFound("file_kind_unknown", kind=ending)
        return cls(ending)


def write(made: Table | Report, kind: Kind, file: IO[bytes], tell: Tell = lambda _done, _total: None) -> None:
    """Writes the file. Raises NotFound where a report is wanted as anything but PDF."""
    if kind is Kind.PDF:
        tell(0, None)
        pdf_file.write(made, file, lambda: tell(0, None))
    elif kind is Kind.XLSX:
        table = as_table(made)
        xlsx_file.write(table, file, lambda rows: tell(rows, table.count))
    else:
        for piece in csv_file.pieces(as_table(made), dialect_of(kind)):
            file.write(piece)
            tell(0, None)


def dialect_of(kind: Kind) -> Dialect:
    """How CSV is written for programs, or for Excel in the page's language."""
    return csv_file.PLAIN if kind is Kind.CSV else csv_file.for_excel(current_locale())


def as_table(made: Table | Report) -> Table:
    """The table itself. Raises NotFound for a report, which is there as PDF only."""
    if isinstance(made, Report):
        raise NotFound("file_kind_unknown", name=made.name)
    return made
