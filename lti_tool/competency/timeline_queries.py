"""What happened to one person over their courses, in the order of time: heads of everything, then what is behind them.

A page of heads is one query, whatever there is; what stands behind a page is one query for each kind of thing on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, and_, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from lti_tool.competency.certifying import Outcome
from lti_tool.competency.model import Mark
from lti_tool.competency.self_assessing import SelfStep
from lti_tool.competency.self_tables import SelfAnswerRow, SelfAssessmentRow
from lti_tool.competency.tables import (
    CertifiedLevelRow,
    ClosureRow,
    CompetencyRow,
    EvidenceRow,
    EvidenceVoidingRow,
    IndicatorRow,
    JudgementRow,
    RegradeCaseRow,
)
from lti_tool.ids import CourseId, PersonId
from lti_tool.people.tables import ActivityRow, PersonRow


class What(StrEnum):
    """What can have happened."""

    MARK = "mark"
    VOIDED = "voided"
    JUDGED = "judged"
    SELF_ASSESSED = "self_assessed"
    CERTIFIED = "certified"
    CLOSED = "closed"
    REGRADED = "regraded"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something happened; `key` is a row that stands for it."""

    what: What
    at: datetime
    key: int
    course: CourseId


@dataclass(frozen=True, slots=True)
class Given:
    """A mark, of the whole activity or for one indicator."""

    activity: str
    indicator: str
    """Code; empty for the whole activity."""
    mark: Mark | None
    """None: the source withdrew what it had given."""
    source: str
    by: str
    recorded_at: datetime
    voided: bool


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody decided, with the reason."""

    about: str
    """The activity, the indicator's code, or the competency's."""
    positive: bool
    """Attained, taken back into account, taken over, closed."""
    by: str
    reason: str = ""
    decides: bool = False
    ended_at: datetime | None = None
    """When it was withdrawn."""
    frozen: int | None = None
    computed: int | None = None


@dataclass(frozen=True, slots=True)
class SelfSaid:
    """A self-assessment that was handed in."""

    activity: str
    sure: int
    """Indicators that the person shows on their own."""
    answered: int


@dataclass(frozen=True, slots=True)
class CertifiedLevel:
    """A level that was certified."""

    code: str
    level: int
    ended_at: datetime | None


def moments_of(
    session: Session, person_id: PersonId, course_ids: Collection[CourseId], skip: int, limit: int
) -> tuple[Moment, ...]:
    """What happened to a person in these courses, the newest first."""
    everything = union_all(*_heads(person_id, course_ids)).subquery()
    of = everything.c
    query = select(of.what, of.at, of.key, of.course).order_by(of.at.desc(), of.what, of.key.desc())
    return tuple(
        Moment(What(what), at, key, CourseId(course))
        for what, at, key, course in session.execute(query.offset(skip).limit(limit))
    )


_Head = Select[str, datetime, int, int]


def _heads(person_id: PersonId, course_ids: Collection[CourseId]) -> list[_Head]:
    mark, voiding, judged, said = EvidenceRow, EvidenceVoidingRow, JudgementRow, SelfAssessmentRow
    level, closure, case = CertifiedLevelRow, ClosureRow, RegradeCaseRow
    decided = case.outcome.in_([Outcome.KEPT.value, Outcome.ADOPTED.value])
    return [
        # What was assessed at one go is one thing that happened, however many indicators it speaks of.
        _head(What.MARK, mark.worked_at, func.min(mark.id), mark.course_id)
        .where(mark.person_id == person_id, mark.course_id.in_(course_ids))
        .group_by(mark.course_id, mark.activity_id, mark.worked_at, mark.recorded_at),
        _head(What.VOIDED, voiding.said_at, voiding.id, mark.course_id)
        .join(mark, mark.id == voiding.evidence_id)
        .where(mark.person_id == person_id, mark.course_id.in_(course_ids)),
        _head(What.JUDGED, judged.judged_at, judged.id, judged.course_id).where(
            judged.course_id.in_(course_ids), judged.person_id == person_id
        ),
        _head(What.SELF_ASSESSED, said.submitted_at, said.id, said.course_id).where(
            said.person_id == person_id, said.course_id.in_(course_ids), said.submitted_at.is_not(None)
        ),
        _head(What.CERTIFIED, level.certified_at, func.min(level.id), level.course_id)
        .where(level.person_id == person_id, level.course_id.in_(course_ids))
        .group_by(level.course_id, level.certified_at),
        _head(What.CLOSED, closure.said_at, closure.id, closure.course_id).where(closure.course_id.in_(course_ids)),
        _head(What.REGRADED, case.opened_at, case.id, case.course_id).where(
            case.course_id.in_(course_ids), case.person_id == person_id
        ),
        _head(What.SETTLED, case.settled_at, case.id, case.course_id).where(
            case.course_id.in_(course_ids), case.person_id == person_id, decided
        ),
    ]


def _head(what: What, at: object, key: object, course: object) -> _Head:
    columns = (literal(what.value).label("what"), at.label("at"), key.label("key"), course.label("course"))  # type: ignore[attr-defined]
    return select(*columns)


# --- What is behind the heads ---------------------------------------------------------------------------------------


def marks(session: Session, keys: Collection[int]) -> dict[int, list[Given]]:
    """All marks that came at one go with each of these."""
    head, each = aliased(EvidenceRow), EvidenceRow
    together = and_(
        each.course_id == head.course_id,
        each.person_id == head.person_id,
        each.activity_id == head.activity_id,
        each.worked_at == head.worked_at,
        each.recorded_at == head.recorded_at,
    )
    query = (
        select(head.id, each, ActivityRow.name, IndicatorRow.code, PersonRow.name)
        .join(each, together)
        .join(ActivityRow, ActivityRow.id == each.activity_id)
        .outerjoin(IndicatorRow, IndicatorRow.id == each.indicator_id)
        .outerjoin(PersonRow, PersonRow.id == each.recorded_by)
        .where(head.id.in_(keys))
        .order_by(IndicatorRow.position, each.id)
    )
    found: dict[int, list[Given]] = defaultdict(list)
    for key, row, activity, code, by in session.execute(query) if keys else ():
        mark = None if row.mark is None else Mark(row.mark, row.mark_min, row.mark_max)
        voided = row.voided_at is not None
        found[key].append(Given(activity, code or "", mark, row.source, by or "", row.recorded_at, voided))
    return found


def voidings(session: Session, keys: Collection[int]) -> dict[int, Said]:
    """Marks that somebody found void, or took back into account."""
    row = EvidenceVoidingRow
    query = (
        select(row, ActivityRow.name, PersonRow.name)
        .join(EvidenceRow, EvidenceRow.id == row.evidence_id)
        .join(ActivityRow, ActivityRow.id == EvidenceRow.activity_id)
        .join(PersonRow, PersonRow.id == row.said_by)
        .where(row.id.in_(keys))
    )
    found = session.execute(query) if keys else ()
    return {each.id: Said(activity, not each.voided, by or "", each.reason) for each, activity, by in found}


def judgements(session: Session, keys: Collection[int]) -> dict[int, Said]:
    """What trainers judged."""
    row = JudgementRow
    query = (
        select(row, IndicatorRow.code, PersonRow.name)
        .join(IndicatorRow, IndicatorRow.id == row.indicator_id)
        .join(PersonRow, PersonRow.id == row.judged_by)
        .where(row.id.in_(keys))
    )
    return {
        each.id: Said(code, each.attained, by or "", each.reason, each.decides, each.withdrawn_at)
        for each, code, by in (session.execute(query) if keys else ())
    }


def self_assessments(session: Session, keys: Collection[int]) -> dict[int, SelfSaid]:
    """What was handed in, in counts."""
    row, answer = SelfAssessmentRow, SelfAnswerRow
    sure = func.count().filter(answer.step >= SelfStep.ALONE.value)
    query = (
        select(row.id, ActivityRow.name, sure, func.count())
        .join(ActivityRow, ActivityRow.id == row.activity_id)
        .join(answer, answer.self_assessment_id == row.id)
        .where(row.id.in_(keys))
        .group_by(row.id, ActivityRow.name)
    )
    found = session.execute(query) if keys else ()
    return {key: SelfSaid(activity, alone, answered) for key, activity, alone, answered in found}


def certified(session: Session, keys: Collection[int]) -> dict[int, list[CertifiedLevel]]:
    """All levels that were certified at one go with each of these, by competency and level."""
    head, each = aliased(CertifiedLevelRow), CertifiedLevelRow
    together = and_(
        each.course_id == head.course_id,
        each.person_id == head.person_id,
        each.certified_at == head.certified_at,
    )
    query = (
        select(head.id, CompetencyRow.code, each.level, each.ended_at)
        .join(each, together)
        .join(CompetencyRow, CompetencyRow.id == each.competency_id)
        .where(head.id.in_(keys))
        .order_by(CompetencyRow.position, each.level)
    )
    found: dict[int, list[CertifiedLevel]] = defaultdict(list)
    for key, code, level, ended_at in session.execute(query) if keys else ():
        found[key].append(CertifiedLevel(code, level, ended_at))
    return found


def closures(session: Session, keys: Collection[int]) -> dict[int, Said]:
    """Courses that somebody closed, or opened again."""
    row = ClosureRow
    query = select(row, PersonRow.name).join(PersonRow, PersonRow.id == row.said_by).where(row.id.in_(keys))
    return {each.id: Said("", each.closed, by or "") for each, by in (session.execute(query) if keys else ())}


def cases(session: Session, keys: Collection[int]) -> dict[int, Said]:
    """Later re-grades, with what was decided of them."""
    row = RegradeCaseRow
    query = (
        select(row, CompetencyRow.code, PersonRow.name)
        .join(CompetencyRow, CompetencyRow.id == row.competency_id)
        .outerjoin(PersonRow, PersonRow.id == row.settled_by)
        .where(row.id.in_(keys))
    )
    return {
        each.id: Said(
            code,
            each.outcome == Outcome.ADOPTED.value,
            by or "",
            each.reason,
            frozen=each.frozen,
            computed=each.computed,
        )
        for each, code, by in (session.execute(query) if keys else ())
    }
