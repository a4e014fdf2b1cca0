"""The deliveries of a platform page by page, for who reads all of them. Values, never rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lti_tool.db.keyset import Cut, Position, page
from lti_tool.grading.model import DeliveryState
from lti_tool.grading.tables import DeliveryRow, LineItemRow
from lti_tool.ids import CourseId, PersonId, PlatformId, PublicId
from lti_tool.people.tables import CourseRow, PersonRow

COMPETENCY = "competency:"


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """A delivery in a list of all: ids and codes, nobody's name."""

    state: DeliveryState
    public_id: PublicId
    course: PublicId
    person: PublicId
    resource_id: str
    label: str
    wanted: Decimal | None
    wanted_maximum: Decimal
    wanted_at: datetime
    sent: Decimal | None
    sent_maximum: Decimal | None
    sent_at: datetime | None
    answer: str | None
    attempts: int
    next_try: datetime | None

    @property
    def position(self) -> Position:
        """Its place among the deliveries in the same state."""
        return Position(self.wanted_at, self.public_id)

    @property
    def competency(self) -> str | None:
        """The code of the column's competency; None for the column of an activity."""
        return self.resource_id.removeprefix(COMPETENCY) if self.resource_id.startswith(COMPETENCY) else None

    @property
    def reason(self) -> str | None:
        """Why it has not arrived: the class of the last answer; None where it has, or was never tried."""
        return None if self.state in {DeliveryState.SENT, DeliveryState.DETACHED} else self.answer


@dataclass(frozen=True, slots=True)
class DeliveryWanted:
    """Which deliveries; None: whichever."""

    states: Collection[DeliveryState] = tuple(DeliveryState)
    answer: str | None = None
    course_id: CourseId | None = None
    person_id: PersonId | None = None
    wanted_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryCut:
    """So many deliveries behind a position within a state; None: from the beginning."""

    limit: int
    state: DeliveryState | None = None
    after: Position | None = None


_COLUMNS = (
    DeliveryRow.state,
    DeliveryRow.public_id,
    CourseRow.public_id,
    PersonRow.public_id,
    LineItemRow.resource_id,
    LineItemRow.label,
    DeliveryRow.wanted_given,
    DeliveryRow.wanted_maximum,
    DeliveryRow.wanted_at,
    DeliveryRow.sent_given,
    DeliveryRow.sent_maximum,
    DeliveryRow.sent_at,
    DeliveryRow.last_answer,
    DeliveryRow.attempts,
    DeliveryRow.due_at,
)


def deliveries_page(
    session: Session, platform_id: PlatformId, wanted: DeliveryWanted, cut: DeliveryCut
) -> tuple[DeliveryEntry, ...]:
    """The platform's deliveries by state, and within a state those wished first at first; one more than the limit
    where the list goes on.

    One query a state: so each begins in the index where the last page ended, however many have been sent.
    """
    states = sorted(state for state in wanted.states if cut.state is None or state >= cut.state)
    found: list[DeliveryEntry] = []
    for state in states:
        left = cut.limit - len(found)
        if left < 0:
            break
        within = Cut(left, cut.after if state == cut.state else None)
        found += _in_state(session, platform_id, state, wanted, within)
    return tuple(found)


def _in_state(
    session: Session, platform_id: PlatformId, state: DeliveryState, wanted: DeliveryWanted, cut: Cut
) -> list[DeliveryEntry]:
    query = (
        select(*_COLUMNS)
        .join(CourseRow, CourseRow.id == DeliveryRow.course_id)
        .join(PersonRow, PersonRow.id == DeliveryRow.person_id)
        .join(LineItemRow, LineItemRow.id == DeliveryRow.line_item_id)
        .where(DeliveryRow.platform_id == platform_id, DeliveryRow.state == state.value)
    )
    if wanted.answer is not None:
        query = query.where(DeliveryRow.last_answer == wanted.answer)
    if wanted.course_id is not None:
        query = query.where(DeliveryRow.course_id == wanted.course_id)
    if wanted.person_id is not None:
        query = query.where(DeliveryRow.person_id == wanted.person_id)
    if wanted.wanted_since is not None:
        query = query.where(DeliveryRow.wanted_at >= wanted.wanted_since)
    rows = session.execute(page(query, DeliveryRow.wanted_at, DeliveryRow.public_id, cut))
    return [_as_entry(row) for row in rows]


def _as_entry(row: Row[*tuple[Any, ...]]) -> DeliveryEntry:
    return DeliveryEntry(DeliveryState(row[0]), *row[1:])
