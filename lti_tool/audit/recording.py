"""How something gets into the record: a change in its own transaction, a read in a short one of its own.

A change and its line are stored together or not at all. Who reads waits for no writer: where the database is busy or
full the line waits in this process and goes with the next one, and stands in the log meanwhile. No more than
`MOST_WAITING` wait: then records of others are not shown until the lines are stored (ADR 17).
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from threading import Lock

import structlog
from sqlalchemy.orm import Session

from lti_tool.audit import store
from lti_tool.audit.model import FOLD, WORKER, Action, Event, Subject, SubjectKind
from lti_tool.db.unit_of_work import SessionFactory, try_briefly
from lti_tool.ids import PlatformId

MOST_WAITING = 1_000

log = structlog.get_logger()


def record(session: Session, event: Event, now: datetime) -> None:
    """Writes a line in the transaction of what it tells of; one that folds only where it does not stand there yet."""
    if event.action.folds and store.was_noted(session, event, now - FOLD):
        return
    store.add(session, [(now, event)])


def record_work(
    session: Session, action: Action, platform_id: PlatformId, course: str, count: int, now: datetime
) -> None:
    """What the worker changed in a course by itself; nothing where it changed nothing."""
    if count:
        subject = Subject(SubjectKind.COURSE, course)
        store.add(session, [(now, Event(action, WORKER, platform_id, subject, course, {"count": count}))])


class Reads:
    """Lines of reads on their way into the record. One object serves all threads of a process."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._waiting: deque[tuple[datetime, Event]] = deque()
        self._lock = Lock()

    @property
    def is_full(self) -> bool:
        """Whether so many lines wait that nobody may read what has to be told of."""
        return len(self._waiting) >= self._most

    def note(self, reading: Session, sessions: SessionFactory, event: Event, now: datetime) -> None:
        """Records a read. `reading`: the reader's own transaction, asked whether the same was told of just now."""
        if store.was_noted(reading, event, now - FOLD):
            return
        with self._lock:
            if not any(waiting.is_like(event) for _at, waiting in self._waiting):
                self._waiting.append((now, event))
        if not self.store_waiting(sessions):
            subject = event.subject
            log.warning(
                "read_not_recorded_yet",
                action=event.action.value,
                actor=event.actor.id,
                subject=subject.id if subject else None,
                course=event.course,
                waiting=len(self._waiting),
            )

    def store_waiting(self, sessions: SessionFactory) -> bool:
        """Stores what waits; False where the database does not take it now."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        if not taken or try_briefly(sessions, lambda session: store.add(session, taken)):
            return True
        with self._lock:
            self._waiting.extendleft(reversed(taken))
        return False
