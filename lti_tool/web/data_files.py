"""Files that are sent as they are made: a person's data, the record of reads and changes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from flask import Response

from lti_tool import clock
from lti_tool.audit import exporting
from lti_tool.audit.queries import Asked
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.people.model import Person
from lti_tool.privacy import collecting
from lti_tool.web.shared import Tool
from lti_tool.web.tool import tool

IN_MEMORY = 1024 * 1024


def json_of(person: Person) -> Response:
    """A person's data as JSON, row after row."""
    return _download(_document(tool(), person), f"data-{person.public_id}.json", "application/json")


def zip_of(person: Person) -> Response:
    """A person's data with files; it lies on the disk without a name until it is sent."""
    return _download(_packed(tool(), person), f"data-{person.public_id}.zip", "application/zip")


def record_as_csv(platform_id: PlatformId, asked: Asked) -> Response:
    """The record as CSV."""
    return _download(_record(tool(), platform_id, asked, "csv"), "record.csv", "text/csv; charset=utf-8")


def record_as_ndjson(platform_id: PlatformId, asked: Asked) -> Response:
    """The record, a JSON object a line."""
    return _download(_record(tool(), platform_id, asked, "ndjson"), "record.ndjson", "application/x-ndjson")


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


def _record(shared: Tool, platform_id: PlatformId, asked: Asked, kind: str) -> Iterator[str]:
    with unit_of_work(shared.sessions, writes=False) as session:
        yield from exporting.pieces(session, asked, kind, platform_id)


def _download(pieces: Iterator[str] | Iterator[bytes], name: str, kind: str) -> Response:
    answer = Response(pieces, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
