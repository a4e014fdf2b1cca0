"""The way to each platform, shared by all workers: whether it is open, who speaks there now, what was counted.

A claim locks the platform's channel for its few statements, so that lanes are counted exactly; nothing here is held
while a platform is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.grading.retry import Pause
from lti_tool.grading.tables import DeliveryLaneRow, DeliveryRow, DeliveryTallyRow, PlatformChannelRow
from lti_tool.ids import PlatformId


def open_channel(session: Session, platform_id: int) -> None:
    """Makes the platform's channel where it has none yet: something is to go there."""
    statement = _dialect(session).insert(PlatformChannelRow).values(platform_id=platform_id)
    session.execute(statement.on_conflict_do_nothing())


def channel(session: Session, platform_id: PlatformId) -> PlatformChannelRow:
    """The platform's channel, locked."""
    open_channel(session, platform_id)
    query = select(PlatformChannelRow).where(PlatformChannelRow.platform_id == platform_id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def is_paused(platform_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that nothing may go to this platform now."""
    paused = PlatformChannelRow.paused_until.is_not(None)
    return exists().where(PlatformChannelRow.platform_id == platform_id, paused)


# --- whose turn it is


def next_channel(session: Session, lane: str, now: datetime, *, proven: bool) -> PlatformChannelRow | None:
    """The channel that waited longest for its turn and has something to send, or a pause to end; locked.

    Left out are those that are paused, that have as many lanes as they may, and that have had their scores for now.
    With `proven` a platform that has not answered quickly of late has one lane at most, so that those who keep us
    waiting never hold all threads.
    """
    lanes = select(func.count()).where(*_others(PlatformChannelRow.platform_id, lane, now)).scalar_subquery()
    due = exists().where(
        DeliveryRow.platform_id == PlatformChannelRow.platform_id,
        DeliveryRow.due_at <= now,
        or_(DeliveryRow.lease_until.is_(None), DeliveryRow.lease_until <= now),
    )
    query = (
        select(PlatformChannelRow)
        .where(
            or_(
                PlatformChannelRow.paused_until <= now,
                PlatformChannelRow.paused_until.is_(None) & due & (lanes < _lanes_allowed(now, proven=proven)),
            ),
            or_(PlatformChannelRow.free_at.is_(None), PlatformChannelRow.free_at <= now),
        )
        .order_by(PlatformChannelRow.served_at.nulls_first(), PlatformChannelRow.platform_id)
        .limit(1)
        .with_for_update(of=PlatformChannelRow)
        .execution_options(populate_existing=True)
    )
    return session.scalar(query)


def _lanes_allowed(now: datetime, *, proven: bool) -> ColumnElement[int] | InstrumentedAttribute[int]:
    allowed = PlatformChannelRow.concurrency
    return case((PlatformChannelRow.proven_until > now, allowed), else_=1) if proven else allowed


def has_room(session: Session, row: PlatformChannelRow, lane: str, now: datetime) -> bool:
    """Whether the locked channel has a lane left; what was read before the lock may be of yesterday."""
    taken = session.scalar(select(func.count()).where(*_others(row.platform_id, lane, now)))
    return (taken or 0) < row.concurrency


def _others(platform_id: int | InstrumentedAttribute[int], lane: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return DeliveryLaneRow.platform_id == platform_id, DeliveryLaneRow.until > now, DeliveryLaneRow.owner != lane


def take_lane(session: Session, lane: str, platform_id: PlatformId, until: datetime) -> None:
    """This thread speaks to this platform until then, and to no other any more."""
    values = {"platform_id": platform_id, "until": until}
    statement = _dialect(session).insert(DeliveryLaneRow).values(owner=lane, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["owner"], set_=values))


def leave_lane(session: Session, lane: str, now: datetime) -> None:
    """This thread speaks to nobody; lanes of those who died are cleared away beside."""
    gone = or_(DeliveryLaneRow.owner == lane, DeliveryLaneRow.until <= now)
    session.execute(delete(DeliveryLaneRow).where(gone))


# --- pauses


def count_outage(session: Session, platform_id: PlatformId) -> int:
    """How many outages in a row the platform has had with this one."""
    row = channel(session, platform_id)
    row.failures = min(row.failures + 1, 10_000)
    session.flush()
    return row.failures


def note_answer(session: Session, platform_id: PlatformId, proven_until: datetime | None) -> None:
    """The platform has said something about a row: whatever failed before, it answers; quickly, where it is proven."""
    values: dict[str, Any] = {"failures": 0}
    if proven_until is not None:
        values["proven_until"] = proven_until
    session.execute(update(PlatformChannelRow).where(PlatformChannelRow.platform_id == platform_id).values(values))


def pause(session: Session, platform_id: PlatformId, asked: Pause, now: datetime) -> bool:
    """Pauses a platform, or prolongs its pause; True where it begins, or begins to have this reason."""
    row = channel(session, platform_id)
    begins = row.paused_until is None or row.reason != asked.reason
    if row.paused_until is None:
        row.paused_since = now
    row.paused_until, row.reason = max(row.paused_until or asked.until, asked.until), asked.reason.value
    row.proven_until = None
    session.flush()
    return begins


def pause_reason(session: Session, platform_id: PlatformId) -> str | None:
    """Why the platform is paused, if it is. Takes no lock: every launch asks."""
    return session.scalar(select(PlatformChannelRow.reason).where(PlatformChannelRow.platform_id == platform_id))


def end_pause(session: Session, platform_id: PlatformId) -> None:
    """The platform's rows may go again."""
    open_again = {"paused_until": None, "paused_since": None, "reason": None, "failures": 0}
    session.execute(update(PlatformChannelRow).where(PlatformChannelRow.platform_id == platform_id).values(open_again))


# --- what was counted


def count_answers(session: Session, counted: Mapping[tuple[PlatformId, str], int]) -> None:
    """Adds tries by platform and answer to those of before."""
    # In one order everywhere, so that two workers never wait for each other.
    for (platform_id, answer), count in sorted(counted.items()):
        statement = _dialect(session).insert(DeliveryTallyRow)
        statement = statement.values(platform_id=platform_id, answer=answer, count=count)
        more = {"count": DeliveryTallyRow.count + count}
        session.execute(statement.on_conflict_do_update(index_elements=["platform_id", "answer"], set_=more))


def _dialect(session: Session) -> ModuleType:
    return postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
