"""Data that goes by itself after a period: set by an admin, looked at before, deleted by the worker in small portions.

Nothing is deleted until somebody switches it on. Sessions need no period: they end when nobody has used them for
as long as the settings say.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from lti_tool.audit import recording
from lti_tool.audit import store as audit_store
from lti_tool.audit.model import WORKER, Action, Event
from lti_tool.db import scrubbing
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import Conflict, NotFound
from lti_tool.ids import PlatformId
from lti_tool.privacy import erasing, retention_store
from lti_tool.privacy.periods import Kind, Period, checked
from lti_tool.reports.drawer import Drawer
from lti_tool.tasks.shelf import Shelf

PORTION = 200
PEOPLE = 20
"""An erasure is a transaction of its own."""
TURN_SECONDS = 20.0
"""A turn ends after this; the next goes on."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outlook:
    """A period, and how much it would delete now."""

    period: Period
    too_old: int | None
    """At most `periods.MOST_COUNTED` + 1; None: nobody asked."""


def outlook(session: Session, platform_id: PlatformId, look: str, now: datetime) -> tuple[Outlook, ...]:
    """Every period of a platform, and of the kind `look` what it would delete now; nothing is changed by looking."""
    periods = retention_store.periods(session, platform_id)

    def too_old(period: Period) -> int | None:
        asked = period.kind.value == look
        return retention_store.count(session, platform_id, period.kind, period.limit(now), now) if asked else None

    return tuple(Outlook(each, too_old(each)) for each in periods.values())


def set_period(
    session: Session, platform_id: PlatformId, kind: Kind, days: int, *, active: bool, now: datetime
) -> None:
    """Keeps one kind of data for so many days. Raises RuleBroken as `periods.checked` does."""
    retention_store.keep(session, platform_id, kind, checked(kind, days), active=active, now=now)


@dataclass(frozen=True, slots=True)
class Places:
    """Where files lie: those that were handed in, and those that were made."""

    shelf: Shelf
    drawer: Drawer | None


def apply(sessions: SessionFactory, shelf: Shelf, drawer: Drawer | None, now: datetime) -> int:
    """Deletes what is too old where that is switched on, until nothing is left or the turn is over; how much."""
    with unit_of_work(sessions, writes=False) as session:
        active = retention_store.active(session)
    until, total = time.monotonic() + TURN_SECONDS, 0
    for platform_id, kind in active:
        deleted = _apply(sessions, Places(shelf, drawer), platform_id, kind, now, until)
        total += deleted
        with unit_of_work(sessions) as session:
            retention_store.note_sweep(session, platform_id, kind, deleted, now)
            if deleted:
                detail = {"what": kind.value, "count": deleted}
                recording.record(session, Event(Action.RETENTION_APPLIED, WORKER, platform_id, detail=detail), now)
    if total:
        log.info("deleted_for_age", rows=total)
        scrubbing.scrub(sessions)
    return total


def _apply(
    sessions: SessionFactory, places: Places, platform_id: PlatformId, kind: Kind, now: datetime, until: float
) -> int:
    total = 0
    while time.monotonic() < until:
        with unit_of_work(sessions, writes=False) as session:
            # Anew for each portion: an admin may have changed their mind.
            period = retention_store.periods(session, platform_id)[kind]
        if not period.active:
            break
        deleted = _PORTIONS[kind](sessions, places, platform_id, period.limit(now), now)
        total += deleted
        if deleted < (PEOPLE if kind is Kind.PEOPLE else PORTION):
            break
    return total


def _attempts(
    sessions: SessionFactory, _places: Places, platform_id: PlatformId, before: datetime, now: datetime
) -> int:
    with unit_of_work(sessions) as session:
        return retention_store.delete_attempts(session, platform_id, before, now, PORTION)


def _files(sessions: SessionFactory, places: Places, platform_id: PlatformId, before: datetime, now: datetime) -> int:
    with unit_of_work(sessions) as session:
        names = retention_store.delete_files(session, platform_id, before, now, PORTION)
    for name in names:
        places.shelf.remove(name)
    return len(names)


def _lines(sessions: SessionFactory, _places: Places, platform_id: PlatformId, before: datetime, _now: datetime) -> int:
    with unit_of_work(sessions) as session:
        return audit_store.delete_before(session, platform_id, before, PORTION)


def _people(sessions: SessionFactory, places: Places, platform_id: PlatformId, before: datetime, now: datetime) -> int:
    with unit_of_work(sessions, writes=False) as session:
        public_ids = retention_store.people(session, platform_id, before, now, PEOPLE)
        plans = [erasing.plan(session, each) for each in public_ids]
    erased = 0
    for each in plans:
        try:
            erasing.erase(
                sessions, places.shelf, places.drawer, each, by=WORKER, now=lambda: now, wait_seconds=0, scrubs=False
            )
        except (Conflict, NotFound):
            continue
        erased += 1
    return erased


_PORTIONS: dict[Kind, Callable[[SessionFactory, Places, PlatformId, datetime, datetime], int]] = {
    Kind.ATTEMPTS: _attempts,
    Kind.FILES: _files,
    Kind.AUDIT: _lines,
    Kind.PEOPLE: _people,
}
