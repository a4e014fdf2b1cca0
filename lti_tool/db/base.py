"""What every table shares: naming of constraints, exact and aware column types, integer keys, public ids.

SQLite has neither exact decimals nor aware times; the types here make both databases behave alike, so that a mark
or a moment read back equals what was stored.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Integer, MetaData, Numeric, String, Text, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeEngine

from lti_tool.ids import new_public_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class AwareTime(TypeDecorator[datetime]):
    """An aware UTC time on both databases; a naive one is refused when it is bound."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value as the database takes it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value as it was given."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactMark(TypeDecorator[Decimal]):
    """A mark with five decimal places (Moodle's own precision), exact: NUMERIC on PostgreSQL, text on SQLite."""

    impl = Numeric(14, 5)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of this database."""
        return dialect.type_descriptor(String(20) if dialect.name == "sqlite" else Numeric(14, 5))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        """The value as the database takes it."""
        if value is None or dialect.name != "sqlite":
            return value
        return str(value)

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:
        """The value as it was given."""
        return None if value is None else _mark(value)


class ExactFraction(TypeDecorator[Fraction]):
    """A fraction without rounding, stored as text ("19/30")."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Fraction | None, dialect: Dialect) -> str | None:
        """The value as the database takes it."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Fraction | None:
        """The value as it was given."""
        return None if value is None else _fraction(value)


@lru_cache(4096)
def _mark(stored: Decimal | str) -> Decimal:
    # The marks of a course are few numbers in many rows, and so are its fractions.
    exact = Decimal(stored).normalize()
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact


@lru_cache(4096)
def _fraction(stored: str) -> Fraction:
    return Fraction(stored)


BigKey = BigInteger().with_variant(Integer, "sqlite")
"""SQLite only numbers rows by itself for the type INTEGER."""

Key = Annotated[int, mapped_column(BigKey, primary_key=True)]
Public = Annotated[str, mapped_column(String(16), unique=True, default=new_public_id)]


class Base(DeclarativeBase):
    """Base of all tables; one metadata, so that Alembic sees everything."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads a plain dict here
        datetime: AwareTime,
        Decimal: ExactMark,
        Fraction: ExactFraction,
        int: BigKey,
    }
