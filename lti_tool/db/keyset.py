"""Paging by key: a page begins behind the last row of the one before, so that the thousandth costs what the first does.

A position is made of a moment and a public id: no row number leaves the house, and a row that is gone meanwhile
does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A row's place in a list that is ordered by a moment, and by public id where moments are alike."""

    at: datetime
    public_id: str


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a list: so many rows behind a position; None: from the beginning."""

    limit: int
    after: Position | None = None


def page(
    query: Select[*Columns], at: InstrumentedAttribute[datetime], public_id: InstrumentedAttribute[str], cut: Cut
) -> Select[*Columns]:
    """The query's rows of this part, in order, and one more where there is one: it tells that the list goes on."""
    if cut.after is not None:
        # Both sides as rows of values: either database then begins in the index where the last page ended.
        place = tuple_(literal(cut.after.at, at.type), literal(cut.after.public_id, public_id.type))
        query = query.where(tuple_(at, public_id) > place)
    return query.order_by(at, public_id).limit(cut.limit + 1)
