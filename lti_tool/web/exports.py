"""Any table page as a file. How a page gets its *Download* menu:

1. A function that makes the table from what was asked, with the page's own words and numbers:
   `def table(asked: Asked) -> Table` (see `reports/table.py`; `group_table.py` is an example). It may be called in a
   worker, so it takes everything from `asked` and nothing from the request; `asked.query` is the page's own query
   (filters, order). Rows may be a generator that reads on with `asked.session`: CSV files leave as they are read.
2. A line in `export_sources.SOURCES`: its name and that function. Workers find it by that name.
3. A route beside the page's, with the page's permission (POST: have a worker make a long file):
       @bp.route("/group.<kind>", methods=["GET", "POST"])
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
from typing import IO, Any
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, redirect, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.http import dump_options_header

from lti_tool import clock
from lti_tool.db.unit_of_work import open_session
from lti_tool.ids import PlatformId, PublicId
from lti_tool.people import courses
from lti_tool.people.model import Course
from lti_tool.reports import csv_file, exports
from lti_tool.reports.export import Wanted
from lti_tool.reports.making import Order, Write
from lti_tool.reports.report import Report
from lti_tool.reports.table import Table
from lti_tool.web.addresses import url_for
from lti_tool.web.auth import visit
from lti_tool.web.database import db
from lti_tool.web.export_files import Kind, as_table, dialect_of, write
from lti_tool.web.i18n import current_locale, speaking
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Link
from lti_tool.web.rendering import page as rendered
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
COURSE_REPORT = "course report"
"""The name of its source, which commands know too."""
MOST_CELLS = {Kind.XLSX: 20_000, Kind.PDF: 4_000}
"""Larger tables take longer than a moment, and a worker makes them."""


def install(app: Flask, sources: Mapping[str, Source]) -> None:
    """Keeps the sources by their names, and gives templates `downloads`: the ways to the files of a page."""
    app.extensions["exports"] = sources
    app.jinja_env.globals["downloads"] = downloads


def writer(app: Flask) -> Write:
    """Writes what somebody asked for, outside any request and in their language; returns the file's name."""
    base_url = app.extensions["tool"].settings.base_url
    sources: Mapping[str, Source] = app.extensions["exports"]

    def written(session: Session, order: Order) -> str:
        wanted, kind = order.wanted, Kind.of(order.wanted.kind)
        course = courses.get_course(session, wanted.course_id) if wanted.course_id is not None else None
        asked = Asked(session, order.now, wanted.platform_id, course, wanted.asked["values"], wanted.asked["query"])
        with app.test_request_context(base_url=base_url), speaking(wanted.language):
            made = sources[wanted.source](asked)
            order.tell(0, None)
            write(made, kind, order.file, order.tell)
            return f"{made.name}.{kind.ending}"

    return written


def course_report_writer(app: Flask) -> Callable[[Session, Course, str, IO[bytes]], None]:
    """Writes a course's report for a command, in this language."""
    write_it = writer(app)

    def written(session: Session, course: Course, language: str, file: IO[bytes]) -> None:
        asked: dict[str, dict[str, str]] = {"values": {}, "query": {}}
        wanted = Wanted(course.platform_id, course.id, "", COURSE_REPORT, Kind.PDF, language, asked)
        write_it(session, Order(wanted, file, lambda _done, _total: None, clock.now()))

    return written


def downloads(endpoint: str, **values: str) -> tuple[Link, ...]:
    """The files of this page, with its filters and its order; `values` are what the page's address does not say."""
    said = {
        Kind.XLSX: _("Spreadsheet (XLSX)"),
        Kind.EXCEL: _("CSV for Excel"),
        Kind.CSV: _("CSV for programs"),
        Kind.PDF: _("PDF to print"),
    }
    # Never as arguments of url_for, which has some of its own (_scheme).
    query = urlencode([each for each in request.args.items() if each[0] != "page"])
    return tuple(
        Link(label, f"{_address(endpoint, kind, values)}{'?' if query else ''}{query}") for kind, label in said.items()
    )


