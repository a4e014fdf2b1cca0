"""Loads and saves what comparisons found: which column is read next, what differs, what was decided.

Whoever changes what was found has locked its delivery before, in the order of ids as everybody does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from sqlalchemy import ColumnElement, Row, Select, delete, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.db.among import portions
from lti_tool.grading.channel_store import is_paused
from lti_tool.grading.drift import Decision, Finding, Kind, Sent
from lti_tool.grading.model import DeliveryState
from lti_tool.grading.tables import ComparisonRow, DeliveryRow, DriftEventRow, DriftRow, LineItemRow
from lti_tool.ids import CourseId, DeliveryId, LineItemId, PersonId, PlatformId
from lti_tool.people.tables import CourseRow, PersonRow

CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Column:
    """A column that could be read next."""

    id: LineItemId
    course_id: CourseId
    platform_id: PlatformId
    url: str


# --- which column is read next

_COLUMN = (LineItemRow.id, LineItemRow.course_id, CourseRow.platform_id, LineItemRow.url)


def asked(session: Session, now: datetime, course_id: CourseId | None) -> list[Column]:
    """Columns that somebody wants compared (of one course, or of all), who asked first comes first."""
    query = (
        _columns()
        .join(ComparisonRow, ComparisonRow.line_item_id == LineItemRow.id)
        .where(ComparisonRow.asked_at <= now, _free(now))
        .order_by(ComparisonRow.asked_at, LineItemRow.id)
    )
    if course_id is not None:
        query = query.where(ComparisonRow.course_id == course_id)
    return [_column(row) for row in session.execute(query)]


def oldest(session: Session, before: datetime, now: datetime) -> list[Column]:
    """Columns with something confirmed that were not looked at since then, the longest ago first."""
    confirmed = exists().where(
        DeliveryRow.course_id == LineItemRow.course_id,
        DeliveryRow.line_item_id == LineItemRow.id,
        DeliveryRow.sent_at.is_not(None),
    )
    query = (
        _columns()
        .outerjoin(ComparisonRow, ComparisonRow.line_item_id == LineItemRow.id)
        .where(or_(ComparisonRow.tried_at.is_(None), ComparisonRow.tried_at < before), _free(now), confirmed)
        .order_by(ComparisonRow.tried_at.nulls_first(), LineItemRow.id)
    )
    return [_column(row) for row in session.execute(query)]


def _columns() -> Select[int, int, int, str | None]:
    query = select(*_COLUMN).join(CourseRow, CourseRow.id == LineItemRow.course_id)
    return query.where(LineItemRow.url.is_not(None), ~is_paused(CourseRow.platform_id)).limit(CANDIDATES)


def _column(row: Row[int, int, int, str | None]) -> Column:
    line_item_id, course_id, platform_id, url = row
    return Column(LineItemId(line_item_id), CourseId(course_id), PlatformId(platform_id), url or "")


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(ComparisonRow.taken_until.is_(None), ComparisonRow.taken_until <= now)


def take(session: Session, column: Column, now: datetime, until: datetime) -> bool:
    """Nobody else reads this column before `until`; False where somebody was quicker."""
    _enlist(session, [{"line_item_id": column.id, "course_id": column.course_id}])
    mine = select(ComparisonRow).where(ComparisonRow.line_item_id == column.id, _free(now))
    row = session.scalar(mine.with_for_update(skip_locked=True).execution_options(populate_existing=True))
    if row is None:
        return False
    row.taken_until = until
    session.flush()
    return True


def comparison(session: Session, line_item_id: LineItemId) -> ComparisonRow:
    """How the comparing of a column that was taken stands, locked."""
    query = select(ComparisonRow).where(ComparisonRow.line_item_id == line_item_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def ask(session: Session, course_id: CourseId, at: datetime) -> int:
    """Wants the course's columns that stand compared, from `at` on; how many were not wanted so soon before."""
    query = select(LineItemRow.id).where(LineItemRow.course_id == course_id, LineItemRow.url.is_not(None))
    ids = list(session.scalars(query.order_by(LineItemRow.id)))
    _enlist(session, [{"line_item_id": each, "course_id": course_id} for each in ids])
    later = or_(ComparisonRow.asked_at.is_(None), ComparisonRow.asked_at > at)
    query = select(ComparisonRow.line_item_id).where(ComparisonRow.line_item_id.in_(ids), later)
    wanted = list(session.scalars(query.order_by(ComparisonRow.line_item_id).with_for_update()))
    session.execute(update(ComparisonRow).where(ComparisonRow.line_item_id.in_(wanted)).values(asked_at=at))
    return len(wanted)


def last_tried(session: Session, course_id: CourseId) -> datetime | None:
    """When a column of the course was read last, or tried to be."""
    query = select(ComparisonRow.tried_at).where(ComparisonRow.course_id == course_id)
    return session.scalar(query.order_by(ComparisonRow.tried_at.desc().nulls_last()).limit(1))


def _enlist(session: Session, rows: Sequence[Mapping[str, int]]) -> None:
    if rows:
        statement = _dialect(session).insert(ComparisonRow).values(list(rows))
        session.execute(statement.on_conflict_do_nothing())


# --- what was sent, and what differs

