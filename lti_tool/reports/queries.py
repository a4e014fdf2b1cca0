"""What the institute's pages show of roll-ups: values, never rows, and no more of them than one page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.ids import CourseId, FrameworkVersionId, PlatformId, PublicId
from lti_tool.people.alphabet import sorting_key
from lti_tool.people.member_queries import teaching
from lti_tool.people.tables import CourseRow, MembershipRow
from lti_tool.reports.model import CourseFilter, CourseOrder, Gathered
from lti_tool.reports.people_queries import called
from lti_tool.reports.periods import Month, Period
from lti_tool.reports.tables import CourseRollupRow, MonthRollupRow, PlatformRollupRow
from lti_tool.reports.tally import Tally, from_json


@dataclass(frozen=True, slots=True)
class CountedCourse:
    """A course in the institute's list."""

    id: CourseId
    public_id: PublicId
    title: str
    label: str
    month: Month
    closed: bool
    participants: int
    mapped_indicators: int
    standings: int
    established: int
    undelivered: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class CourseCounted:
    """One course's tally and those of its groups."""

    tally: Tally
    groups: dict[str, Tally]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class People:
    """The people of a platform, each counted once."""

    tally: Tally
    as_of: datetime


def courses(
    session: Session, platform_id: PlatformId, chosen: CourseFilter, *, skip: int, number: int, now: datetime
) -> tuple[tuple[CountedCourse, ...], int]:
    """A page of the platform's courses, and how many there are in all."""
    row = CourseRollupRow
    conditions = _conditions(platform_id, chosen, now)
    # Numbered before what is shown of them is read: that is read for the page alone.
    fitting = select(row.course_id).where(*conditions).order_by(*_order(chosen), row.course_id)
    page = session.scalars(fitting.offset(skip).limit(number)).all()
    found = _counted(session, page)
    # Not beside the page's rows: to be counted there all that fit would be read and sorted.
    everything = session.scalar(select(func.count()).select_from(row).where(*conditions))
    return tuple(found[course] for course in page if course in found), everything or 0


def _counted(session: Session, ids: Sequence[int]) -> dict[int, CountedCourse]:
    row = CourseRollupRow
    query = (
        select(
            row.course_id,
            CourseRow.public_id,
            CourseRow.title,
            CourseRow.label,
            row.month,
            row.closed,
            row.participants,
            row.mapped_indicators,
            row.standings,
            row.established,
            row.undelivered,
            row.as_of,
        )
        .join(CourseRow, CourseRow.id == row.course_id)
        .where(row.course_id.in_(ids))
    )
    return {
        id_: CountedCourse(CourseId(id_), PublicId(public), title, label or "", Month(month), *rest)
        for id_, public, title, label, month, *rest in session.execute(query)
    }


def course(session: Session, course_id: CourseId) -> CourseCounted | None:
    """A course as it was last counted; None where it has not been yet."""
    row = CourseRollupRow
    found = session.execute(select(row.tally, row.groups, row.as_of).where(row.course_id == course_id)).first()
    if found is None:
        return None
    tally, groups, as_of = found
    return CourseCounted(from_json(tally), {group: from_json(each) for group, each in groups.items()}, as_of)


def tallies_of(session: Session, courses_: list[CourseId]) -> dict[CourseId, Tally]:
    """The tallies of some courses."""
    row = CourseRollupRow
    query = select(row.course_id, row.tally).where(row.course_id.in_(courses_))
    return {CourseId(each): from_json(tally) for each, tally in session.execute(query)}


def months(
    session: Session, platform_id: PlatformId, version: FrameworkVersionId, period: Period
) -> dict[Month, Gathered]:
    """The courses that begin in the months of a period, month by month."""
    row = MonthRollupRow
    query = select(row.month, row.courses, row.tally, row.as_of).where(
        row.platform_id == platform_id, row.framework_version_id == version, *_within(row.month, period)
    )
    return {
        Month(month): Gathered(count, from_json(tally), as_of)
        for month, count, tally, as_of in session.execute(query.order_by(row.month))
    }


def people(session: Session, platform_id: PlatformId) -> People | None:
    """The people of a platform by their highest established level; None where they have not been counted yet."""
    row = PlatformRollupRow
    found = session.execute(select(row.tally, row.as_of).where(row.platform_id == platform_id)).first()
    return None if found is None else People(from_json(found[0]), found[1])


def _conditions(platform_id: PlatformId, chosen: CourseFilter, now: datetime) -> list[ColumnElement[bool]]:
    row = CourseRollupRow
    found: list[ColumnElement[bool]] = [row.platform_id == platform_id, *_within(row.month, chosen.period)]
    found += [row.sort_title.contains(each, autoescape=True) for each in sorting_key(chosen.text).split()]
    if chosen.version is not None:
        found.append(row.framework_version_id == chosen.version)
    if chosen.closed is not None:
        found.append(row.closed.is_(chosen.closed))
    if chosen.undelivered:
        found.append(row.undelivered > 0)
    if chosen.unmapped:
        found.append(row.mapped_indicators == 0)
    if chosen.trainer:
        found.append(row.course_id.in_(_taught_by(platform_id, chosen.trainer, now)))
    return found


def _taught_by(platform_id: PlatformId, trainer: str, now: datetime) -> Select[int]:
    """Courses in which somebody of that name teaches."""
    named = called(MembershipRow.person_id, platform_id, trainer)
    return select(MembershipRow.course_id).where(teaching(now), *named)


def _within(month: InstrumentedAttribute[int], period: Period) -> list[ColumnElement[bool]]:
    begin = [] if period.begin is None else [month >= period.begin.number]
    end = [] if period.end is None else [month <= period.end.number]
    return [*begin, *end]


def _order(chosen: CourseFilter) -> list[ColumnElement[object]]:
    row = CourseRollupRow
    share = row.established * 1000 / func.nullif(row.standings, 0)
    column: ColumnElement[object] = {
        CourseOrder.TITLE: row.sort_title,
        CourseOrder.MONTH: row.month,
        CourseOrder.PARTICIPANTS: row.participants,
        CourseOrder.COVERAGE: row.mapped_indicators,
        CourseOrder.ESTABLISHED: share,
        CourseOrder.UNDELIVERED: row.undelivered,
    }[chosen.order]  # type: ignore[assignment]
    directed = column.desc() if chosen.descending else column.asc()
    # The share of nobody is none. Said of the others, too, no index would have their order.
    first = directed.nulls_last() if chosen.order is CourseOrder.ESTABLISHED else directed
    return [first, row.sort_title]  # type: ignore[list-item]
