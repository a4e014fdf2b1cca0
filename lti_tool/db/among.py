"""Questions about some rows by their ids: a statement names at most so many of them, and of one it is prepared.

A mark concerns one person, an import or a change of rules a thousand: both ask the same, the one often.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.db.prepared import Found, Prepared

if TYPE_CHECKING:
    from _typeshed import SupportsRichComparison

PORTION = 500
"""How many ids one query names: SQLite and PostgreSQL both take many more, but plans stay the same."""

_Key = TypeVar("_Key", bound="SupportsRichComparison")


def portions(ids: Collection[_Key]) -> Iterator[list[_Key]]:
    """The ids in portions that a query can name, in order."""
    ordered = sorted(ids)
    return (ordered[start : start + PORTION] for start in range(0, len(ordered), PORTION))


class Among:
    """A statement about those of some rows whose `key` is among the ids; columns, not rows that an ORM keeps."""

    def __init__(
        self, statement: Select[*tuple[Any, ...]], key: ColumnElement[int] | InstrumentedAttribute[int]
    ) -> None:
        self._one = Prepared(statement.where(key == bindparam("among")))
        self._many = statement.where(key.in_(bindparam("among", expanding=True)))

    def all(self, session: Session, ids: Collection[int], **values: object) -> list[Found]:
        """What it finds; in the statement's own order within each portion of the ids."""
        if len(ids) == 1:
            return self._one.all(session, among=next(iter(ids)), **values)
        asked = (session.execute(self._many, {"among": portion, **values}) for portion in portions(ids))
        return [row for result in asked for row in result]
