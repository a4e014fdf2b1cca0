"""Whether a connection that has rested is still one: looked up in the machine, not asked of the database each time.

A database that goes away says so: it hangs up, and on what was quiet something can be read. To look for that costs a
microsecond; a question and its answer, before every request, cost a tenth of a launch. What has rested long is asked
all the same, for a firewall in between forgets connections without a word to anybody.
"""

from __future__ import annotations

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

RESTED_SECONDS = 30.0
"""What was asked something within this time is asked for no sign of life, unless something can be read on it."""
_ASKED = "asked for a sign of life"


def look_for(engine: Engine) -> None:
    """Has the engine look at each PostgreSQL connection before it lends it out; a dead one is replaced, with all
    others that are as old."""

    @event.listens_for(engine, "checkout")
    def _look(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:  # noqa: ANN401  the driver's own
        now = time.monotonic()
        try:
            if now - entry.info.setdefault(_ASKED, now) < RESTED_SECONDS and is_quiet(connection.fileno()):
                return
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error
        entry.info[_ASKED] = now


def is_quiet(descriptor: int) -> bool:
    """Whether nothing came in and nobody hung up; a connection that awaits no answer has nothing to read."""
    looked = select.poll()
    looked.register(descriptor, select.POLLIN)
    return not looked.poll(0)
