"""What the ledger holds of one activity, cell by cell, and who recorded it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency import model
from lti_tool.competency.model import Mark
from lti_tool.competency.tables import EvidenceRow
from lti_tool.db.among import portions
from lti_tool.ids import ActivityId, CourseId, EvidenceId, IndicatorId, PersonId
from lti_tool.people.tables import PersonRow


def entries(
    session: Session, course_id: CourseId, activity_id: ActivityId, persons: Collection[PersonId]
) -> Iterator[tuple[PersonId, model.Evidence, str | None]]:
    """(person, entry, name of who recorded it) for every entry about an indicator that is not voided."""
    columns = (
        EvidenceRow.person_id,
        EvidenceRow.indicator_id,
        EvidenceRow.mark,
        EvidenceRow.mark_min,
        EvidenceRow.mark_max,
        EvidenceRow.worked_at,
        EvidenceRow.recorded_at,
        EvidenceRow.id,
        PersonRow.name,
    )
    for portion in portions(persons):
        query = (
            select(*columns)
            .outerjoin(PersonRow, PersonRow.id == EvidenceRow.recorded_by)
            .where(
                EvidenceRow.course_id == course_id,
                EvidenceRow.person_id.in_(portion),
                EvidenceRow.activity_id == activity_id,
                EvidenceRow.indicator_id.is_not(None),
                EvidenceRow.voided_at.is_(None),
            )
        )
        for person, indicator, mark, low, high, worked, recorded, row_id, name in session.execute(query):
            entry = model.Evidence(
                activity=activity_id,
                indicator=None if indicator is None else IndicatorId(indicator),
                mark=None if mark is None else Mark(mark, low, high),
                worked_at=worked,
                recorded_at=recorded,
                id=EvidenceId(row_id),
            )
            yield PersonId(person), entry, name
