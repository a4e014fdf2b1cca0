"""SQL of the moodle package: what files have said before, and which columns and scores of a gradebook are our own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.grading.tables import DeliveryAttemptRow, DeliveryRow, LineItemRow
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.moodle.tables import GradebookReadingRow

Place = tuple[PersonId, ActivityId]


@dataclass(frozen=True, slots=True)
class OwnColumns:
    """The columns that this tool made or fills: labels of the competencies', full marks of its own activities'."""

    labels: frozenset[str]
    maxima: Mapping[ActivityId, Decimal]
    """As the platform told them; of a column that has not been read back yet nothing is known."""


def own_columns(session: Session, course_id: CourseId) -> OwnColumns:
    """What the tool itself has put into the course's gradebook."""
    labels, maxima = set(), {}
    for row in session.scalars(select(LineItemRow).where(LineItemRow.course_id == course_id)):
        if row.competency_id is not None:
            labels.add(row.label)
        if row.activity_id is not None and row.ready_at is not None:
            maxima[ActivityId(row.activity_id)] = row.score_maximum
    return OwnColumns(frozenset(labels), maxima)


def sent_shares(session: Session, course_id: CourseId) -> dict[Place, frozenset[Fraction]]:
    """Every share of the full mark that the tool ever sent for its own activities, by person and activity.

    Earlier ones count too: a file may have been made before the newest was sent. So does one that has left and whose
    answer was lost: the platform may show it already.
    """
    own = (DeliveryRow.person_id, LineItemRow.activity_id)
    joined = DeliveryRow.line_item_id == LineItemRow.id
    of_course = (LineItemRow.course_id == course_id, LineItemRow.activity_id.is_not(None))
    stands = select(*own, DeliveryRow.sent_given, DeliveryRow.sent_maximum).join(LineItemRow, joined)
    left = select(*own, DeliveryRow.wanted_given, DeliveryRow.wanted_maximum).join(LineItemRow, joined)
    tried = (
        select(*own, DeliveryAttemptRow.given, LineItemRow.score_maximum)
        .select_from(DeliveryAttemptRow)
        .join(DeliveryRow, DeliveryAttemptRow.delivery_id == DeliveryRow.id)
        .join(LineItemRow, joined)
    )
    found: dict[Place, set[Fraction]] = defaultdict(set)
    for query in (stands, left.where(DeliveryRow.last_timestamp.is_not(None)), tried):
        for person, activity, given, maximum in session.execute(query.where(*of_course)):
            if activity is not None and given is not None and maximum:
                found[PersonId(person), ActivityId(activity)].add(Fraction(given) / Fraction(maximum))
    return {place: frozenset(shares) for place, shares in found.items()}


def read_times(session: Session, course_id: CourseId) -> dict[Place, datetime]:
    """When files last spoke of a person in an activity without changing anything."""
    query = select(GradebookReadingRow.person_id, GradebookReadingRow.activity_id, GradebookReadingRow.read_at)
    rows = session.execute(query.where(GradebookReadingRow.course_id == course_id))
    return {(PersonId(person), ActivityId(activity)): read_at for person, activity, read_at in rows}


def note_read_times(
    session: Session, course_id: CourseId, known: Mapping[Place, datetime], news: Mapping[Place, datetime]
) -> None:
    """Keeps `news`; `known` is what `read_times` gave, to tell new rows from old ones."""
    rows = {
        place: {"course_id": course_id, "person_id": place[0], "activity_id": place[1], "read_at": read_at}
        for place, read_at in news.items()
    }
    made = [row for place, row in rows.items() if place not in known]
    changed = [row for place, row in rows.items() if place in known]
    if made:
        session.execute(insert(GradebookReadingRow), made)
    if changed:
        session.execute(update(GradebookReadingRow), changed)
