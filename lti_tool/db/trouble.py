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
