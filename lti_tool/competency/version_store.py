"""Loads and saves what is known of versions of the requirements: dates, choices, crosswalks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, func, or_, select
from sqlalchemy.orm import Session, aliased

from lti_tool.competency.crosswalk import Crosswalk, from_json
from lti_tool.competency.tables import RuleSetRow
from lti_tool.competency.validity import Validity
from lti_tool.competency.version_tables import CrosswalkRow, FrameworkChoiceRow, FrameworkValidityRow
from lti_tool.ids import CourseId, FrameworkVersionId, PersonId, PlatformId
from lti_tool.people.tables import CourseRow, MembershipRow


@dataclass(frozen=True, slots=True)
class StoredCrosswalk:
    """A crosswalk between two stored versions."""

    id: int
    public_id: str
    own: bool
    """The institute's own; else the operator's, for all."""
    old: FrameworkVersionId
    new: FrameworkVersionId
    lines: Crosswalk
    revision: int
    confirmed_at: datetime | None


# ── dates and choices ────────────────────────────────────────────────────────────────────────────────────────────


def validities(session: Session) -> dict[FrameworkVersionId, Validity]:
    """What is known of each version; of one that nobody said anything of there is nothing."""
    return {FrameworkVersionId(row.framework_version_id): _as_validity(row) for row in _validity_rows(session)}


def _validity_rows(session: Session) -> list[FrameworkValidityRow]:
    return list(session.scalars(select(FrameworkValidityRow)))


def _as_validity(row: FrameworkValidityRow) -> Validity:
    return Validity(row.approved_on, row.valid_from, row.valid_until, row.beside)


def save_validity(session: Session, version: FrameworkVersionId, known: Validity) -> None:
    """Keeps this of a version, whatever was kept before."""
    session.merge(
        FrameworkValidityRow(
            framework_version_id=version,
            approved_on=known.approved_on,
            valid_from=known.valid_from,
            valid_until=known.valid_until,
            beside=known.beside,
        )
    )
    session.flush()


def chosen(session: Session, platform_id: PlatformId) -> FrameworkVersionId | None:
    """The version that the institute of this platform has chosen for new courses."""
    row = session.get(FrameworkChoiceRow, platform_id)
    return None if row is None else FrameworkVersionId(row.framework_version_id)


def save_choice(
    session: Session, platform_id: PlatformId, version: FrameworkVersionId, by: PersonId | None, now: datetime
) -> None:
    """New courses of this platform take this version from now on."""
    session.merge(
        FrameworkChoiceRow(platform_id=platform_id, framework_version_id=version, chosen_at=now, chosen_by=by)
    )
    session.flush()


def courses_on(session: Session, platform_id: PlatformId) -> dict[FrameworkVersionId, tuple[int, int]]:
    """How many courses of a platform are pinned to each version, and how many of these are closed."""
    newer = aliased(RuleSetRow)
    query = (
        select(RuleSetRow.framework_version_id, func.count(), func.count(CourseRow.closed_at))
        .join(CourseRow, CourseRow.id == RuleSetRow.course_id)
        .outerjoin(newer, (newer.course_id == RuleSetRow.course_id) & (newer.version > RuleSetRow.version))
        .where(CourseRow.platform_id == platform_id, newer.course_id.is_(None))
        .group_by(RuleSetRow.framework_version_id)
    )
    return {FrameworkVersionId(version): (courses, closed) for version, courses, closed in session.execute(query)}


def open_courses_on(session: Session, platform_id: PlatformId, version: FrameworkVersionId) -> list[CourseId]:
    """The courses of a platform that are pinned to a version and not closed."""
    newest = (
        select(func.max(RuleSetRow.version))
        .where(RuleSetRow.course_id == CourseRow.id)
        .correlate(CourseRow)
        .scalar_subquery()
    )
    query = (
        select(CourseRow.id)
        .join(RuleSetRow, (RuleSetRow.course_id == CourseRow.id) & (RuleSetRow.version == newest))
        .where(
            CourseRow.platform_id == platform_id,
            CourseRow.closed_at.is_(None),
            RuleSetRow.framework_version_id == version,
        )
        .order_by(CourseRow.id)
    )
    return [CourseId(course) for course in session.scalars(query)]


def open_courses_beside_another(session: Session, platform_id: PlatformId) -> list[CourseId]:
    """The open courses of a platform of whose people somebody is or was in a course on another version."""
    newest = _newest_rule_sets(platform_id)
    pinned = (
        select(RuleSetRow.course_id, RuleSetRow.framework_version_id)
        .join(newest, (newest.c.course_id == RuleSetRow.course_id) & (newest.c.version == RuleSetRow.version))
        .cte("pinned")
    )
    here, there = pinned.alias("here"), pinned.alias("there")
    theirs, elsewhere = aliased(MembershipRow), aliased(MembershipRow)
    query = (
        select(here.c.course_id)
        .join(CourseRow, CourseRow.id == here.c.course_id)
        .join(theirs, theirs.course_id == here.c.course_id)
        .join(elsewhere, elsewhere.person_id == theirs.person_id)
        .join(there, there.c.course_id == elsewhere.course_id)
        .where(CourseRow.closed_at.is_(None), there.c.framework_version_id != here.c.framework_version_id)
        .distinct()
        .order_by(here.c.course_id)
    )
    return [CourseId(course) for course in session.scalars(query)]


# ── crosswalks ───────────────────────────────────────────────────────────────────────────────────────────────────


def crosswalks(session: Session, platform_id: PlatformId | None, *, confirmed: bool = True) -> list[StoredCrosswalk]:
    """The crosswalks that a platform goes by, one for two versions: its own before the operator's, the newest of each.

    `confirmed` False: its own drafts. `platform_id` None: the operator's only.
    """
    row = CrosswalkRow
    whose = row.platform_id == platform_id if platform_id is not None else row.platform_id.is_(None)
    ours = or_(whose, row.platform_id.is_(None)) if confirmed else whose
    stands = row.confirmed_at.is_not(None) if confirmed else row.confirmed_at.is_(None)
    query = select(row).where(ours, stands).order_by(row.platform_id.is_not(None), row.confirmed_at, row.id)
    found = {(each.from_version_id, each.to_version_id): each for each in session.scalars(query)}
    return [_as_crosswalk(each) for each in found.values()]


def crosswalk_of(
    session: Session,
    platform_id: PlatformId | None,
    old: FrameworkVersionId,
    new: FrameworkVersionId,
    *,
    confirmed: bool = True,
) -> StoredCrosswalk | None:
    """The one between these versions."""
    listed = crosswalks(session, platform_id, confirmed=confirmed)
    return next((each for each in listed if (each.old, each.new) == (old, new)), None)


def _as_crosswalk(row: CrosswalkRow) -> StoredCrosswalk:
    return StoredCrosswalk(
        id=row.id,
        public_id=row.public_id,
        own=row.platform_id is not None,
        old=FrameworkVersionId(row.from_version_id),
        new=FrameworkVersionId(row.to_version_id),
        lines=from_json(row.lines),
        revision=row.revision,
        confirmed_at=row.confirmed_at,
    )


def crosswalk_row(session: Session, row_id: int) -> CrosswalkRow:
    """A draft, to be changed; as it is now."""
    return session.get_one(CrosswalkRow, row_id, populate_existing=True)


def save_crosswalk(session: Session, row: CrosswalkRow) -> None:
    """Stores a crosswalk, new or changed."""
    session.add(row)
    session.flush()


def _newest_rule_sets(platform_id: PlatformId) -> Subquery:
    """(course_id, version) of the rule set that is in force in each course of a platform."""
    return (
        select(RuleSetRow.course_id, func.max(RuleSetRow.version).label("version"))
        .join(CourseRow, CourseRow.id == RuleSetRow.course_id)
        .where(CourseRow.platform_id == platform_id)
        .group_by(RuleSetRow.course_id)
        .subquery()
    )
