"""SQL of errands: taken under a lease, so that each is done by one worker and survives its worker."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.people.errand import ErrandKind, Held, Steps
from lti_tool.people.tables import CourseRow, ErrandRow


def add(session: Session, course_id: CourseId, kind: ErrandKind, by: PersonId | None, now: datetime) -> bool:
    """Opens an errand; False where this one is open already, which of two at once is one of them."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    new = dialect.insert(ErrandRow).values(course_id=course_id, kind=kind, asked_by=by, asked_at=now)
    return session.scalar(new.on_conflict_do_nothing().returning(ErrandRow.kind)) is not None


def add_many(
    session: Session, course_ids: Collection[CourseId], kind: ErrandKind, by: PersonId | None, now: datetime
) -> None:
    """Opens an errand for each of these courses; one that is open already stays as it is."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    rows = [{"course_id": course, "kind": kind, "asked_by": by, "asked_at": now, "tries": 0} for course in course_ids]
    if rows:
        session.execute(dialect.insert(ErrandRow).on_conflict_do_nothing(), rows)


def take_next(
    session: Session, token: str, now: datetime, until: datetime, kinds: Collection[str], but: Collection[PlatformId]
) -> Held | None:
    """The errand that has waited longest and is in nobody's hands; none of these platforms."""
    query = (
        select(ErrandRow)
        .join(CourseRow, CourseRow.id == ErrandRow.course_id)
        .where(
            or_(ErrandRow.free_at.is_(None), ErrandRow.free_at <= now),
            ErrandRow.kind.in_(kinds),
            CourseRow.platform_id.not_in(but),
        )
        .order_by(ErrandRow.asked_at, ErrandRow.course_id)
        .limit(1)
        .with_for_update(of=ErrandRow, skip_locked=True)
    )
    row = session.scalar(query)
    return None if row is None else _hand_over(session, row, token, until)


def take(session: Session, course_id: CourseId, kind: ErrandKind, token: str, until: datetime) -> Held:
    """An errand that the caller has just opened, at once in its hands."""
    return _hand_over(session, session.get_one(ErrandRow, (course_id, kind)), token, until)


def _hand_over(session: Session, row: ErrandRow, token: str, until: datetime) -> Held:
    row.token, row.free_at, row.tries = token, until, row.tries + 1
    row.answers, row.done, row.total = 0, 0, None
    session.flush()
    return Held(CourseId(row.course_id), ErrandKind(row.kind), token, row.tries)


def note(session: Session, held: Held, steps: Steps, until: datetime) -> bool:
    """Keeps how far it is, and renews the lease; False where it is not in these hands any more."""
    told = {"answers": steps.answers, "done": steps.done, "total": steps.total, "free_at": until}
    return _hit(session.execute(update(ErrandRow).where(*_in_hands(held)).values(told)))


def close(session: Session, held: Held) -> bool:
    """It is done, or given up; False where it is not in these hands any more."""
    return _hit(session.execute(delete(ErrandRow).where(*_in_hands(held))))


def give_back(session: Session, held: Held) -> None:
    """It waits again, as if nobody had begun."""
    back = update(ErrandRow).where(*_in_hands(held))
    session.execute(back.values(token=None, free_at=None, tries=ErrandRow.tries - 1))


def let_go(session: Session, course_id: CourseId, kind: ErrandKind) -> None:
    """It is in nobody's hands any more."""
    key = ErrandRow.course_id == course_id, ErrandRow.kind == kind
    session.execute(update(ErrandRow).where(*key).values(token=None, free_at=None))


def postpone(session: Session, platform_id: PlatformId, kind: ErrandKind, until: datetime) -> None:
    """Nobody takes up errands of this kind with this platform before `until`."""
    courses = select(CourseRow.id).where(CourseRow.platform_id == platform_id)
    waiting = update(ErrandRow).where(
        ErrandRow.course_id.in_(courses), ErrandRow.kind == kind, ErrandRow.token.is_(None)
    )
    session.execute(waiting.values(free_at=until))


def _in_hands(held: Held) -> tuple[ColumnElement[bool], ...]:
    return ErrandRow.course_id == held.course_id, ErrandRow.kind == held.kind, ErrandRow.token == held.token


def _hit(done: object) -> bool:
    return isinstance(done, CursorResult) and done.rowcount == 1