_SENT = (
    DeliveryRow.id,
    PersonRow.sub,
    DeliveryRow.state,
    DeliveryRow.last_answer,
    DeliveryRow.sent_given,
    DeliveryRow.sent_maximum,
    DeliveryRow.sent_at,
    DeliveryRow.wanted_given,
    DeliveryRow.wanted_maximum,
)


def sent_in(session: Session, column: Column) -> list[Sent]:
    """What was confirmed in a column and may be at rest there; nothing is locked."""
    known = select(DriftRow).join(DeliveryRow, DeliveryRow.id == DriftRow.delivery_id)
    found = {row.delivery_id: row for row in session.scalars(known.where(DeliveryRow.line_item_id == column.id))}
    query = (
        select(*_SENT)
        .join(PersonRow, PersonRow.id == DeliveryRow.person_id)
        .where(DeliveryRow.course_id == column.course_id, DeliveryRow.line_item_id == column.id)
        .where(DeliveryRow.sent_at.is_not(None))
    )
    return [
        Sent(
            DeliveryId(id_),
            user,
            DeliveryState(state),
            answer,
            given,
            full,
            at,
            wish,
            whole,
            finding_of(found.get(id_)),
        )
        for id_, user, state, answer, given, full, at, wish, whole in session.execute(query)
    ]


def as_sent(row: DeliveryRow, user_id: str, found: DriftRow | None) -> Sent:
    """A locked delivery as a comparison looks at it."""
    return Sent(
        id=DeliveryId(row.id),
        user_id=user_id,
        state=DeliveryState(row.state),
        answer=row.last_answer,
        given=row.sent_given,
        maximum=row.sent_maximum,
        sent_at=row.sent_at,
        wanted_given=row.wanted_given,
        wanted_maximum=row.wanted_maximum,
        known=finding_of(found),
    )


def finding_of(row: DriftRow | None) -> Finding | None:
    """What was found, as a value."""
    if row is None:
        return None
    decision = None if row.decision is None else Decision(row.decision)
    return Finding(Kind(row.kind), row.given, row.maximum, row.held_at, decision)


Locked = tuple[DeliveryRow, str, DriftRow | None]


def lock(session: Session, course_id: CourseId, ids: Collection[DeliveryId]) -> list[Locked]:
    """These deliveries of the course, locked in the order of their ids, with whom they are about and what was found."""
    locked: list[Locked] = []
    for portion in portions(ids):
        query = (
            select(DeliveryRow, PersonRow.sub)
            .join(PersonRow, PersonRow.id == DeliveryRow.person_id)
            .where(DeliveryRow.course_id == course_id, DeliveryRow.id.in_(portion))
            .order_by(DeliveryRow.id)
            .with_for_update(of=DeliveryRow)
            .execution_options(populate_existing=True)
        )
        rows = [(row, sub) for row, sub in session.execute(query)]
        found = _found(session, DriftRow.delivery_id.in_(portion))
        locked += [(row, sub, found.get(row.id)) for row, sub in rows]
    return locked


def of_course(session: Session, course_id: CourseId) -> dict[int, DriftRow]:
    """All that was found in the course and has not ended, by delivery."""
    return _found(session, DriftRow.course_id == course_id)


def _found(session: Session, which: ColumnElement[bool]) -> dict[int, DriftRow]:
    rows = session.scalars(select(DriftRow).where(which).execution_options(populate_existing=True))
    return {row.delivery_id: row for row in rows}


def keep(session: Session, row: DeliveryRow, found: DriftRow | None, finding: Finding, now: datetime) -> None:
    """Something differs, and nobody has decided about it."""
    if found is None:
        found = DriftRow(delivery_id=row.id, course_id=row.course_id)
        session.add(found)
    found.kind, found.given, found.maximum = finding.kind.value, finding.given, finding.maximum
    found.held_at, found.found_at, found.decision = finding.held_at, now, None


def end(session: Session, found: DriftRow) -> None:
    """Nothing differs any more."""
    session.delete(found)


def resend(session: Session, ids: Sequence[int]) -> None:
    """Ours goes over what was found in these deliveries."""
    again = update(DriftRow).where(DriftRow.delivery_id.in_(ids)).values(decision=Decision.RESEND.value)
    session.execute(again, execution_options={"synchronize_session": False})


def forget_column(session: Session, line_item_id: LineItemId) -> None:
    """It is another column now: nothing that was found in the former one holds."""
    of_column = select(DeliveryRow.id).where(
        DeliveryRow.line_item_id == line_item_id, DeliveryRow.state != DeliveryState.DETACHED.value
    )
    gone = delete(DriftRow).where(DriftRow.delivery_id.in_(of_column))
    session.execute(gone, execution_options={"synchronize_session": False})


# --- history


@dataclass(frozen=True, slots=True)
class Event:
    """Something that befell a delivery, to be kept for its history."""

    delivery_id: int
    what: str
    finding: Finding | None = None
    by: PersonId | None = None


def note(session: Session, events: Iterable[Event], now: datetime) -> None:
    """Keeps what befell deliveries."""
    rows = [
        {
            "delivery_id": each.delivery_id,
            "what": each.what,
            "given": each.finding.given if each.finding else None,
            "maximum": each.finding.maximum if each.finding else None,
            "decided_by": each.by,
            "at": now,
        }
        for each in events
    ]
    if rows:
        session.execute(insert(DriftEventRow), rows)


def _dialect(session: Session) -> ModuleType:
    return postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
