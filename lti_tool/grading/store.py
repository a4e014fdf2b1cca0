"""Loads and saves deliveries and columns for the use cases of this package.

Claims take their rows with FOR UPDATE SKIP LOCKED on PostgreSQL; SQLite has one writer at a time (BEGIN IMMEDIATE by
`unit_of_work`), so that there the same statements need no lock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from lti_tool.db.among import PORTION, portions
from lti_tool.db.prepared import Prepared
from lti_tool.grading.choosing import ASKS, STUCK, Stuck
from lti_tool.grading.model import Answer, Claimed, DeliveryState
from lti_tool.grading.retry import Next
from lti_tool.grading.tables import DeliveryAttemptRow, DeliveryRow, JobRow, LineItemRow
from lti_tool.ids import CourseId, LineItemId, PersonId, PlatformId
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow

_NO_SYNC = {"synchronize_session": False}
"""What is changed in bulk is not held in the session that changes it."""


_TAKE_COURSE = Prepared(
    select(CourseRow.platform_id).where(CourseRow.id == bindparam("course_id")).with_for_update(key_share=True)
)


def lock_course(session: Session, course_id: CourseId) -> PlatformId:
    """Takes the course: until the end of the transaction nobody else's to write wishes for. Whose course it is.

    Two imports at once would each compute from a ledger without the other's marks, and both make the same row.
    """
    return PlatformId(_TAKE_COURSE.one(session, course_id=course_id)[0])


def deliveries(
    session: Session, course_id: CourseId, line_item_ids: Collection[int], person_ids: Collection[int] | None = None
) -> dict[tuple[LineItemId, PersonId], DeliveryRow]:
    """The course's deliveries in these columns (for these persons, or all), locked, by (column, person)."""
    query = (
        select(DeliveryRow)
        .where(DeliveryRow.course_id == course_id, DeliveryRow.line_item_id.in_(sorted(line_item_ids)))
        .order_by(DeliveryRow.id)
        .with_for_update()
    )
    if person_ids is None:
        asked = [query]
    else:
        asked = [query.where(DeliveryRow.person_id.in_(portion)) for portion in portions(person_ids)]
    rows = [row for each in asked for row in session.scalars(each)]
    return {(LineItemId(row.line_item_id), PersonId(row.person_id)): row for row in rows}


