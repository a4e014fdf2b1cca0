"""What the ledger holds of one activity, cell by cell, and who recorded it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency import model
from lti_tool.competency.ledger_values import ENTRY, as_entry
from lti_tool.competency.tables import EvidenceRow
from lti_tool.db.among import portions
from lti_tool.ids import ActivityId, CourseId, PersonId
from lti_tool.people.tables import PersonRow


def entries(
    session: Session, course_id: CourseId, activity_id: ActivityId, persons: Collection[PersonId]
) -> Iterator[tuple[PersonId, model.Evidence, str | None]]:
    """(person, entry, name of who recorded it) for every entry about an indicator that is not voided."""
    for portion in portions(persons):
        query = (
            select(EvidenceRow.person_id, PersonRow.name, *ENTRY)
            .outerjoin(PersonRow, PersonRow.id == EvidenceRow.recorded_by)
            .where(
                EvidenceRow.course_id == course_id,
                EvidenceRow.person_id.in_(portion),
                EvidenceRow.activity_id == activity_id,
                EvidenceRow.indicator_id.is_not(None),
                EvidenceRow.voided_at.is_(None),
            )
        )
        for person, name, *columns in session.execute(query):
            yield PersonId(person), as_entry(*columns), name
