"""Writes what people decided over the marks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competency.tables import CourseLeadRow, EvidenceRow, EvidenceVoidingRow, JudgementRow
from lti_tool.ids import CourseId, PersonId


def judgement_row(session: Session, course_id: CourseId, person_id: PersonId, public_id: str) -> JudgementRow | None:
    """A judgement on this person in this course, else None."""
    query = select(JudgementRow).where(
        JudgementRow.public_id == public_id, JudgementRow.course_id == course_id, JudgementRow.person_id == person_id
    )
    return session.scalar(query)


def add_judgement(session: Session, **values: object) -> None:
    """Appends a judgement."""
    session.add(JudgementRow(**values))
    session.flush()


def evidence_row(session: Session, course_id: CourseId, person_id: PersonId, public_id: str) -> EvidenceRow | None:
    """A ledger entry about this person in this course, else None."""
    query = select(EvidenceRow).where(
        EvidenceRow.public_id == public_id, EvidenceRow.course_id == course_id, EvidenceRow.person_id == person_id
    )
    return session.scalar(query)


def add_voiding(session: Session, evidence_id: int, *, voided: bool, reason: str, by: PersonId, now: datetime) -> None:
    """Appends to the history of a ledger entry."""
    session.add(EvidenceVoidingRow(evidence_id=evidence_id, voided=voided, reason=reason, said_by=by, said_at=now))
    session.flush()


def add_lead(session: Session, course_id: CourseId, person_id: PersonId, by: PersonId, now: datetime) -> None:
    """Appends who leads the course from now on."""
    session.add(CourseLeadRow(course_id=course_id, person_id=person_id, named_at=now, named_by=by))
    session.flush()
