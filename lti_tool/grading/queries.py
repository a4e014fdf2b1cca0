"""What pages and exports show of grades: standings of a whole course, deliveries with their reasons, columns.

Values, never rows; every answer takes a fixed number of queries, however many people a course has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, Text, bindparam, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.competency.recompute import levels_from_text
from lti_tool.competency.standing import CompetencyStanding
from lti_tool.competency.tables import CompetencyStandingRow
from lti_tool.db.among import Among
from lti_tool.db.prepared import Prepared
from lti_tool.grading.model import Answer, DeliveryState, ToDo, what_to_do
from lti_tool.grading.tables import DeliveryRow, LineItemRow, PlatformChannelRow
from lti_tool.ids import ActivityId, CompetencyId, CourseId, DeliveryId, LineItemId, PersonId, PlatformId, PublicId
from lti_tool.people.tables import PersonRow


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One person × column: what is wanted, what was confirmed, how it stands and why."""

    id: DeliveryId
    public_id: PublicId
    """For *send again*."""
    person_id: PersonId
    person: PublicId
    person_name: str
    line_item_id: LineItemId
    label: str
    wanted: Decimal | None
    """None: nothing shall stand there."""
    wanted_maximum: Decimal
    sent: Decimal | None
    sent_maximum: Decimal | None
    sent_at: datetime | None
    """None: nothing was ever confirmed."""
    state: DeliveryState
    since: datetime
    """Sent: when it was confirmed. Else: since when it has failed, or when it was wished."""
    next_try: datetime | None
    answer: Answer | None
    """Of the last try; None before the first."""
    to_do: ToDo

    @property
    def is_withdrawal(self) -> bool:
        """Whether a grade is (or was) to be taken back."""
        return self.wanted is None


@dataclass(frozen=True, slots=True)
class LineItemView:
    """A column of the course and how far it is."""

    id: LineItemId
    public_id: PublicId
    label: str
    competency_id: CompetencyId | None
    activity_id: ActivityId | None
    score_maximum: Decimal
    targeted: bool
    ready_at: datetime | None
    """None: not found or made yet."""
    next_try: datetime | None
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class PauseView:
    """Why nothing goes to a platform now."""

    reason: Answer
    since: datetime | None
    next_try: datetime | None


# --- standings


def standings_of(
    session: Session, course_id: CourseId, person_ids: Collection[PersonId] | None = None
) -> dict[tuple[PersonId, CompetencyId], CompetencyStanding]:
    """The stored standings of these persons (None: of everyone) in a course, by person and competency."""
    if person_ids is None:
        rows = _STANDINGS.all(session, course_id=course_id)
    else:
        rows = _STANDINGS_OF_SOME.all(session, person_ids, course_id=course_id)
    return {(PersonId(person), CompetencyId(each[0])): _as_standing(*each) for person, *each in rows}


# Columns, not rows of the ORM: a course has 11,000 standings, and nobody changes them here.
_STANDING = select(
    CompetencyStandingRow.person_id,
    CompetencyStandingRow.competency_id,
    cast(CompetencyStandingRow.levels, Text).label("levels"),
    CompetencyStandingRow.established,
    CompetencyStandingRow.progress,
    CompetencyStandingRow.disputed,
).where(CompetencyStandingRow.course_id == bindparam("course_id"))
_STANDINGS, _STANDINGS_OF_SOME = Prepared(_STANDING), Among(_STANDING, CompetencyStandingRow.person_id)


def _as_standing(
    competency: int, levels: str, established: int | None, progress: Fraction, disputed: bool
) -> CompetencyStanding:
    return CompetencyStanding(CompetencyId(competency), levels_from_text(levels), established, progress, disputed)


# --- deliveries


def deliveries_of(
    session: Session,
    course_id: CourseId,
    *,
    person_id: PersonId | None = None,
    states: Collection[DeliveryState] = tuple(DeliveryState),
    limit: int = 1000,
    offset: int = 0,
) -> tuple[DeliveryView, ...]:
    """The course's deliveries in these states (of one person, or of all), by name and column."""
    query = (
        joined()
        .where(DeliveryRow.course_id == course_id, DeliveryRow.state.in_([state.value for state in states]))
        .order_by(PersonRow.name, PersonRow.id, LineItemRow.label, LineItemRow.id)
        .limit(limit)
        .offset(offset)
    )
    if person_id is not None:
        query = query.where(DeliveryRow.person_id == person_id)
    return tuple(as_view(*row) for row in session.execute(query))


