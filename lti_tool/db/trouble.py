"""Whether a failure is the database's own trouble: gone, restarting, busy, full. The same asked later may well go."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

READ_ONLY = "25006"
"""PostgreSQL's answer to a write while a standby takes over."""


def is_trouble(error: BaseException) -> bool:
    """True for what an operator has to mend, or time does; False for what this program or the request did wrong."""
    if isinstance(error, OperationalError | NoConnectionFree):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) == READ_ONLY


def in_a_line(error: BaseException) -> str:
    """What the database said, for a log: where in this program it was asked is the same for all and says nothing."""
    said = getattr(error, "orig", None) or error
    return f"{type(said).__name__}: {str(said).strip().partition(chr(10))[0]}"
