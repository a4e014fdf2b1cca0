"""What comes out the same in every test of a process, and takes longer to make than most tests take.

Each is remembered by everything that it is made of, so that a test that makes something else gets something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from lti_tool import key_files
from lti_tool.competency import store
from lti_tool.competency.catalogue import RowIds, parse
from lti_tool.competency.framework import Framework
from lti_tool.competency.tables import (
    AspectRow,
    CompetencyRow,
    FrameworkVersionRow,
    GlossaryTermRow,
    IndicatorRow,
    LevelRow,
)
from lti_tool.ids import FrameworkVersionId

FRAMEWORK_TABLES: tuple[Table, ...] = tuple(
    row.metadata.tables[row.__tablename__]
    for row in (FrameworkVersionRow, LevelRow, GlossaryTermRow, AspectRow, CompetencyRow, IndicatorRow)
)
_frameworks: dict[object, Framework] = {}
_rows: dict[str, list[list[dict[str, Any]]]] = {}
_builders: dict[object, Callable[..., Any]] = {}
_compile_builder = Rule._compile_builder


def remember() -> None:
    """From now on this process parses a catalogue, checks a private key and compiles a route once."""
    store.parse = _parsed
    key_files.load_pem_private_key = cache(load_pem_private_key)  # type: ignore[attr-defined]
    Rule._compile_builder = _builder  # type: ignore[method-assign]


def import_framework(session: Session, document: Mapping[str, Any], now: datetime) -> FrameworkVersionId:
    """As the store does it; into an SQLite database without a framework, with the rows of the first time."""
    if session.get_bind().dialect.name != "sqlite" or session.scalar(select(FrameworkVersionRow.id).limit(1)):
        return store.import_framework(session, document, now)
    known = json.dumps(document, default=repr)
    if known not in _rows:
        version = store.import_framework(session, document, now)
        _rows[known] = [_stored(session, table) for table in FRAMEWORK_TABLES]
        return version
    versions, *others = _rows[known]
    for table, rows in zip(FRAMEWORK_TABLES, [[row | {"imported_at": now} for row in versions], *others], strict=True):
        if rows:
            session.execute(insert(table), rows)
    imported = FrameworkVersionId(versions[0]["id"])
    session.info.setdefault(store._UNCOMMITTED, set()).add(imported)
    return imported


def _stored(session: Session, table: Table) -> list[dict[str, Any]]:
    # What a row is given by itself, like a public id, it is given anew.
    kept = [column for column in table.columns if column.default is None or not column.default.is_callable]
    return [dict(row._mapping) for row in session.execute(select(*kept).order_by(*table.primary_key))]


def _parsed(document: Mapping[str, Any], ids: RowIds | None = None) -> Framework:
    place = None if ids is None else (ids.version, *ids.competencies.items(), *ids.indicators.items())
    key = (json.dumps(document, default=repr), place)
    if key not in _frameworks:
        _frameworks[key] = parse(document, ids)
    return _frameworks[key]


def _builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    # What is compiled asks its rule for converters; otherwise it is made of these alone.
    key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]
