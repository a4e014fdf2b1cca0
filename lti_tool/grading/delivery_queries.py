"""What lists of deliveries show: those of a course in the order of names, page by page, and the tries of one.

A course of 1,000 people has 11,000 deliveries. SQL sorts no Kyrgyz names, so a list is put in order by small columns
of all that fit, and only a page of it is read in full; the number of statements depends on neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from lti_tool.db.among import PORTION
from lti_tool.grading.choosing import ASKS, STUCK, WAITING, Choice, Differing, Stuck
from lti_tool.grading.drift import Decision
from lti_tool.grading.drift_queries import Difference, differences_of
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.queries import DeliveryView, as_view, joined
from lti_tool.grading.tables import DeliveryAttemptRow, DeliveryRow, LineItemRow
from lti_tool.ids import CourseId, DeliveryId, PublicId
from lti_tool.people.alphabet import place_of
from lti_tool.people.tables import CourseRow, PersonRow

MOST_TRIES = 200


@dataclass(frozen=True, slots=True)
class Found:
    """What fits a choice, in the order in which it is listed: what waits first, then by name and column."""

    ids: tuple[DeliveryId, ...]
    stuck: tuple[DeliveryId, ...]
    """Those of them that are held or given up and may go again without harm."""
    newer: tuple[DeliveryId, ...]
    """Those that are held because something newer stands in the gradebook."""
    differences: Mapping[DeliveryId, Difference]
    """What the gradebook shows instead of what was sent; of all the course."""
    detached: tuple[DeliveryId, ...]

    def differing(self, which: Differing) -> tuple[DeliveryId, ...]:
        """Those of them that differ and wait for a decision, or were accepted."""
        return tuple(each for each in self.ids if standing_of(self.differences.get(each)) is which)


def standing_of(difference: Difference | None) -> Differing | None:
    """Whether a difference waits for a decision or was accepted; None for one that is neither, or none."""
    if difference is None:
        return None
    return {None: Differing.OPEN, Decision.ACCEPT: Differing.ACCEPTED}.get(difference.decision)


@dataclass(frozen=True, slots=True)
class Tally:
    """How a course's grades stand, whatever a list of them is narrowed to."""

    counts: Mapping[DeliveryState, int]
    oldest: datetime | None
    """Since when the one waits that has waited longest; None where none does."""


@dataclass(frozen=True, slots=True)
class Try:
    """One try to send."""

    version: int
    given: Decimal | None
    """None: the grade was to be taken back."""
    at: datetime
    answer: Answer | None
    """None: a word of another version of this tool."""


@dataclass(frozen=True, slots=True)
class History:
    """One delivery as it stands, and how it came there."""

    view: DeliveryView
    version: int
    sent_version: int
    wanted_at: datetime
    tries: tuple[Try, ...]
    """The newest first, at most MOST_TRIES."""


def tally_of(session: Session, course_id: CourseId) -> Tally:
    """How many of a course's deliveries are in each state, and since when the oldest waits."""
    since = func.min(
        func.coalesce(DeliveryRow.first_failed_at, DeliveryRow.wanted_at, type_=DeliveryRow.wanted_at.type)
    )
    query = select(DeliveryRow.state, func.count(), since).where(DeliveryRow.course_id == course_id)
    rows = [
        (DeliveryState(state), count, at) for state, count, at in session.execute(query.group_by(DeliveryRow.state))
    ]
    counted = {state: count for state, count, _at in rows}
    return Tally(
        counts={state: counted.get(state, 0) for state in DeliveryState},
        oldest=min((at for state, _count, at in rows if state in WAITING), default=None),
    )


def find(session: Session, course_id: CourseId, choice: Choice) -> Found:
    """The course's deliveries that fit."""
    people = _places(session, course_id, choice.text)
    query = select(
        DeliveryRow.id, DeliveryRow.person_id, DeliveryRow.line_item_id, DeliveryRow.state, DeliveryRow.last_answer
    ).where(DeliveryRow.course_id == course_id, DeliveryRow.state.in_([state.value for state in choice.states]))
    if choice.line_item_id is not None:
        query = query.where(DeliveryRow.line_item_id == choice.line_item_id)
    fitting = [row for row in session.execute(query) if row.person_id in people]
    differences, columns = differences_of(session, course_id), _columns(session, course_id)
    if choice.differing is not None:
        fitting = [row for row in fitting if standing_of(differences.get(row.id)) is choice.differing]
    waiting = {id_ for id_, each in differences.items() if each.decision is None}
    fitting.sort(
        key=lambda row: (
            row.state not in WAITING and row.id not in waiting,
            people[row.person_id],
            columns[row.line_item_id],
        )
    )
    stuck = [row for row in fitting if row.state in STUCK]
    return Found(
        ids=_ids(fitting),
        stuck=_ids(row for row in stuck if row.last_answer not in ASKS),
        newer=_ids(row for row in stuck if row.last_answer == Answer.NEWER_THERE),
        differences=differences,
        detached=_ids(row for row in fitting if row.state == DeliveryState.DETACHED),
    )


