"""A person of whom something is held in every table that can hold something, with words that can be searched for.

Rows are made from the schema alone, so that a table which is new is filled, too.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, Numeric, String, Table, insert, select
from sqlalchemy.orm import Session

from lti_tool.db.base import AwareTime, Base, ExactFraction, ExactMark
from lti_tool.ids import new_public_id
from lti_tool.people.tables import PersonRow
from lti_tool.privacy.holdings import HOLDINGS, Fate, Holding
from lti_tool.tasks.shelf import Shelf
from tests.factories.make import Make

NAME = "Zulaika Quxova"
FORMER_NAME = "Zulaika Formerova"
EMAIL = "zulaika.qux@people.example.invalid"
SUB = "sub-7391-zulaika"
ID_NUMBER = "KG-ZQ-7391"
WROTE = "what-zulaika-wrote"
"""Begins every text that is hers or about her."""
IN_A_FILE = "%PDF-1.4 handed in by zulaika %%EOF"
WORDS = (NAME, "Quxova", FORMER_NAME, EMAIL, SUB, ID_NUMBER, WROTE, IN_A_FILE)


@dataclass(frozen=True)
class Dossier:
    """The person, and somebody else in the same courses."""

    person_id: int
    public_id: str
    other_id: int
    platform_id: int
    course_id: int


def fill(session: Session, shelf: Shelf, now: datetime) -> Dossier:
    """Somebody under her former name with a row in every holding, and another person with as much."""
    make = Make(session, now)
    make.small_framework()
    platform = make.platform()
    course = make.course(platform)
    person = make.person(platform, FORMER_NAME, sub=SUB)
    other = make.person(platform, "Somebody Else")
    person.given_name, person.family_name = "Zulaika", "Quxova"
    person.email, person.id_number, person.locale = EMAIL, ID_NUMBER, "ky"
    shelved = shelf.put("work.pdf", io.BytesIO(IN_A_FILE.encode()))
    fillers = [_Filler(session, now, who, other, words) for who, words in ((person, WROTE), (other, "text of another"))]
    for about in (True, False):
        # What they did comes last: so it was done to the other one.
        for filler in fillers:
            for holding in sorted(HOLDINGS, key=lambda each: bool(each.through)):
                if holding.is_about is about:
                    filler.row(holding)
    files = Base.metadata.tables["file"]
    hers = select(Base.metadata.tables["submission"].c.id).where(
        Base.metadata.tables["submission"].c.person_id == person.id
    )
    session.execute(files.update().where(files.c.submission_id.in_(hers)).values(shelf_name=shelved.shelf_name))
    session.execute(
        insert(Base.metadata.tables["parked_launch"]),
        [
            {"code_hash": sub, "launch": _launch(platform.id, sub, name), "expires_at": now}
            for sub, name in ((SUB, NAME), ("another", "Somebody Else"))
        ],
    )
    return Dossier(person.id, person.public_id, other.id, platform.id, course.id)


def rename(session: Session, dossier: Dossier) -> None:
    """She has another name now; the former one may still stand where the database has freed space."""
    session.get_one(PersonRow, dossier.person_id).name = NAME
    session.flush()


def _launch(platform_id: int, sub: str, name: str) -> dict[str, Any]:
    return {"platform_id": platform_id, "person": {"sub": sub, "name": name}}


class _Filler:
    """Makes rows by what the schema says of them."""

    def __init__(self, session: Session, now: datetime, who: PersonRow, other: PersonRow, words: str) -> None:
        self._session, self._now, self._who, self._other, self._words = session, now, who, other, words
        self._number = who.id * 1000

    def row(self, holding: Holding) -> None:
        """One row that leads to the person by this holding's column."""
        table = Base.metadata.tables[holding.table]
        own = {holding.column: self._theirs(holding)}
        personal = holding.is_about and holding.fate is Fate.DELETED
        values = {
            column.name: own.get(column.name, self._value(column, personal=personal))
            for column in table.columns
            if not _counts_itself(column)
        }
        values |= {name: None for name in ("voided_at", "withdrawn_at") if name in values}
        if self._is_there(table, values):
            return
        self._session.execute(insert(table), [values])

    def _is_there(self, table: Table, values: dict[str, Any]) -> bool:
        key = [column for column in table.primary_key.columns if column.name in values]
        if not key:
            return False
        wanted = [column == values[column.name] for column in key]
        return self._session.execute(select(*key).where(*wanted)).first() is not None

    def _theirs(self, holding: Holding) -> int:
        if not holding.through:
            return self._who.id
        parent = next(each for each in HOLDINGS if each.table == holding.through and each.is_about)
        table = Base.metadata.tables[holding.through]
        found: int = (
            self._session.execute(select(table.c.id).where(table.c[parent.column] == self._who.id)).scalars().first()
        )
        return found

    def _value(self, column: Column[Any], *, personal: bool) -> Any:  # noqa: ANN401  whatever the column takes
        if column.foreign_keys:
            return self._reference(next(iter(column.foreign_keys)).column)
        kind, self._number = column.type, self._number + 1
        if isinstance(kind, AwareTime):
            return self._now
        if isinstance(kind, Date):
            return self._now.date()
        if isinstance(kind, ExactMark | Numeric):
            return Decimal(3)
        if isinstance(kind, ExactFraction):
            return Fraction(1, 2)
        if isinstance(kind, Boolean):
            return column.name == "active"
        if isinstance(kind, JSON):
            return [{"text": self._words}] if personal else []
        if isinstance(kind, Integer) or kind.python_type is int:
            return (
                self._number % 30_000 if column.unique or column.name in {"version", "attempt", "status_index"} else 1
            )
        return self._text(column, personal=personal)

    def _text(self, column: Column[Any], *, personal: bool) -> str:
        if column.name == "public_id":
            return new_public_id()
        fixed = {"role": "required", "launched_role": "participant", "roster_role": "participant", "groups": "7"}
        if column.name in fixed:
            return fixed[column.name]
        states = {"site_check.state": "present", "delivery.state": "due"}
        if str(column) in states:
            return states[str(column)]
        length = column.type.length if isinstance(column.type, String) else None
        text = f"{self._words} {self._number}" if personal else f"x{self._number}"
        return text[-length:] if length else text

    def _reference(self, target: Column[Any]) -> Any:  # noqa: ANN401  a key of whatever type
        if target.table.name == "person":
            return self._other.id
        found = self._session.execute(select(target).order_by(target.desc()).limit(1)).scalar()
        if found is not None:
            return found
        values = {
            column.name: self._value(column, personal=False)
            for column in target.table.columns
            if not _counts_itself(column)
        }
        self._session.execute(insert(target.table), [values])
        return self._session.execute(select(target).limit(1)).scalar_one()


def _counts_itself(column: Column[Any]) -> bool:
    return column.primary_key and not column.foreign_keys and column.name == "id"
