"""Loads and saves courses that move to another version of the requirements: what they had before, and the moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from lti_tool.competency import model
from lti_tool.competency.kept import Kept, KeptCell, KeptDraft
from lti_tool.competency.ledger_store import as_mapping
from lti_tool.competency.mapping import stored_pass_mark
from lti_tool.competency.model import MappingRole
from lti_tool.competency.tables import (
    CertifiedLevelRow,
    FrameworkVersionRow,
    MappingDraftRow,
    MappingRow,
    RegradeCaseRow,
    RuleSetRow,
)
from lti_tool.competency.version_tables import CourseMoveRow
from lti_tool.ids import ActivityId, CourseId, FrameworkVersionId, IndicatorId, PersonId, PlatformId
from lti_tool.people.tables import CourseRow, PersonRow

# ── the mapping as it stands ─────────────────────────────────────────────────────────────────────────────────────


def kept_now(session: Session, course_id: CourseId) -> Kept:
    """The mapping and the draft as they stand."""
    cells = session.scalars(
        select(MappingRow)
        .where(MappingRow.course_id == course_id)
        .order_by(MappingRow.activity_id, MappingRow.indicator_id)
    )
    drafted = session.scalars(
        select(MappingDraftRow)
        .where(MappingDraftRow.course_id == course_id)
        .order_by(MappingDraftRow.activity_id, MappingDraftRow.indicator_id)
        .execution_options(populate_existing=True)
    )
    return Kept(
        tuple(KeptCell(as_mapping(row), row.created_at, _person(row.created_by)) for row in cells),
        tuple(_as_draft(row) for row in drafted),
    )


def _as_draft(row: MappingDraftRow) -> KeptDraft:
    place = ActivityId(row.activity_id), IndicatorId(row.indicator_id)
    drafted = None
    if row.weight is not None and row.role is not None:
        own = None if row.pass_mark is None else Fraction(row.pass_mark)
        drafted = model.Mapping(*place, row.weight, MappingRole(row.role), own)
    return KeptDraft(place, drafted, row.drafted_at, _person(row.drafted_by))


def _person(row: int | None) -> PersonId | None:
    return None if row is None else PersonId(row)


def put_back(session: Session, course_id: CourseId, kept: Kept) -> None:
    """The mapping and the draft become these, whatever stood there; who is not known any more is nobody."""
    named = {each.by for each in kept.cells} | {each.by for each in kept.draft}
    known = set(session.scalars(select(PersonRow.id).where(PersonRow.id.in_(named - {None}))))
    # Rows that the session holds must not be taken for those that are made in their place.
    for table in (MappingDraftRow, MappingRow):
        session.execute(delete(table).where(table.course_id == course_id))
    session.flush()
    session.add_all(_cell_row(course_id, each, known) for each in kept.cells)
    session.add_all(_draft_row(course_id, each, known) for each in kept.draft)
    session.flush()


def _cell_row(course_id: CourseId, cell: KeptCell, known: Collection[int]) -> MappingRow:
    mapping = cell.mapping
    return MappingRow(
        course_id=course_id,
        activity_id=mapping.activity,
        indicator_id=mapping.indicator,
        weight=mapping.weight,
        role=mapping.role.value,
        pass_mark=None if mapping.pass_mark is None else stored_pass_mark(mapping.pass_mark),
        created_at=cell.at,
        created_by=cell.by if cell.by in known else None,
    )


def _draft_row(course_id: CourseId, cell: KeptDraft, known: Collection[int]) -> MappingDraftRow:
    row = MappingDraftRow(course_id=course_id, activity_id=cell.place[0], indicator_id=cell.place[1])
    row.drafted_at, row.drafted_by = cell.at, cell.by if cell.by in known else None
    row.weight = row.role = row.pass_mark = None
    if cell.mapping is not None:
        row.weight, row.role = cell.mapping.weight, cell.mapping.role.value
        own = cell.mapping.pass_mark
        row.pass_mark = None if own is None else stored_pass_mark(own)
    return row


def pin(session: Session, course_id: CourseId, version: FrameworkVersionId, by: PersonId | None, now: datetime) -> None:
    """A new version of the course's rules, the same but for the version of the requirements."""
    held = session.scalars(
        select(RuleSetRow).where(RuleSetRow.course_id == course_id).order_by(RuleSetRow.version.desc()).limit(1)
    ).one()
    row = RuleSetRow(course_id=course_id, version=held.version + 1, framework_version_id=version, created_at=now)
    row.options, row.created_by = dict(held.options), by
    session.add(row)
    session.flush()


