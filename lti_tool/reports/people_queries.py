"""Finding people of a platform, and who they are that a figure counts.

Page by key: the thousandth page costs what the first does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.ids import CompetencyId, PersonId, PlatformId, PublicId
from lti_tool.people.tables import MembershipRow, PersonRow
from lti_tool.reports.periods import Period
from lti_tool.reports.tables import CourseRollupRow, PersonWordRow
from lti_tool.reports.words import asked_for

_LAST = "\U0010ffff"
"""Sorts after whatever may follow the beginning of a word."""


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person in a list."""

    id: PersonId
    public_id: PublicId
    name: str
    detail: str
    """ID number or e-mail."""
    courses: int
    """In how many courses they are or were."""
    key: str
    """What the list is sorted by, for the next page."""
    erased: bool
    """Counted on, but nobody who could be named or opened."""


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins: behind this word of this person."""

    word: str
    person: int


def search(
    session: Session, platform_id: PlatformId, text: str, after: After | None, number: int
) -> tuple[FoundPerson, ...]:
    """People of whom each word of `text` begins a name, ID number or e-mail; without a text everybody by name."""
    word = PersonWordRow
    query = _search(platform_id, text)
    if after is not None:
        query = query.where(tuple_(word.word, word.person_id) > tuple_(after.word, after.person))
    rows = session.execute(query.order_by(word.word, word.person_id).limit(number)).all()
    return _people(session, [(person, key) for person, key in rows])


def how_many(session: Session, platform_id: PlatformId, text: str, most: int) -> int:
    """How many people a search finds; nobody is counted beyond so many."""
    found = _search(platform_id, text).limit(most).subquery()
    return session.scalars(select(func.count()).select_from(found)).one()


def called(person_id: InstrumentedAttribute[int], platform_id: PlatformId, text: str) -> list[ColumnElement[bool]]:
    """Conditions on whoever `person_id` is: that a search finds them; nobody where it has no word."""
    word = PersonWordRow
    return [
        select(word.person_id)
        .where(word.person_id == person_id, word.platform_id == platform_id, _begins(word.word, each))
        .exists()
        for each in asked_for(text) or [_LAST]
    ]


def at_level(
    session: Session,
    platform_id: PlatformId,
    competency_id: CompetencyId,
    level: int | None,
    after: int,
    number: int,
) -> tuple[FoundPerson, ...]:
    """People whose highest established level of a competency is this one (None: nothing is established yet)."""
    row, other = CompetencyStandingRow, aliased(CompetencyStandingRow)
    same = and_(other.person_id == row.person_id, other.competency_id == row.competency_id)
    higher = other.established.is_not(None) if level is None else other.established > level
    query = (
        select(row.person_id)
        .join(PersonRow, PersonRow.id == row.person_id)
        .where(PersonRow.platform_id == platform_id, *_stands(competency_id, level), row.person_id > after)
        .where(~select(other.person_id).where(same, higher).exists())
        .distinct()
        .order_by(row.person_id)
        .limit(number)
    )
    return _people(session, [(person, "") for person in session.scalars(query)])


def participations_at_level(
    session: Session,
    platform_id: PlatformId,
    competency_id: CompetencyId,
    level: int | None,
    period: Period,
    after: tuple[int, int],
    number: int,
) -> tuple[tuple[int, int], ...]:
    """(person, course) of those who stand at this level in a course that begins in the period."""
    row, rollup = CompetencyStandingRow, CourseRollupRow
    within = [] if period.begin is None else [rollup.month >= period.begin.number]
    within += [] if period.end is None else [rollup.month <= period.end.number]
    query = (
        select(row.person_id, row.course_id)
        .join(rollup, rollup.course_id == row.course_id)
        .where(rollup.platform_id == platform_id, *within, *_stands(competency_id, level))
        .where(tuple_(row.person_id, row.course_id) > tuple_(*after))
        .order_by(row.person_id, row.course_id)
        .limit(number)
    )
    return tuple((person, course) for person, course in session.execute(query))


def people_by_id(session: Session, ids: Sequence[int]) -> dict[int, FoundPerson]:
    """Some people, by row id."""
    return {each.id: each for each in _people(session, [(person, "") for person in ids])}


def _stands(competency_id: CompetencyId, level: int | None) -> list[ColumnElement[bool]]:
    row = CompetencyStandingRow
    known = row.established.is_(None) if level is None else row.established == level
    return [row.competency_id == competency_id, known]


def _search(platform_id: PlatformId, text: str) -> Select[int, str]:
    """Each person once, with the word that they are found by."""
    word = PersonWordRow
    query = select(word.person_id, word.word).where(word.platform_id == platform_id)
    wanted = asked_for(text)
    if not wanted:
        query = query.where(word.first)
    for place, each in enumerate(wanted):
        if place == 0:
            query = query.where(_begins(word.word, each), ~_smaller(word, each))
        else:
            query = query.where(_also(word, each))
    return query


def _begins(column: InstrumentedAttribute[str], beginning: str) -> ColumnElement[bool]:
    return and_(column >= beginning, column < beginning + _LAST)


def _also(word: type[PersonWordRow], beginning: str) -> ColumnElement[bool]:
    other = aliased(PersonWordRow)
    return _asked_one_by_one(other, other.person_id == word.person_id, _begins(other.word, beginning))


def _smaller(word: type[PersonWordRow], beginning: str) -> ColumnElement[bool]:
    """Whether somebody has been found by an earlier word already: nobody stands in a list twice."""
    other = aliased(PersonWordRow)
    earlier = (_begins(other.word, beginning), other.word < word.word)
    return _asked_one_by_one(other, other.person_id == word.person_id, *earlier)


def _asked_one_by_one(word: type[PersonWordRow], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is such a word of a person.

    The offset keeps PostgreSQL from looking all people up beforehand: a page ends with the first so many that fit.
    """
    return select(word.person_id).where(*conditions).offset(0).exists()


def _people(session: Session, found: Sequence[tuple[int, str]]) -> tuple[FoundPerson, ...]:
    ids = [person for person, _key in found]
    row = PersonRow
    told = {
        each.id: each
        for each in session.execute(
            select(row.id, row.public_id, row.name, row.id_number, row.email, row.erased_at).where(row.id.in_(ids))
        )
    }
    member = MembershipRow
    query = select(member.person_id, func.count()).where(member.person_id.in_(ids)).group_by(member.person_id)
    courses: dict[int, int] = dict(session.execute(query).all())
    return tuple(
        FoundPerson(
            PersonId(person),
            PublicId(told[person].public_id),
            told[person].name,
            told[person].id_number or told[person].email or "",
            courses.get(person, 0),
            key,
            told[person].erased_at is not None,
        )
        for person, key in found
        if person in told
    )
