"""What people decided over the marks, as use cases and pages read it: judgements, voidings, disputes, the lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.ledger_values import JUDGEMENT, as_judgement
from lti_tool.competency.model import Judgement, Mark
from lti_tool.competency.tables import (
    AttainmentRow,
    CourseLeadRow,
    EvidenceRow,
    EvidenceVoidingRow,
    JudgementRow,
    MappingRow,
)
from lti_tool.ids import CourseId, IndicatorId, PersonId
from lti_tool.people.alphabet import place_of
from lti_tool.people.tables import ActivityRow, PersonRow


@dataclass(frozen=True, slots=True)
class JudgementEntry:
    """One judgement with who gave it and why; withdrawn ones stay in the history."""

    public_id: str
    judgement: Judgement
    by_name: str
    reason: str
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Voiding:
    """One step in the history of a ledger entry: it was voided, or taken back into account."""

    voided: bool
    reason: str
    said_at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An entry of the ledger as those read it who may void it."""

    public_id: str
    activity: str
    mark: Mark | None
    """None: the source withdrew what it had given."""
    source: str
    worked_at: datetime
    voided: bool
    history: tuple[Voiding, ...]


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """An indicator of a person on which somebody has to decide."""

    person_id: PersonId
    person_public_id: str
    person_name: str
    indicator: IndicatorId
    disputed: bool
    """Else work newer than the judgement waits for a review."""


def judgements_on(
    session: Session, course_id: CourseId, person_id: PersonId
) -> dict[IndicatorId, tuple[JudgementEntry, ...]]:
    """Every judgement on one person in a course, by indicator, the newest first."""
    query = (
        select(JudgementRow.public_id, PersonRow.name, JudgementRow.reason, JudgementRow.withdrawn_at, *JUDGEMENT)
        .join(PersonRow, PersonRow.id == JudgementRow.judged_by)
        .where(JudgementRow.course_id == course_id, JudgementRow.person_id == person_id)
        .order_by(JudgementRow.judged_at.desc(), JudgementRow.id.desc())
    )
    found: dict[IndicatorId, list[JudgementEntry]] = defaultdict(list)
    for public_id, name, reason, withdrawn_at, *columns in session.execute(query):
        judgement = as_judgement(*columns)
        entry = JudgementEntry(public_id, judgement, name or "", reason, withdrawn_at)
        found[judgement.indicator].append(entry)
    return {indicator: tuple(entries) for indicator, entries in found.items()}


def version_of(entries: Collection[JudgementEntry]) -> int:
    """Grows with each judgement and each withdrawal, for neither is ever undone."""
    return len(entries) + sum(each.withdrawn_at is not None for each in entries)


def lead_of(session: Session, course_id: CourseId) -> PersonId | None:
    """The course's lead trainer: whoever was named, else who made the oldest cell of its mapping."""
    newest = (
        select(CourseLeadRow.person_id).where(CourseLeadRow.course_id == course_id).order_by(CourseLeadRow.id.desc())
    )
    named = session.scalar(newest.limit(1))
    first = (
        select(MappingRow.created_by)
        .where(MappingRow.course_id == course_id, MappingRow.created_by.is_not(None))
        .order_by(MappingRow.created_at, MappingRow.activity_id, MappingRow.indicator_id)
        .limit(1)
    )
    found = named if named is not None else session.scalar(first)
    return None if found is None else PersonId(found)


def ledger_lines(
    session: Session, course_id: CourseId, person_id: PersonId, indicator: IndicatorId
) -> tuple[LedgerLine, ...]:
    """The ledger entries of a person that speak of an indicator, voided ones included, the newest first."""
    mapped = select(MappingRow.activity_id).where(
        MappingRow.course_id == course_id, MappingRow.indicator_id == indicator
    )
    query = (
        select(EvidenceRow, ActivityRow.name)
        .join(ActivityRow, ActivityRow.id == EvidenceRow.activity_id)
        .where(
            EvidenceRow.course_id == course_id,
            EvidenceRow.person_id == person_id,
            EvidenceRow.activity_id.in_(mapped),
            EvidenceRow.indicator_id.is_(None) | (EvidenceRow.indicator_id == indicator),
        )
        .order_by(EvidenceRow.worked_at.desc(), EvidenceRow.id.desc())
    )
    rows = session.execute(query).all()
    histories = _voidings(session, [row.id for row, _ in rows])
    return tuple(_line(row, name, histories.get(row.id, ())) for row, name in rows)


def _line(row: EvidenceRow, activity: str, history: Collection[Voiding]) -> LedgerLine:
    mark = None if row.mark is None else Mark(row.mark, row.mark_min, row.mark_max)
    voided = row.voided_at is not None
    return LedgerLine(row.public_id, activity, mark, row.source, row.worked_at, voided, tuple(history))


def _voidings(session: Session, evidence_ids: Collection[int]) -> dict[int, list[Voiding]]:
    found: dict[int, list[Voiding]] = defaultdict(list)
    query = (
        select(EvidenceVoidingRow, PersonRow.name)
        .join(PersonRow, PersonRow.id == EvidenceVoidingRow.said_by)
        .where(EvidenceVoidingRow.evidence_id.in_(sorted(evidence_ids)))
        .order_by(EvidenceVoidingRow.id)
    )
    for row, name in session.execute(query) if evidence_ids else ():
        found[row.evidence_id].append(Voiding(row.voided, row.reason, row.said_at, name or ""))
    return found


def open_matters(session: Session, course_id: CourseId) -> tuple[OpenMatter, ...]:
    """The disputes of a course and the judgements due for review; disputes first, then by name."""
    query = (
        select(AttainmentRow, PersonRow)
        .join(PersonRow, PersonRow.id == AttainmentRow.person_id)
        .where(
            AttainmentRow.course_id == course_id,
            AttainmentRow.disputed | AttainmentRow.review_due,
            PersonRow.erased_at.is_(None),
        )
        .order_by(AttainmentRow.indicator_id)
    )
    found = sorted(
        session.execute(query),
        key=lambda each: (not each[0].disputed, place_of(each[1].family_name, each[1].name, each[1].id)),
    )
    return tuple(
        OpenMatter(
            PersonId(row.person_id), person.public_id, person.name or "", IndicatorId(row.indicator_id), row.disputed
        )
        for row, person in found
    )
