"""A person's rows, found by the list of holdings: counted, and read for who may have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, false, func, or_, select
from sqlalchemy.orm import Session

import lti_tool.competency.tables
import lti_tool.credentials.tables
import lti_tool.grading.tables
import lti_tool.lti.tables
import lti_tool.moodle.tables
import lti_tool.people.tables
import lti_tool.privacy.tables
import lti_tool.tasks.tables  # noqa: F401  imported so that the metadata knows all tables
from lti_tool.db.base import Base
from lti_tool.ids import PersonId
from lti_tool.privacy.holdings import HOLDINGS, Holding


def table_of(holding: Holding) -> Table:
    """The table that it stands for."""
    return Base.metadata.tables[holding.table]


def owned(holding: Holding, person_id: PersonId) -> ColumnElement[bool]:
    """Which of its table's rows lead to this person."""
    column = table_of(holding).c[holding.column]
    if not holding.through:
        return column == person_id
    parent = Base.metadata.tables[holding.through]
    theirs = [owned(each, person_id) for each in HOLDINGS if each.table == holding.through and each.is_about]
    return column.in_(select(parent.c.id).where(or_(false(), *theirs)))


def count(session: Session, holding: Holding, person_id: PersonId) -> int:
    """How many rows there are."""
    query = select(func.count()).select_from(table_of(holding)).where(owned(holding, person_id))
    return session.execute(query).scalar_one()


def grades_confirmed(session: Session, person_id: PersonId) -> int:
    """How many grades of theirs the LMS has, as far as it has said so."""
    table = Base.metadata.tables["delivery"]
    sent = (table.c.person_id == person_id, table.c.sent_given.is_not(None))
    return session.execute(select(func.count()).select_from(table).where(*sent)).scalar_one()


def rows(
    session: Session, holding: Holding, person_id: PersonId, limit: int | None = None, *, newest: bool = False
) -> Iterator[Mapping[str, Any]]:
    """The rows without what is hidden, in the order of their keys or against it; read in portions."""
    table = table_of(holding)
    shown = [column for column in table.columns if column.name not in holding.hidden]
    order = [column.desc() if newest else column.asc() for column in table.primary_key.columns]
    query = select(*shown).where(owned(holding, person_id)).order_by(*order).limit(limit)
    for row in session.execute(query.execution_options(yield_per=500)):
        yield dict(row._mapping)


def own_row(session: Session, person_id: PersonId) -> dict[str, Any]:
    """Who the person is, as it is held; without the row's own id."""
    table = Base.metadata.tables["person"]
    shown = [column for column in table.columns if column.name not in {"id", "platform_id"}]
    row = session.execute(select(*shown).where(table.c.id == person_id)).one()._mapping
    return {name: value if isinstance(value, str) else str(value) for name, value in row.items() if value is not None}


def files(session: Session, person_id: PersonId) -> list[tuple[str, str]]:
    """(name on the shelf, own name) of every file of their work, handed in or given back."""
    table = Base.metadata.tables["file"]
    about = next(each for each in HOLDINGS if each.table == "file" and each.is_about)
    query = select(table.c.shelf_name, table.c.name).where(owned(about, person_id)).order_by(table.c.id)
    return [(shelf_name, name) for shelf_name, name in session.execute(query)]
