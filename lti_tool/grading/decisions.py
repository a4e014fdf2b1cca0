"""The door for what people decide over the marks: the decision, the standings and the wanted scores in one
transaction, as for every result (`gradebook.py`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import decisions
from lti_tool.competency.decisions import Said, Who
from lti_tool.grading import gradebook
from lti_tool.grading.gradebook import Accepted
from lti_tool.ids import CourseId, PersonId
from lti_tool.people import roster


def accept_judgement(
    session: Session, course_id: CourseId, said: Said, *, seen: int, by: PersonId, now: datetime
) -> Accepted:
    """A trainer's judgement with all that follows. Raises as `decisions.judge`; then nothing is stored."""
    roster.take_courses(session, course_id, [said.person_id])
    decisions.judge(session, course_id, said, seen=seen, by=by, now=now)
    return gradebook.recompute_persons(session, course_id, [said.person_id], now=now)


def accept_decision(
    session: Session, course_id: CourseId, said: Said, *, seen: int, by: Who, now: datetime
) -> Accepted:
    """The decision of a dispute with all that follows. Raises as `decisions.decide`; then nothing is stored."""
    roster.take_courses(session, course_id, [said.person_id])
    decisions.decide(session, course_id, said, seen=seen, by=by, now=now)
    return gradebook.recompute_persons(session, course_id, [said.person_id], now=now)


def accept_withdrawal(
    session: Session, course_id: CourseId, person_id: PersonId, public_id: str, *, by: PersonId, now: datetime
) -> Accepted:
    """A judgement is taken back, with all that follows. Raises as `decisions.withdraw`."""
    roster.take_courses(session, course_id, [person_id])
    decisions.withdraw(session, course_id, person_id, public_id, by, now)
    return gradebook.recompute_persons(session, course_id, [person_id], now=now)


def accept_voiding(
    session: Session,
    course_id: CourseId,
    person_id: PersonId,
    public_id: str,
    *,
    voided: bool,
    reason: str,
    by: PersonId,
    now: datetime,
) -> Accepted:
    """A ledger entry counts no longer, or again, with all that follows. Raises as `decisions.void`."""
    roster.take_courses(session, course_id, [person_id])
    decisions.void(session, course_id, person_id, public_id, voided=voided, reason=reason, by=by, now=now)
    return gradebook.recompute_persons(session, course_id, [person_id], now=now)