def joined() -> Select[DeliveryRow, PersonRow, LineItemRow]:
    """Deliveries with whom and which column they are about, to be narrowed."""
    query = select(DeliveryRow, PersonRow, LineItemRow).join(PersonRow, PersonRow.id == DeliveryRow.person_id)
    return query.join(LineItemRow, LineItemRow.id == DeliveryRow.line_item_id)


def as_view(row: DeliveryRow, person: PersonRow, column: LineItemRow) -> DeliveryView:
    """What pages see of a delivery."""
    state, answer = DeliveryState(row.state), _answer(row.last_answer)
    return DeliveryView(
        id=DeliveryId(row.id),
        public_id=PublicId(row.public_id),
        person_id=PersonId(row.person_id),
        person=PublicId(person.public_id),
        person_name=person.name,
        line_item_id=LineItemId(row.line_item_id),
        label=column.label,
        wanted=row.wanted_given,
        wanted_maximum=row.wanted_maximum,
        sent=row.sent_given,
        sent_maximum=row.sent_maximum,
        sent_at=row.sent_at,
        state=state,
        since=_since(row),
        next_try=row.due_at,
        answer=answer,
        to_do=what_to_do(state, answer),
    )


def _since(row: DeliveryRow) -> datetime:
    if row.state == DeliveryState.SENT and row.sent_at is not None:
        return row.sent_at
    return row.first_failed_at or row.wanted_at


def _answer(stored: str | None) -> Answer | None:
    return None if stored is None else Answer(stored)


def delivery_counts(session: Session, course_id: CourseId) -> Mapping[DeliveryState, int]:
    """How many deliveries of the course are in each state; states without any are there with 0."""
    query = _counting(DeliveryRow.state).where(DeliveryRow.course_id == course_id)
    counted = {DeliveryState(state): count for state, count in session.execute(query.group_by(DeliveryRow.state))}
    return {state: counted.get(state, 0) for state in DeliveryState}


def counts_by_column(session: Session, course_id: CourseId) -> Mapping[LineItemId, Mapping[DeliveryState, int]]:
    """The same for each column that has any."""
    key = (DeliveryRow.line_item_id, DeliveryRow.state)
    query = _counting(*key).where(DeliveryRow.course_id == course_id).group_by(*key)
    counted: dict[LineItemId, dict[DeliveryState, int]] = {}
    for column, state, count in session.execute(query):
        of_column = counted.setdefault(LineItemId(column), dict.fromkeys(DeliveryState, 0))
        of_column[DeliveryState(state)] = count
    return counted


def _counting(*columns: InstrumentedAttribute[Any]) -> Select[Any]:
    return select(*columns, func.count())


# --- columns and platforms


def line_items_of(session: Session, course_id: CourseId) -> tuple[LineItemView, ...]:
    """All columns of the course that are ours, those no longer targeted included, in the order of their making."""
    query = select(LineItemRow).where(LineItemRow.course_id == course_id).order_by(LineItemRow.id)
    return tuple(
        LineItemView(
            id=LineItemId(row.id),
            public_id=PublicId(row.public_id),
            label=row.label,
            competency_id=None if row.competency_id is None else CompetencyId(row.competency_id),
            activity_id=None if row.activity_id is None else ActivityId(row.activity_id),
            score_maximum=row.score_maximum,
            targeted=row.targeted,
            ready_at=row.ready_at,
            next_try=row.due_at,
            answer=_answer(row.last_answer),
        )
        for row in session.scalars(query)
    )


def pause_of(session: Session, platform_id: PlatformId) -> PauseView | None:
    """Why the platform's scores wait, if they do."""
    row = session.get(PlatformChannelRow, platform_id)
    if row is None or row.paused_until is None:
        return None
    return PauseView(Answer(row.reason or Answer.OUTAGE), row.paused_since, row.paused_until)
