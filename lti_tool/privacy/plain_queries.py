"""A row as the person may read it: names and codes instead of the keys by which rows lead to each other.

Row ids never leave the process. Somebody else is named only where they did something to the person's own record; whom
the person did something to is an opaque id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from lti_tool.db.base import Base
from lti_tool.ids import PersonId
from lti_tool.privacy.holding_queries import table_of
from lti_tool.privacy.holdings import Holding

LABEL = {
    "course": "title",
    "activity": "name",
    "indicator": "code",
    "competency": "code",
    "framework_version": "version",
    "rule_set": "version",
    "line_item": "label",
    "platform": "issuer",
    "registration": "client_id",
}
"""By what a row of another table is told."""
Value = str | int | float | bool | list[Any] | dict[str, Any] | None


class Plain:
    """Rows of one person as plain data; what they lead to is looked up once."""

    def __init__(self, session: Session, person_id: PersonId) -> None:
        self._session = session
        self._person_id = person_id
        self._known: dict[tuple[str, Any], Value] = {}

    def row(self, holding: Holding, values: Mapping[str, Any]) -> dict[str, Value]:
        """The row; empty fields and keys of rows are left out."""
        columns = table_of(holding).columns
        told = {_name(columns[name]): self._value(holding, columns[name], value) for name, value in values.items()}
        return {name: value for name, value in told.items() if value not in (None, "", [], {}) and name}

    def _value(self, holding: Holding, column: Column[Any], value: object) -> Value:
        if value is None:
            return None
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column.table.name
            return self._person(holding, value) if target == "person" else self._label(target, value)
        if holding.table == "assessment" and column.name == "steps" and isinstance(value, dict):
            return {str(self._label("indicator", int(key))): step for key, step in value.items() if key.isdecimal()}
        return as_plain(value)

    def _person(self, holding: Holding, person_id: object) -> Value:
        if person_id == self._person_id:
            return None
        return self._look_up("person", person_id, "name" if holding.is_about else "public_id")

    def _label(self, table: str, key: object) -> Value:
        column = LABEL.get(table)
        return None if column is None else self._look_up(table, key, column)

    def _look_up(self, table: str, key: object, column: str) -> Value:
        if (table + column, key) not in self._known:
            found = Base.metadata.tables[table]
            query = select(found.c[column]).where(found.c.id == key)
            self._known[table + column, key] = as_plain(self._session.execute(query).scalar())
        return self._known[table + column, key]


def as_plain(value: object) -> Value:
    """A stored value as JSON has it; marks and fractions exactly, as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal | Fraction):
        return str(value)
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    return str(value)


def _name(column: Column[Any]) -> str:
    """What a field is called; empty for the row's own id."""
    if column.name == "id" and column.primary_key:
        return ""
    return column.name.removesuffix("_id") if column.foreign_keys else column.name
