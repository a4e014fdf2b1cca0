"""Everything that is held about a person, for them: an overview for a page, a JSON document, a ZIP with their files."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session

from lti_tool.audit import queries as audit_queries
from lti_tool.errors import NotFound
from lti_tool.ids import PersonId, PlatformId
from lti_tool.people.model import Person
from lti_tool.people.store import as_person
from lti_tool.privacy import holding_queries, store
from lti_tool.privacy.holdings import HOLDINGS, Holding
from lti_tool.privacy.plain_queries import Plain, Value
from lti_tool.tasks.shelf import Shelf

FORMAT = "lti-tool-person/1"
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of one kind: how many, and the first of them."""

    holding: Holding
    count: int
    rows: tuple[dict[str, Value], ...]


def somebody(session: Session, public_id: str, platform_id: PlatformId | None = None) -> Person:
    """Who has this public id. Raises NotFound where there is nobody, or only on another platform."""
    row = store.person(session, public_id)
    if row is None or (platform_id is not None and row.platform_id != platform_id):
        raise NotFound("person_unknown")
    return as_person(row)


def overview(session: Session, person_id: PersonId, most: int) -> tuple[Kept, ...]:
    """What is held, kind by kind; of each kind at most `most` rows, the newest."""
    plain = Plain(session, person_id)
    found = []
    for each in HOLDINGS:
        count = holding_queries.count(session, each, person_id)
        if count:
            rows = holding_queries.rows(session, each, person_id, most, newest=True)
            found.append(Kept(each, count, tuple(plain.row(each, row) for row in rows)))
    return tuple(found)


def document(session: Session, person: Person, now: datetime) -> Iterator[str]:
    """The JSON document in pieces: nobody's data is too long for it."""
    head = {"format": FORMAT, "made_at": now.isoformat(), "person": holding_queries.own_row(session, person.id)}
    yield json.dumps(head, ensure_ascii=False)[:-1]
    plain = Plain(session, person.id)
    for each in HOLDINGS:
        rows = (plain.row(each, row) for row in holding_queries.rows(session, each, person.id))
        yield from _array(each.key, rows)
    platform, public_id = person.platform_id, person.public_id
    yield from _array("record_about", audit_queries.lines_about(session, platform, public_id))
    yield from _array("record_by", audit_queries.lines_by(session, platform, public_id))
    yield "}\n"


def _array(name: str, rows: Iterator[dict[str, Value]]) -> Iterator[str]:
    yield f', "{name}": ['
    for place, row in enumerate(rows):
        yield ("," if place else "") + "\n" + json.dumps(row, ensure_ascii=False)
    yield "]"


def pack(session: Session, shelf: Shelf, person: Person, now: datetime, target: IO[bytes]) -> None:
    """Writes a ZIP: the document, and the files of their work, handed in and given back, each under its own name."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open("data.json", "w") as entry:
            for piece in document(session, person, now):
                entry.write(piece.encode())
        for number, (shelf_name, name) in enumerate(holding_queries.files(session, person.id), start=1):
            _add(packed, shelf, shelf_name, f"files/{number:03d} {_harmless(name)}")


def _add(packed: zipfile.ZipFile, shelf: Shelf, shelf_name: str, name: str) -> None:
    try:
        stored = shelf.open(shelf_name)
    except NotFound:
        # Gone from the disk (a backup without its files); the document still tells of it.
        return
    with stored, packed.open(name, "w", force_zip64=True) as entry:
        while chunk := stored.read(CHUNK):
            entry.write(chunk)


def _harmless(name: str) -> str:
    """A file's name that leads nowhere but into its folder."""
    return "".join("_" if letter in '/\\:*?"<>|' or not letter.isprintable() else letter for letter in name)[-150:]
