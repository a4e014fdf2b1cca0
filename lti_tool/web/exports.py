"""Any table page as a file. How a page gets its *Download* menu:

1. A function that makes the table from what was asked, with the page's own words and numbers:
   `def table(asked: Asked) -> Table` (see `reports/table.py`; `group_table.py` is an example). It may be called in a
   worker, so it takes everything from `asked` and nothing from the request; `asked.query` is the page's own query
   (filters, order). Rows may be a generator that reads on with `asked.session`: CSV files leave as they are read.
2. A line in `export_sources.SOURCES`: its name and that function. Workers find it by that name.
3. A route beside the page's, with the page's permission:
       @bp.get("/group.<kind>")
       @requires(Permission.COURSE_READ)
       def group_file(course: str, kind: str) -> ResponseReturnValue:
           return exports.answer("group", kind)
4. In the template: {% from "parts/download.html" import download %} and, in the block `actions`,
   {{ download("trainer.group_file") }}: it carries the page's address values and query along.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.http import dump_options_header

from lti_tool import clock
from lti_tool.db.unit_of_work import open_session
from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId
from lti_tool.people.model import Course
from lti_tool.reports import csv_file, pdf_file, xlsx_file
from lti_tool.reports.report import Report
from lti_tool.reports.table import Table
from lti_tool.web.auth import visit
from lti_tool.web.database import db
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.tool import tool


@dataclass(frozen=True, slots=True)
class Asked:
    """What a table is made from."""

    session: Session
    now: datetime
    platform_id: PlatformId
    """Of who asks: nothing of another is in any table."""
    course: Course | None
    values: Mapping[str, str]
    """The parts of the page's address by name (`person`, `code`)."""
    query: Mapping[str, str]
    """The page's filters and order, as its address has them."""


Source = Callable[[Asked], Table | Report]


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

    @classmethod
    def of(cls, ending: str) -> Kind:
        """The kind of this ending. Raises NotFound where there is none."""
        if ending not in {*cls}:
            raise NotFound("file_kind_unknown", kind=ending)
        return cls(ending)


CONTENT_TYPES = {Kind.XLSX: xlsx_file.CONTENT_TYPE, Kind.PDF: pdf_file.CONTENT_TYPE}


def install(app: Flask, sources: Mapping[str, Source]) -> None:
    """Keeps the sources by their names, and gives templates `downloads`: the ways to the files of a page."""
    app.extensions["exports"] = sources
    app.jinja_env.globals["downloads"] = downloads


def downloads(endpoint: str) -> tuple[Link, ...]:
    """The files of this page, with its filters and its order."""
    said = {
        Kind.XLSX: _("Spreadsheet (XLSX)"),
        Kind.EXCEL: _("CSV for Excel"),
        Kind.CSV: _("CSV for programs"),
        Kind.PDF: _("PDF to print"),
    }
    # Never as arguments of url_for, which has some of its own (_scheme).
    query = urlencode([each for each in request.args.items() if each[0] != "page"])
    return tuple(
        Link(label, f"{_address(endpoint, kind)}{'?' if query else ''}{query}") for kind, label in said.items()
    )


def _address(endpoint: str, kind: Kind) -> str:
    values: dict[str, Any] = {**(request.view_args or {}), "kind": kind.value}
    return url_for(endpoint, **values)


def answer(source: str, kind: str) -> ResponseReturnValue:
    """The file of a page in the kind that the address ends with."""
    make: Source = current_app.extensions["exports"][source]
    wanted = Kind.of(kind)
    if wanted in {Kind.XLSX, Kind.PDF}:
        made = make(_asked(db()))
        return _named(_whole(made, wanted), made.name, wanted.ending)
    return _streamed(make, csv_file.PLAIN if wanted is Kind.CSV else csv_file.for_excel(current_locale()))


def _asked(session: Session) -> Asked:
    here = visit()
    values = {name: value for name, value in (request.view_args or {}).items() if name not in {"course", "kind"}}
    return Asked(session, clock.now(), here.platform_id, here.course, values, request.args)


def _streamed(make: Source, dialect: csv_file.Dialect) -> Response:
    # The request's own session ends before the last row leaves.
    session = open_session(tool().sessions, writes=False)
    try:
        table = _as_table(make(_asked(session)))
    except BaseException:
        session.close()
        raise
    rows = stream_with_context(_closing(session, table, dialect))
    answer = _named(Response(rows, content_type=csv_file.CONTENT_TYPE), table.name, "csv")
    answer.call_on_close(session.close)
    return answer


def _closing(session: Session, table: Table, dialect: csv_file.Dialect) -> Iterator[bytes]:
    with session:
        yield from csv_file.pieces(table, dialect)


def _whole(made: Table | Report, kind: Kind) -> Response:
    with tempfile.TemporaryFile() as file:
        if kind is Kind.PDF:
            pdf_file.write(made, file)
        else:
            xlsx_file.write(_as_table(made), file)
        file.seek(0)
        return Response(file.read(), content_type=CONTENT_TYPES[kind])


def _as_table(made: Table | Report) -> Table:
    """The table itself. Raises NotFound for a report, which is there as PDF only."""
    if isinstance(made, Report):
        raise NotFound("file_kind_unknown", name=made.name)
    return made


def _named(answer: Response, name: str, ending: str) -> Response:
    """The answer as a file to keep: its name in ASCII for old programs, whole for all others (RFC 6266)."""
    plain = name.encode("ascii", "ignore").decode().strip("-_") or "table"
    names = {"filename": f"{plain}.{ending}", "filename*": f"UTF-8''{quote(name, safe='-_')}.{ending}"}
    answer.headers["Content-Disposition"] = dump_options_header("attachment", names)
    return answer