def _address(endpoint: str, kind: Kind, values: Mapping[str, str]) -> str:
    told: dict[str, Any] = {**(request.view_args or {}), **values, "kind": kind.value}
    return url_for(endpoint, **told)


def answer(source: str, kind: str, *, page: str = "", **values: str) -> ResponseReturnValue:
    """The file of a page in the kind that the address ends with.

    Where somebody would have to wait for it, a page that offers to have it made; a POST has a worker make it. `values`
    are what the address does not say and the table is to know; `page` is the endpoint of the page, where its address is
    not this one without the ending.
    """
    back = _back(page)
    make: Source = current_app.extensions["exports"][source]
    wanted = Kind.of(kind)
    if request.method == "POST":
        asked_for = _ask(source, wanted, values, back)
        return redirect(url_for("exports.show", export=asked_for, lang=request.args.get("lang")), 303)
    if wanted in {Kind.CSV, Kind.EXCEL}:
        return _streamed(make, dialect_of(wanted), values)
    made = make(_asked(db(), values))
    if made.cells > MOST_CELLS[wanted]:
        return rendered("exports/ask.html", title=made.title, back=back, query=request.query_string.decode())
    return _whole(made, wanted)


def who() -> str:
    """Who asks, as the key under which their files are kept."""
    return f"person:{visit().person.id}"


def _ask(source: str, kind: Kind, values: Mapping[str, str], back: str) -> PublicId:
    here = visit()
    asked = {"values": {**_values(), **values}, "query": dict(request.args.items()), "back": {"path": back}}
    course_id = here.course.id if here.course else None
    wanted = Wanted(here.platform_id, course_id, who(), source, kind.value, current_locale(), asked)
    return exports.ask(db(), wanted, clock.now())


def _back(page: str) -> str:
    """The address of the page whose file is asked for."""
    query = f"?{urlencode([*request.args.items()])}" if request.args else ""
    if not page:
        return request.path.rpartition(".")[0] + query
    asked = {name for rule in current_app.url_map.iter_rules(page) for name in rule.arguments}
    return url_for(page, **{name: value for name, value in (request.view_args or {}).items() if name in asked}) + query


def _values() -> dict[str, str]:
    return {name: value for name, value in (request.view_args or {}).items() if name not in {"course", "kind"}}


def _asked(session: Session, values: Mapping[str, str]) -> Asked:
    here = visit()
    return Asked(session, clock.now(), here.platform_id, here.course, {**_values(), **values}, request.args)


def _streamed(make: Source, dialect: csv_file.Dialect, values: Mapping[str, str]) -> Response:
    # The request's own session ends before the last row leaves.
    session = open_session(tool().sessions, writes=False)
    try:
        table = as_table(make(_asked(session, values)))
    except BaseException:
        session.close()
        raise
    rows = stream_with_context(_closing(session, table, dialect))
    answer = named(Response(rows, content_type=csv_file.CONTENT_TYPE), f"{table.name}.csv")
    answer.call_on_close(session.close)
    return answer


def _closing(session: Session, table: Table, dialect: csv_file.Dialect) -> Iterator[bytes]:
    with session:
        yield from csv_file.pieces(table, dialect)


def _whole(made: Table | Report, kind: Kind) -> Response:
    with tempfile.TemporaryFile() as file:
        write(made, kind, file)
        file.seek(0)
        return named(Response(file.read(), content_type=kind.content_type), f"{made.name}.{kind.ending}")


def named(answer: Response, name: str) -> Response:
    """The answer as a file to keep: its name in ASCII for old programs, whole for all others (RFC 6266)."""
    stem, _dot, ending = name.rpartition(".")
    plain = stem.encode("ascii", "ignore").decode().strip("-_") or "table"
    names = {"filename": f"{plain}.{ending}", "filename*": f"UTF-8''{quote(name, safe='-_.')}"}
    answer.headers["Content-Disposition"] = dump_options_header("attachment", names)
    return answer