def _ids(rows: Iterable[Row[*tuple[Any, ...]]]) -> tuple[DeliveryId, ...]:
    return tuple(DeliveryId(row.id) for row in rows)


def _places(session: Session, course_id: CourseId, text: str) -> dict[int, int]:
    """Where each person whom the text fits stands among the course's people by name."""
    columns = (PersonRow.id, PersonRow.name, PersonRow.family_name, PersonRow.id_number, PersonRow.email)
    of_course = select(DeliveryRow.person_id).where(DeliveryRow.course_id == course_id)
    rows = list(session.execute(select(*columns).where(PersonRow.id.in_(of_course))))
    rows.sort(key=lambda row: place_of(row.family_name, row.name, row.id))
    wanted = text.casefold()
    # SQLite lowers only Latin letters, so the search is done here.
    return {
        row.id: place
        for place, row in enumerate(rows)
        if wanted in f"{row.name} {row.id_number or row.email or ''}".casefold()
    }


def _columns(session: Session, course_id: CourseId) -> dict[int, int]:
    query = select(LineItemRow.id).where(LineItemRow.course_id == course_id)
    ordered = session.scalars(query.order_by(LineItemRow.label, LineItemRow.id))
    return {line_item_id: place for place, line_item_id in enumerate(ordered)}


def shown(session: Session, ids: Sequence[DeliveryId]) -> tuple[DeliveryView, ...]:
    """These deliveries in this order; those that are there no longer are left out."""
    rows = {row[0].id: row for row in session.execute(joined().where(DeliveryRow.id.in_(ids)))}
    return tuple(as_view(*rows[each]) for each in ids if each in rows)


def history_of(session: Session, course_id: CourseId, public_id: str) -> History | None:
    """A delivery of this course with its tries; None where the course has no such delivery."""
    query = joined().where(DeliveryRow.course_id == course_id, DeliveryRow.public_id == public_id)
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    row, person, column = found
    tries = (
        select(DeliveryAttemptRow)
        .where(DeliveryAttemptRow.delivery_id == row.id)
        .order_by(DeliveryAttemptRow.tried_at.desc(), DeliveryAttemptRow.id.desc())
        .limit(MOST_TRIES)
    )
    return History(
        view=as_view(row, person, column),
        version=row.wanted_version,
        sent_version=row.sent_version,
        wanted_at=row.wanted_at,
        tries=tuple(
            Try(each.version, each.given, each.tried_at, _known(each.answer)) for each in session.scalars(tries)
        ),
    )


def whose_delivery(session: Session, course_id: CourseId, public_id: str) -> PublicId | None:
    """Whose grade it is; None where there is no such delivery in the course."""
    query = select(PersonRow.public_id).join(DeliveryRow, DeliveryRow.person_id == PersonRow.id)
    found = session.scalar(query.where(DeliveryRow.course_id == course_id, DeliveryRow.public_id == public_id))
    return PublicId(found) if found else None


def _known(answer: str) -> Answer | None:
    return Answer(answer) if answer in {*Answer} else None


# --- for operators


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery as a command lists it: ids and codes, nobody's name."""

    id: str
    course: str
    person: str
    column: str
    state: str
    answer: str | None
    since: datetime
    next_try: datetime | None


def listed(session: Session, which: Stuck) -> Iterator[Listed]:
    """Deliveries of a course, of a platform, or all, that are in these states, in the order of their making."""
    query = _of(which, joined().add_columns(CourseRow.public_id))
    query = query.join(CourseRow, CourseRow.id == DeliveryRow.course_id).order_by(DeliveryRow.id)
    for row, person, column, course in session.execute(query.execution_options(yield_per=PORTION)):
        view = (row.first_failed_at or row.wanted_at, row.due_at)
        yield Listed(row.public_id, course, person.public_id, column.resource_id, row.state, row.last_answer, *view)


def stuck_count(session: Session, which: Stuck) -> int:
    """How many of these would be sent again now."""
    query = _of(which, select(func.count()).select_from(DeliveryRow)).where(DeliveryRow.state.in_(STUCK))
    if not which.over_newer:
        query = query.where(func.coalesce(DeliveryRow.last_answer, "").not_in(ASKS))
    return session.scalar(query) or 0


def _of(which: Stuck, query: Select[Any]) -> Select[Any]:
    query = query.where(DeliveryRow.state.in_([state.value for state in which.states]))
    if which.course_id is not None:
        query = query.where(DeliveryRow.course_id == which.course_id)
    if which.platform_id is not None:
        query = query.where(DeliveryRow.platform_id == which.platform_id)
    return query
