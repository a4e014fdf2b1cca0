"""Files that are sent as they are made: a person's data, the record of reads and changes."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator

from flask import Response

from lti_tool import clock
from lti_tool.audit import queries as audit_queries
from lti_tool.audit.queries import Asked, Line
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.people.model import Person
from lti_tool.privacy import collecting
from lti_tool.web.tool import Tool, tool

IN_MEMORY = 1024 * 1024
COLUMNS = ("at", "actor_kind", "actor", "action", "subject_kind", "subject", "course", "detail")


def json_of(person: Person) -> Response:
    """A person's data as JSON, row after row."""
    return _download(_document(tool(), person), f"data-{person.public_id}.json", "application/json")


def zip_of(person: Person) -> Response:
    """A person's data with files; it lies on the disk without a name until it is sent."""
    return _download(_packed(tool(), person), f"data-{person.public_id}.zip", "application/zip")


def record_as_csv(platform_id: PlatformId, asked: Asked) -> Response:
    """The record as CSV."""
    pieces = as_csv(_lines(tool(), platform_id, asked))
    return _download(pieces, "record.csv", "text/csv; charset=utf-8")


def record_as_ndjson(platform_id: PlatformId, asked: Asked) -> Response:
    """The record, a JSON object a line."""
    return _download(as_ndjson(_lines(tool(), platform_id, asked)), "record.ndjson", "application/x-ndjson")


def as_csv(lines: Iterable[Line]) -> Iterator[str]:
    """Lines of the record as CSV; every value is an id or a word, so none is a formula."""
    yield ",".join(COLUMNS) + "\r\n"
    for line in lines:
        written = io.StringIO()
        plain = line.as_plain()
        csv.writer(written).writerow([*(plain[name] for name in COLUMNS[:-1]), json.dumps(plain["detail"])])
        yield written.getvalue()


def as_ndjson(lines: Iterable[Line]) -> Iterator[str]:
    """Lines of the record, a JSON object each."""
    return (json.dumps(line.as_plain()) + "\n" for line in lines)


def _document(shared: Tool, person: Person) -> Iterator[str]:
    # A session of its own: the request's has ended by the time the last piece is sent.
    with unit_of_work(shared.sessions, writes=False) as session:
        yield from collecting.document(session, person, clock.now())


def _packed(shared: Tool, person: Person) -> Iterator[bytes]:
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as packed:
        with unit_of_work(shared.sessions, writes=False) as session:
            collecting.pack(session, shared.shelf, person, clock.now(), packed)
        packed.seek(0)
        while chunk := packed.read(collecting.CHUNK):
            yield chunk


def _lines(shared: Tool, platform_id: PlatformId, asked: Asked) -> Iterator[Line]:
    with unit_of_work(shared.sessions, writes=False) as session:
        yield from audit_queries.stream(session, platform_id, asked)


def _download(pieces: Iterator[str] | Iterator[bytes], name: str, kind: str) -> Response:
    answer = Response(pieces, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
