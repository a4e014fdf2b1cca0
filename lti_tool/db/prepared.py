"""Statements that every launch or page asks, put together and compiled once, and handed straight to the driver.

SQLAlchemy writes the statement, for each kind of database, and knows how values are stored. Its own way from there to
the driver and back costs four times what the driver's answer does, each time: it looks for the text, builds a result
with all its ways to be read, and lets an ORM see it. What is asked here comes back as plain tuples, and nothing of it
is remembered by the session; what the session has not written yet is written before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Values = Mapping[str, Any]
Found = tuple[Any, ...]
_Step = Callable[[Any], Any]

WROTE = "wrote"
"""Under this a session's `info` says that it has changed something."""


class Prepared:
    """A statement with named parameters. Not for what differs from call to call in anything but their values."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def all(self, session: Session, **values: object) -> list[Found]:
        """What it finds, or returns of what it wrote."""
        connection, text = self._begin(session)
        cursor = _run(connection, text, values)
        if text.steps is None:
            text.steps = _steps(text.kinds, connection.dialect, cursor)
        return text.read(cursor)

    def first(self, session: Session, **values: object) -> Found | None:
        """The first of it; None where there is nothing."""
        return next(iter(self.all(session, **values)), None)

    def one(self, session: Session, **values: object) -> Found:
        """The first of what is known to be there. Raises LookupError where it is not."""
        found = self.first(session, **values)
        if found is None:
            raise LookupError(values)
        return found

    def run(self, session: Session, **values: object) -> None:
        """Writes, and returns nothing."""
        connection, text = self._begin(session)
        _run(connection, text, values).close()

    def each(self, session: Session, rows: Sequence[Mapping[str, object]]) -> None:
        """Writes each of these; nothing is asked where there is none."""
        if rows:
            connection, text = self._begin(session)
            _run_each(connection, text, [text.bound(row) for row in rows])

    def _begin(self, session: Session) -> tuple[Connection, _Text]:
        session.flush()
        if not isinstance(self._statement, Select):
            session.info[WROTE] = True
        connection = session.connection()
        dialect = connection.dialect
        if dialect.name not in self._texts:
            self._texts[dialect.name] = _text(self._statement, dialect)
        return connection, self._texts[dialect.name]


@dataclass(slots=True)
class _Text:
    """A statement as one kind of database takes it."""

    sql: str
    known: dict[str, Any]
    """Parameters whose value stands in the statement itself, as the driver takes them."""
    written: Mapping[str, _Step]
    """How a value becomes what the driver takes, by parameter; only where it is not that already."""
    order: tuple[str, ...] | None
    """The parameters in the order of their places; None where the driver takes them by name."""
    kinds: tuple[TypeEngine[Any], ...]
    """The types of its columns."""
    asked: Mapping[str, Any]
    """How the driver is asked beside that: psycopg would have a statement parsed anew until its sixth time."""
    steps: tuple[tuple[int, _Step], ...] | None = None
    """How what the driver gives becomes a value, by column, where it is not that already; None before the first one."""

    def bound(self, values: Values) -> dict[str, Any] | tuple[Any, ...]:
        """The parameters as the driver takes them. Raises KeyError where one is missing."""
        given = {**self.known, **values}
        for name, step in self.written.items():
            if name in values:
                given[name] = step(values[name])
        return given if self.order is None else tuple(given[name] for name in self.order)

    def read(self, cursor: Any) -> list[Found]:  # noqa: ANN401  the driver's own
        """All rows, as values."""
        rows: list[Found] = cursor.fetchall()
        cursor.close()
        return [self._row(row) for row in rows] if self.steps else rows

    def _row(self, row: Found) -> Found:
        values = list(row)
        for place, step in self.steps or ():
            values[place] = step(values[place])
        return tuple(values)


def _text(statement: Statement, dialect: Dialect) -> _Text:
    compiled = statement.compile(dialect=dialect)
    if compiled.insert_prefetch or compiled.update_prefetch:
        # A default of Python's would be worked out once for all rows.
        raise TypeError(f"values are missing for {[*compiled.insert_prefetch, *compiled.update_prefetch]}")
    binds = [(name, bind) for bind, name in compiled.bind_names.items()]
    written = {name: step for name, bind in binds if (step := bind.type.dialect_impl(dialect).bind_processor(dialect))}
    known = {name: compiled.params[name] for name, bind in binds if not bind.required}
    return _Text(
        sql=compiled.string,
        known={name: written[name](value) if name in written else value for name, value in known.items()},
        written=written,
        order=tuple(compiled.positiontup) if compiled.positiontup is not None else None,
        kinds=tuple(column.type.dialect_impl(dialect) for column in statement.exported_columns),
        asked={"prepare": True} if dialect.driver == "psycopg" else {},
    )


def _steps(kinds: Iterable[TypeEngine[Any]], dialect: Dialect, cursor: Any) -> tuple[tuple[int, _Step], ...]:  # noqa: ANN401
    # What is to be done may depend on the type that the database itself names.
    named = ((kind, told[1]) for kind, told in zip(kinds, cursor.description, strict=True))
    steps = (kind.result_processor(dialect, told) for kind, told in named)
    return tuple((place, step) for place, step in enumerate(steps) if step)


def _run(connection: Connection, text: _Text, values: Values) -> Any:  # noqa: ANN401  the driver's own
    bound = text.bound(values)
    driver: Any = connection.connection.dbapi_connection
    try:
        _tell(connection, text, bound, many=False)
        return driver.execute(text.sql, bound, **text.asked)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_says(connection, text, error) from error


def _run_each(connection: Connection, text: _Text, bound: list[Any]) -> None:
    driver: Any = connection.connection.dbapi_connection
    try:
        _tell(connection, text, bound, many=True)
        with closing(driver.cursor()) as cursor:
            if len(bound) == 1:
                # Many go at one go, without waiting for each; psycopg takes longer to begin that than one takes.
                cursor.execute(text.sql, bound[0], **text.asked)
            else:
                cursor.executemany(text.sql, bound)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_says(connection, text, error) from error


def _tell(connection: Connection, text: _Text, bound: Any, *, many: bool) -> None:  # noqa: ANN401  the driver's own
    for listens in connection.dispatch.before_cursor_execute:
        listens(connection, None, text.sql, bound, None, many)


def _as_sqlalchemy_says(connection: Connection, text: _Text, error: Any) -> BaseException:  # noqa: ANN401  the driver's own
    """The error in the words that all others know, without what the statement was given; a lost connection is lost."""
    dialect, driver = connection.dialect, connection.dialect.loaded_dbapi
    lost = dialect.is_disconnect(error, connection.connection, None)
    if lost:
        connection.invalidate(error)
    told: BaseException = DBAPIError.instance(
        text.sql, {}, error, driver.Error, hide_parameters=True, connection_invalidated=lost, dialect=dialect
    )
    return told
