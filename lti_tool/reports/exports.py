"""Asking for a file that takes longer than a moment, and who may have it for how long.

Asking never waits, and the same asked twice is one file. A file lies for an hour for who asked for it and for nobody
else; it may name people, so it goes with whoever is erased (`forget`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import NotFound
from lti_tool.ids import PlatformId, PublicId
from lti_tool.reports import export_store
from lti_tool.reports.drawer import Drawer
from lti_tool.reports.export import KEPT, Export, Wanted

FRESH = timedelta(minutes=1)
"""A file that was made a moment ago is given again instead of being made anew."""


def ask(session: Session, wanted: Wanted, now: datetime) -> PublicId:
    """Has a worker make this file; the one that is under way, or was just made, where it is the same."""
    for each in export_store.of_somebody(session, wanted.asked_by, now):
        open_or_fresh = each.ended_at is None or (each.is_ready and now - each.ended_at < FRESH)
        if each.wanted == wanted and open_or_fresh:
            return each.public_id
    return export_store.add(session, wanted, now)


def find(session: Session, public_id: str, asked_by: str, now: datetime) -> Export:
    """What this person asked for. Raises NotFound where there is nothing of theirs, or the hour is over."""
    found = export_store.find(session, public_id, asked_by, now)
    if found is None or (found.ended_at is not None and now >= found.ended_at + KEPT):
        raise NotFound("file_gone")
    return found


def clear(sessions: SessionFactory, drawer: Drawer, now: datetime) -> int:
    """Removes files whose hour is over, and what a worker that died has left; returns how many."""
    with unit_of_work(sessions) as session:
        names = export_store.remove(session, export_store.ended_before(now - KEPT))
    with unit_of_work(sessions, writes=False) as session:
        old = list(drawer.older_than(now - 2 * KEPT))
        left = set(old) - export_store.known(session, old)
    for name in {*names, *left}:
        drawer.remove(name)
    return len(names) + len(left)


def forget(session: Session, drawer: Drawer, platform_id: PlatformId) -> None:
    """Throws away every file of a platform, made or asked for: somebody is erased who may stand in any of them."""
    for name in export_store.remove(session, export_store.of_platform(platform_id)):
        drawer.remove(name)
