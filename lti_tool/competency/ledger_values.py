"""Cells of the matrix, entries of the ledger and judgements as the rules know them: which columns make one, and how."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.competency.model import Evidence, Judgement, Mapping, MappingRole, Mark
from lti_tool.competency.tables import EvidenceRow, JudgementRow, MappingRow
from lti_tool.ids import ActivityId, EvidenceId, IndicatorId, PersonId

Columns = tuple[InstrumentedAttribute[Any], ...]

CELL: Columns = (
    MappingRow.activity_id,
    MappingRow.indicator_id,
    MappingRow.weight,
    MappingRow.role,
    MappingRow.pass_mark,
)
"""What `as_cell` takes."""
ENTRY: Columns = (
    EvidenceRow.activity_id,
    EvidenceRow.indicator_id,
    EvidenceRow.mark,
    EvidenceRow.mark_min,
    EvidenceRow.mark_max,
    EvidenceRow.worked_at,
    EvidenceRow.recorded_at,
    EvidenceRow.id,
)
"""What `as_entry` takes."""
JUDGEMENT: Columns = (
    JudgementRow.indicator_id,
    JudgementRow.judged_by,
    JudgementRow.attained,
    JudgementRow.judged_at,
    JudgementRow.until,
    JudgementRow.decides,
    JudgementRow.withdrawn_at,
    JudgementRow.id,
)
"""What `as_judgement` takes."""


def as_cell(activity: int, indicator: int, weight: int, role: str, pass_mark: Decimal | None) -> Mapping:
    """A cell of the matrix."""
    own = None if pass_mark is None else Fraction(pass_mark)
    return Mapping(ActivityId(activity), IndicatorId(indicator), weight, MappingRole(role), own)


def as_entry(
    activity: int,
    indicator: int | None,
    mark: Decimal | None,
    minimum: Decimal,
    maximum: Decimal,
    worked_at: datetime,
    recorded_at: datetime,
    row_id: int,
) -> Evidence:
    """An entry of the ledger that is not voided."""
    return Evidence(
        activity=ActivityId(activity),
        indicator=None if indicator is None else IndicatorId(indicator),
        mark=None if mark is None else Mark(mark, minimum, maximum),
        worked_at=worked_at,
        recorded_at=recorded_at,
        id=EvidenceId(row_id),
    )


def as_judgement(
    indicator: int,
    by: int,
    attained: bool,
    judged_at: datetime,
    until: datetime | None,
    decides: bool,
    withdrawn_at: datetime | None,
    row_id: int,
) -> Judgement:
    """A judgement, be it withdrawn."""
    return Judgement(
        indicator=IndicatorId(indicator),
        by=PersonId(by),
        attained=attained,
        judged_at=judged_at,
        until=until,
        decides=decides,
        withdrawn=withdrawn_at is not None,
        id=row_id,
    )
