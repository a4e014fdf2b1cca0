"""What people decide over the marks (rules, section 6): judging an indicator, settling a dispute, voiding evidence.

Nothing is ever overwritten: a newer judgement stands over the older, a withdrawal and a voiding are written beside
what they concern. Each change is made in the caller's transaction, in courses that `grading/decisions.py` has taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competency import crossing, decision_queries, decision_store
from lti_tool.competency.decision_queries import JudgementEntry
from lti_tool.competency.judging import resolve
from lti_tool.competency.rules import version_of
from lti_tool.errors import Conflict, NotFound, RuleBroken
from lti_tool.ids import CourseId, IndicatorId, PersonId
from lti_tool.people import roster

LEAST_REASON = 10
"""Letters; a reason is a sentence that the participant can read."""
LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of one indicator of one person."""

    person_id: PersonId
    indicator: IndicatorId
    attained: bool
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Who decides, and whether as an institute admin."""

    id: PersonId
    is_admin: bool = False


def judge(session: Session, course_id: CourseId, said: Said, *, seen: int, by: PersonId, now: datetime) -> None:
    """A trainer's judgement. The same one twice is stored once.

    Raises RuleBroken for a reason too short or too long, an end that is past, one's own record, or where a dispute
    has been decided; Conflict (`judged_meanwhile`) where the judgements are no longer version `seen`.
    """
    _check(said, by, now)
    entries = _entries(session, course_id, said)
    if _repeats(entries, said, by, decides=False):
        return
    if _is_decided(entries, now):
        raise RuleBroken("already_decided")
    _store(session, course_id, said, entries, seen, by, now, decides=False)


def decide(session: Session, course_id: CourseId, said: Said, *, seen: int, by: Who, now: datetime) -> None:
    """The decision of a dispute by the lead trainer or an admin; it may be decided anew by them.

    Raises as `judge` does, and RuleBroken (`not_lead`, `nothing_disputed`).
    """
    if not may_decide(session, course_id, by):
        raise RuleBroken("not_lead")
    _check(said, by.id, now)
    entries = _entries(session, course_id, said)
    if _repeats(entries, said, by.id, decides=True):
        return
    if not (is_disputed(entries, now) or _is_decided(entries, now)):
        raise RuleBroken("nothing_disputed")
    _store(session, course_id, said, entries, seen, by.id, now, decides=True)


def withdraw(
    session: Session, course_id: CourseId, person_id: PersonId, public_id: str, by: PersonId, now: datetime
) -> None:
    """Takes back one's own judgement; taking it back twice is no fault.

    Raises NotFound("judgement_unknown"), RuleBroken("judgement_of_another").
    """
    row = decision_store.judgement_row(session, course_id, person_id, public_id)
    if row is None:
        raise NotFound("judgement_unknown")
    if row.judged_by != by:
        raise RuleBroken("judgement_of_another")
    row.withdrawn_at = row.withdrawn_at or now
    session.flush()


def void(
    session: Session,
    course_id: CourseId,
    person_id: PersonId,
    public_id: str,
    *,
    voided: bool,
    reason: str,
    by: PersonId,
    now: datetime,
) -> None:
    """A ledger entry counts no longer, or again; saying so twice is stored once.

    Raises NotFound("evidence_unknown"), RuleBroken for a faulty reason or one's own record.
    """
    row = decision_store.evidence_row(session, course_id, person_id, public_id)
    if row is None:
        raise NotFound("evidence_unknown")
    if person_id == by:
        raise RuleBroken("own_record")
    check_reason(reason)
    if (row.voided_at is not None) == voided:
        return
    row.voided_at = now if voided else None
    decision_store.add_voiding(session, row.id, voided=voided, reason=reason.strip(), by=by, now=now)


def name_lead(session: Session, course_id: CourseId, person_id: PersonId, *, by: Who, now: datetime) -> None:
    """Somebody of the course's staff leads it from now on: the lead trainer or an admin says so (rules, section 6).

    Raises RuleBroken (`not_lead`, `lead_not_staff`). Naming who leads already stores nothing.
    """
    roster.take_courses(session, course_id, ())
    if not may_decide(session, course_id, by):
        raise RuleBroken("not_lead")
    if person_id not in roster.staff_ids(session, course_id, now):
        raise RuleBroken("lead_not_staff")
    if decision_queries.lead_of(session, course_id) != person_id:
        decision_store.add_lead(session, course_id, person_id, by.id, now)


def may_decide(session: Session, course_id: CourseId, who: Who) -> bool:
    """Whether disputes of the course are this person's to decide."""
    return who.is_admin or decision_queries.lead_of(session, course_id) == who.id


def is_disputed(entries: tuple[JudgementEntry, ...], as_of: datetime) -> bool:
    """Whether these judgements on one indicator contradict each other and nobody has decided."""
    return resolve((each.judgement for each in entries), as_of).disputed


def _is_decided(entries: tuple[JudgementEntry, ...], as_of: datetime) -> bool:
    standing = resolve((each.judgement for each in entries), as_of).standing
    return standing is not None and standing.decides


def _entries(session: Session, course_id: CourseId, said: Said) -> tuple[JudgementEntry, ...]:
    version = version_of(session, course_id)
    if version is None:
        return decision_queries.judgements_on(session, course_id, said.person_id).get(said.indicator, ())
    return crossing.judgements_on(session, course_id, version, said.person_id).get(said.indicator, ())


def _repeats(entries: tuple[JudgementEntry, ...], said: Said, by: PersonId, *, decides: bool) -> bool:
    """Whether the newest judgement of all is this very one: the button was pressed twice."""
    if not entries:
        return False
    newest = entries[0]
    judgement = newest.judgement
    told = (judgement.by, judgement.attained, newest.reason, judgement.until, judgement.decides)
    return not judgement.withdrawn and told == (by, said.attained, said.reason.strip(), said.until, decides)


def _store(
    session: Session,
    course_id: CourseId,
    said: Said,
    entries: tuple[JudgementEntry, ...],
    seen: int,
    by: PersonId,
    now: datetime,
    *,
    decides: bool,
) -> None:
    if seen != decision_queries.version_of(entries):
        raise Conflict("judged_meanwhile")
    decision_store.add_judgement(
        session,
        course_id=course_id,
        person_id=said.person_id,
        indicator_id=said.indicator,
        judged_by=by,
        attained=said.attained,
        reason=said.reason.strip(),
        decides=decides,
        judged_at=now,
        until=said.until,
    )


def _check(said: Said, by: PersonId, now: datetime) -> None:
    if said.person_id == by:
        raise RuleBroken("own_record")
    check_reason(said.reason)
    if said.until is not None and said.until <= now:
        raise RuleBroken("end_is_past")


def check_reason(reason: str) -> None:
    """Raises RuleBroken("reason_length") for a reason that is no sentence, or far too long."""
    if not LEAST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise RuleBroken("reason_length", least=LEAST_REASON, most=LONGEST_REASON)
