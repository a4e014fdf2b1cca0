"""The worker's step that makes files people asked for, one after the other, and tells how far each is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

import structlog
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, try_briefly, unit_of_work
from lti_tool.errors import ToolError
from lti_tool.ids import new_public_id
from lti_tool.reports import export_store, exports
from lti_tool.reports.drawer import Drawer
from lti_tool.reports.export import LEASE, Held, Wanted

PER_TURN = 20
TELL_SECONDS = 0.5
CLEAR_EVERY = timedelta(minutes=5)

log = structlog.get_logger()

Tell = Callable[[int, int | None], object]
"""Hears how many rows are written, of how many."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, and where it is written to."""

    wanted: Wanted
    file: IO[bytes]
    tell: Tell
    now: datetime


Write = Callable[[Session, Order], str]
"""Writes the file and says what it is called. Given by `worker_app.py`: words are the pages' own."""


class _HandsOff(Exception):
    """The file is not this worker's any more, or the worker is about to end; nobody's fault."""


class Making:
    """Makes what is asked for."""

    def __init__(self, write: Write, drawer: Drawer) -> None:
        self._write, self.drawer = write, drawer
        self._stopping = False
        self._cleared: datetime | None = None

    def __call__(self, sessions: SessionFactory, now: datetime) -> None:
        """Until nothing waits, or for a while; what is over is thrown away now and then."""
        if self._cleared is None or now - self._cleared > CLEAR_EVERY:
            exports.clear(sessions, self.drawer, now)
            self._cleared = now
        began = time.monotonic()
        for _ in range(PER_TURN):
            moment = now + timedelta(seconds=time.monotonic() - began)
            held = None if self._stopping else _take(sessions, moment)
            if held is None:
                return
            self._make(sessions, held, moment)

    def stop(self) -> None:
        """The worker is about to end: what is under way waits for another."""
        self._stopping = True

    def _make(self, sessions: SessionFactory, held: Held, now: datetime) -> None:
        facts = {"export": held.export.public_id, "source": held.export.wanted.source}
        try:
            size = self._written(sessions, held, now)
            log.info("export_made", bytes=size, **facts)
        except _HandsOff:
            with unit_of_work(sessions) as session:
                export_store.give_back(session, held)
        except Exception as failure:
            # One file that nobody foresaw must not cost the others their turn.
            code = failure.code if isinstance(failure, ToolError) else type(failure).__name__
            log.exception("export_failed", code=code, **facts)
            with unit_of_work(sessions) as session:
                export_store.end(session, held, now, failure=code[:60])

    def _written(self, sessions: SessionFactory, held: Held, now: datetime) -> int:
        if held.is_hopeless:
            raise ToolError("workers_lost", tries=held.tries)
        telling = _Telling(sessions, held, now, lambda: self._stopping)
        with self.drawer.lay() as laid:
            with unit_of_work(sessions, writes=False) as session:
                name = self._write(session, Order(held.export.wanted, laid.file, telling, now))
            size = laid.file.tell()
        with unit_of_work(sessions) as session:
            kept = export_store.end(session, held, telling.now, shelf_name=laid.name, file_name=name[:80])
        if not kept:
            self.drawer.remove(laid.name)
            raise _HandsOff
        return size


class _Telling:
    """Tells how far a file is, and renews its lease by that."""

    def __init__(self, sessions: SessionFactory, held: Held, began: datetime, stops: Callable[[], bool]) -> None:
        self._sessions, self._held, self._stops = sessions, held, stops
        # The database's time goes on as ours does, whatever our clock shows.
        self._began, self._since = began, time.monotonic()
        self._told_at = float("-inf")

    @property
    def now(self) -> datetime:
        """The database's time."""
        return self._began + timedelta(seconds=time.monotonic() - self._since)

    def __call__(self, done: int, total: int | None) -> None:
        """So many rows of so many. A database that is busy is not waited for."""
        if time.monotonic() - self._told_at < TELL_SECONDS:
            return
        self._told_at = time.monotonic()
        held = [not self._stops()]

        def note(session: Session) -> None:
            held[0] = held[0] and export_store.note(session, self._held, done, total, self.now + LEASE)

        if try_briefly(self._sessions, note) and not held[0]:
            raise _HandsOff


def _take(sessions: SessionFactory, now: datetime) -> Held | None:
    with unit_of_work(sessions) as session:
        return export_store.take_next(session, new_public_id(), now, now + LEASE)
