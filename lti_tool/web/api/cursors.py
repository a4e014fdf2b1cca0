"""Cursors: where the next page of a list begins, as a text that means nothing to who carries it back.

They hold moments and public ids, never a row's number; one that was made up is at worst a place between two rows.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta

from lti_tool.db.keyset import Position
from lti_tool.errors import RuleBroken

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PUBLIC_ID = re.compile(r"[2-9a-z]{16}")
_MICROSECONDS = re.compile(r"[0-9]{1,17}")
LONGEST = 200


def sealed(kind: str, *parts: str) -> str:
    """A cursor of a kind of list."""
    return base64.urlsafe_b64encode(".".join([kind, *parts]).encode()).decode().rstrip("=")


def opened(kind: str, cursor: str, parts: int) -> list[str]:
    """The parts of a cursor of this kind. Raises RuleBroken("cursor_faulty") for another, and for what is none."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise RuleBroken("cursor_faulty") from error
    found = text.split(".")
    if found[0] != kind or len(found) != parts + 1 or sealed(kind, *found[1:]) != cursor:
        raise RuleBroken("cursor_faulty")
    return found[1:]


def of_position(position: Position) -> tuple[str, str]:
    """A position as parts of a cursor."""
    return str((position.at - _BEGINNING) // _MICROSECOND), position.public_id


def as_position(moment: str, public_id: str) -> Position:
    """Parts of a cursor as a position. Raises RuleBroken("cursor_faulty")."""
    if not _MICROSECONDS.fullmatch(moment):
        raise RuleBroken("cursor_faulty")
    return Position(_BEGINNING + int(moment) * _MICROSECOND, as_public_id(public_id))


def as_public_id(part: str) -> str:
    """A part of a cursor as a public id. Raises RuleBroken("cursor_faulty")."""
    if not _PUBLIC_ID.fullmatch(part):
        raise RuleBroken("cursor_faulty")
    return part
