"""Addresses that begin alike, found and changed by the database: there may be as many as a platform has columns."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Text, func, literal, or_
from sqlalchemy.orm import InstrumentedAttribute

Address = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def lies_below(address: Address, prefix: str) -> ColumnElement[bool]:
    """The condition that an address is `prefix`, or something below it: another host of a longer name is not."""
    beginning = func.substr(address, 1, len(prefix) + 1, type_=Text)
    return or_(address == prefix, beginning.in_([prefix + end for end in "/?#"]))


def put_below(address: Address, former: str, new: str) -> ColumnElement[str]:
    """The address with another beginning, where it lies below `former`."""
    return literal(new, Text) + func.substr(address, len(former) + 1, type_=Text)
