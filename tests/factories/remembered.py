"""What comes out the same in every test of a process, and takes longer to make than most tests take.

Each is remembered by everything that it is made of, so that a test that makes something else gets something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import Connection, Engine, Table, create_engine, insert, inspect, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from lti_tool import key_files, outbound
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
from lti_tool.db import schema, unit_of_work
from lti_tool.ids import FrameworkVersionId
from lti_tool.web import assets

FRAMEWORK_TABLES: tuple[Table, ...] = tuple(
    row.metadata.tables[row.__tablename__]
    for row in (FrameworkVersionRow, LevelRow, GlossaryTermRow, AspectRow, CompetencyRow, IndicatorRow)
)
_frameworks: dict[object, Framework] = {}
_rows: dict[str, list[list[dict[str, Any]]]] = {}
_routes: dict[object, tuple[Any, ...]] = {}
_builders: dict[object, Callable[..., Any]] = {}
_migrations: list[str] = []
"""What the migrations leave in an empty SQLite database, as statements; empty before the first."""
really_migrate = schema._migrate
_compile_builder, _compile_route = Rule._compile_builder, Rule.compile
_read_assets = assets.read_assets
_own_assets = cache(_read_assets)
_statements: dict[str, LRUCache[Any, Any]] = {}
MOST_STATEMENTS = 4000


def remember() -> None:
    """From now on this process does once what every application and every engine would do anew."""
    store.parse = _parsed
    key_files.load_pem_private_key = cache(load_pem_private_key)  # type: ignore[attr-defined]
    Rule._compile_builder = _builder  # type: ignore[method-assign]
    Rule.compile = _route  # type: ignore[method-assign]
    assets.read_assets = _assets
    outbound.ssl.create_default_context = cache(outbound.ssl.create_default_context)
    unit_of_work.create_engine = _engine
    schema._migrate = _migrate
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = _speaks_like  # type: ignore[method-assign]
        dialect.__hash__ = _kind  # type: ignore[method-assign]


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


def _migrate(connection: Connection, revision: str, *, back: bool = False) -> None:
    # All of them in turn take longer than what most commands do afterwards.
    if back or revision != "head" or connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        really_migrate(connection, revision, back=back)
    elif _migrations:
        for statement in _migrations:
            connection.exec_driver_sql(statement)
    else:
        really_migrate(connection, revision)
        driver: Any = connection.connection.dbapi_connection
        _migrations.extend(list(driver.iterdump())[1:-1])


def _assets(folder: Path) -> dict[str, assets.Asset]:
    # Only the product's own stay as they are.
    return _own_assets(folder) if folder == assets.WEB_ROOT / "static" else _read_assets(folder)


def _engine(url: str, **options: object) -> Engine:
    # Nearly every test has an engine of its own, which would compile the statements of all tests before it anew.
    engine = create_engine(url, **options)
    engine._compiled_cache = _statements.setdefault(engine.dialect.name, LRUCache(MOST_STATEMENTS))
    return engine


def _speaks_like(dialect: object, other: object) -> bool:
    return type(dialect) is type(other)


def _kind(dialect: object) -> int:
    return hash(type(dialect))


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


def _route(rule: Rule) -> None:
    key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, repr(rule.defaults))
    if key not in _routes:
        _compile_route(rule)
        _routes[key] = (rule._parts, rule._trace, rule._converters, frozenset(rule.arguments))
        return
    rule._parts, rule._trace, rule._converters, arguments = _routes[key]
    rule.arguments |= arguments
    rule._build = _builder(rule, False).__get__(rule, None)
    rule._build_unknown = _builder(rule, True).__get__(rule, None)


def _builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    # What is compiled asks its rule for converters; otherwise it is made of these alone.
    key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile_builder(rule, append_unknown)
    return _builders[key]
