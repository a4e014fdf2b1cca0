"""SQL of files that were asked for: taken under a lease, so that each is made by one worker and survives its worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, PlatformId, PublicId
from lti_tool.reports.export import Export, Held, Wanted
from lti_tool.reports.export_tables import ExportRow


def add(session: Session, wanted: Wanted, now: datetime) -> PublicId:
    """Keeps what is wanted."""
    row = ExportRow(
        platform_id=wanted.platform_id,
        course_id=wanted.course_id,
        asked_by=wanted.asked_by,
        source=wanted.source,
        kind=wanted.kind,
        language=wanted.language,
        asked=wanted.asked,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    return PublicId(row.public_id)


def of_somebody(session: Session, asked_by: str, now: datetime) -> tuple[Export, ...]:
    """Everything that somebody asked for and that is still kept."""
    rows = session.scalars(select(ExportRow).where(ExportRow.asked_by == asked_by).order_by(ExportRow.id))
    return tuple(_as_export(row, now) for row in rows)


def find(session: Session, public_id: str, asked_by: str, now: datetime) -> Export | None:
    """What this person asked for under this id."""
    row = session.scalar(select(ExportRow).where(ExportRow.public_id == public_id, ExportRow.asked_by == asked_by))
    return None if row is None else _as_export(row, now)


def take_next(session: Session, token: str, now: datetime, until: datetime) -> Held | None:
    """What has waited longest and is in nobody's hands."""
    query = (
        select(ExportRow)
        .where(ExportRow.ended_at.is_(None), or_(ExportRow.free_at.is_(None), ExportRow.free_at <= now))
        .order_by(ExportRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.scalar(query)
    if row is None:
        return None
    row.token, row.free_at, row.tries, row.done, row.total = token, until, row.tries + 1, 0, None
    session.flush()
    return Held(row.id, token, _as_export(row, now), row.tries)


def note(session: Session, held: Held, done: int, total: int | None, until: datetime) -> bool:
    """Keeps how far it is, and renews the lease; False where it is not in these hands any more."""
    told = {"done": done, "total": total, "free_at": until}
    return _hit(session.execute(update(ExportRow).where(*_in_hands(held)).values(told)))


def end(session: Session, held: Held, now: datetime, **how: str) -> bool:
    """It is made (`shelf_name`, `file_name`) or was given up (`failure`); False where it is in other hands."""
    ended = {"ended_at": now, "token": None, "free_at": None, **how}
    return _hit(session.execute(update(ExportRow).where(*_in_hands(held)).values(ended)))


def give_back(session: Session, held: Held) -> None:
    """It waits again, as if nobody had begun."""
    back = update(ExportRow).where(*_in_hands(held))
    session.execute(back.values(token=None, free_at=None, tries=ExportRow.tries - 1))


def remove(session: Session, *which: ColumnElement[bool]) -> tuple[str, ...]:
    """Removes these rows; the names of the files that are to go with them."""
    names = session.scalars(select(ExportRow.shelf_name).where(*which, ExportRow.shelf_name.is_not(None))).all()
    session.execute(delete(ExportRow).where(*which))
    return tuple(name for name in names if name)


def ended_before(moment: datetime) -> ColumnElement[bool]:
    """Those that nobody needs any more."""
    return ExportRow.ended_at < moment


def asked_by(who: str) -> ColumnElement[bool]:
    """Those of one person."""
    return ExportRow.asked_by == who


def of_platform(platform_id: PlatformId) -> ColumnElement[bool]:
    """Those that may hold anything of this platform."""
    return ExportRow.platform_id == platform_id


def known(session: Session, names: Sequence[str]) -> set[str]:
    """Which of these files some row knows."""
    found = session.scalars(select(ExportRow.shelf_name).where(ExportRow.shelf_name.in_(names)))
    return {name for name in found if name}


def _as_export(row: ExportRow, now: datetime) -> Export:
    wanted = Wanted(
        PlatformId(row.platform_id),
        CourseId(row.course_id) if row.course_id is not None else None,
        row.asked_by,
        row.source,
        row.kind,
        row.language,
        row.asked,
    )
    return Export(
        public_id=PublicId(row.public_id),
        wanted=wanted,
        asked_at=row.asked_at,
        is_under_way=row.token is not None and row.free_at is not None and row.free_at > now,
        done=row.done,
        total=row.total,
        ended_at=row.ended_at,
        failure=row.failure,
        file_name=row.file_name,
        shelf_name=row.shelf_name,
    )


def _in_hands(held: Held) -> tuple[ColumnElement[bool], ...]:
    return ExportRow.id == held.id, ExportRow.token == held.token


def _hit(done: object) -> bool:
    return isinstance(done, CursorResult) and done.rowcount == 1
