"""The way to each platform, shared by all workers: whether it is open, who speaks there now, what was counted.

A claim locks the platform's channel for its few statements, so that lanes are counted exactly; nothing here is held
while a platform is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Row,
    ScalarSelect,
    Select,
    Table,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.db.prepared import Prepared
from lti_tool.grading.retry import Pause
from lti_tool.grading.tables import DeliveryLaneRow, DeliveryRow, DeliveryTallyRow, PlatformChannelRow
from lti_tool.ids import PlatformId

_HAS_CHANNEL = Prepared(
    select(PlatformChannelRow.platform_id).where(PlatformChannelRow.platform_id == bindparam("platform_id"))
)


def open_channel(session: Session, platform_id: int) -> None:
    """Makes the platform's channel where it has none yet: something is to go there. Who finds one waits for nobody."""
    # Looked for first: even where it then does nothing, PostgreSQL lets an INSERT wait for whoever is writing the row.
    if _HAS_CHANNEL.first(session, platform_id=platform_id):
        return
    statement = _dialect(session).insert(PlatformChannelRow).values(platform_id=platform_id)
    session.execute(statement.on_conflict_do_nothing())


def channel(session: Session, platform_id: PlatformId) -> PlatformChannelRow:
    """The platform's channel, locked."""
    open_channel(session, platform_id)
    query = select(PlatformChannelRow).where(PlatformChannelRow.platform_id == platform_id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def is_paused(platform_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that nothing may go to this platform now."""
    # A list to look into, not a join: from a join with the few that are paused PostgreSQL expects that nothing is left,
    # and sorts whatever is due instead of reading the first of it in the order of its index.
    return platform_id.in_(select(PlatformChannelRow.platform_id).where(PlatformChannelRow.paused_until.is_not(None)))


# --- whose turn it is


def whose_turn(session: Session, lane: str, now: datetime, *, proven: bool) -> PlatformId | None:
    """The platform that waited longest for its turn and has something to send, or a pause to end. Locks nothing.

    Left out are those that are paused, that have as many lanes as they may, and that have had their scores for now.
    With `proven` a platform that has not answered quickly of late has one lane at most, so that those who keep us
    waiting never hold all threads.
    """
    found = session.connection().execute(_TURN_OF_PROVEN if proven else _TURN, {"now": now, "lane": lane}).first()
    return None if found is None else PlatformId(found.platform_id)


def serve(session: Session, platform_id: PlatformId, now: datetime) -> Row[Any] | None:
    """The platform's channel, locked and at the end of the queue; None where it has been paused meanwhile."""
    return session.connection().execute(_SERVE, {"platform": platform_id, "now": now}).first()


def take_lane(session: Session, lane: str, channel: Row[Any], now: datetime, until: datetime, *, most: int) -> bool:
    """This thread speaks to this platform until then, and to no other any more; False where `most` others do.

    The channel is locked by then, so that nobody else counts at the same time.
    """
    values = {"lane": lane, "platform": channel.platform_id, "now": now, "until": until, "most": most}
    statement = _TAKE_LANE[session.get_bind().dialect.name]
    return session.connection().execute(statement, values).first() is not None


def set_aside(session: Session, platform_id: PlatformId, **until: datetime) -> None:
    """Nothing is claimed here before: `paused_until` while a probe finds out, `free_at` by the rate."""
    session.execute(update(PlatformChannelRow).where(PlatformChannelRow.platform_id == platform_id).values(**until))


_CHANNEL = cast(Table, PlatformChannelRow.__table__)
_LANE = cast(Table, DeliveryLaneRow.__table__)
_NOW = bindparam("now", type_=_CHANNEL.c.served_at.type)
_ASKING = bindparam("lane", type_=_LANE.c.owner.type)
_OPEN = or_(_CHANNEL.c.paused_until.is_(None), _CHANNEL.c.paused_until <= _NOW)
_FREE = or_(_CHANNEL.c.free_at.is_(None), _CHANNEL.c.free_at <= _NOW)


def _others(platform_id: ColumnElement[int]) -> ScalarSelect[int]:
    """How many threads speak to the platform beside the one that asks."""
    where = (_LANE.c.platform_id == platform_id, _LANE.c.until > _NOW, _LANE.c.owner != _ASKING)
    return select(func.count()).select_from(_LANE).where(*where).scalar_subquery()


def _turn(*, proven: bool) -> Select[Any]:
    # The queue is a statement of its own inside, so that those behind the first with something to send are not looked
    # at: with a hundred platforms that is most of the work.
    queue = (
        select(_CHANNEL)
        .where(_OPEN, _FREE)
        .order_by(_CHANNEL.c.served_at.nulls_first(), _CHANNEL.c.platform_id)
        .subquery("queue")
    )
    allowed = case((queue.c.proven_until > _NOW, queue.c.concurrency), else_=1) if proven else queue.c.concurrency
    # The limits are written out, so that PostgreSQL keeps one plan (as in `store.due`).
    one = literal(1, literal_execute=True)
    # The first in the order of the index, not whether there is any: for any, PostgreSQL hopes to meet one soon in the
    # table itself, and where nothing is due it reads the whole of it, at every look.
    due = (
        select(DeliveryRow.id)
        .where(
            DeliveryRow.platform_id == queue.c.platform_id,
            DeliveryRow.due_at <= _NOW,
            or_(DeliveryRow.lease_until.is_(None), DeliveryRow.lease_until <= _NOW),
        )
        .order_by(DeliveryRow.due_at)
        .limit(one)
        .scalar_subquery()
        .is_not(None)
    )
    turn = or_(queue.c.paused_until.is_not(None), due & (_others(queue.c.platform_id) < allowed))
    return select(queue.c.platform_id).where(turn).order_by(queue.c.served_at.nulls_first()).limit(one)


_TURN, _TURN_OF_PROVEN = _turn(proven=False), _turn(proven=True)
_SERVE = (
    update(_CHANNEL)
    .where(_CHANNEL.c.platform_id == bindparam("platform"), _OPEN, _FREE)
    .values(served_at=_NOW)
    .returning(_CHANNEL)
)


def _take_lane(dialect: ModuleType) -> Executable:
    until, platform = (
        bindparam("until", type_=_LANE.c.until.type),
        bindparam("platform", type_=_LANE.c.platform_id.type),
    )
    room = select(_ASKING, platform, until).where(_others(platform) < bindparam("most", type_=Integer()))
    statement = dialect.insert(_LANE).from_select(["owner", "platform_id", "until"], room)
    again = {"platform_id": statement.excluded.platform_id, "until": statement.excluded.until}
    statement = statement.on_conflict_do_update(index_elements=["owner"], set_=again)
    return cast(Executable, statement.returning(_LANE.c.owner))


_TAKE_LANE = {"postgresql": _take_lane(postgresql), "sqlite": _take_lane(sqlite)}


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
