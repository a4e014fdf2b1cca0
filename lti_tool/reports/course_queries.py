"""What the report of one course says beyond its group page: how each indicator stands, and when people worked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.competency.model import IndicatorState
from lti_tool.competency.tables import AttainmentRow, EvidenceRow
from lti_tool.ids import CourseId, IndicatorId


@dataclass(frozen=True, slots=True)
class IndicatorTally:
    """How many people stand how in one indicator; of whom nothing is decided yet is in neither number."""

    attained: int
    not_attained: int

    @property
    def decided(self) -> int:
        """Of how many people it is known."""
        return self.attained + self.not_attained


def indicator_tallies(session: Session, course_id: CourseId) -> Mapping[IndicatorId, IndicatorTally]:
    """Every indicator of the course that is decided for anybody who has a standing there."""
    row = AttainmentRow
    query = (
        select(row.indicator_id, row.state, func.count())
        .where(row.course_id == course_id, row.state.in_([IndicatorState.ATTAINED, IndicatorState.NOT_ATTAINED]))
        .group_by(row.indicator_id, row.state)
    )
    counts: dict[IndicatorId, dict[str, int]] = {}
    for indicator, state, count in session.execute(query):
        counts.setdefault(IndicatorId(indicator), {})[state] = count
    attained, missed = IndicatorState.ATTAINED.value, IndicatorState.NOT_ATTAINED.value
    return {each: IndicatorTally(of.get(attained, 0), of.get(missed, 0)) for each, of in counts.items()}


def worked_between(session: Session, course_id: CourseId) -> tuple[datetime, datetime] | None:
    """The times of the first and the last mark that stands in the course; None where there is none."""
    row = EvidenceRow
    query = select(func.min(row.worked_at), func.max(row.worked_at)).where(
        row.course_id == course_id, row.voided_at.is_(None), row.mark.is_not(None)
    )
    first, last = session.execute(query).one()
    return (first, last) if first is not None else None
