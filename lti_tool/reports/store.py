"""Writing roll-ups, and finding what is to be counted next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lti_tool.ids import CourseId, FrameworkVersionId, PlatformId
from lti_tool.people.tables import CourseRow, MembershipRow, PersonRow
from lti_tool.reports.model import CourseFigures, Gathered
from lti_tool.reports.periods import Month
from lti_tool.reports.tables import (
    CourseRollupRow,
    MonthRollupRow,
    PersonWordRow,
    PlatformRollupRow,
    UndeliveredRollupRow,
)
from lti_tool.reports.tally import Tally, from_json, to_json
from lti_tool.reports.words import Named, words_of

PORTION = 500

Listed = list[list[Any]]
"""Lines as they are kept: values of JSON."""


def take_due(session: Session, number: int, now: datetime, until: datetime) -> list[CourseId]:
    """Courses to be counted, which no other worker takes before `until`: the new ones first, then the longest due."""
    row = CourseRollupRow
    new = select(CourseRow.id).where(~select(row.course_id).where(row.course_id == CourseRow.id).exists())
    unknown = session.scalars(new.order_by(CourseRow.id).limit(number)).all()
    due = select(row.course_id).where(row.due_at <= now).order_by(row.due_at).limit(number - len(unknown))
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    taken = update(row).where(row.course_id.in_(due.scalar_subquery())).values(due_at=until).returning(row.course_id)
    return [CourseId(each) for each in (*unknown, *session.scalars(taken))]


def put_course(session: Session, course_id: CourseId, figures: CourseFigures, now: datetime, due_at: datetime) -> None:
    """Stores a course's figures; of two workers that count one course at once, the later stands."""
    values: dict[str, Any] = {
        "platform_id": figures.platform_id,
        "month": figures.month.number,
        "sort_title": figures.sort_title,
        "closed": figures.closed,
        "participants": figures.tally.people,
        "mapped_indicators": figures.mapped_indicators,
        "standings": figures.standings,
        "established": figures.established,
        "undelivered": figures.undelivered,
        "framework_version_id": figures.framework_version,
        "tally": to_json(figures.tally),
        "groups": {group: to_json(tally) for group, tally in figures.groups.items()},
        "as_of": now,
        "due_at": due_at,
    }
    _put(session, CourseRollupRow, {"course_id": course_id}, values)


def counted_at(session: Session, course_id: CourseId) -> datetime | None:
    """When a course was last counted."""
    return session.scalar(select(CourseRollupRow.as_of).where(CourseRollupRow.course_id == course_id))


def people_changed(session: Session, course_id: CourseId, since: datetime | None) -> list[Named]:
    """The members of a course whose name or address has changed since then; all of them where it was never counted."""
    row = PersonRow
    query = (
        select(row.id, row.platform_id, row.name, row.family_name, row.email, row.id_number)
        .join(MembershipRow, MembershipRow.person_id == row.id)
        .where(MembershipRow.course_id == course_id, row.erased_at.is_(None))
        .order_by(row.id)
    )
    return [Named(*each) for each in session.execute(query if since is None else query.where(row.updated_at >= since))]


def put_words(session: Session, people: Sequence[Named]) -> None:
    """Replaces the words by which these people are found."""
    for start in range(0, len(people), PORTION):
        portion = people[start : start + PORTION]
        session.execute(delete(PersonWordRow).where(PersonWordRow.person_id.in_([each.person for each in portion])))
        rows = [
            {"platform_id": each.platform_id, "person_id": each.person, "word": word, "first": place == 0}
            for each in portion
            for place, word in enumerate(words_of(each))
        ]
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(dialect.insert(PersonWordRow).on_conflict_do_nothing(), rows)


def platforms_counted(session: Session) -> list[PlatformId]:
    """Platforms of which any course has been counted."""
    return [PlatformId(each) for each in session.scalars(select(CourseRollupRow.platform_id).distinct())]


def newest_count(session: Session, platform_id: PlatformId) -> datetime | None:
    """When a course of the platform was last counted."""
    return session.scalar(select(func.max(CourseRollupRow.as_of)).where(CourseRollupRow.platform_id == platform_id))


def months_as_of(session: Session, platform_id: PlatformId) -> datetime | None:
    """When the platform's months were last gathered."""
    return session.scalar(select(func.max(MonthRollupRow.as_of)).where(MonthRollupRow.platform_id == platform_id))


def gathered(session: Session, platform_id: PlatformId) -> dict[tuple[FrameworkVersionId, Month], Gathered]:
    """The platform's counted courses, together by version of the requirements and month."""
    row = CourseRollupRow
    query = select(row.framework_version_id, row.month, row.tally, row.as_of).where(row.platform_id == platform_id)
    found: dict[tuple[FrameworkVersionId, Month], Gathered] = {}
    for version, month, tally, as_of in session.execute(query.order_by(row.course_id).execution_options(yield_per=100)):
        if version is None:
            continue
        key = FrameworkVersionId(version), Month(month)
        before = found.get(key, Gathered(0, Tally(), None))
        oldest = min(each for each in (before.as_of, as_of) if each is not None)
        found[key] = Gathered(before.courses + 1, before.tally + from_json(tally), oldest)
    return found


def put_months(
    session: Session,
    platform_id: PlatformId,
    months: Iterable[tuple[tuple[FrameworkVersionId, Month], Gathered]],
    now: datetime,
) -> None:
    """Replaces the platform's months."""
    session.execute(delete(MonthRollupRow).where(MonthRollupRow.platform_id == platform_id))
    session.add_all(
        MonthRollupRow(
            platform_id=platform_id,
            framework_version_id=version,
            month=month.number,
            courses=each.courses,
            tally=to_json(each.tally),
            as_of=now,
        )
        for (version, month), each in months
    )
    session.flush()


def put_people(session: Session, platform_id: PlatformId, people: int, tally: Tally, now: datetime) -> None:
    """Stores the count of a platform's people."""
    values = {"people": people, "tally": to_json(tally), "as_of": now}
    _put(session, PlatformRollupRow, {"platform_id": platform_id}, values)


def put_undelivered(session: Session, platform_id: PlatformId, groups: Listed, courses: Listed, now: datetime) -> None:
    """Stores what of a platform has not arrived."""
    values = {"groups": groups, "courses": courses, "as_of": now}
    _put(session, UndeliveredRollupRow, {"platform_id": platform_id}, values)


def undelivered_kept(
    session: Session, platform_id: PlatformId, since: datetime
) -> tuple[Listed, Listed, datetime] | None:
    """Groups, courses and when they were counted; None where that was never done, or before `since`."""
    row = UndeliveredRollupRow
    query = select(row.groups, row.courses, row.as_of).where(row.platform_id == platform_id, row.as_of >= since)
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


def _put(
    session: Session,
    table: type[CourseRollupRow] | type[PlatformRollupRow] | type[UndeliveredRollupRow],
    key: dict[str, Any],
    values: dict[str, Any],
) -> None:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
