"""Loads and saves the columns of courses. Beside `store.py`, which keeps what is to stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from lti_tool.db.prefix import lies_below, put_below
from lti_tool.db.prepared import Prepared
from lti_tool.grading.channel_store import is_paused
from lti_tool.grading.model import ClaimedLineItem
from lti_tool.grading.tables import LineItemRow
from lti_tool.ids import CourseId, LineItemId, PlatformId
from lti_tool.lti.model import Move
from lti_tool.people.tables import CourseRow

_NO_SYNC = {"synchronize_session": False}
"""What is changed in bulk is not held in the session that changes it."""
_OF_COURSE = (LineItemRow.course_id == bindparam("course_id"), LineItemRow.resource_id == bindparam("resource_id"))
_COLUMN_OF = Prepared(select(LineItemRow.id, LineItemRow.url).where(*_OF_COURSE))
_IS_COLUMN = Prepared(select(LineItemRow.id).where(LineItemRow.url == bindparam("url")).limit(literal_column("1")))


def line_items(session: Session, course_id: CourseId) -> list[LineItemRow]:
    """All columns of a course, in the order of their making."""
    return list(session.scalars(select(LineItemRow).where(LineItemRow.course_id == course_id).order_by(LineItemRow.id)))


def column_of(session: Session, course_id: CourseId, resource_id: str) -> tuple[LineItemId, str | None] | None:
    """The column of a course with this resource id, and its address; every launch of an activity asks it."""
    found = _COLUMN_OF.first(session, course_id=course_id, resource_id=resource_id)
    return (LineItemId(found[0]), found[1]) if found else None


def is_column(session: Session, url: str) -> bool:
    """Whether any course fills the column at this address already."""
    return _IS_COLUMN.first(session, url=url) is not None


def line_item_of(session: Session, course_id: CourseId, resource_id: str) -> LineItemRow | None:
    """The column of a course with this resource id."""
    return session.scalar(select(LineItemRow).where(*_OF_COURSE), {"course_id": course_id, "resource_id": resource_id})


def due_line_items(session: Session, now: datetime, limit: int) -> list[tuple[LineItemRow, PlatformId]]:
    """Columns to be found, made or read back now, locked, with their platform; none of a paused platform."""
    query = (
        select(LineItemRow, CourseRow.platform_id)
        .join(CourseRow, CourseRow.id == LineItemRow.course_id)
        .where(LineItemRow.due_at <= now, ~is_paused(CourseRow.platform_id))
        .order_by(LineItemRow.due_at)
        .limit(limit)
        .with_for_update(of=LineItemRow, skip_locked=True)
    )
    return [(row, PlatformId(platform_id)) for row, platform_id in session.execute(query)]


def settle_line_item(session: Session, claimed: ClaimedLineItem, values: Mapping[str, Any]) -> bool:
    """Writes what came of a claimed column; False where the claim has run out and another worker has it."""
    mine = (LineItemRow.id == claimed.id, LineItemRow.due_at == claimed.until)
    done = session.execute(update(LineItemRow).where(*mine).values(dict(values)), execution_options=_NO_SYNC)
    return isinstance(done, CursorResult) and done.rowcount == 1


def forget_url(session: Session, line_item_id: LineItemId, url: str, due_at: datetime | None) -> bool:
    """The platform no longer has the column at this address; False where another worker noticed it before."""
    gone = (LineItemRow.id == line_item_id, LineItemRow.url == url)
    values = {"url": None, "ready_at": None, "due_at": due_at, "attempts": 0}
    done = session.execute(update(LineItemRow).where(*gone).values(values), execution_options=_NO_SYNC)
    return isinstance(done, CursorResult) and done.rowcount == 1


def move_urls(session: Session, platform_id: PlatformId, move: Move) -> int:
    """Changes where the platform's columns are; of how many."""
    courses = select(CourseRow.id).where(CourseRow.platform_id == platform_id).scalar_subquery()
    there = (LineItemRow.course_id.in_(courses), lies_below(LineItemRow.url, move.former))
    moved = {"url": put_below(LineItemRow.url, move.former, move.new)}
    done = session.execute(update(LineItemRow).where(*there).values(moved), execution_options=_NO_SYNC)
    return done.rowcount if isinstance(done, CursorResult) else 0
