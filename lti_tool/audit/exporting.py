"""The record as a file, piece by piece: CSV, or a JSON object a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from lti_tool.audit import queries
from lti_tool.audit.queries import Asked, Line
from lti_tool.ids import PlatformId

COLUMNS = ("at", "actor_kind", "actor", "action", "subject_kind", "subject", "course", "detail")


def pieces(session: Session, asked: Asked, kind: str, platform_id: PlatformId | None = None) -> Iterator[str]:
    """What was asked for of one platform, or (None) of all, the newest first; `kind`: csv | ndjson."""
    lines = queries.stream(session, platform_id, asked)
    return _as_csv(lines) if kind == "csv" else (json.dumps(line.as_plain()) + "\n" for line in lines)


def _as_csv(lines: Iterable[Line]) -> Iterator[str]:
    """Every value is an id or a word, so none is a formula."""
    yield ",".join(COLUMNS) + "\r\n"
    for line in lines:
        written = io.StringIO()
        plain = line.as_plain()
        csv.writer(written).writerow([*(plain[name] for name in COLUMNS[:-1]), json.dumps(plain["detail"])])
        yield written.getvalue()
