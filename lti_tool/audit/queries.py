"""Reads the record of reads and changes: searched page by page, in one stream, and about one person."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from lti_tool.audit.model import Action, ActorKind, SubjectKind
from lti_tool.audit.tables import AuditEventRow
from lti_tool.ids import PlatformId

PORTION = 1_000
_READS = [action.value for action in Action if action.is_read]
_PERSONAL = [Action.READ_RECORD.value, Action.READ_WORK.value, Action.READ_GRADE.value, Action.READ_DATA.value]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record, opaque as it is stored."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: str | None
    action: str
    subject_kind: str | None
    subject_id: str | None
    course: str | None
    detail: dict[str, Any]

    def as_plain(self) -> dict[str, Any]:
        """For files."""
        return {
            "at": self.at.isoformat(),
            "actor_kind": self.actor_kind,
            "actor": self.actor_id,
            "action": self.action,
            "subject_kind": self.subject_kind,
            "subject": self.subject_id,
            "course": self.course,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; what is None is not asked."""

    actor: str | None = None
    subject: str | None = None
    course: str | None = None
    action: Action | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind this line."""

    at: datetime
    id: int


def found(
    session: Session, platform_id: PlatformId | None, asked: Asked, limit: int, behind: Place | None = None
) -> tuple[Line, ...]:
    """The newest lines that answer, behind a place, of one platform or of all; a page costs what the first does."""
    query = _asked(platform_id, asked)
    if behind is not None:
        query = query.where(tuple_(AuditEventRow.at, AuditEventRow.id) < (behind.at, behind.id))
    return tuple(Line(*row) for row in session.execute(query.limit(limit)))


def stream(session: Session, platform_id: PlatformId | None, asked: Asked) -> Iterator[Line]:
    """All lines that answer, the newest first, read in portions."""
    behind = None
    while portion := found(session, platform_id, asked, PORTION, behind):
        yield from portion
        behind = Place(portion[-1].at, portion[-1].id)


def readers_of(
    session: Session, platform_id: PlatformId, person: str, courses: Collection[str], limit: int
) -> tuple[Line, ...]:
    """Who has read this person's record, or a list of a course of theirs, lately."""
    row = AuditEventRow
    theirs = and_(row.subject_id == person, row.action.in_(_PERSONAL))
    listed = and_(row.course.in_(courses), row.subject_kind == SubjectKind.COURSE.value, row.action.in_(_READS))
    lines = [line for where in (theirs, listed) for line in _newest(session, platform_id, where, person, limit)]
    return tuple(sorted(lines, key=lambda line: (line.at, line.id), reverse=True)[:limit])


def lines_about(session: Session, platform_id: PlatformId, person: str) -> Iterator[dict[str, Any]]:
    """Everything that the record has about somebody."""
    return (line.as_plain() for line in stream(session, platform_id, Asked(subject=person)))


def lines_by(session: Session, platform_id: PlatformId, person: str) -> Iterator[dict[str, Any]]:
    """Everything that the record has of what somebody read and did."""
    return (line.as_plain() for line in stream(session, platform_id, Asked(actor=person)))


def _newest(
    session: Session, platform_id: PlatformId, where: ColumnElement[bool], person: str, limit: int
) -> Iterator[Line]:
    row = AuditEventRow
    others = or_(row.actor_id.is_(None), row.actor_id != person, row.actor_kind != ActorKind.PERSON.value)
    query = _ordered(platform_id).where(where, others)
    return (Line(*each) for each in session.execute(query.limit(limit)))


def _asked(platform_id: PlatformId | None, asked: Asked) -> Select[Any]:
    row = AuditEventRow
    query = _ordered(platform_id)
    wanted = ((row.actor_id, asked.actor), (row.subject_id, asked.subject), (row.course, asked.course))
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    if asked.action is not None:
        query = query.where(row.action == asked.action.value)
    if asked.since is not None:
        query = query.where(row.at >= asked.since)
    if asked.until is not None:
        query = query.where(row.at < asked.until)
    return query


def _ordered(platform_id: PlatformId | None) -> Select[Any]:
    row = AuditEventRow
    query = select(*(getattr(row, each.name) for each in fields(Line))).order_by(row.at.desc(), row.id.desc())
    return query if platform_id is None else query.where(row.platform_id == platform_id)
