"""Loads and holds deliveries that were under way when a backup was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.db.among import portions
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.grading.tables import DeliveryRow, LineItemRow
from lti_tool.ids import CourseId, DeliveryId
from lti_tool.people.tables import PersonRow


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A wish that a worker would try by itself; `url` None: its column is not known."""

    id: DeliveryId
    url: str | None
    user_id: str
    given: Decimal | None
    maximum: Decimal
    last_timestamp: datetime | None


def under_way(session: Session, course_id: CourseId) -> list[UnderWay]:
    """All of the course's wishes that would go by themselves."""
    query = (
        select(
            DeliveryRow.id,
            LineItemRow.url,
            PersonRow.sub,
            DeliveryRow.wanted_given,
            DeliveryRow.wanted_maximum,
            DeliveryRow.last_timestamp,
        )
        .join(LineItemRow, LineItemRow.id == DeliveryRow.line_item_id)
        .join(PersonRow, PersonRow.id == DeliveryRow.person_id)
        .where(DeliveryRow.course_id == course_id, DeliveryRow.due_at.is_not(None))
        .order_by(DeliveryRow.id)
    )
    return [
        UnderWay(DeliveryId(id_), url, user_id, given, maximum, last_timestamp)
        for id_, url, user_id, given, maximum, last_timestamp in session.execute(query)
    ]


def hold(session: Session, course_id: CourseId, ids: Sequence[DeliveryId], answer: Answer) -> None:
    """These wishes go no more by themselves, for the reason of this answer."""
    held = {"state": DeliveryState.HELD.value, "due_at": None, "last_answer": answer.value}
    # In the order of ids, as everybody takes them.
    for portion in portions(ids):
        mine = (DeliveryRow.course_id == course_id, DeliveryRow.id.in_(portion))
        session.execute(select(DeliveryRow.id).where(*mine).order_by(DeliveryRow.id).with_for_update())
        session.execute(update(DeliveryRow).where(*mine).values(held), execution_options={"synchronize_session": False})
