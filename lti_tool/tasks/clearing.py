"""Clears away files that no record knows: of requests that were refused after the file was laid down, or removed."""

from __future__ import annotations

from datetime import datetime, timedelta

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.tasks import store
from lti_tool.tasks.shelf import Shelf

AFTER = timedelta(days=1)
"""No request takes so long: what is younger may still get its record."""
PORTION = 500


def clear(sessions: SessionFactory, shelf: Shelf, now: datetime) -> int:
    """Removes what lies for a day without a record; how many files."""
    old = list(shelf.older_than(now - AFTER))
    strays: set[str] = set()
    for start in range(0, len(old), PORTION):
        portion = old[start : start + PORTION]
        with unit_of_work(sessions, writes=False) as session:
            strays |= set(portion) - store.known_shelf_names(session, portion)
    for name in strays:
        shelf.remove(name)
    return len(strays)