def add_deliveries(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts many deliveries in few statements."""
    if rows:
        session.execute(insert(DeliveryRow), list(rows))


def remove(session: Session, row: DeliveryRow | LineItemRow) -> None:
    """Deletes a row that never left a trace outside."""
    session.delete(row)


def delivery_by_public_id(session: Session, course_id: CourseId, public_id: str) -> DeliveryRow | None:
    """The delivery of this course that pages name so, locked."""
    query = select(DeliveryRow).where(DeliveryRow.course_id == course_id, DeliveryRow.public_id == public_id)
    return session.scalar(query.with_for_update())


# --- sending again


def stuck(session: Session, which: Stuck, after: int) -> tuple[list[int], int | None]:
    """Ids of a portion of these deliveries, locked, and after which id the next portion begins; None: there is none.

    In the order of ids, as wishes lock them too, so that nobody waits for each other.
    """
    query = select(DeliveryRow.id).where(
        DeliveryRow.id > after, DeliveryRow.state.in_([state.value for state in STUCK if state in which.states])
    )
    if which.course_id is not None:
        query = query.where(DeliveryRow.course_id == which.course_id)
    if which.platform_id is not None:
        query = query.where(DeliveryRow.platform_id == which.platform_id)
    if not which.over_newer:
        query = query.where(func.coalesce(DeliveryRow.last_answer, "").not_in(ASKS))
    last = None
    if which.ids is not None:
        portion = sorted(each for each in which.ids if each > after)[:PORTION]
        query, last = query.where(DeliveryRow.id.in_(portion)), portion[-1] if portion else None
    ids = list(session.scalars(query.order_by(DeliveryRow.id).limit(PORTION).with_for_update()))
    return ids, last if which.ids is not None else (ids[-1] if ids else None)


def send_again(session: Session, ids: Sequence[int], now: datetime) -> None:
    """The wishes as they stand go out as new decisions."""
    again = {
        "wanted_version": DeliveryRow.wanted_version + 1,
        "wanted_at": now,
        "last_answer": None,
        "state": DeliveryState.DUE.value,
        "due_at": now,
        "attempts": 0,
        "first_failed_at": None,
    }
    session.execute(update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(again), execution_options=_NO_SYNC)


# --- claiming


_DELIVERY = cast(Table, DeliveryRow.__table__)
_ATTEMPT = cast(Table, DeliveryAttemptRow.__table__)
_COLUMN = cast(Table, LineItemRow.__table__)
_PERSON = cast(Table, PersonRow.__table__)
_COURSE = cast(Table, CourseRow.__table__)
_AT = bindparam("now", type_=_DELIVERY.c.due_at.type)
# Written out, so that PostgreSQL keeps one plan: behind a limit that it is only told later it expects a tenth of all
# rows, and so plans anew each time, which costs more than all the rest.
_MOST = bindparam("limit", type_=Integer(), literal_execute=True)
# Built once and sent past the ORM: a worker claims and settles hundreds of rows a second, and the building of
# statements and objects would cost most of it.
_DUE: Select[Any] = (
    select(
        *_DELIVERY.c["id", "course_id", "platform_id", "line_item_id"],
        *_DELIVERY.c["wanted_given", "wanted_maximum", "wanted_facts", "wanted_version", "wanted_at"],
        *_DELIVERY.c["sent_given", "sent_maximum", "last_timestamp"],
        *_DELIVERY.c["attempts", "first_failed_at", "last_answer"],
        _COLUMN.c.url.label("line_item_url"),
        _COLUMN.c.competency_id,
        _PERSON.c.sub.label("user_id"),
        _PERSON.c.locale.label("person_locale"),
        _PERSON.c.public_id.label("person_public_id"),
        _COURSE.c.locale.label("course_locale"),
        _COURSE.c.public_id.label("course_public_id"),
    )
    .join(_PERSON, _PERSON.c.id == _DELIVERY.c.person_id)
    .join(_COURSE, _COURSE.c.id == _DELIVERY.c.course_id)
    .join(_COLUMN, _COLUMN.c.id == _DELIVERY.c.line_item_id)
    .where(_DELIVERY.c.platform_id == bindparam("platform"), _DELIVERY.c.due_at <= _AT)
    .where(or_(_DELIVERY.c.lease_until.is_(None), _DELIVERY.c.lease_until <= _AT))
    .order_by(_DELIVERY.c.due_at)
    .limit(_MOST)
    .with_for_update(of=_DELIVERY, skip_locked=True)
)
_LEASE = update(_DELIVERY).where(_DELIVERY.c.id == bindparam("mine"))


def due(session: Session, platform_id: PlatformId, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Up to `limit` deliveries of a platform to be tried now, locked, the longest waiting first.

    Each with what the message needs of its column, person and course.
    """
    return session.connection().execute(_DUE, {"platform": platform_id, "now": now, "limit": limit}).all()


def lease(session: Session, claimed: Sequence[Claimed]) -> None:
    """The rows are in somebody's hands, and the times of their scores are used."""
    rows = [
        {
            "mine": each.id,
            "lease_owner": each.owner,
            "lease_until": each.lease_until,
            "last_timestamp": each.timestamp,
        }
        for each in claimed
    ]
    session.connection().execute(_LEASE, rows)


def wait_for_columns(session: Session, platform_id: PlatformId, now: datetime, until: datetime) -> None:
    """What is due in columns of a platform that are not there waits until then, or until its column is there.

    All of it at once: who looks holds the platform's turn, and after a new permission ten thousands may wait.
    """
    waiting = (
        select(DeliveryRow.id)
        .join(LineItemRow, LineItemRow.id == DeliveryRow.line_item_id)
        .where(DeliveryRow.platform_id == platform_id, DeliveryRow.due_at <= now, LineItemRow.url.is_(None))
        .with_for_update(of=DeliveryRow, skip_locked=True)
    )
    session.execute(
        update(DeliveryRow).where(DeliveryRow.id.in_(waiting)).values(due_at=until), execution_options=_NO_SYNC
    )


# --- after an answer


_MINE = (_DELIVERY.c.id == bindparam("mine"), _DELIVERY.c.lease_owner == bindparam("owner"))
_SAME = _DELIVERY.c.wanted_version == bindparam("version")
_SETTLE = update(_DELIVERY).where(*_MINE)
_SETTLE_SAME = update(_DELIVERY).where(*_MINE, _SAME)
_ADD_ATTEMPT = insert(_ATTEMPT)


def settle(session: Session, claimed: Claimed, after: Next, now: datetime, timestamp: datetime) -> bool:
    """Writes what the answer made of the row; False where the lease was lost to another worker meanwhile.

    Only the version that was sent is confirmed: where the wish has changed since, the row stays due for it.
    """
    known: dict[str, Any] = {
        "last_answer": after.answer.value,
        "last_timestamp": timestamp,
        "lease_owner": None,
        "lease_until": None,
    }
    if after.state is DeliveryState.SENT:
        known |= {
            "sent_given": claimed.given,
            "sent_maximum": claimed.maximum,
            "sent_facts": dict(claimed.told),
            "sent_version": claimed.version,
            "sent_at": now,
        }
    becomes = {
        "state": after.state.value,
        "due_at": after.due_at,
        "attempts": after.attempts,
        "first_failed_at": after.first_failed_at,
    }
    same = _change(session, _SETTLE_SAME, claimed, known | becomes, version=claimed.version)
    return same or _change(session, _SETTLE, claimed, known)


def release(session: Session, claimed: Claimed) -> bool:
    """Gives a claimed row back untouched; False where the lease was lost already."""
    return _change(session, _SETTLE, claimed, {"lease_owner": None, "lease_until": None})


def _change(session: Session, statement: Update, claimed: Claimed, values: Mapping[str, Any], **also: int) -> bool:
    where = {"mine": claimed.id, "owner": claimed.owner, **also}
    return session.connection().execute(statement, {**values, **where}).rowcount == 1


def note_attempt(session: Session, claimed: Claimed, answer: Answer, now: datetime) -> None:
    """Keeps one try for the history of the delivery."""
    told = {"version": claimed.version, "given": claimed.given, "tried_at": now, "answer": answer.value}
    session.connection().execute(_ADD_ATTEMPT, {"delivery_id": claimed.id} | told)


# --- platforms


def make_due(session: Session, course_id: CourseId, answer: Answer, now: datetime) -> None:
    """Columns and held deliveries of a course whose last answer was this one are tried at once."""
    session.execute(
        update(LineItemRow)
        .where(LineItemRow.course_id == course_id, LineItemRow.last_answer == answer.value, LineItemRow.url.is_(None))
        .values(due_at=now)
    )
    held = (
        DeliveryRow.course_id == course_id,
        DeliveryRow.last_answer == answer.value,
        DeliveryRow.state == DeliveryState.HELD.value,
    )
    _lock_in_order(session, *held)
    session.execute(update(DeliveryRow).where(*held).values(due_at=now, state=DeliveryState.DUE.value))


def failing(session: Session, platform_id: PlatformId) -> list[DeliveryRow]:
    """The platform's deliveries that are being retried."""
    query = select(DeliveryRow).where(
        DeliveryRow.platform_id == platform_id,
        DeliveryRow.due_at.is_not(None),
        DeliveryRow.first_failed_at.is_not(None),
    )
    return list(session.scalars(query.order_by(DeliveryRow.id).with_for_update()))


# --- columns


def send_anew(session: Session, line_item_id: LineItemId, now: datetime) -> None:
    """What was sent to a column goes again: it is another column now. What was withdrawn is missing there anyway.

    What waited for the column, or was given up because it was gone, goes too, and what was held since the former one
    showed something else.
    """
    gone = (
        DeliveryRow.state.in_((DeliveryState.HELD.value, DeliveryState.DEAD.value)),
        DeliveryRow.last_answer.in_((Answer.LINE_ITEM_GONE.value, Answer.DIFFERS.value)),
    )
    concerned = (
        DeliveryRow.line_item_id == line_item_id,
        DeliveryRow.wanted_given.is_not(None),
        or_(DeliveryRow.state == DeliveryState.SENT.value, and_(*gone)),
    )
    _lock_in_order(session, DeliveryRow.line_item_id == line_item_id)
    again = {"state": DeliveryState.DUE.value, "due_at": now, "attempts": 0, "first_failed_at": None}
    session.execute(update(DeliveryRow).where(*concerned).values(again), execution_options=_NO_SYNC)
    waiting = (
        DeliveryRow.line_item_id == line_item_id,
        DeliveryRow.state == DeliveryState.DUE.value,
        DeliveryRow.due_at > now,
    )
    session.execute(update(DeliveryRow).where(*waiting).values(due_at=now), execution_options=_NO_SYNC)


def _lock_in_order(session: Session, *where: ColumnElement[bool]) -> None:
    """Locks deliveries as everybody does, by their ids: an UPDATE alone takes them as it finds them."""
    session.execute(select(DeliveryRow.id).where(*where).order_by(DeliveryRow.id).with_for_update())


def job(session: Session, course_id: CourseId) -> JobRow | None:
    """The course's computing anew, open or finished; as it is now, whatever was read."""
    return session.get(JobRow, course_id, populate_existing=True)


def jobs_of(session: Session, course_ids: Collection[CourseId]) -> dict[CourseId, JobRow]:
    """The computing anew of some courses, open or finished."""
    found: dict[CourseId, JobRow] = {}
    for portion in portions(course_ids):
        for row in session.scalars(select(JobRow).where(JobRow.course_id.in_(portion))):
            found[CourseId(row.course_id)] = row
    return found


def people_of(session: Session, course_ids: Collection[CourseId]) -> dict[CourseId, int]:
    """How many people are or were in some courses."""
    found: dict[CourseId, int] = {}
    for portion in portions(course_ids):
        row = MembershipRow
        query = select(row.course_id, func.count()).where(row.course_id.in_(portion), row.erased.is_(False))
        found |= {CourseId(course): count for course, count in session.execute(query.group_by(row.course_id))}
    return found


def count_open_jobs(session: Session, platform_id: PlatformId) -> int:
    """In how many courses of a platform computing anew is not finished."""
    query = select(func.count()).select_from(JobRow).join(CourseRow, CourseRow.id == JobRow.course_id)
    return session.scalars(query.where(CourseRow.platform_id == platform_id, JobRow.finished_at.is_(None))).one()


def open_jobs(session: Session, now: datetime, limit: int) -> list[CourseId]:
    """Courses to be computed anew, the longest waiting first; none of those that are set aside until later."""
    query = (
        select(JobRow.course_id)
        .where(JobRow.finished_at.is_(None), or_(JobRow.retry_at.is_(None), JobRow.retry_at <= now))
        .order_by(func.coalesce(JobRow.retry_at, JobRow.began_at))
        .limit(limit)
    )
    return [CourseId(course_id) for course_id in session.scalars(query)]