def has_certified(session: Session, course_id: CourseId) -> bool:
    """Whether the course was closed once: levels that it certified, and cases about them, speak of its version."""
    tables: Iterable[type[CertifiedLevelRow | RegradeCaseRow]] = (CertifiedLevelRow, RegradeCaseRow)
    return any(session.scalar(select(table.id).where(table.course_id == course_id).limit(1)) for table in tables)


# ── moves ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Move:
    """A move of a course that counts: nobody has moved it back."""

    id: int
    old: FrameworkVersionId
    new: FrameworkVersionId
    at: datetime
    kept: Kept


def moves_of(session: Session, course_id: CourseId) -> list[Move]:
    """The moves of a course that count, the newest last."""
    query = (
        select(CourseMoveRow)
        .where(CourseMoveRow.course_id == course_id, CourseMoveRow.undone_at.is_(None))
        .order_by(CourseMoveRow.id)
    )
    return [
        Move(
            row.id,
            FrameworkVersionId(row.from_version_id),
            FrameworkVersionId(row.to_version_id),
            row.moved_at,
            Kept.from_json(row.before),
        )
        for row in session.scalars(query)
    ]


MOST_MOVED = 50


@dataclass(frozen=True, slots=True)
class MovedCourse:
    """A course that was moved, and where it came from; by public ids."""

    course: str
    title: str
    old: str


def moved_to(session: Session, platform_id: PlatformId, version: FrameworkVersionId) -> tuple[MovedCourse, ...]:
    """The open courses of a platform that were moved to a version last and stand there, the newest move first."""
    newest = (
        select(func.max(CourseMoveRow.id))
        .where(CourseMoveRow.course_id == CourseRow.id, CourseMoveRow.undone_at.is_(None))
        .correlate(CourseRow)
        .scalar_subquery()
    )
    query = (
        select(CourseRow.public_id, CourseRow.title, FrameworkVersionRow.public_id)
        .join(CourseMoveRow, (CourseMoveRow.course_id == CourseRow.id) & (CourseMoveRow.id == newest))
        .join(FrameworkVersionRow, FrameworkVersionRow.id == CourseMoveRow.from_version_id)
        .where(
            CourseRow.platform_id == platform_id,
            CourseRow.closed_at.is_(None),
            CourseMoveRow.to_version_id == version,
        )
        .order_by(CourseMoveRow.id.desc())
        .limit(MOST_MOVED)
    )
    return tuple(MovedCourse(*row) for row in session.execute(query))


def kept_of(session: Session, course_id: CourseId) -> list[Kept]:
    """What the course had before each move that counts, and what it has now."""
    return [*(each.kept for each in moves_of(session, course_id)), kept_now(session, course_id)]


def add_move(
    session: Session,
    course_id: CourseId,
    crosswalk: int,
    versions: tuple[FrameworkVersionId, FrameworkVersionId],
    kept: Kept,
    by: PersonId | None,
    now: datetime,
) -> None:
    """Keeps a move with what was before it."""
    row = CourseMoveRow(course_id=course_id, crosswalk_id=crosswalk, before=kept.to_json(), moved_at=now, moved_by=by)
    row.from_version_id, row.to_version_id = versions
    session.add(row)
    session.flush()


def undo_move(session: Session, move: int, by: PersonId | None, now: datetime) -> None:
    """The move counts no longer: the course was moved back."""
    row = session.get_one(CourseMoveRow, move)
    row.undone_at, row.undone_by = now, by
    session.flush()


def courses_moved_by(session: Session, crosswalk: int, platform_id: PlatformId | None) -> int:
    """How many courses of a platform (None: of all) stand where a crosswalk has brought them."""
    query = (
        select(func.count())
        .select_from(CourseMoveRow)
        .join(CourseRow, CourseRow.id == CourseMoveRow.course_id)
        .where(CourseMoveRow.crosswalk_id == crosswalk, CourseMoveRow.undone_at.is_(None))
    )
    if platform_id is not None:
        query = query.where(CourseRow.platform_id == platform_id)
    return session.scalar(query) or 0
